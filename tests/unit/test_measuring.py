"""Loads are measured each working morning, taken once, and lead to a proposal for the manager (W20)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.rows import WorkFilter
from nofumble.catalogue import open_world
from nofumble.measuring import Measuring
from nofumble.reports import reading
from nofumble.store.memory_store import MemoryStore
from workflows.directory import Directory
from workflows.routing import candidates_for, is_over

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 7, tzinfo=UTC)


class Company:
    """Dana and Ruth of customer success work four hours a week with customers; Kim leads them."""

    def __init__(self):
        self.store = MemoryStore()
        self.store.ensure_partitions(2)
        self.world = open_world(self.store, Directory(), now=MONDAY)
        self.agents = EmbeddedAgents(self.store, self.world, worker="w")
        self.measuring = self.measure_anew()
        self.count = 0
        for person in ("dana", "ruth"):
            self.tell("people.person.registered", person, team="cs", manager="kim")
            self.tell("people.capacity.set", person, person=person, hours_per_week=4)
        self.tell("account.registered", "acme", name="Acme", roles={"csm": "dana"})

    def measure_anew(self):
        return Measuring(self.store, self.world.directories, self.world.library)

    def tell(self, event_type, subject, at=MONDAY, **data):
        self.count += 1
        row = {"specversion": "1.0", "id": f"e-{self.count}", "source": "/test", "type": event_type}
        row |= {"subject": subject, "time": at.isoformat(), "data": data}
        Intake(self.store, Directory()).take([Incoming("f", 1, json.dumps(row).encode())], now=at)

    def ask(self, count, at=MONDAY):
        for number in range(count):
            request = {
                "request_id": f"{at:%H}-{number}",
                "from_team": "sales",
                "to_team": "cs",
                "what": f"{at}/{number}",
            }
            self.tell("team.request.created", "acme", at, **request)

    def at(self, now):
        """Let time pass, measure, and fold what was measured."""
        self.agents.run_until_idle(now)
        count = self.measuring.measure(now)
        self.agents.run_until_idle(now)
        return count

    def told(self):
        found = self.store.work(WorkFilter(workflow="capacity_guard", is_open=None))
        return {(row.ref, row.person, row.status) for row in found}

    def alarm(self):
        rows = self.store.work(WorkFilter("alert", workflow="capacity_guard"))
        (body,) = [json.loads(row.body) for row in rows if row.ref == "A2"]
        return body["details"]


@pytest.fixture
def company():
    return Company()


def test_who_has_eleven_hours_due_and_less_time_is_told_to_her_manager_with_a_proposal(company):
    company.ask(11)

    assert company.at(TUESDAY) == 2  # Dana and Ruth

    # This day and ten more of 48 minutes are 8.8 h. Kim is told, and asked to decide; Ruth has time for three hours
    assert company.told() == {("A2", "kim", "raised"), ("T1", "kim", "offered")}
    details = company.alarm()
    assert (details["percent"], details["percent_after"]) == (125.0, 90.9)
    assert [move.split(" (")[-1] for move in details["proposal"]] == ["acme, 1 h) to ruth"] * 3


def test_a_measure_is_taken_once_however_often_it_is_asked_for_and_by_whom(company):
    company.ask(10)
    company.at(TUESDAY)

    assert company.measuring.measure(TUESDAY + timedelta(minutes=5)) == 0
    assert company.measure_anew().measure(TUESDAY + timedelta(minutes=5)) == 0


def test_nobody_is_measured_before_seven_or_on_a_day_off(company):
    company.ask(10)

    assert company.at(TUESDAY - timedelta(minutes=1)) == 0
    assert company.at(datetime(2026, 3, 6, 23, 30, tzinfo=UTC)) == 2  # a Friday that nobody measured earlier
    for hour in (0, 7, 12):
        assert company.at(datetime(2026, 3, 7, hour, tzinfo=UTC)) == 0  # the Saturday after it


def test_what_she_is_given_during_the_day_is_measured_within_the_hour(company):
    company.ask(7)
    company.at(TUESDAY)
    before = company.told()
    company.ask(3, TUESDAY + timedelta(hours=3))

    assert company.at(TUESDAY + timedelta(hours=4)) == 1
    assert company.at(TUESDAY + timedelta(hours=5)) == 0  # nothing new

    assert before == set()  # 7 of 8.8 hours
    assert ("A2", "kim", "raised") in company.told()


def test_a_task_whose_customer_was_promised_somebody_by_name_stays_with_her(company):
    company.ask(10)
    company.tell("cs.commitment.made", "acme", commitment_id="P-1", kind="named_person", text="Dana does it herself")
    company.at(TUESDAY)

    assert company.alarm()["proposal"] == []


def test_who_has_more_to_do_than_time_comes_after_her_equals_until_she_has_time_again(company):
    for person in ("dana", "ruth"):
        company.tell("people.person.registered", person, roles=["cs_ops"])
    company.ask(10)
    company.at(TUESDAY)
    over = company.world.directories.latest
    company.tell("people.capacity.set", "dana", TUESDAY, person="dana", hours_per_week=40)
    company.at(TUESDAY + timedelta(days=1))

    assert is_over(over, "dana")
    assert list(candidates_for("cs_ops", {}, over)) == ["ruth", "dana"]
    assert not is_over(company.world.directories.latest, "dana")


def test_where_more_is_open_than_can_be_read_nobody_is_measured_and_nothing_fails(company, monkeypatch):
    company.ask(10)
    monkeypatch.setattr(reading, "READ_MAX", 5)

    assert company.at(TUESDAY) == 0

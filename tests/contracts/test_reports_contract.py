"""What the reports say, on both stores: worked numbers on a small company."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
import pytest

from agents.ports import Store
from agents.rows import AccountRow, Batch, EntryRow, IntakeChunk, Link, OutboxRow, WorkRow
from agents.written import work_row
from nofumble.errors import WrongUse
from nofumble.reports import reading
from nofumble.reports.briefs import brief_share, exec_contacts
from nofumble.reports.capacity import Load, loads
from nofumble.reports.friction import Friction, frictions
from nofumble.reports.loops import held_loops, sums
from nofumble.reports.measures import Measures, measures
from nofumble.reports.peers import benchmarks
from nofumble.reports.reading import Period, customers
from nofumble.reports.services import hours_by_account, services, together
from nofumble.reports.watchdog import Watch, watch
from nofumble.store.memory_store import MemoryStore
from nofumble.store.postgres_store import PostgresStore
from workflows.account import Alert, Loop, Recipient, Task, Work
from workflows.directory import Directory, directory_from

PEERS = Path(__file__).resolve().parents[2] / "bench" / "definitions"
TUESDAY = datetime(2026, 3, 3, 10, tzinfo=UTC)
NOW = datetime(2026, 3, 17, 12, tzinfo=UTC)
"""Two weeks later, ten working days after the third of March."""

QUARTER = Period(NOW - timedelta(days=90), NOW)
NOTHING = msgspec.Raw(b"{}")


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.database)])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else PostgresStore(request.getfixturevalue("database"))
    made.ensure_partitions(1)
    yield made
    made.close()


@pytest.fixture
def directory() -> Directory:
    """Return a company of four: Mia works on Tuesdays and Thursdays, and Tom is away for the week after now."""
    return directory_from(
        {
            "people": {
                "dana": {"team": "cs"},
                "mia": {"team": "marketing", "hours": {"tue": ["09:00-13:00"], "thu": ["09:00-13:00"]}},
                "sam": {"team": "sales"},
                "tom": {"team": "sales"},
            },
            "teams": {"cs": {"queue": "cs.unassigned"}},
        }
    ).with_events([away("tom", "2026-03-18", "2026-03-24")])


def away(person: str, since: str, until: str | None = None, event_type: str = "people.user.away_set") -> Any:
    from events.parsing import reread_event

    data = {"from": since} | ({} if until is None else {"to": until})
    head = {"specversion": "1.0", "id": f"{person}-{since}", "source": "/hr", "type": event_type, "subject": person}
    return reread_event(json.dumps(head | {"time": "2026-03-01T00:00:00Z", "data": data}).encode())


def uuid_of(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


class Story:
    """Puts work, events and lines into a store, a batch each."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._seq = 0

    def work(self, *items: Work, account: str = "acme") -> None:
        self._save(opened=[work_row(account, item) for item in items])

    def event(self, event_type: str, at: datetime = TUESDAY, account: str = "acme", /, **data: Any) -> None:
        self._seq += 1
        body = json.dumps({"data": data}).encode()
        name = f"e{self._seq}"
        row = EntryRow(account, self._seq, "event", at, at, "/crm", name, event_type, too_late=False, body=body)
        self._save(entries=[row])

    def time(self, minutes: int, task: str | None = None, at: datetime = TUESDAY, **data: Any) -> None:
        named = {} if task is None else {"task_id": uuid_of(task)}
        self.event("cs.time.logged", at, data.pop("at_account", "acme"), minutes=minutes, **named, **data)

    def line(self, line_type: str, at: datetime = TUESDAY, account: str = "acme", **data: Any) -> None:
        body = json.dumps({"data": data}).encode()
        self._save(outbox=[OutboxRow(uuid_of(f"{account}/{line_type}/{at}/{data}"), account, at, line_type, body)])

    def account(self, name: str, **facts: Any) -> None:
        self._save(accounts=[AccountRow(name, 0, None, NOW, 0, facts=json.dumps(facts).encode())])

    def _save(self, **rows: Any) -> None:
        self.store.save(Batch(0, 0, 0, "w", **rows))


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def loop(name: str, person: str | None, since: datetime, told: datetime | None = None, **changes: Any) -> Loop:
    made = Loop(
        uuid_of(name), "onboard", name, "L1", "i", name, Recipient("csm", person), "open", TUESDAY, since, NOTHING
    )
    return msgspec.structs.replace(made, told_at=told, **changes)


def task(name: str, person: str | None, due: datetime, opened: datetime = TUESDAY, **changes: Any) -> Task:
    made = Task(
        uuid_of(name), "onboard", "C-1", "T1", "i", name, Recipient("csm", person), "offered", opened, due, "", NOTHING
    )
    return msgspec.structs.replace(made, **changes)


def alert(name: str, status: str = "raised", **changes: Any) -> Alert:
    made = Alert(uuid_of(name), "onboard", "C-1", "A1", "i", name, "warn", [], status, TUESDAY, NOTHING)
    return msgspec.structs.replace(made, **changes)


class TestLoops:
    def test_the_oldest_comes_first_with_working_days_of_its_holders_own_calendar(
        self, story: Story, directory: Directory
    ) -> None:
        # Tue 3 to Tue 17 March: ten working days; for Mia Thu 5, Tue 10, Thu 12 and Tue 17 are four
        story.work(
            loop("onboarding", "dana", TUESDAY, told=TUESDAY + timedelta(days=7)),
            loop("story", "mia", TUESDAY - timedelta(hours=1)),
        )

        first, second = held_loops(story.store, directory, NOW)

        assert (first.name, first.person, first.team, first.held_bd, first.told_bd) == (
            "story",
            "mia",
            "marketing",
            4,
            None,
        )
        assert (second.name, second.person, second.team, second.held_bd, second.told_bd) == (
            "onboarding",
            "dana",
            "cs",
            10,
            5,
        )

    def test_a_loop_that_is_closed_is_not_in_it(self, story: Story, directory: Directory) -> None:
        story.work(loop("done", "dana", TUESDAY, status="closed", closed_at=NOW))

        assert held_loops(story.store, directory, NOW) == []

    def test_a_queue_belongs_to_the_team_that_has_it(self, story: Story, directory: Directory) -> None:
        queue = Recipient("csm", None, "cs.unassigned")
        story.work(loop("one", None, TUESDAY, holder=queue))
        story.work(loop("two", None, TUESDAY, holder=Recipient("am", None, "sales.unassigned")))

        found = held_loops(story.store, directory, NOW)

        assert {(one.queue, one.team) for one in found} == {("cs.unassigned", "cs"), ("sales.unassigned", "sales")}

    def test_sums_are_by_holder_and_by_team_the_most_days_first(self, story: Story, directory: Directory) -> None:
        # dana 10 + 9 = 19, sam 9, tom 4: the sales team has 13
        story.work(
            loop("a", "dana", TUESDAY, told=NOW),
            loop("b", "dana", TUESDAY + timedelta(days=1)),
            loop("c", "sam", TUESDAY + timedelta(days=1)),
            loop("d", "tom", TUESDAY + timedelta(days=8)),
        )

        found = sums(held_loops(story.store, directory, NOW))

        told = [(one.by, one.name, one.team, one.loops, one.held_bd, one.longest_bd, one.untold) for one in found]
        assert told == [
            ("holder", "dana", "cs", 2, 19, 10, 1),
            ("holder", "sam", "sales", 1, 9, 9, 1),
            ("holder", "tom", "sales", 1, 4, 4, 1),
            ("team", "cs", "cs", 2, 19, 10, 1),
            ("team", "sales", "sales", 2, 13, 9, 2),
        ]


class TestCapacity:
    def of(self, story: Story, directory: Directory, who: str) -> Load:
        found = loads(story.store, directory, NOW, QUARTER)
        return next(one for one in found if who in {one.person, one.queue})

    def test_open_due_and_overdue_are_counted_apart_and_an_hour_is_taken_for_each(
        self, story: Story, directory: Directory
    ) -> None:
        # ten working days after Tue 17 March end on Tue 31 March at 17:00
        story.work(
            task("overdue", "dana", NOW - timedelta(hours=1)),
            task("now", "dana", NOW),
            task("last", "dana", datetime(2026, 3, 31, 17, tzinfo=UTC)),
            task("after", "dana", datetime(2026, 3, 31, 17, 1, tzinfo=UTC)),
            task("done", "dana", NOW, status="done", closed_at=NOW),
        )

        load = self.of(story, directory, "dana")

        assert (load.open, load.due_10bd, load.overdue, load.estimated_h, load.due_h) == (4, 2, 1, 4.0, 3.0)

    def test_a_task_is_taken_for_the_median_of_what_its_kind_took(self, story: Story, directory: Directory) -> None:
        # three tasks of T1 took 30, 60 + 120 and 150 minutes: the median is 150, 2.5 h; nobody knows of T2: 1 h
        done = {"status": "done", "closed_at": NOW}
        story.work(*(task(name, "sam", NOW, **done) for name in ("one", "two", "three")))
        story.work(task("next", "dana", NOW), task("other", "dana", NOW, ref="T2"))
        for name, minutes in (("one", 30), ("two", 60), ("two", 120), ("three", 150)):
            story.time(minutes, name)
        story.time(600, "never heard of")

        assert self.of(story, directory, "dana").estimated_h == 3.5

    def test_hours_that_were_logged_longer_than_a_year_ago_teach_nothing(
        self, story: Story, directory: Directory
    ) -> None:
        story.work(task("old", "sam", NOW, status="done", closed_at=NOW), task("next", "dana", NOW))
        story.time(600, "old", at=NOW - timedelta(days=366))

        assert self.of(story, directory, "dana").estimated_h == 1.0

    def test_hours_are_those_of_the_period_by_who_spent_them(self, story: Story, directory: Directory) -> None:
        story.time(90, person="dana")
        story.time(30, actor={"person": "dana"})
        story.time(60, person="dana", at=QUARTER.until)
        story.time(60, person="freelancer")

        assert self.of(story, directory, "dana").logged_h == 2.0
        assert self.of(story, directory, "freelancer").logged_h == 1.0

    def test_load_is_what_is_due_against_the_working_hours_until_then_without_absences(
        self, story: Story, directory: Directory
    ) -> None:
        # Sam: 5 h of today and ten days of 8 h are 85 h. Tom is away from Wed 18 to Tue 24 March, five days: 45 h
        story.work(*(task(f"s{number}", "sam", NOW) for number in range(17)))
        story.work(*(task(f"t{number}", "tom", NOW) for number in range(9)))

        sam, tom = self.of(story, directory, "sam"), self.of(story, directory, "tom")

        assert (sam.free_h, sam.load) == (85.0, 0.2)
        assert (tom.free_h, tom.load) == (45.0, 0.2)

    def test_absences_that_overlap_count_once(self, story: Story, directory: Directory) -> None:
        longer = directory.with_events([away("tom", "2026-03-20", "2026-03-25")])

        assert self.of(story, longer, "tom").free_h == 37.0  # Wed 25 March more

    def test_who_has_nothing_is_there_and_who_has_left_is_not_unless_work_is_left_with_them(
        self, story: Story, directory: Directory
    ) -> None:
        directory = directory.with_events([away(one, "2026-03-10", None, "people.user.left") for one in ("sam", "tom")])
        story.work(task("left", "tom", NOW))

        found = {one.person: one for one in loads(story.store, directory, NOW, QUARTER)}

        assert set(found) == {"dana", "mia", "tom"}
        assert (found["dana"].open, found["dana"].load) == (0, 0.0)
        assert (found["tom"].open, found["tom"].free_h, found["tom"].load) == (1, 0.0, None)

    def test_the_highest_load_comes_first_and_queues_come_last(self, story: Story, directory: Directory) -> None:
        story.work(task("q", None, NOW, to=Recipient("csm", None, "cs.unassigned")), task("s", "sam", NOW))

        found = loads(story.store, directory, NOW, QUARTER)

        assert [one.person or one.queue for one in found] == ["sam", "dana", "mia", "tom", "cs.unassigned"]
        assert (found[-1].team, found[-1].open, found[-1].free_h) == ("cs", 1, None)


class TestServices:
    @pytest.fixture
    def spent(self, story: Story) -> Story:
        """Return three accounts: 3 h paid and 1.5 h given to Acme, 2 h to Globex without a word."""
        story.account("acme", tier=1)
        story.account("globex", tier=2)
        story.work(task("T", "dana", NOW))
        story.time(120, "T", billable=True)
        story.time(60, billable=True)
        story.time(90, billable=False)
        story.time(120, at_account="globex")
        return story

    def test_hours_are_by_account_tier_and_workflow_paid_or_given(self, spent: Story) -> None:
        found = services(spent.store, QUARTER)

        told = [
            (one.account, one.tier, one.workflow, one.hours, one.paid_h, one.given_h, one.unsaid_h) for one in found
        ]
        assert told == [
            ("acme", 1, None, 2.5, 1.0, 1.5, 0),
            ("acme", 1, "onboard", 2.0, 2.0, 0, 0),
            ("globex", 2, None, 2.0, 0, 0, 2.0),
        ]
        assert together(found).hours == 6.5

    @pytest.mark.parametrize(
        ("by", "hours"),
        [
            ("account", {("acme", None, None): 4.5, ("globex", None, None): 2.0}),
            ("tier", {(None, 1, None): 4.5, (None, 2, None): 2.0}),
            ("workflow", {(None, None, None): 4.5, (None, None, "onboard"): 2.0}),
        ],
    )
    def test_they_are_added_up_by_one_side(self, by: Any, hours: Any, spent: Story) -> None:
        found = services(spent.store, QUARTER, [by])

        assert {(one.account, one.tier, one.workflow): one.hours for one in found} == hours

    def test_time_counts_for_the_account_that_it_names_by_its_id_or_a_reference(self, spent: Story) -> None:
        spent.store.take(IntakeChunk(links=[Link("zendesk:8812", "globex", TUESDAY)]))
        spent.time(60, account="globex")
        spent.time(60, account="zendesk:8812")

        assert hours_by_account(spent.store, QUARTER) == {"acme": 4.5, "globex": 4.0}

    def test_a_period_has_its_first_moment_and_not_its_last(self, spent: Story) -> None:
        assert hours_by_account(spent.store, Period(TUESDAY, NOW)) == {"acme": 4.5, "globex": 2.0}
        assert hours_by_account(spent.store, Period(QUARTER.since, TUESDAY)) == {}

    def test_without_time_there_is_nothing(self, store: Store) -> None:
        assert (services(store, QUARTER), together([]).hours) == ([], 0)

    def test_a_report_that_would_have_to_read_too_much_is_refused_with_the_remedy(
        self, spent: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "READ_MAX", 3)

        with pytest.raises(WrongUse, match=r"more than 3 events: .* give a shorter period with --from and --to"):
            services(spent.store, QUARTER)


class TestPeers:
    def test_a_figure_stands_beside_the_median_of_its_tier_and_industry_from_five_accounts_on(
        self, story: Story
    ) -> None:
        # four of five have 1, 2, 4 and 8, and who has nothing counts as 0: the median is 2
        for number in range(5):
            story.account(f"robots-{number}", tier=1, industry="robotics", lifecycle="live")
        for number in range(4):
            story.account(f"banks-{number}", tier=1, industry="banking", lifecycle="live")
        values = {"robots-1": 1.0, "robots-2": 2.0, "robots-3": 4.0, "robots-4": 8.0, "banks-0": 3.0}

        found = {one.account: one for one in benchmarks("hours", values, customers(story.store))}

        assert (found["robots-0"].value, found["robots-0"].median, found["robots-0"].accounts) == (0, 2.0, 5)
        assert (found["robots-4"].value, found["robots-4"].median, found["robots-4"].why) == (8.0, 2.0, None)
        assert (found["banks-0"].value, found["banks-0"].median) == (3.0, None)
        assert found["banks-0"].why == "the cell is too small: 4 of 5 accounts"

    def test_another_tier_is_another_cell_and_prospects_and_who_has_left_are_no_peers(self, story: Story) -> None:
        for number in range(3):
            story.account(f"one-{number}", tier=1, industry="robotics", lifecycle="live")
        story.account("two", tier=2, industry="robotics", lifecycle="live")
        story.account("lead", tier=1, industry="robotics", lifecycle="prospect")
        story.account("gone", tier=1, industry="robotics", lifecycle="churned")

        found = {one.account: one.accounts for one in benchmarks("hours", {}, customers(story.store))}

        assert found == {"one-0": 3, "one-1": 3, "one-2": 3, "two": 1}

    def test_without_a_tier_or_an_industry_there_are_no_peers(self, story: Story) -> None:
        story.account("a", tier=0, industry="robotics")
        story.account("b", tier=1, industry="")

        found = benchmarks("hours", {}, customers(story.store))

        assert [one.why for one in found] == [
            "no cell: its tier is not known",
            "no cell: its industry is not known",
        ]

    def test_every_page_of_accounts_is_read(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "ACCOUNTS_AT_ONCE", 2)
        for number in range(5):
            story.account(f"a{number}")

        assert [one.id for one in customers(story.store)] == ["a0", "a1", "a2", "a3", "a4"]


class TestFriction:
    def of(self, story: Story, kind: str) -> Friction:
        return next(one for one in frictions(story.store, QUARTER) if one.kind == kind)

    def test_extra_charges_are_counted_with_their_sums_and_a_reversed_one_is_none(self, story: Story) -> None:
        # 120.00 + 80.00 EUR and 1,200 JPY at two accounts; C-4 was taken back, and C-B is no extra
        story.event("finance.charge.added", charge_id="C-1", kind="extra", amount={"amount": 12000, "currency": "EUR"})
        story.event("finance.charge.added", charge_id="C-2", kind="extra", amount={"amount": "80", "currency": "EUR"})
        story.event(
            "finance.charge.added",
            TUESDAY,
            "globex",
            charge_id="C-4",
            kind="extra",
            amount={"amount": 1200, "currency": "JPY"},
        )
        story.event("finance.charge.added", charge_id="C-4", kind="extra", amount={"amount": 5000, "currency": "EUR"})
        story.event("finance.charge.reversed", TUESDAY + timedelta(days=1), charge_id="C-4")
        story.event("finance.charge.added", charge_id="C-B", kind="base", amount={"amount": 900000, "currency": "EUR"})

        found = self.of(story, "extra_charges")

        assert (found.times, found.accounts) == (3, 2)
        assert [(one.amount, one.currency) for one in found.amounts] == [(20000, "EUR"), (1200, "JPY")]

    @pytest.mark.parametrize(
        ("kind", "event_type", "data", "times"),
        [
            ("dispute", "finance.invoice.disputed", {"invoice_id": "I-1"}, 1),
            ("contracting", "sales.contract.review_round", {"round": 2}, 1),
            ("transfers", "support.ticket.transferred", {"ticket_id": "T-1"}, 1),
            ("asked_again", "cs.meeting.held", {"duplicate_of": "m-1"}, 1),
            ("asked_again", "cs.meeting.held", {"tags": ["repeat_question"]}, 1),
            ("asked_again", "survey.nps.sent", {"duplicate_of": "n-1"}, 1),
            ("asked_again", "cs.meeting.held", {"tags": ["sunny"]}, 0),
            ("asked_again", "survey.nps.sent", {}, 0),
        ],
    )
    def test_what_counts_as_friction(self, kind: str, event_type: str, data: Any, times: int, story: Story) -> None:
        story.event(event_type, **data)

        found = self.of(story, kind)

        assert (found.times, found.accounts) == (times, times)

    def test_fields_that_a_source_adds_on_its_own_do_no_harm(self, story: Story) -> None:
        story.event("cs.meeting.held", duplicate_of="m-1", charge_id=["C-1"], amount={"about": 7}, tags=7)
        story.event("support.ticket.transferred", amount=[1], charge_id={})

        assert [(one.kind, one.times) for one in frictions(story.store, QUARTER)][:2] == [
            ("transfers", 1),
            ("asked_again", 1),
        ]

    def test_the_workflow_adds_how_often_it_looked_at_a_customer_and_the_hours_that_it_took(self, story: Story) -> None:
        # 30 + 15 minutes on the task of a dispute are 0.75 h; the task of another workflow is no friction
        story.event("finance.invoice.disputed", invoice_id="I-1")
        story.line("workflow.started", account="globex", workflow="friction_watch", key="dispute/2026-Q1")
        story.line("workflow.started", workflow="friction_watch", key="many_people/2026-Q1")
        story.line("workflow.started", workflow="onboard", key="dispute/2026-Q1")
        story.work(task("remedy", "dana", NOW, workflow="friction_watch", key="dispute/2026-Q1"))
        story.work(task("other", "dana", NOW))
        for minutes, name in ((30, "remedy"), (15, "remedy"), (60, "other")):
            story.time(minutes, name)

        dispute, many = self.of(story, "dispute"), self.of(story, "many_people")

        assert (dispute.times, dispute.raised, dispute.accounts, dispute.hours) == (1, 1, 2, 0.75)
        assert (many.times, many.raised, many.accounts, many.hours) == (None, 1, 1, 0)

    def test_what_happened_most_often_comes_first_and_every_kind_is_there(self, story: Story) -> None:
        for round_ in (1, 2):
            story.event("sales.contract.review_round", contract_id="C-1", round=round_)
        story.event("finance.invoice.disputed", invoice_id="I-1")

        found = [(one.kind, one.times) for one in frictions(story.store, QUARTER)]

        assert found[:2] == [("contracting", 2), ("dispute", 1)]
        assert len(found) == 6


class TestWorkflows:
    def of(self, story: Story, directory: Directory, workflow: str = "onboard") -> Measures:
        found = measures(story.store, directory, NOW, QUARTER)
        return next(one for one in found if one.workflow == workflow)

    def test_times_are_medians_in_working_hours_of_the_holder(self, story: Story, directory: Directory) -> None:
        # accepted after 2 h, 6 h and (Tue 10:00 to Thu 10:00, of 9 to 17) 16 h: the median is 6 h; done after 9 h
        accepted = (timedelta(hours=2), timedelta(hours=6), timedelta(days=2))
        for number, after in enumerate(accepted):
            story.work(task(f"t{number}", "dana", NOW + timedelta(days=1)))
            story.line("task.accepted", TUESDAY + after, id=uuid_of(f"t{number}"), workflow="onboard")
        story.work(task("done", "dana", NOW, status="done", closed_at=TUESDAY + timedelta(days=1, hours=1)))

        found = self.of(story, directory)

        assert (found.tasks, found.accept_bh, found.done_bh) == (4, 6.0, 9.0)

    def test_the_first_acceptance_counts(self, story: Story, directory: Directory) -> None:
        story.work(task("t", "dana", NOW))
        for hours in (1, 5):
            story.line("task.accepted", TUESDAY + timedelta(hours=hours), id=uuid_of("t"), workflow="onboard")

        assert self.of(story, directory).accept_bh == 1.0

    def test_late_is_done_after_it_was_due_or_open_past_it(self, story: Story, directory: Directory) -> None:
        # two of four: done late and open late; one was done in time, one done when due; the rest is not judged
        due = TUESDAY + timedelta(days=1)
        done = {"status": "done"}
        story.work(
            task("in time", "dana", due, closed_at=due - timedelta(hours=1), **done),
            task("just", "dana", due, closed_at=due, **done),
            task("late", "dana", due, closed_at=due + timedelta(hours=1), **done),
            task("open", "dana", due),
            task("to come", "dana", NOW + timedelta(days=1)),
            task("cancelled", "dana", due, status="cancelled", closed_at=NOW),
        )

        assert self.of(story, directory).late == 0.5

    def test_retracted_is_what_evidence_took_back_of_tasks_and_alerts(self, story: Story, directory: Directory) -> None:
        # three of five: an alert, a task, and one that stays because somebody had touched it
        story.work(
            alert("wrong", "retracted", reason="late_evidence", closed_at=NOW),
            alert("right"),
            task("wrong too", "dana", NOW, status="cancelled", reason="late_evidence", closed_at=NOW),
            task("kept", "dana", NOW, notes=["late_evidence: a late event shows that this was not needed"]),
            task("cancelled", "dana", NOW, status="cancelled", reason="contract_cancelled", closed_at=NOW),
            loop("no work", "dana", TUESDAY),
        )

        found = self.of(story, directory)

        assert (found.tasks, found.alerts, found.retracted) == (3, 2, 0.6)

    def test_fires_marks_and_hours_are_those_of_the_period(self, story: Story, directory: Directory) -> None:
        story.work(task("t", "dana", NOW), alert("a"))
        for key in ("C-1", "C-2"):
            story.line("workflow.started", workflow="onboard", key=key)
        story.line("workflow.started", QUARTER.until, workflow="onboard", key="C-3")
        story.event("feedback.recorded", id=uuid_of("a"), verdict="useful")
        story.event("feedback.recorded", workflow="onboard", ref="A1", noise=True)
        story.event("feedback.recorded", id=uuid_of("t"), mark="noise")
        story.event("feedback.recorded", id=uuid_of("gone"), verdict="noise")
        story.event("feedback.recorded", QUARTER.until, id=uuid_of("a"), verdict="useful")
        story.time(45, "t")

        found = self.of(story, directory)

        assert (found.fires, found.useful, found.noise, found.hours) == (2, 1, 2, 0.75)

    def test_a_loop_is_dropped_when_nobody_holds_it_or_who_holds_it_has_left(
        self, story: Story, directory: Directory
    ) -> None:
        directory = directory.with_events([away("sam", "2026-03-10", None, "people.user.left")])
        story.work(
            loop("held", "dana", TUESDAY),
            loop("away", "tom", TUESDAY),
            loop("queued", None, TUESDAY, holder=Recipient("csm", None, "cs.unassigned")),
        )
        assert self.of(story, directory).dropped == 0

        story.work(loop("left", "sam", TUESDAY), loop("nobody", None, TUESDAY))
        assert self.of(story, directory).dropped == 2

    def test_a_workflow_in_force_that_never_fired_is_there_with_nothing(
        self, story: Story, directory: Directory
    ) -> None:
        texts = json.dumps([["name: quiet", "workflows/definitions/cs/quiet_account.yaml"]]).encode()
        story.store.register_catalogue("h", texts, TUESDAY)

        found = self.of(story, directory, "quiet_account")

        assert found == Measures("quiet_account", 0, 0, 0, None, None, None, None, 0, 0, 0, 0)


def test_ids_that_are_no_ids_name_no_work(store: Store) -> None:
    assert reading.work_named(store, ["T-1", "", uuid_of("nothing"), uuid_of("x").upper()]) == {}


def test_work_is_looked_up_in_stretches(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "IDS_AT_ONCE", 2)
    story.work(*(task(f"t{number}", "dana", NOW) for number in range(5)))

    found: dict[str, WorkRow] = reading.work_named(story.store, [uuid_of(f"t{number}") for number in range(5)])

    assert len(found) == 5


class TestWatchdog:
    YEAR = Period(NOW - timedelta(days=365), NOW)

    def watched(self, story: Story, directory: Directory) -> Watch:
        return watch(story.store, directory, NOW, self.YEAR)

    def in_force(self, store: Store, at: datetime, **texts: str) -> None:
        body = msgspec.json.encode([(text, f"{name}.yaml") for name, text in texts.items()])
        store.register_catalogue(uuid_of(str(texts)), body, at)

    def test_a_workflow_whose_field_was_renamed_is_told_to_cs_ops(self, story: Story, directory: Directory) -> None:
        upsell = (PEERS / "peers_upsell.yaml").read_text(encoding="utf-8")
        self.in_force(story.store, NOW - timedelta(days=300), peers_upsell=upsell)
        for day in range(60, 20, -1):
            at = NOW - timedelta(days=day)
            story.event("sales.contact.logged", at, purpose="upsell", participants=["sam"])
            story.line("workflow.started", at, workflow="peers_upsell", key="upsell")
        for day in range(20, 0, -1):
            story.event("sales.contact.logged", NOW - timedelta(days=day), intent="upsell", participants=["sam"])

        found = self.watched(story, directory)

        (one,) = found.workflows
        assert (one.name, one.is_silent, one.silent_days, one.per_week) == ("peers_upsell", True, 21.0, 7.0)
        assert "data.purpose of sales.contact.logged" in one.cause
        assert [(lost.field, lost.instead) for lost in found.fields] == [("purpose", ("intent",))]
        assert [(source.name, source.is_silent) for source in found.sources] == [("/crm", False)]
        assert (found.silent, found.to) == (2, "cs.unassigned")  # nobody is CS ops, and there is no manager

    def test_a_definition_that_was_put_in_force_after_the_last_start_is_named(
        self, story: Story, directory: Directory
    ) -> None:
        handoff = (PEERS / "peers_handoff.yaml").read_text(encoding="utf-8")
        for day in range(60, 20, -1):
            story.event("sales.contract.signed", NOW - timedelta(days=day), contract_id=f"C-{day}")
            story.line("workflow.started", NOW - timedelta(days=day), workflow="peers_handoff", key=f"C-{day}")
        self.in_force(story.store, NOW - timedelta(days=300), peers_handoff=handoff)
        self.in_force(story.store, NOW - timedelta(days=20), peers_handoff=handoff.replace("within: 5d", "within: 4d"))

        (one,) = self.watched(story, directory).workflows

        assert one.cause.startswith("its definition was changed on 25 Feb 2026; quiet: /crm since 24 Feb 2026")

    def test_an_empty_store_has_nothing_to_watch(self, story: Story, directory: Directory) -> None:
        found = self.watched(story, directory)

        assert (found.workflows, found.sources, found.fields, found.silent) == ([], [], [], 0)


class TestBriefs:
    def told(self, story: Story, at: datetime = TUESDAY, **data: Any) -> None:
        story.event("exec.contact.reported", at, our_exec="eve", **data)

    def line(self, story: Story, line_type: str, at: datetime, account: str = "acme", **data: Any) -> None:
        story.line(line_type, at, account, **{"workflow": "exec_heads_up", "key": "exec"} | data)

    def since(self, story: Story) -> list[datetime | None]:
        return [one.brief_since for one in exec_contacts(story.store, QUARTER)]

    def test_a_call_finds_the_first_brief_of_the_issue_also_one_from_before_the_period(self, story: Story) -> None:
        first = QUARTER.since - timedelta(days=2)
        self.line(story, "exec.brief.published", first)
        self.line(story, "exec.brief.published", TUESDAY - timedelta(days=1))
        self.told(story)

        assert self.since(story) == [first]

    def test_the_brief_that_goes_out_with_the_call_comes_too_late_for_it_but_not_for_the_next(
        self, story: Story
    ) -> None:
        later = TUESDAY + timedelta(days=1)
        self.told(story)
        self.line(story, "exec.brief.published", TUESDAY)
        self.told(story, later)

        assert self.since(story) == [None, TUESDAY]

    @pytest.mark.parametrize("ended", ["workflow.completed", "workflow.cancelled"])
    def test_a_brief_is_gone_with_its_issue_and_not_with_what_else_ends(self, ended: str, story: Story) -> None:
        self.line(story, "exec.brief.published", TUESDAY)
        self.line(story, ended, TUESDAY + timedelta(hours=1), workflow="account_nps")
        self.told(story, TUESDAY + timedelta(hours=2))
        self.line(story, ended, TUESDAY + timedelta(hours=3))
        self.told(story, TUESDAY + timedelta(hours=4))

        assert self.since(story) == [TUESDAY, None]

    def test_the_brief_of_another_customer_is_none(self, story: Story) -> None:
        self.line(story, "exec.brief.published", TUESDAY - timedelta(days=1), "globex")
        self.told(story)

        assert self.since(story) == [None]

    def test_the_share_is_of_all_calls_and_there_is_none_without_a_call(self, story: Story) -> None:
        # one of three calls found a brief: 1 / 3
        self.told(story, TUESDAY - timedelta(days=2))
        self.line(story, "exec.brief.published", TUESDAY - timedelta(days=1))
        self.told(story)
        story.event("exec.contact.reported", TUESDAY, "globex")

        found = brief_share(exec_contacts(story.store, QUARTER))
        assert (found.contacts, found.briefed, found.share) == (3, 1, 1 / 3)
        assert brief_share([]).share is None

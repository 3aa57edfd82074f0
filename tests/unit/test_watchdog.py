"""What has fallen silent: workflows, sources and fields, with the likely cause; and what only looks like it (B10)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nofumble.wiring import load_definitions
from workflows.directory import Source
from workflows.language.plans import Definition
from workflows.watchdog import Heard, Sighting, lost_fields, watched_sources, watched_workflows

PEERS = Path(__file__).resolve().parents[2] / "bench" / "definitions"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONTACT, SIGNED = "sales.contact.logged", "sales.contract.signed"


@pytest.fixture(scope="module")
def upsell() -> Definition:
    """Return a workflow that starts on contacts, and reads their `purpose` and `participants`."""
    return next(one for one in load_definitions(PEERS) if one.name == "peers_upsell")


def days(*numbers: int) -> list[datetime]:
    return [MONDAY + timedelta(days=number) for number in numbers]


def seen(
    at: Iterable[datetime], source: str = "/mail", kind: str = CONTACT, fields: str = "purpose participants"
) -> list[Sighting]:
    return [Sighting(one, source, kind, frozenset(fields.split())) for one in at]


def heard(now: int, sightings: Iterable[Sighting] = (), fires: Iterable[datetime] = ()) -> Heard:
    known = sorted(sightings, key=lambda one: one.at)
    return Heard(MONDAY + timedelta(days=now), known, {"peers_upsell": list(fires)})


def judged(upsell: Definition, found: Heard) -> tuple[bool, float, str]:
    sources, lost = watched_sources(found), lost_fields([upsell], found)
    (one,) = watched_workflows([upsell], found, sources, lost)
    return one.is_silent, one.expected, one.cause


WEEKLY = range(0, 70, 7)
"""Ten Mondays: one in seven days."""


@pytest.mark.parametrize(
    ("now", "is_silent", "expected"),
    [
        (63 + 34, False, 4.9),  # 34 / 7 = 4.86 expected
        (63 + 35, True, 5.0),
        (63 + 42, True, 6.0),
    ],
)
def test_a_workflow_is_silent_when_five_were_to_be_expected(upsell, now, is_silent, expected):
    assert judged(upsell, heard(now, fires=days(*WEEKLY)))[:2] == (is_silent, expected)


def test_without_six_days_there_is_no_rhythm_to_miss(upsell):
    assert judged(upsell, heard(1_000, fires=days(0, 7, 14, 21, 28)))[:2] == (False, 0)
    assert judged(upsell, heard(1_000))[:2] == (False, 0)


def test_many_starts_on_a_day_are_one_day(upsell):
    burst = [MONDAY + timedelta(minutes=minute) for minute in range(600)]

    assert judged(upsell, heard(30, fires=burst))[:2] == (False, 0)


def test_a_silence_like_an_earlier_one_is_none(upsell):
    # daily, then a pause of 40 days, then daily again: 50 days are less than one and a half times that, 61 are more
    fires = days(*range(30), *range(69, 99))

    assert judged(upsell, heard(98 + 50, fires=fires))[0] is False
    assert judged(upsell, heard(98 + 61, fires=fires))[0] is True


def test_the_cause_is_the_field_that_was_renamed(upsell):
    before = seen(days(*range(30)))
    after = seen(days(*range(30, 60)), fields="intent participants")

    found = heard(60, [*before, *after], fires=days(*range(30)))
    (lost,) = lost_fields([upsell], found)

    assert (lost.field, lost.instead, lost.events_since, lost.workflows) == (
        "purpose",
        ("intent",),
        30,
        ("peers_upsell",),
    )
    assert judged(upsell, found)[2] == (
        "field data.purpose of sales.contact.logged came last on 31 Mar 2026, when data.intent came instead"
    )


def test_a_field_that_came_seldom_is_not_missed(upsell):
    seldom = [one for day in range(100) for one in seen(days(day), fields="purpose" if day % 10 == 0 else "note")]

    assert lost_fields([upsell], heard(100, seldom)) == []
    # ten in 91 events, and 91 more without: 10 were to be expected
    more = [*seldom, *seen(days(*range(100, 182)), fields="note")]
    assert [one.field for one in lost_fields([upsell], heard(182, more))] == ["purpose"]


def test_a_field_that_no_workflow_reads_may_go(upsell):
    found = heard(60, [*seen(days(*range(30)), fields="purpose mood"), *seen(days(*range(30, 60)), fields="purpose")])

    assert lost_fields([upsell], found) == []


def test_the_cause_is_the_source_that_went_quiet(upsell):
    found = heard(60, seen(days(*range(30))), fires=days(*range(30)))

    assert judged(upsell, found)[2] == "quiet: /mail since 31 Mar 2026"


def test_the_cause_is_that_no_such_event_came_though_its_source_is_alive(upsell):
    found = heard(60, [*seen(days(*range(30))), *seen(days(*range(60)), kind=SIGNED)], fires=days(*range(30)))

    assert judged(upsell, found)[2] == "no sales.contact.logged came since, though /mail is alive"


def test_the_cause_is_that_its_conditions_did_not_hold(upsell):
    found = heard(60, seen(days(*range(60))), fires=days(*range(30)))

    assert judged(upsell, found)[2] == "30 of the events that start it came since, and its conditions did not hold"


@pytest.mark.parametrize(("changed", "is_named"), [(40, True), (20, False)])
def test_the_cause_is_a_change_of_the_definition_that_came_after_it_started_last(upsell, changed, is_named):
    found = heard(60, seen(days(*range(60))), fires=days(*range(30)))
    found = replace(found, changed_at={"peers_upsell": MONDAY + timedelta(days=changed)})

    assert ("its definition was changed on 11 Apr 2026" in judged(upsell, found)[2]) is is_named


def test_a_declared_source_is_quiet_after_three_of_its_intervals():
    source = Source("/mail", (CONTACT,), timedelta(hours=2))
    last = MONDAY + timedelta(hours=10)

    def quiet(hours: int, *, heartbeat: int | None = None) -> bool:
        heard_up_to = {} if heartbeat is None else {"/mail": MONDAY + timedelta(hours=heartbeat)}
        now = last + timedelta(hours=hours)
        (one,) = watched_sources(Heard(now, seen([last]), {}, declared=(source,), heard_up_to=heard_up_to))
        return one.is_silent

    assert not quiet(6)
    assert quiet(7)
    assert not quiet(7, heartbeat=12)


def test_a_declared_source_that_was_never_heard_is_quiet():
    (one,) = watched_sources(Heard(MONDAY, [], {}, declared=(Source("/mail", (CONTACT,), timedelta(days=1)),)))

    assert (one.is_silent, one.cause) == (True, "declared to be heard every 1d, and never heard")

"""W03: who contacts customers without their CSM a third time in 90 days, at whichever account, is heard of by managers.

Each fold sees one account; what the actor did elsewhere is noted in its log.
"""

from datetime import date
from itertools import permutations

import pytest

from events.envelope import Event
from tests.scenarios.test_sales_contact_without_csm import WORKFLOW, a_customer, attempt
from workflows.deeds import NOTED, SOURCE

OTHERS = ("birch", "cedar", "dune")


def a_company(**roles):
    story = a_customer(**roles)
    for name in OTHERS:
        story.on("Mon 01-05 09:00", "account.registered", subject=name, lifecycle="live", roles={"csm": "dana"})
    return story


def elsewhere(story, account, when, **more):
    return attempt(story, when, subject=account, **{"opportunity_id": f"O-{account}", **more})


def test_the_third_time_at_any_account_is_urgent_at_once_and_said_once():
    story = a_company()
    elsewhere(story, "birch", "Mon 02-02 10:00")
    elsewhere(story, "cedar", "Mon 02-16 10:00")

    attempt(story)

    assert story.raised() == ["Tue 03-03 10:00 alert.raised A1 urgent dana+max+sue"]
    assert story.told("alert.updated") == []


def test_the_second_time_is_a_warning_still():
    story = a_company()
    elsewhere(story, "birch", "Mon 02-02 10:00")

    attempt(story)

    assert story.raised() == ["Tue 03-03 10:00 alert.raised A1 warn dana"]


@pytest.mark.parametrize("more", [{"actor": "tom"}, {"participants": ["sam", "dana"]}])
def test_what_others_did_and_what_the_csm_knew_of_does_not_count(more):
    story = a_company()
    elsewhere(story, "birch", "Mon 02-02 10:00")
    elsewhere(story, "cedar", "Mon 02-16 10:00", **more)

    attempt(story)

    assert story.raised() == ["Tue 03-03 10:00 alert.raised A1 warn dana"]


def test_what_is_more_than_90_days_ago_does_not_count():
    story = a_company()
    elsewhere(story, "birch", "Mon 02-02 10:00")
    elsewhere(story, "cedar", "Mon 02-16 10:00")

    attempt(story, "Mon 05-04 10:00")

    assert story.raised() == ["Mon 05-04 10:00 alert.raised A1 warn dana"]


def test_the_same_account_counts_each_time_also_the_same_opportunity_again():
    story = a_company()
    attempt(story, "Mon 02-02 10:00")
    attempt(story, "Wed 02-18 10:00", opportunity_id="O-2")

    attempt(story, "Tue 03-10 10:00", opportunity_id="O-3")

    assert story.raised()[-1] == "Tue 03-10 10:00 alert.raised A1 urgent dana+max+sue"


def test_what_was_first_and_is_known_later_makes_the_alarm_urgent_later():
    story = a_company()
    elsewhere(story, "birch", "Mon 02-02 10:00")
    attempt(story)

    elsewhere(story, "cedar", "Tue 03-03 09:00", arrived="Tue 03-03 12:00")

    assert story.raised() == ["Tue 03-03 10:00 alert.raised A1 warn dana"]
    assert story.told("alert.updated") == ["Tue 03-03 12:00 alert.updated A1 urgent dana+max+sue"]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_any_order_of_arrival_within_the_lateness_ends_in_the_same_alarm(order):
    story = a_company()
    happened = [("birch", "09:00"), ("cedar", "09:30"), ("acme", "10:00"), ("dune", "11:00")]

    for place, number in enumerate(order):
        account, time = happened[number]
        elsewhere(story, account, f"Tue 03-03 {time}", arrived=f"Wed 03-04 1{place}:00")

    severities = {name: [one.severity for one in alerts_of(story, name)] for name in ("acme", *OTHERS)}
    assert severities == {"birch": ["warn"], "cedar": ["warn"], "acme": ["urgent"], "dune": ["urgent"]}


def alerts_of(story, account):
    return [one for one in story.world.histories[account].state.work.values() if one.ref == "A1"]


def test_an_alarm_that_was_over_and_forgotten_is_corrected_when_a_third_time_is_known_at_last():
    """Another worker may be days behind: what it tells then arrived in time, and the row must say so (0006)."""
    story = a_company()
    attempt(story, "Tue 02-03 10:00", thread_id="th-1")
    story.on("Tue 02-03 12:00", "cs.note.logged", thread_id="th-1", links=["O-1"], actor="dana")
    for day in range(10, 28):
        story.on(f"{date(2026, 2, day):%a %m-%d} 12:00", "product.usage.rolled_up", day=f"2026-02-{day}")
    assert story.work("A1") == []
    story.history.drain()

    two_other_times_are_noted(story, "Tue 02-03 09:59")

    (alarm,) = [one for one in story.history.drain().work.values() if one.ref == "A1"]
    assert (alarm.severity, alarm.status) == ("urgent", "resolved")


def test_an_alarm_that_was_taken_back_stays_as_it_was_told_when_a_third_time_is_known_at_last():
    """Nobody is told twice about what is no more (0006)."""
    story = a_company()
    attempt(story, "Tue 02-03 10:00", thread_id="th-1")
    attempt(story, "Tue 02-03 09:58", thread_id="th-1", participants=["sam", "dana"], arrived="Tue 02-03 15:00")
    assert story.told("alert.retracted") == ["Tue 02-03 15:00 alert.retracted A1 late_evidence"]
    story.history.drain()

    two_other_times_are_noted(story, "Tue 02-03 09:57")

    assert story.history.drain().work == {}


def two_other_times_are_noted(story, when):
    at = story.time(when)
    for number in (1, 2):
        data = {"of": f"else/{number}", "workflow": WORKFLOW, "actor": {"person": "sam"}, "at": "2026-02-01T10:00:00Z"}
        story.history.receive(Event(f"n-{number}", SOURCE, NOTED, "acme", at, at, data), at)

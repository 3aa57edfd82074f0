"""Whoever is away keeps nobody waiting: her work goes to her delegate, and comes back with her (R10)."""

import pytest

from tests.scenarios.scenario import Story

ANSWERED = "survey.nps.responded"


def customer(**more):
    roles = {"csm": "dana", "cs_manager": "kim"}
    return Story("account_nps", roles=roles, lifecycle="live", tier=2, **more)


def detractor(story, when="Tue 03-03 10:00"):
    """T1 and T2 are due on the second business day."""
    return story.on(when, ANSWERED, wave="w", response_id=f"r-{when[4:9]}", contact_id="al", score=5)


def away(story, when, since, until, delegate="ruth"):
    data = {"person": "dana", "from": since, "to": until} | ({"delegate": delegate} if delegate else {})
    return story.on(when, "people.user.away_set", subject="dana", **data)


def moved(story, ref="T1"):
    return story.told("task.reassigned", ref)


def test_what_is_due_while_she_is_away_goes_to_her_delegate_on_the_next_working_morning_and_comes_back():
    story = away(detractor(customer()), "Tue 03-03 15:00", "2026-03-04", "2026-03-06").until("Tue 03-10 12:00")

    first, second = moved(story)
    assert "Wed 03-04 09:00" in first
    assert "ruth" in first
    assert "Mon 03-09 09:00" in second
    assert "dana" in second


def test_what_is_due_before_or_after_her_absence_stays_with_her():
    story = away(detractor(customer()), "Tue 03-03 15:00", "2026-03-09", "2026-03-11").until("Fri 03-13 12:00")

    assert moved(story) == []


def test_what_the_delegate_has_taken_up_stays_with_the_delegate():
    story = away(detractor(customer()), "Tue 03-03 15:00", "2026-03-04", "2026-03-06")
    story.on("Wed 03-04 10:00", "task.started", workflow="account_nps", ref="T1", actor={"person": "ruth"})
    story.until("Tue 03-10 12:00")

    assert len(moved(story, "T1")) == 1
    assert len(moved(story, "T2")) == 2


def test_what_was_given_to_the_delegate_from_the_start_comes_back_too():
    story = detractor(away(customer(), "Mon 03-02 09:00", "2026-03-04", "2026-03-06")).until("Tue 03-10 12:00")

    (back,) = moved(story)
    assert "Mon 03-09 09:00" in back
    assert "dana" in back


def test_without_a_delegate_it_goes_to_the_next_in_the_chain():
    story = away(detractor(customer()), "Tue 03-03 15:00", "2026-03-04", "2026-03-06", delegate=None)

    assert "kim" in moved(story.until("Thu 03-05 12:00"))[0]


def test_an_absence_that_is_shorter_than_a_working_day_moves_nothing():
    story = away(detractor(customer()), "Tue 03-03 15:00", "2026-03-05T12:00:00Z", "2026-03-05T18:00:00Z")

    assert moved(story.until("Tue 03-10 12:00")) == []


@pytest.mark.parametrize("longer", ["2026-03-13"])
def test_an_absence_that_became_longer_brings_the_work_back_later(longer):
    story = away(detractor(customer()), "Tue 03-03 15:00", "2026-03-04", "2026-03-06")
    away(story, "Thu 03-05 10:00", "2026-03-04", longer).until("Tue 03-17 12:00")

    assert ["Mon 03-16 09:00" in one for one in moved(story)] == [False, True]


def test_what_is_done_meanwhile_does_not_come_back():
    story = away(detractor(customer()), "Tue 03-03 15:00", "2026-03-04", "2026-03-06")
    story.on("Wed 03-04 10:00", "task.completed", workflow="account_nps", ref="T1", actor={"person": "ruth"})

    assert len(moved(story.until("Tue 03-10 12:00"), "T1")) == 1

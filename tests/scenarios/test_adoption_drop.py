"""Somebody asks when a customer uses the product much less (W24c)."""

from datetime import timedelta

import pytest

from tests.scenarios.scenario import Story

USED = "product.usage.rolled_up"


def used(weeks, *, each="weekly_active_users", **more):
    """Tell of a customer of eight weeks with 100 users, and then of these users week by week from 03-02 on."""
    story = Story("adoption_drop", roles={"csm": "dana"}, lifecycle="live")
    first = story.time("Mon 01-05 10:00")
    for number, users in enumerate([100] * 8 + list(weeks)):
        at = first + timedelta(weeks=number)
        story.on(f"{at:%a %m-%d %H:%M}", USED, **{each: users}, **more)
    return story


@pytest.mark.parametrize(("weeks", "begins"), [((60, 60, 60), True), ((61, 60, 60), False), ((40, 70, 40), False)])
def test_40_percent_must_be_missing_for_two_weeks(weeks, begins):
    assert bool(used(weeks).until("Mon 03-16 11:00").running()) is begins


def test_daily_use_is_measured_by_the_week():
    story = Story("adoption_drop", roles={"csm": "dana"}, lifecycle="live")
    first = story.time("Mon 01-05 10:00")
    for day in range(56 + 24):
        at = first + timedelta(days=day)
        weekend = at.weekday() > 4
        usual = 10 if weekend else 100
        story.on(f"{at:%a %m-%d %H:%M}", USED, active_users=usual if day < 56 else usual // 2, product="core")

    # On Thu 03-05 the last seven days make 320/7, and what is usual is 4040/53: 40 percent are missing.
    assert story.told("task.proposed") == ["Thu 03-19 10:00 task.proposed T1 dana due Tue 03-24 17:00"]


def test_a_level_that_stays_is_the_usual_one_after_eight_weeks():
    story = used([50] * 16)
    story.on("Tue 06-16 10:00", "task.completed", workflow="adoption_drop", ref="T1")

    assert story.until("Tue 06-30 10:00").running() == []
    assert story.history.state.standing.usage[""].drop == 0


def test_products_are_measured_by_themselves():
    story = used([50, 50, 50], product="core").on("Mon 03-16 11:00", USED, weekly_active_users=10, product="reports")

    assert story.running() == ["adoption_drop/acme/core"]


def test_use_that_comes_back_ends_it():
    assert used([50, 50, 50, 90]).open() == []

"""Times since a beginning: added, put in order, written back."""

from nofumble.pages.moments import ZERO
from workflows.language.durations import parse_duration


def at(*durations: str):
    moment = ZERO
    for one in durations:
        moment = moment.plus(parse_duration(one))
    return moment


def test_the_same_unit_is_added_up_and_another_stands_beside():
    assert at("1bd", "2bd").label == "3bd"
    assert at("3bd", "60d", "1bd").label == "4bd + 60d"
    assert ZERO.label == ""


def test_a_share_of_a_duration_is_written_as_it_is():
    assert ZERO.plus(parse_duration("15bm"), 0.5).label == "7.5bm"


def test_moments_of_different_units_have_an_order():
    # a business day is 7/5 of a calendar day in a plain week: 5bd = 7d, so 4bd < 6d = 5.6d..6d and 4bh < 1bd
    assert ZERO < at("2h") < at("4bh") < at("1bd") < at("4bd") < at("6d") < at("5bd")


def test_what_follows_at_once_is_at_the_same_time_and_later():
    assert ZERO < ZERO.after < ZERO.after.after < at("10m")
    assert ZERO.after.plus(parse_duration("1bd")) == at("1bd")

"""Durations: what is read, what is refused and with which remedy, and that writing gives back what was read."""

from datetime import timedelta

import pytest

from workflows.language.durations import MOST, Duration, parse_duration


@pytest.mark.parametrize("text", ["1bd", "3bd", "10bd", "4bh", "90d", "72h", "10m", "2600bd"])
def test_a_duration_is_written_as_it_was_read(text):
    assert str(parse_duration(text)) == text


def test_a_duration_says_its_amount_and_its_unit():
    assert parse_duration("3bd") == Duration(3, "bd")
    assert parse_duration("45m") == Duration(45, "m")


@pytest.mark.parametrize("bare", ["3", "72", 3, 72, 1.5, "1.5", "-2"])
def test_a_bare_number_is_refused_because_its_unit_would_be_a_guess(bare):
    with pytest.raises(ValueError, match=r"bare number; a duration needs a unit .* write it as 3bd"):
        parse_duration(bare)


@pytest.mark.parametrize(
    "text", ["", "bd", "3 bd", " 3bd", "3BD", "3bd ", "3w", "1.5h", "-1d", "+1d", "3bd4bh", "03bd", "\uff13bd", "3bd\n"]
)
def test_anything_but_a_number_and_a_unit_is_refused(text):
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0bd", "0m", "00h"])
def test_no_time_at_all_is_no_duration(text):
    with pytest.raises(ValueError, match="at least 1"):
        parse_duration(text)


@pytest.mark.parametrize("unit", list(MOST))
def test_more_than_ten_years_is_refused(unit):
    assert parse_duration(f"{MOST[unit]}{unit}").amount == MOST[unit]
    with pytest.raises(ValueError, match="out of bounds"):
        parse_duration(f"{MOST[unit] + 1}{unit}")


@pytest.mark.parametrize("value", [None, True, ["3bd"], {}])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(ValueError, match="is no text"):
        parse_duration(value)


def test_a_long_text_is_not_repeated_in_full():
    with pytest.raises(ValueError, match="is no duration") as refused:
        parse_duration("9" * 10_000 + "bd")
    assert len(str(refused.value)) < 200


def test_calendar_durations_have_a_length_and_working_ones_do_not():
    assert parse_duration("2d").elapsed == timedelta(hours=48)
    assert parse_duration("72h").elapsed == timedelta(hours=72)
    assert parse_duration("10m").elapsed == timedelta(minutes=10)
    assert not parse_duration("2d").is_working
    for text in ("2bd", "2bh"):
        assert parse_duration(text).is_working
        with pytest.raises(ValueError, match="only d, h and m have a length"):
            _ = parse_duration(text).elapsed


def test_words_agree_with_the_amount():
    assert parse_duration("3bd").words == "3 business days"
    assert parse_duration("1h").words == "1 hour"


def test_a_duration_that_could_not_be_read_cannot_be_made_either():
    with pytest.raises(ValueError, match="out of bounds"):
        Duration(0, "bd")

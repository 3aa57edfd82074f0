"""A holding reply is known by the day that it promises."""

from datetime import date

import pytest

from workflows.language.promises import promised_date

MONDAY = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("we have the answer by Wed", "2026-03-11"),
        ("by Wednesday at the latest", "2026-03-11"),
        ("you hear more by Monday", "2026-03-09"),
        ("not before next Friday", "2026-03-13"),
        ("by 2026-03-20", "2026-03-20"),
        ("until tomorrow", "2026-03-10"),
        ("by end of week", "2026-03-13"),
        ("by 12 March", "2026-03-12"),
        ("by March 12", "2026-03-12"),
        ("by 2 January", "2027-01-02"),
    ],
)
def test_a_promised_day_is_read(text: str, day: str):
    found = promised_date(text, MONDAY)

    assert found is not None
    assert found.date().isoformat() == day


@pytest.mark.parametrize("text", ["", "this is how it works", "by the way, thanks", "by 31 February", "on it"])
def test_a_text_without_a_day_promises_none(text: str):
    assert promised_date(text, MONDAY) is None

"""The renewal date is the contract's start and its term, counted as people count months (the spec's short form)."""

from datetime import date

import pytest

from tests.scenarios.scenario import Story
from workflows.facts import months_later


@pytest.mark.parametrize(
    ("start", "months", "renewal"),
    [
        ("2025-07-01", 12, "2026-07-01"),
        ("2024-06-29", 24, "2026-06-29"),  # 730 days; 24 mean months would be 731
        ("2026-01-01", 6, "2026-07-01"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2026-03-03", 0, "2026-03-03"),
    ],
)
def test_months_are_counted_by_the_calendar(start, months, renewal):
    assert months_later(date.fromisoformat(start), months).isoformat() == renewal


@pytest.mark.parametrize(("term", "renewal"), [(24, "2026-06-29"), (0, "2024-06-29"), (1201, "")])
def test_a_signed_contract_tells_when_it_renews(term, renewal):
    story = Story("product_request_relay")
    story.on(
        "Tue 03-03 10:00",
        "sales.contract.signed",
        contract_id="C-1",
        kind="new",
        start_date="2024-06-29",
        term_months=term,
    )

    assert (story.history.state.renewal_date or "") == renewal

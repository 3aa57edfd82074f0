"""A renewal is prepared for 120 days, and never a surprise (W24b)."""

from tests.scenarios.scenario import Story


def contract(ends, **facts):
    roles = {"csm": "dana", "am": "sam", "cs_manager": "kim", "cco": "cole"}
    return Story("renewal_runway", roles=roles, lifecycle="live", renewal_date=ends, **facts)


def test_a_contract_that_ended_long_ago_starts_nothing():
    assert contract("2025-12-31").until("Mon 03-02 10:00").running() == []


def test_a_date_that_moves_before_its_runway_moves_the_runway():
    story = contract("2026-07-01").on("Mon 02-02 09:00", "account.updated", renewal_date="2026-08-01")

    assert story.until("Thu 04-02 10:00").running() == []
    assert story.until("Fri 04-03 10:00").running() == ["renewal_runway/acme/2026-08-01"]


def test_a_cancelled_contract_has_no_runway():
    story = contract("2026-07-01").on("Mon 02-02 09:00", "sales.contract.cancelled", contract_id="C")

    assert story.until("Thu 04-02 10:00").told("workflow.started") == []


def test_a_cancellation_on_the_runway_ends_it():
    story = contract("2026-07-01").until("Tue 03-03 10:00")
    story.on("Wed 03-04 09:00", "sales.contract.cancelled", contract_id="C")

    assert story.open() == []


def test_a_renewal_with_a_late_report_takes_the_lapse_back():
    story = contract("2026-07-01").until("Wed 07-01 10:00")
    assert [one for one in story.raised() if "A2" in one] == [
        "Wed 07-01 00:00 alert.raised A2 critical dana+sam+kim+cole"
    ]

    story.on("Tue 06-30 15:00", "sales.contract.renewed", arrived="Wed 07-01 12:00", contract_id="C", term_months=12)
    assert story.told("alert.retracted", "A2") == ["Wed 07-01 12:00 alert.retracted A2 late_evidence"]
    assert story.history.state.renewal_date == "2027-07-01"


def test_a_renewal_after_the_lapse_ends_it():
    story = contract("2026-07-01").on("Mon 07-06 15:00", "sales.contract.signed", contract_id="D", kind="renewal")

    assert story.open("A1", "A2") == []

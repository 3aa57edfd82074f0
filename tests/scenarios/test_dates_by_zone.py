"""A date alone begins where the company is, and not at midnight in Greenwich, which is the day before in New York."""

import pytest

from tests.scenarios.scenario import Story

WEST, EAST = "America/New_York", "Australia/Sydney"
ROLES = {"csm": "dana", "ae": "sam", "am": "sam", "marketer": "mo", "cs_manager": "kim", "sales_manager": "max"}


@pytest.mark.parametrize("zone", ["UTC", WEST, EAST])
def test_a_renewal_is_prepared_120_days_before_its_date(zone):
    story = Story("renewal_runway", zone=zone, roles=ROLES, lifecycle="live", renewal_date="2026-06-30")
    story.until("Tue 03-03 00:00")

    assert story.told("task.proposed") == ["Mon 03-02 00:00 task.proposed T1 dana due Wed 04-01 00:00"]


@pytest.mark.parametrize("zone", ["UTC", WEST, EAST])
def test_ten_business_days_before_an_event_are_counted_from_its_date(zone):
    story = Story("news_watch", zone=zone, roles=ROLES, lifecycle="live")
    story.on("Tue 03-03 10:00", "market.event.announced", event="Summit", date="2026-04-15", role="speaker")

    assert story.told("task.proposed") == ["Tue 03-03 10:00 task.proposed T3 dana due Wed 04-01 17:00"]


@pytest.mark.parametrize("zone", ["UTC", WEST, EAST])
def test_clocks_that_wait_for_a_date_begin_on_it(zone):
    story = Story("signature_to_kickoff", zone=zone, roles=ROLES, lifecycle="signed")
    story.on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C", kind="new")
    story.on("Wed 03-04 10:00", "cs.kickoff.deferred", contract_id="C", by="customer", until="2026-03-16")
    story.until("Fri 03-20 09:00")

    assert story.told("alert.raised", "A1") == ["Thu 03-19 17:00 alert.raised A1 warn dana+sam"]

"""Given the public data sets that the product is tried on, then every one of their rows is accounted for.

The data lies beside the checkout, in ../shared/data, and is no part of the product: the incidents of BPI Challenge 2013
(doi 10.4121/uuid:500573e6-accc-4b0c-9576-aa5468b10cee) and the tickets of an Italian help desk (doi
10.4121/uuid:0c60edf1-6f83-4e75-9367-4c63b3e9d5bb), both 4TU.ResearchData, and "CRM Sales Opportunities" of Maven
Analytics.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.parsing import parse_event
from nofumble.readers import read_crm, read_xes

REAL_DATA = Path(__file__).parents[2].parent / "shared" / "data"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"the real data sets are not at {REAL_DATA}")


def accounted(rows):
    """Count the rows of the source by what they became: an event's type, or the path and start of a problem."""
    seen = Counter()
    for row in rows:
        if row.problem:
            seen[row.problem.path, row.problem.reason[:8]] += 1
        elif row.supporting:
            parse_event(row.raw, now=NOW)
        else:
            seen[parse_event(row.raw, now=NOW).type] += 1
    return seen


def test_the_incidents_of_a_car_maker_are_all_accounted_for():
    seen = accounted(read_xes(REAL_DATA / "logs" / "bpi_challenge_2013_incidents.xes.gz", account="product"))

    assert seen == {
        "support.ticket.opened": 7_553,  # 7,554 traces, one of which has "- -" for a product
        "support.ticket.updated": 34_257,
        "support.ticket.transferred": 9_313,
        "support.ticket.resolved": 8_120,
        "support.ticket.reopened": 580,
        "support.ticket.closed": 5_704,
        ("subject", "the acco"): 6,
    }
    assert seen.total() == 65_533


def test_the_tickets_of_a_software_firm_are_all_accounted_for():
    seen = accounted(read_xes(REAL_DATA / "logs" / "Helpdesk.xes.gz"))

    assert seen.total() == 21_348
    assert seen["support.ticket.opened"] == 4_580
    assert not [key for key in seen if isinstance(key, tuple)]


def test_a_log_without_the_named_account_goes_to_quarantine_row_by_row():
    rows = list(read_xes(REAL_DATA / "logs" / "Helpdesk.xes.gz", account="customer"))

    assert len(rows) == 21_348
    assert {row.problem.path for row in rows} == {"subject"}


def test_the_opportunities_of_a_crm_are_all_accounted_for():
    reading = read_crm(REAL_DATA / "crm")

    seen = accounted(reading)

    assert seen == {
        "sales.contract.signed": 4_238,
        "sales.opportunity.lost": 2_473,
        "sales.opportunity.stage_changed": 1_589,  # 501 with an account, 1,088 to be parked
        ("time", "no date:"): 500,
    }
    assert seen.total() == 8_800
    assert reading.notes == ["the product 'GTXPro' (1480 rows) is not in products.csv: taken as 'GTX Pro'"]


def test_opportunities_without_an_account_go_to_an_unknown_reference():
    events = [json.loads(row.raw) for row in read_crm(REAL_DATA / "crm") if row.raw]

    assert (
        sum(event["subject"].startswith("opportunity:") for event in events) == 1_088
    )  # 1,425 less 337 without a date
    assert len({event["id"] for event in events}) == len(events)

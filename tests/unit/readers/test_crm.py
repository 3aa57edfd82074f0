"""Given a CRM export of four tables, then each opportunity is one event or says why it cannot be."""

import json

import pytest

from nofumble.errors import WrongUse
from nofumble.readers import read_crm

ACCOUNTS = """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme Corporation,retail,1996,1100.04,2822,United States,
Gekko & Co,finance,1990,2520.83,3502,Atlantis,Acme Corporation
"""
PRODUCTS = "product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n"
TEAMS = "sales_agent,manager,regional_office\nAnna Snelling,Dustin Brinkmann,Central\nBoris Faz,Rocco Neubert,East\n"
HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"


def read(tmp_path, *lines, **files):
    tables = {
        "accounts": ACCOUNTS,
        "products": PRODUCTS,
        "sales_teams": TEAMS,
        "sales_pipeline": HEADER + "\n".join(lines),
    }
    for name, text in (tables | files).items():
        if text is not None:
            (tmp_path / f"{name}.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    return read_crm(tmp_path)


def events_of(rows, *, supporting=False):
    return [json.loads(row.raw) for row in rows if row.raw and row.supporting is supporting]


WON = "OPP1,Anna Snelling,GTXPro,Acme Corporation,Won,2017-01-02,2017-03-01,1054"


def test_a_won_opportunity_is_a_signed_contract_at_noon_of_its_close(tmp_path):
    rows = list(read(tmp_path, WON))

    assert events_of(rows) == [
        {
            "specversion": "1.0",
            "id": "OPP1/won",
            "source": "/crm/maven",
            "type": "sales.contract.signed",
            "subject": "acme-corporation",
            "time": "2017-03-01T12:00:00+00:00",
            "data": {
                "actor": {"person": "anna-snelling", "team": "sales"},
                "participants": ["anna-snelling"],
                "contract_id": "OPP1",
                "kind": "new",
                "products": ["GTX Pro"],
                "arr": {"amount": 105400, "currency": "USD"},
            },
        }
    ]
    assert next(row.position for row in rows if not row.supporting) == "sales_pipeline.csv:2"


def test_the_kind_of_a_contract_follows_what_the_account_bought_before_in_order_of_close(tmp_path):
    rows = read(
        tmp_path,
        "C,Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,2017-05-03,10",
        "A,Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,2017-05-01,10",
        "B,Anna Snelling,MG Special,Acme Corporation,Won,2017-01-01,2017-05-02,10",
        "D,Boris Faz,GTX Pro,Gekko & Co,Won,2017-01-01,2017-05-04,10",
    )

    assert [(envelope["data"]["contract_id"], envelope["data"]["kind"]) for envelope in events_of(rows)] == [
        ("A", "new"),
        ("B", "new_product"),
        ("C", "expansion"),
        ("D", "new"),
    ]


def test_lost_and_engaging_opportunities_keep_their_own_dates(tmp_path):
    rows = read(
        tmp_path,
        "L,Anna Snelling,MG Special,Acme Corporation,Lost,2017-01-02,2017-02-01,0",
        "E,Boris Faz,MG Special,Gekko & Co,Engaging,2017-01-03,,",
    )

    assert [(e["type"], e["time"][:10], e["data"].get("to")) for e in events_of(rows)] == [
        ("sales.opportunity.stage_changed", "2017-01-03", "engaging"),
        ("sales.opportunity.lost", "2017-02-01", None),
    ]


def test_a_row_without_an_account_is_sent_to_a_reference_that_nobody_has_yet(tmp_path):
    rows = read(
        tmp_path,
        "E,Boris Faz,MG Special,,Engaging,2017-01-03,,",
        "F,Boris Faz,MG Special,Nobody Ltd,Engaging,2017-01-03,,",
    )

    assert [envelope["subject"] for envelope in events_of(rows)] == ["opportunity:E", "crm:nobody-ltd"]


@pytest.mark.parametrize(
    ("line", "path", "reason"),
    [
        ("P,Anna Snelling,GTX Pro,Acme Corporation,Prospecting,,,", "time", "a time is never invented"),
        ("P,Anna Snelling,GTX Pro,,Prospecting,,,", "time", "a time is never invented"),
        ("P,Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,,5", "time", "close_date: no date"),
        ("P,Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,01/03/2017,5", "time", "no date as 2017-03-01"),
        ("P,Anna Snelling,GTX Pro,Acme Corporation,Dreaming,2017-01-01,2017-01-01,5", "type", "'Dreaming' is none of"),
        ("P,Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,2017-03-01,much", "data.arr.amount", "no amount"),
        ("P,Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,2017-03-01,NaN", "data.arr.amount", "no amount"),
        ("P,Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,2017-03-01,1.005", "data.arr.amount", "no amount"),
        ("P,Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,2017-03-01,9e99", "data.arr.amount", "no amount"),
        (",Anna Snelling,GTX Pro,Acme Corporation,Won,2017-01-01,2017-03-01,5", "id", "no opportunity_id"),
        ("P,Anna Snelling,GTX Pro", "", "3 cells where the header has 8"),
        ("P,Anna \udcff,GTX Pro,Acme Corporation,Won,2017-01-01,2017-03-01,5", "", "not UTF-8"),
    ],
)
def test_a_row_that_cannot_be_an_event_says_why_and_the_others_are_read(tmp_path, line, path, reason):
    rows = list(read(tmp_path, line, WON))

    source = [row for row in rows if not row.supporting]
    assert [row.position for row in source] == ["sales_pipeline.csv:3", "sales_pipeline.csv:2"]
    assert source[1].problem is not None
    assert source[1].problem.path == path
    assert reason in source[1].problem.reason
    assert source[1].excerpt


def test_people_and_accounts_are_registered_at_midnight_of_the_first_day(tmp_path):
    later = "OPP2,Boris Faz,GTX Pro,Acme Corporation,Lost,2017-01-01,2017-02-01,0"

    supporting = events_of(read(tmp_path, WON, later), supporting=True)

    assert {envelope["time"] for envelope in supporting} == {"2017-02-01T00:00:00+00:00"}
    assert [envelope["subject"] for envelope in supporting] == [
        *("dustin-brinkmann", "rocco-neubert", "anna-snelling", "boris-faz"),
        *("acme-corporation", "gekko-co"),
    ]
    assert supporting[2]["data"] == {
        "name": "Anna Snelling",
        "team": "sales",
        "manager": "dustin-brinkmann",
        "office": "Central",
    }
    assert supporting[4]["data"] == {
        "name": "Acme Corporation",
        "lifecycle": "prospect",
        "industry": "retail",
        "country": "US",
        "links": {"crm": "acme-corporation"},
        "roles": {"ae": "anna-snelling", "sales_manager": "dustin-brinkmann"},  # of the first won one, not the first
    }
    assert "country" not in supporting[5]["data"]
    assert supporting[5]["data"]["parent"] == "acme-corporation"


def test_product_names_that_do_not_match_are_noted_with_their_counts(tmp_path):
    reading = read(
        tmp_path,
        WON,
        "P,Anna Snelling,GTXPro,Acme Corporation,Prospecting,,,",
        "Q,Anna Snelling,Unheard Of,Acme Corporation,Lost,2017-01-01,2017-02-01,0",
    )

    products = [envelope["data"]["products"] for envelope in events_of(reading)]

    assert products == [["Unheard Of"], ["GTX Pro"]]
    assert reading.notes == [
        "the product 'GTXPro' (2 rows) is not in products.csv: taken as 'GTX Pro'",
        "the product 'Unheard Of' (1 rows) is not in products.csv: unmatched, kept as it is",
    ]


def test_a_broken_line_of_a_table_of_names_is_left_out_with_a_note(tmp_path):
    reading = read(tmp_path, WON, accounts=ACCOUNTS + "Torn\n")

    assert len(events_of(reading)) == 1
    assert reading.notes[0] == "accounts.csv:4: 1 cells where the header has 7; the line is left out"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"products": None}, "products.csv: no such file"),
        ({"products": "name\nGTX Pro\n"}, "no column product"),
        ({"products": ""}, "no column product"),
        ({"products": "product\n" + "x" * 200_000}, "products.csv:2: no CSV"),
    ],
)
def test_a_folder_that_is_no_export_is_wrong_use(tmp_path, files, reason):
    with pytest.raises(WrongUse, match=reason):
        read(tmp_path, WON, **files)


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path):
    with pytest.raises(WrongUse, match="no such folder"):
        read_crm(tmp_path / "none")


def test_reading_the_same_export_twice_gives_the_same_bytes(tmp_path):
    assert list(read(tmp_path, WON)) == list(read_crm(tmp_path))

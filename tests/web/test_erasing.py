"""A person is forgotten everywhere, what belonged together stays together, and the proof is honest (R19, F58)."""

from contextlib import closing, suppress
from typing import Any

import msgspec
import psycopg
import pytest

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import Fenced
from agents.rows import WorkFilter
from nofumble.backtest.kept import KeptBacktests
from nofumble.catalogue import open_world
from nofumble.erasing.erasing import erase_person
from nofumble.erasing.tombstones import Tombstones
from nofumble.errors import WrongUse
from tests.web.application import NOW, Site
from workflows.backtesting.comparison import Difference
from workflows.backtesting.course import Piece
from workflows.backtesting.result import Extent, Result, Rows, SideInfo
from workflows.directory import Directory

JO, NAME = "jose@acme-mail.example", "Jos\u00e9 Canary"


def event(number: int, type_: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/mail",
        "type": type_,
        "subject": "acme",
        "time": f"2026-03-06T1{number}:00:00Z",
        "data": data,
    }


@pytest.fixture
def forgotten(company: Site) -> Site:
    """Return a company that knows a contact, of whom much was written, some of it wrong."""
    joined = event(
        0, "customer.contact.joined", contact_id=JO, name=NAME, email="Jose@Acme-mail.example", role_to="sponsor"
    )
    company.play(
        joined,
        event(1, "customer.message.received", contact_id=JO, text=f"{NAME.upper()} writes from {JO}."),
        event(2, "customer.contact.left", contact_id=JO, reason="new job"),
        event(3, "x.unknown", people={JO: NAME}),
        event(4, "support.ticket.opened", ticket_id="1", requester="mary.jose@acme-mail.example"),
    )
    # a list that is given in parts, and whose whole waits for their answers
    ann = event(9, "customer.contact.joined", contact_id="ann")
    listed = event(7, "marketing.campaign.scheduled", campaign_id="M-1", contact_ids=[JO, "ann"])
    brand = event(8, "account.registered", name="Brand")
    broken = msgspec.json.encode(event(5, "customer.message.received", contact_id=JO, tags=7))
    parked = msgspec.json.encode(event(6, "customer.message.received", contact_id=JO, text=NAME) | {"subject": "x:1"})
    company.play(ann)
    whole = [msgspec.json.encode(one | {"subject": "brand"}) for one in (brand, listed)]
    Intake(company.store, Directory()).take([Incoming("t", 4, one) for one in whole], now=NOW)
    rows = [Incoming("t", 1, broken), Incoming("t", 2, parked), Incoming("t", 3, f"no JSON, {NAME}".encode())]
    assert Intake(company.store, Directory()).take(rows, now=NOW).quarantined == 2
    return company


def dump(site: Site) -> str:
    """Return everything that the database holds, as a thief would read it."""
    with psycopg.connect(site.database.dsn) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'nofumble'").fetchall()
        found = []
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM nofumble.{table}".encode()):
                found += [bytes(one).decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in row]
    return "\n".join(found).lower()


def test_nothing_in_the_database_names_her_any_more_and_no_row_is_gone(forgotten: Site):
    assert NAME.lower() in dump(forgotten)

    proof = erase_person(
        forgotten.store, JO, home=forgotten.settings.home, reason="her request", by="ada", how="cookie", now=NOW
    )

    said = dump(forgotten)
    assert "canary" not in said
    assert [line for line in said.replace("mary.jose@acme-mail.example", "").splitlines() if JO in line] == []
    assert "mary.jose@acme-mail.example" in said
    assert (proof["left"], proof["counts_kept"]) == (0, True)
    assert {one["table"] for one in proof["tables"] if one["rewritten"]} >= {
        "log",
        "events",
        "quarantine",
        "parked",
        "campaigns",
    }


def test_a_backtest_that_was_kept_does_not_name_her_any_more(forgotten: Site):
    kept = KeptBacktests(forgotten.settings.home)
    kept.keep(result_that_names(f"Call {NAME} back, {JO}"), dict)

    proof = erase_person(
        forgotten.store, JO, home=forgotten.settings.home, reason="her request", by=None, how="command", now=NOW
    )

    (piece,) = [one.piece for one in kept.get("told").rows.differences]
    assert piece.title == f"Call (erased) back, {proof['person']}"
    (row,) = [one for one in proof["tables"] if one["table"] == "backtests"]
    assert (row["rows"], row["rows_after"], row["rewritten"], row["left"]) == (1, 1, 1, 0)


def test_a_backtest_that_ran_while_she_was_erased_is_kept_without_her(forgotten: Site):
    kept = KeptBacktests(forgotten.settings.home)
    erase_person(
        forgotten.store, JO, home=forgotten.settings.home, reason="her request", by=None, how="command", now=NOW
    )

    kept.keep(result_that_names(f"Call {NAME} back, {JO}"), forgotten.store.erased)

    assert "canary" not in (forgotten.settings.home / "backtests" / "told.json").read_text().lower()


def result_that_names(title: str) -> Result:
    """Return a backtest with one task that was gained."""
    side = SideInfo("the active definitions", "a", "org.yaml", "b")
    piece = Piece("1", "task", "w", "C-1", "T1", "acme", NOW, title)
    gained = Difference("gained", "acme", "w", None, piece)
    rows = Rows([], [], [], [], [], [gained])
    return Result("told", NOW, Extent("store", 1, 1, None, NOW), side, side, rows)


def test_what_she_did_stays_hers_under_a_name_of_nobody(forgotten: Site):
    erase_person(
        forgotten.store, JO, home=forgotten.settings.home, reason="her request", by=None, how="command", now=NOW
    )

    people = set()
    for row in forgotten.store.timeline("acme", 100):
        data = msgspec.json.decode(row.body).get("data") or {}
        people |= {data["contact_id"]} if "contact_id" in data else set()
    (stone,) = people - {"ann"}
    assert stone.endswith("@erased.invalid")


def test_agents_that_knew_her_write_nothing_back(forgotten: Site):
    world = open_world(forgotten.store, Directory(), now=NOW)
    with closing(EmbeddedAgents(forgotten.store, world, worker="knows")) as agents:
        agents.run_until_idle(NOW)
        erase_beside(forgotten, agents)

    assert "canary" not in dump(forgotten)


def erase_beside(forgotten: Site, agents: EmbeddedAgents) -> None:
    """Erase her while agents have the account in memory, and let them go on with it."""
    erase_person(
        forgotten.store, JO, home=forgotten.settings.home, reason="her request", by=None, how="command", now=NOW
    )
    more = msgspec.json.encode(event(7, "support.ticket.opened", ticket_id="2"))
    Intake(forgotten.store, Directory()).take([Incoming("t", 9, more)], now=NOW)
    with suppress(Fenced):  # they may see for themselves that somebody was there
        agents.round(NOW)
    agents.run_until_idle(NOW)
    assert agents.progress.records > 0


def test_an_event_that_names_her_later_is_taken_in_with_the_same_tombstone(forgotten: Site):
    proof = erase_person(
        forgotten.store, JO, home=forgotten.settings.home, reason="her request", by=None, how="command", now=NOW
    )
    later = event(7, "customer.message.received", contact_id=JO, text=f"{NAME}: still here, {JO}.", tags=["x"]) | {
        "id": "later"
    }

    forgotten.play(later)

    assert "canary" not in dump(forgotten)
    (newest,) = [row for row in forgotten.store.timeline("acme", 100) if row.event_id == "later"]
    data = msgspec.json.decode(newest.body)["data"]
    assert data["contact_id"] == proof["person"]
    assert data["text"] == f"(erased): still here, {proof['person']}."


def test_work_goes_on_as_it_was(forgotten: Site):
    before = {(row.id, row.status, row.due_at) for row in forgotten.store.work(WorkFilter(is_open=None))}

    erase_person(
        forgotten.store, JO, home=forgotten.settings.home, reason="her request", by=None, how="command", now=NOW
    )
    forgotten.work()

    assert {(row.id, row.status, row.due_at) for row in forgotten.store.work(WorkFilter(is_open=None))} == before


def test_one_of_ours_keeps_her_id_and_loses_her_name_and_her_door(forgotten: Site):
    browser = forgotten.signed_in("dana")

    erase_person(
        forgotten.store, "dana", home=forgotten.settings.home, reason="she left", by=None, how="command", now=NOW
    )

    said = dump(forgotten)
    assert "dana weiss" not in said
    assert "dana@vendor.example" not in said
    assert "dana" in said
    assert browser.get("/api/v1/me").status_code == 401


def test_who_is_not_known_is_not_erased_and_nobody_without_a_reason(company: Site):
    with pytest.raises(WrongUse, match="nobody is called"):
        erase_person(company.store, "eve", home=company.settings.home, reason="x", by=None, how="command", now=NOW)
    with pytest.raises(WrongUse, match="reason"):
        erase_person(company.store, "dana", home=company.settings.home, reason=" ", by=None, how="command", now=NOW)


def test_the_audit_knows_that_somebody_was_erased_and_not_who(forgotten: Site):
    admin = forgotten.signed_in("ada", "admin")

    answer = admin.post("/api/v1/erasures", json={"person": JO, "reason": "request 17"})

    assert answer.status_code == 200, answer.text
    (line,) = [one for one in forgotten.store.audit(before=None, limit=9) if one.act == "person.erased"]
    assert (line.person, line.reason) == ("ada", "request 17")
    assert line.object is not None
    assert line.object.endswith("@erased.invalid")


def test_a_name_is_found_in_any_case_and_not_inside_another():
    stones = Tombstones({"jose@acme-mail.example": "x@erased.invalid", "Jo Doe": "(erased)"})

    assert (
        stones.in_text("JOSE@ACME-MAIL.EXAMPLE and mary.jose@acme-mail.example")
        == "x@erased.invalid and mary.jose@acme-mail.example"
    )
    assert stones.in_value({"a": [b"\x81\xa4name\xa6Jo Doe"]}) == {"a": [b"\x81\xa4name\xa8(erased)"]}

"""Who is meant by a name, what of her is known, and what is left of her afterwards?"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from agents.forgotten import hash_of_name
from agents.rows import EntryRow
from nofumble.backtest.kept import KeptBacktests
from nofumble.clock import new_id
from nofumble.erasing.rewriting import Erased, erase, named_in
from nofumble.erasing.tombstones import Tombstones, tombstones_for
from nofumble.errors import WrongUse
from nofumble.store.web_store import AuditRow, WebStore

CONTACT_EVENTS = (
    "customer.contact.joined",
    "customer.contact.left",
    "customer.contact.role_changed",
)
BEGINNING, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
ROWS_MAX = 1_000_000
NAMED = ("name", "full_name")
ADDRESSED = ("email", "phone", "contact_id", "id")


@dataclass(frozen=True, slots=True)
class Known:
    """What of somebody is known: an id that stays, unless it is an address itself; names, and addresses."""

    id: str
    names: frozenset[str]
    addresses: frozenset[str]


def erase_person(
    store: WebStore, name: str, *, home: Path, reason: str, by: str | None, how: str, now: datetime
) -> dict[str, Any]:
    """Erase one of ours, or a contact of a customer; return the proof.

    `name` is an id or a mail address; `home` has the backtests that were kept, which name people. Her door is shut as
    well. The same again finds nothing and changes nothing.
    Raises WrongUse for a name that nothing has, and without a reason.
    """
    if not reason.strip():
        raise WrongUse("a person is erased for a reason, which goes into the audit; give --reason")
    known = known_of(store, name)
    stones = tombstones_for(known.names, known.addresses, new_id)
    store.forget({hash_of_name(term): stone for term, stone in stones.of.items()})
    tables = [*erase(store, stones), _in_backtests(home, stones)]
    store.disable_user(known.id, now)
    store.close_web_sessions(person=known.id)
    told_as = _told_as(known, stones)
    proof = {
        "person": told_as,
        "at": now,
        "reason": reason,
        "terms": len(stones.of),
        "tables": [asdict(one) for one in tables],
        "rewritten": sum(one.rewritten for one in tables),
        "left": sum(one.left for one in tables),
        "counts_kept": all(one.rows == one.rows_after for one in tables),
        "not_reached": [
            "topics of Kafka",
            "backups of the database",
            "systems that were told before",
            "backtests that were kept on other machines",
        ],
    }
    detail = {"rewritten": proof["rewritten"], "left": proof["left"]}
    store.add_audit(AuditRow(now, by, how, "person.erased", object=told_as, reason=reason, detail=detail))
    return proof


def _in_backtests(home: Path, stones: Tombstones) -> Erased:
    files, rewritten, left = KeptBacktests(home).rewrite(stones.in_raw)
    return Erased("backtests", files, files, rewritten, left)


def preview_of(store: WebStore, name: str) -> dict[str, Any]:
    """Return what of somebody is known, and in how many rows of which tables: what erasing would rewrite.

    Changes nothing. Raises WrongUse for a name that nothing has.
    """
    known = known_of(store, name)
    tables = named_in(store, tombstones_for(known.names, known.addresses, new_id))
    return {
        "person": known.id,
        "names": sorted(known.names),
        "addresses": sorted(known.addresses),
        "tables": tables,
        "rows": sum(tables.values()),
        "has_door": store.user(known.id) is not None,
    }


def known_of(store: WebStore, name: str) -> Known:
    """Return what is known of somebody who is called so; raise WrongUse when nobody is."""
    wanted = name.strip().casefold()
    ours = [(_said(row.body), _subject(row.body)) for row in store.directory_since(0)]
    theirs = store.happened(CONTACT_EVENTS, BEGINNING, LATEST, ROWS_MAX)
    facts = [{**data, "id": subject} for data, subject in ours] + [_data(row) for row in theirs]
    mine = _same_person(facts, wanted)
    if not mine:
        raise WrongUse(f"nobody is called {name!r}: give the id or the mail address of a person or a contact")
    values = [str(fact[field]) for fact in mine for field in ADDRESSED if isinstance(fact.get(field), str)]
    names = {str(fact[field]) for fact in mine for field in NAMED if isinstance(fact.get(field), str)}
    addresses = {value for value in values if "@" in value} | {
        str(fact["phone"]) for fact in mine if isinstance(fact.get("phone"), str)
    }
    ids = [str(fact.get("contact_id") or fact.get("id")) for fact in mine if fact.get("contact_id") or fact.get("id")]
    known_as = ids[0] if ids else name
    return Known(
        known_as, frozenset(one for one in names if one.casefold() != known_as.casefold()), frozenset(addresses)
    )


def _same_person(facts: Iterable[Mapping[str, Any]], wanted: str) -> list[Mapping[str, Any]]:
    """Return the facts that share an id or an address with the name, or with one that shares one with it."""
    rest, known = list(facts), {wanted}
    found: list[Mapping[str, Any]] = []
    while True:
        more = [fact for fact in rest if known & _keys(fact)]
        if not more:
            return found
        found += more
        rest = [fact for fact in rest if not known & _keys(fact)]
        known |= {key for fact in more for key in _keys(fact)}


def _keys(fact: Mapping[str, Any]) -> set[str]:
    return {str(fact[field]).casefold() for field in ("email", "contact_id", "id") if fact.get(field)}


def _told_as(known: Known, stones: Tombstones) -> str:
    return stones.of.get(known.id.lower(), known.id)


def _data(row: EntryRow) -> Mapping[str, Any]:
    return _said(row.body)


def _said(body: bytes) -> Mapping[str, Any]:
    data = msgspec.json.decode(body, type=dict[str, Any]).get("data")
    return data if isinstance(data, dict) else {}


def _subject(body: bytes) -> str:
    return str(msgspec.json.decode(body, type=dict[str, Any]).get("subject") or "")

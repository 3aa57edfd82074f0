"""How does a CRM's pipeline become events of sales?

One row of the pipeline is one event, by the stage it is in:

| stage       | event                                         | time                           |
|-------------|-----------------------------------------------|--------------------------------|
| Won         | `sales.contract.signed`                       | close_date                     |
| Lost        | `sales.opportunity.lost`                      | close_date                     |
| Engaging    | `sales.opportunity.stage_changed` to engaging | engage_date                    |
| Prospecting | none: it has no date, and a time is never invented; the row goes to quarantine with that reason |

The export knows days, not hours: an event happens at 12:00 UTC of its day. A row without an account goes to the
reference `opportunity:<id>`, which no account has yet, so that the engine parks it until one does. A contract is `new`
for the account's first won opportunity in order of close date, `new_product` when the account has not bought that
product, else `expansion`. Money is in USD, since the export names no currency. Rows are sorted by time in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

from nofumble.readers.country import country_code
from nofumble.readers.crm_tables import Line, Tables, read_tables
from nofumble.readers.row import JsonValue, Reading, Row, Unreadable, envelope, wrong_row
from nofumble.readers.slug import Slugs, printable_id

SOURCE = "/crm/maven"
HOUR = time(12, tzinfo=UTC)
CURRENCY = "USD"
CENTS = 100
AMOUNT_MAX = 10**15  # in cents; more than any contract, and far inside of 64 bits

_DATE_COLUMN = {"won": "close_date", "lost": "close_date", "engaging": "engage_date"}
_TYPES = {
    "won": "sales.contract.signed",
    "lost": "sales.opportunity.lost",
    "engaging": "sales.opportunity.stage_changed",
}
_NO_DATE = "no date: a prospecting row has neither engage_date nor close_date, and a time is never invented"


def read_crm(folder: Path) -> Reading:
    """Read a CRM export: registrations first, then the pipeline in order of time, then the rows with a problem.

    Event ids are "<opportunity>/<stage>", so that a later export of the same opportunity adds only what is new. People
    and accounts are supporting rows at 00:00 UTC of the earliest day. The account executive of an account is the agent
    of its first won opportunity, else of its first dated one, and that agent's manager is its sales manager; the
    product names that had to be matched are in the notes. Raises WrongUse when the folder is no export.
    """
    export = _Export(read_tables(folder))
    return Reading(export.rows(), export.notes)


class _Export:
    """One export while it becomes rows: the ids given, what each account owns, and how product names were matched."""

    def __init__(self, tables: Tables) -> None:
        self.notes: list[str] = []
        self._pipeline = tables.pipeline
        self._account_lines = self._usable(tables.accounts, "account")
        self._products = _Products([line.cells["product"] for line in self._usable(tables.products, "product")])
        self._account_ids, self._person_ids = Slugs(), Slugs()
        names = [line.cells["account"] for line in self._account_lines]
        self._accounts = {name: self._account_ids(name) for name in names}
        teams = self._usable(tables.teams, "sales_agent")
        self._managers = {line.cells["sales_agent"]: line.cells["manager"] for line in teams}
        self._offices = {line.cells["sales_agent"]: line.cells["regional_office"] for line in teams}
        self._owned: dict[str, set[str]] = {}

    def rows(self) -> Iterator[Row]:
        self._products.count(line.cells["product"] for line in self._pipeline if not line.fault)
        dated: list[tuple[date, int, Line]] = []
        wrong: list[Row] = []
        for place, line in enumerate(self._pipeline):
            try:
                dated.append((_day_of(line), place, line))
            except Unreadable as fault:
                wrong.append(_wrong(line, fault))
        dated.sort(key=lambda entry: entry[:2])
        if dated:
            at = datetime.combine(dated[0][0], time(tzinfo=UTC))
            yield from self._people(at)
            yield from self._registrations(at, _first_agents([line for _, _, line in dated]))
        for day, _, line in dated:
            row = self._row(line, datetime.combine(day, HOUR))
            if row.problem is None:
                yield row
            else:
                wrong.append(row)
        yield from wrong
        self.notes.extend(self._products.notes())

    def _row(self, line: Line, at: datetime) -> Row:
        cells = line.cells
        stage = cells["deal_stage"].casefold()
        product = self._products.match(cells["product"])
        try:
            told = self._told(stage, cells, product)
        except Unreadable as fault:
            return _wrong(line, fault)
        agent = self._person_ids(cells["sales_agent"]) if cells["sales_agent"] else None
        who: dict[str, JsonValue] = {
            "actor": {"person": agent, "team": "sales"} if agent else None,
            "participants": [agent] if agent else None,
        }
        raw = envelope(
            event_id=f"{printable_id(cells['opportunity_id'])}/{stage}",
            source=SOURCE,
            event_type=_TYPES[stage],
            subject=self._subject(cells),
            at=at,
            data=who | told,
        )
        return Row(line.position, raw=raw)

    def _subject(self, cells: dict[str, str]) -> str:
        """Name the account: its id, or a reference that is unknown until somebody links it (the engine parks those)."""
        name = cells["account"]
        if not name:
            return f"opportunity:{printable_id(cells['opportunity_id'])}"
        return self._accounts.get(name) or f"crm:{self._account_ids(name)}"

    def _told(self, stage: str, cells: dict[str, str], product: str) -> dict[str, JsonValue]:
        opportunity = printable_id(cells["opportunity_id"])
        if stage == "lost":
            return {"opportunity_id": opportunity, "products": [product]}
        if stage == "engaging":
            return {"opportunity_id": opportunity, "to": stage, "products": [product]}
        arr = {"amount": _minor_units(cells["close_value"]), "currency": CURRENCY}
        kind = self._kind(cells["account"] or opportunity, product)
        return {"contract_id": opportunity, "kind": kind, "products": [product], "arr": arr}

    def _kind(self, account: str, product: str) -> str:
        owned = self._owned.setdefault(account, set())
        kind = "new" if not owned else "new_product" if product not in owned else "expansion"
        owned.add(product)
        return kind

    def _usable(self, lines: list[Line], name_column: str) -> list[Line]:
        """Give the lines of a table of names that can be used, and note the others (no rows of the pipeline)."""
        good = [line for line in lines if not line.fault and line.cells[name_column]]
        for line in lines:
            if line.fault or not line.cells[name_column]:
                self.notes.append(f"{line.position}: {line.fault or f'no {name_column}'}; the line is left out")
        return good

    def _people(self, at: datetime) -> Iterator[Row]:
        for name in dict.fromkeys(name for name in [*self._managers.values(), *self._managers] if name):
            manager = self._managers.get(name)
            data: dict[str, JsonValue] = {
                "name": name,
                "team": "sales",
                "manager": self._person_ids(manager) if manager else None,
                "office": self._offices.get(name) or None,
            }
            yield _registered("person", self._person_ids(name), "people.person.registered", at, data)

    def _registrations(self, at: datetime, agents: dict[str, str]) -> Iterator[Row]:
        for line in self._account_lines:
            cells = line.cells
            agent = agents.get(cells["account"])
            manager = self._managers.get(agent or "")
            roles = {"ae": agent, "sales_manager": manager}
            parent = cells["subsidiary_of"]
            account = self._accounts[cells["account"]]
            data: dict[str, JsonValue] = {
                "name": cells["account"],
                "lifecycle": "prospect",
                "industry": cells["sector"] or None,
                "country": country_code(cells["office_location"]),
                "parent": self._account_ids(parent) if parent else None,
                "links": {"crm": account},
                "roles": {role: self._person_ids(person) for role, person in roles.items() if person},
            }
            yield _registered("account", account, "account.registered", at, data)


class _Products:
    """The price list by name, and which names of the pipeline had to be matched to it."""

    def __init__(self, names: list[str]) -> None:
        self._names = {_squeezed(name): name for name in names}
        self._exact = frozenset(self._names.values())
        self._strange: Counter[str] = Counter()

    def match(self, name: str) -> str:
        """Give the name of the price list that differs in case, spaces or hyphens only, else the name as it is."""
        return name if name in self._exact else self._names.get(_squeezed(name), name)

    def count(self, names: Iterable[str]) -> None:
        """Count the names that are not on the price list, for the notes."""
        self._strange.update(name for name in names if name not in self._exact)

    def notes(self) -> Iterator[str]:
        for name, times in self._strange.most_common():
            known = self._names.get(_squeezed(name))
            verdict = f"taken as {known!r}" if known else "unmatched, kept as it is"
            yield f"the product {name!r} ({times} rows) is not in products.csv: {verdict}"


def _day_of(line: Line) -> date:
    """Give the day on which the row's event happened, or raise with the reason why there is none."""
    if line.fault:
        raise Unreadable("", line.fault)
    if not line.cells["opportunity_id"]:
        raise Unreadable("id", "no opportunity_id, so the row cannot be told from another")
    stage = line.cells["deal_stage"].casefold()
    if stage == "prospecting":
        raise Unreadable("time", _NO_DATE)
    if stage not in _DATE_COLUMN:
        raise Unreadable("type", f"the stage {line.cells['deal_stage']!r} is none of {', '.join(_DATE_COLUMN)}")
    text = line.cells[_DATE_COLUMN[stage]]
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        reason = f"{text[:40]!r} is no date as 2017-03-01" if text else "no date"
        raise Unreadable("time", f"{_DATE_COLUMN[stage]}: {reason}") from wrong


def _minor_units(text: str) -> int:
    """Give cents of an amount in dollars; raise when it is no amount, or finer than a cent."""
    try:
        cents = Decimal(text) * CENTS
    except InvalidOperation as wrong:
        raise Unreadable("data.arr.amount", f"close_value {text[:40]!r} is no amount") from wrong
    if not cents.is_finite() or cents != cents.to_integral_value() or abs(cents) > AMOUNT_MAX:
        raise Unreadable("data.arr.amount", f"close_value {text[:40]!r} is no amount in dollars and cents")
    return int(cents)


def _first_agents(lines: list[Line]) -> dict[str, str]:
    """Give the agent of each account: of its first won opportunity, else of the first at all, in order of time."""
    won = [line for line in lines if line.cells["deal_stage"].casefold() == "won"]
    agents: dict[str, str] = {}
    for line in [*won, *lines]:
        if line.cells["sales_agent"]:
            agents.setdefault(line.cells["account"], line.cells["sales_agent"])
    return agents


def _registered(what: str, subject: str, event_type: str, at: datetime, data: dict[str, JsonValue]) -> Row:
    event_id = f"{what}/{subject}"
    raw = envelope(event_id=event_id, source=SOURCE, event_type=event_type, subject=subject, at=at, data=data)
    return Row(event_id, raw=raw, supporting=True)


def _wrong(line: Line, fault: Unreadable) -> Row:
    return wrong_row(line.position, fault.path, fault.reason, excerpt=repr(line.cells).encode())


def _squeezed(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())

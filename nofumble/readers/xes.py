"""How does an event log of a help desk (XES) become events of support?

A trace is a ticket, and a row of it is one `support.ticket.*` event; `ticket_status` says which one. Rows keep the
order of the file inside a ticket, also at equal times. All tickets are then put in order of time, because an account
needs its tickets interleaved while a log holds them one after the other. The rows stay in memory for that: about 1 KiB
each, bounded by `ROWS_MAX`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from nofumble.errors import WrongUse
from nofumble.readers.row import JsonValue, Reading, Row, Unreadable, envelope, wrong_row
from nofumble.readers.slug import Slugs, printable_id, slug
from nofumble.readers.ticket_status import Stage, Standing, severity_of, stage_of, standing_after, verb_of, waiting_on
from nofumble.readers.xes_file import Attributes, Trace, read_traces

ROWS_MAX = 2_000_000
"""About 2 GiB of rows; a longer log is to be split by time."""

# What logs call these things; the first that is there counts.
_SEVERITY_KEYS = ("impact", "severity", "priority", "seriousness")
_AREA_KEYS = ("product", "area")
# Resources that are no person: the ticket system itself (Siebel at Volvo IT), and the ways to write "nobody".
_SYSTEMS = frozenset({"siebel", "system", "automatic"})
_NOBODY = frozenset({"", "-", "--", "?", "n/a", "none", "null"})
# The standard lifecycle of XES (IEEE 1849) says how an activity went and nothing about the ticket.
_LIFECYCLE_OF_ACTIVITIES = frozenset(
    {"schedule", "assign", "withdraw", "reassign", "start", "suspend", "resume", "abort_activity", "abort_case"}
    | {"complete", "manualskip", "autoskip", "pi_abort", "unknown", "ate_abort"}
)


def read_xes(path: Path, *, account: str | None = None) -> Reading:
    """Read the tickets of a log: registrations first, then all rows in order of time, then the rows with a problem.

    `account` names the attribute that holds the customer, looked up on the event and then on its trace; None puts all
    tickets on one account that is named for the file. Event ids are "<trace>/<number of the row>". The accounts and
    people that the log implies are supporting rows, at the start of its first day (UTC). Raises WrongUse, before the
    first row, when the file is no XES.
    """
    log = _Log(path, account)
    return Reading(log.rows(), log.notes)


class _Log:
    """One reading of one log, and what was seen so far of its accounts, people and statuses."""

    def __init__(self, path: Path, account: str | None) -> None:
        self.notes: list[str] = []
        self._path = path
        self._stem = path.name.split(".")[0]
        self._source = f"/xes/{slug(self._stem)}"
        self._account_key = account
        self._account_ids, self._person_ids = Slugs(), Slugs()
        self._accounts: dict[str, str] = {}
        self._people: dict[str, str] = {}
        self._times_named: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()

    def rows(self) -> Iterator[Row]:
        timed: list[tuple[datetime, int, Row]] = []
        wrong: list[Row] = []
        for number, trace in enumerate(read_traces(self._path), start=1):
            for row, at in self._ticket(trace, number):
                if at is None:
                    wrong.append(row)
                else:
                    timed.append((at, len(timed), row))
            if len(timed) + len(wrong) > ROWS_MAX:
                raise WrongUse(f"{self._path}: more than {ROWS_MAX} rows; split the log by time")
        self.notes.extend(self._notes())
        timed.sort(key=lambda entry: entry[:2])
        if timed:
            yield from self._registrations(timed[0][0])
        yield from (row for _, _, row in timed)
        yield from wrong

    def _ticket(self, trace: Trace, number: int) -> Iterator[tuple[Row, datetime | None]]:
        """Give each row of a ticket with its time, or a row with a problem and None."""
        ticket_id = printable_id(trace.attributes.get("concept:name") or f"trace-{number}")
        self._times_named[ticket_id] += 1
        again = self._times_named[ticket_id]
        prefix = ticket_id if again == 1 else f"{ticket_id}~{again}"
        standing: Standing | None = None
        for place, attributes in enumerate(trace.events, start=1):
            event_id = f"{prefix}/{place}"
            try:
                at = _time_of(attributes)
                account = self._account_of(attributes, trace.attributes)
            except Unreadable as wrong:
                yield wrong_row(event_id, wrong.path, wrong.reason, excerpt=repr(attributes).encode()), None
                continue
            statuses = _statuses(attributes)
            now = _standing(attributes, statuses, standing)
            verb = verb_of(standing, now)
            data = self._told(ticket_id, attributes, statuses, before=standing, now=now)
            standing = standing_after(standing, now)
            yield Row(event_id, raw=self._event(event_id, f"support.ticket.{verb}", account, at, data)), at

    def _event(
        self, event_id: str, event_type: str, subject: str, at: datetime, data: Mapping[str, JsonValue]
    ) -> bytes:
        return envelope(
            event_id=event_id, source=self._source, event_type=event_type, subject=subject, at=at, data=data
        )

    def _told(
        self, ticket_id: str, attributes: Attributes, statuses: list[str], *, before: Standing | None, now: Standing
    ) -> dict[str, JsonValue]:
        if now.stage is Stage.UNKNOWN:
            self._unknown[" / ".join(statuses)] += 1
        return {
            "actor": self._actor(attributes.get("org:resource", "")),
            "ticket_id": ticket_id,
            "severity": now.severity,
            "area": _first(attributes, _AREA_KEYS),
            "from_team": before.team if before and before.team != now.team else None,
            "to_team": now.team,
            "waiting_on": waiting_on(statuses) if now.stage in {Stage.ACTIVE, Stage.UNKNOWN} else None,
            "status": statuses[0] if statuses else None,
            "activity": attributes.get("concept:name"),
        }

    def _actor(self, resource: str) -> dict[str, str] | None:
        name = resource.strip()
        if name.casefold() in _NOBODY:
            return None
        if name.casefold() in _SYSTEMS:
            return {"system": slug(name)}
        person = self._person_ids(name)
        self._people.setdefault(person, name)
        return {"person": person, "team": "support"}

    def _account_of(self, event: Attributes, trace: Attributes) -> str:
        key = self._account_key
        name = self._stem if key is None else event.get(key, trace.get(key))
        if name is None:
            raise Unreadable("subject", f"neither the event nor its trace has the account attribute {key!r}")
        if "".join(name.split()).casefold() in _NOBODY:
            raise Unreadable("subject", f"the account attribute {key!r} is {name!r}, which names no account")
        account = self._account_ids(name)
        self._accounts.setdefault(account, name)
        return account

    def _registrations(self, first: datetime) -> Iterator[Row]:
        at = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for person, name in self._people.items():
            event_id = f"person/{person}"
            data: dict[str, JsonValue] = {"name": name, "team": "support"}
            raw = self._event(event_id, "people.person.registered", person, at, data)
            yield Row(event_id, raw=raw, supporting=True)
        for account, name in self._accounts.items():
            event_id = f"account/{account}"
            raw = self._event(event_id, "account.registered", account, at, {"name": name, "lifecycle": "live"})
            yield Row(event_id, raw=raw, supporting=True)

    def _notes(self) -> Iterator[str]:
        for name, times in self._times_named.items():
            if times > 1:
                yield f"the trace name {name!r} occurs {times} times; the events of each are told apart by ~2, ~3 …"
        for status, times in sorted(self._unknown.items()):
            yield f"the status {status!r} ({times} rows) has no meaning for a ticket; kept as an update"


def _time_of(attributes: Attributes) -> datetime:
    text = attributes.get("time:timestamp")
    if not text:
        raise Unreadable("time", "the event has no time:timestamp, and a time is never invented")
    try:
        at = datetime.fromisoformat(text.strip())
        if at.tzinfo is None:
            raise Unreadable("time", f"{text!r} has no offset, so the moment is not known")
        at.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Unreadable("time", f"{text[:40]!r} is no ISO 8601 time between the years 1 and 9999") from wrong
    return at


def _statuses(attributes: Attributes) -> list[str]:
    """Give the words for the state of the ticket, the exact one first; the lifecycle of an activity is not one."""
    exact = attributes.get("lifecycle:transition", "")
    told = [] if exact.casefold() in _LIFECYCLE_OF_ACTIVITIES else [exact]
    return [word for word in [*told, attributes.get("concept:name", "")] if word]


def _standing(attributes: Attributes, statuses: list[str], before: Standing | None) -> Standing:
    severity = severity_of(_first(attributes, _SEVERITY_KEYS))
    team = attributes.get("org:group")
    return Standing(
        stage_of(statuses),
        severity if severity is not None or before is None else before.severity,
        team if team is not None or before is None else before.team,
    )


def _first(attributes: Attributes, keys: tuple[str, ...]) -> str | None:
    return next((attributes[key] for key in keys if key in attributes), None)

"""What work do we and the peers do side by side? The events and the three rules of design.md, and what must come out.

`peers_work` makes the events, `reference_counts` counts what the three rules give, in a plain loop that has nothing in
common with the engine. The rules, to the letter, where "at the account" means events with the same subject:

1. **handoff**: each `sales.contract.signed` gives a task at once, so one output per signature. If no
   `cs.kickoff.scheduled` happens at the account (whatever its contract) with signed < time <= signed + 5 d, an alert
   goes out at signed + 5 d: a second output. A kickoff ends the wait of every signature that waits at the account. The
   5 d are calendar days. A wait that ends after `until` gives no alert.
2. **upsell**: a `sales.contact.logged` with purpose "upsell" where the account's CSM is not among `participants` gives
   an alert, unless one was given at the account less than 1 h before (time - last alert < 1 h). A suppressed contact
   does not move the hour.
3. **tickets**: the third `support.ticket.opened` at the account within seven days (third - first <= 7 d) gives an
   alert; then the count starts anew, from none. Tickets older than seven days drop out one by one.

`survey.nps.responded` is read by no rule; it is the part of the stream that costs and gives nothing.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

EVENTS = 400_000
ACCOUNTS = 5_000
SEED = 7
START = datetime(2026, 1, 5, tzinfo=UTC)
SPAN = timedelta(days=60)
KICKOFF_WAIT = timedelta(days=5)
UPSELL_QUIET = timedelta(hours=1)
TICKET_WINDOW = timedelta(days=7)
TICKETS = 3
"""How many tickets within the window raise the alert."""

_MILLISECONDS = SPAN // timedelta(milliseconds=1)
_CSMS = 100
_UPSELL_OF_SEVEN = 5
"""Five contacts in seven are about an upsell, half of those without the CSM: outputs come near the peers' 146,466."""
# The data of each type, to be filled by `str.format`; about 350 bytes an envelope, as the peers had.
_SIGNED = (
    '"actor":{{"person":"ae-{n:02d}","team":"sales"}},"participants":["ae-{n:02d}","contact@{account}.example"],'
    '"contract_id":"C-{i}","kind":"new","products":["core"],"arr":{{"amount":{amount},"currency":"EUR"}},"term_months":12'
)
_KICKOFF = (
    '"actor":{{"person":"{csm}","team":"cs"}},"participants":["{csm}","contact@{account}.example"],'
    '"contract_id":"C-{i}","at":"2026-06-01T09:00:00Z","attendees":["contact@{account}.example"],"by":"us"'
)
_TICKET = (
    '"actor":{{"contact":"contact@{account}.example"}},"participants":["agent-{n:02d}"],"ticket_id":"T-{i}",'
    '"severity":{severity},"area":"reports","to_team":"first-line","waiting_on":"us","title":"export is slow"'
)
_CONTACT = (
    '"actor":{{"person":"am-{n:02d}","team":"sales"}},"participants":["am-{n:02d}"{with_csm}],"thread_id":"M-{i}",'
    '"direction":"out","channel":"email","purpose":"{purpose}","summary":"the larger plan and its price"'
)
_NPS = (
    '"actor":{{"contact":"contact@{account}.example"}},"response_id":"R-{i}","wave":"2026-q1",'
    '"contact_id":"contact@{account}.example","score":{score},"comment":"answered in the product"'
)
_BODIES: dict[str, tuple[str, str]] = {
    "sales.contract.signed": ("crm", _SIGNED),
    "cs.kickoff.scheduled": ("calendar", _KICKOFF),
    "support.ticket.opened": ("desk", _TICKET),
    "sales.contact.logged": ("mail", _CONTACT),
    "survey.nps.responded": ("survey", _NPS),
}
TYPES = tuple(_BODIES)
"""The five types, each a fifth of the stream."""


@dataclass(slots=True)
class Counts:
    """What the three rules gave, one field a kind of output."""

    handoff_tasks: int = 0
    kickoff_alerts: int = 0
    upsell_alerts: int = 0
    ticket_alerts: int = 0

    @property
    def outputs(self) -> int:
        """Add up the outputs of all rules."""
        return self.handoff_tasks + self.kickoff_alerts + self.upsell_alerts + self.ticket_alerts


def account_id(number: int) -> str:
    """Name the account of a number."""
    return f"acct-{number:05d}"


def csm_of(account: str) -> str:
    """Name the CSM of an account; a hundred of them share all accounts."""
    return f"csm-{int(account[5:]) % _CSMS:02d}"


def registrations(accounts: int = ACCOUNTS) -> Iterator[bytes]:
    """Give the events that make the accounts and their CSM known, at the start; they are not part of the measured n."""
    for number in range(accounts):
        account = account_id(number)
        body = {
            "specversion": "1.0",
            "id": f"registered-{number}",
            "source": "/bench/crm",
            "type": "account.registered",
            "subject": account,
            "time": START.isoformat(),
            "data": {"name": account, "tier": 2, "lifecycle": "live", "roles": {"csm": csm_of(account)}},
        }
        yield json.dumps(body, separators=(",", ":")).encode()


def peers_work(n: int = EVENTS, *, accounts: int = ACCOUNTS, seed: int = SEED) -> Iterator[bytes]:
    """Give `n` envelopes in order of time: account, type and moment uniformly random, the same for the same seed."""
    draw = Random(seed)
    moments = sorted(draw.choices(range(_MILLISECONDS), k=n))
    names = [account_id(number) for number in range(accounts)]
    chosen = zip(
        moments, draw.choices(names, k=n), draw.choices(TYPES, k=n), draw.choices(range(1_000), k=n), strict=True
    )
    for i, (moment, account, event_type, spare) in enumerate(chosen):
        at = (START + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds")
        source, body = _BODIES[event_type]
        csm = csm_of(account)
        data = body.format(
            i=i,
            n=spare % 50,
            account=account,
            csm=csm,
            with_csm=f',"{csm}"' if spare % 2 else "",
            amount=1_000_000 + spare * 10_000,
            purpose="upsell" if spare % 7 < _UPSELL_OF_SEVEN else "support",
            severity=2 + spare % 3,
            score=spare % 11,
        )
        yield (
            f'{{"specversion":"1.0","id":"{source}-{i}","source":"/bench/{source}","type":"{event_type}",'
            f'"subject":"{account}","time":"{at}","data":{{{data}}}}}'
        ).encode()


@dataclass(slots=True)
class Account:
    """What the three rules remember of one account."""

    waiting: list[datetime] = field(default_factory=list)
    upsell_at: datetime | None = None
    tickets: deque[datetime] = field(default_factory=deque)


def reference_counts(
    events: Iterable[bytes], *, until: datetime | None = None, csm: Callable[[str], str] = csm_of
) -> Counts:
    """Count what the three rules give for events in order of time, in a plain loop.

    `until` is how far the clock goes on after the last event, and waits that end by then give their alert; None stands
    for the time of the last event. Events of other types, such as the registrations, count for nothing.
    """
    rules = RulesInADict(csm)
    for raw in events:
        rules.take(raw)
    return rules.end(until)


class RulesInADict:
    """The three rules over a dict of accounts: what one would write by hand, without anything that lasts."""

    def __init__(self, csm: Callable[[str], str] = csm_of) -> None:
        """Begin with no account."""
        self.counts = Counts()
        self._csm = csm
        self._accounts: dict[str, Account] = {}
        self._at = START

    def take(self, raw: bytes) -> None:
        """Count what comes of one event."""
        event = json.loads(raw)
        self._at = at = datetime.fromisoformat(event["time"])
        account = self._accounts.setdefault(event["subject"], Account())
        apply_rules(account, event, at, self._csm(event["subject"]), self.counts)

    def end(self, until: datetime | None = None) -> Counts:
        """Let the clock go on, and give the counts."""
        for account in self._accounts.values():
            self.counts.kickoff_alerts += _ended_waits(account, until or self._at, including=True)
        return self.counts


def apply_rules(account: Account, event: dict[str, Any], at: datetime, csm: str, counts: Counts) -> None:
    """Count what comes of one event at its account."""
    counts.kickoff_alerts += _ended_waits(account, at, including=False)
    match event["type"]:
        case "sales.contract.signed":
            counts.handoff_tasks += 1
            account.waiting.append(at)
        case "cs.kickoff.scheduled":
            account.waiting.clear()
        case "sales.contact.logged":
            counts.upsell_alerts += _upsell(account, event, at, csm)
        case "support.ticket.opened":
            counts.ticket_alerts += _third_ticket(account, at)
        case _:
            pass


def _ended_waits(account: Account, at: datetime, *, including: bool) -> int:
    """Drop the waits that ended before `at` and count them; one that ends at `at` itself may still be met then."""
    ended = [signed for signed in account.waiting if (due := signed + KICKOFF_WAIT) < at or (including and due == at)]
    if ended:
        account.waiting = account.waiting[len(ended) :]
    return len(ended)


def _upsell(account: Account, event: dict[str, Any], at: datetime, csm: str) -> bool:
    data = event["data"]
    if data["purpose"] != "upsell" or csm in data["participants"]:
        return False
    if account.upsell_at is not None and at - account.upsell_at < UPSELL_QUIET:
        return False
    account.upsell_at = at
    return True


def _third_ticket(account: Account, at: datetime) -> bool:
    account.tickets.append(at)
    while at - account.tickets[0] > TICKET_WINDOW:
        account.tickets.popleft()
    if len(account.tickets) < TICKETS:
        return False
    account.tickets.clear()
    return True

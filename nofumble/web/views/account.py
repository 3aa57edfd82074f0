"""What do we know of one customer: who, how it stands with us, what is open and with whom, what is on hold?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.rows import WorkRow
from events.money import in_words
from nofumble.cli.stored_work import by_urgency
from nofumble.reports.loops import held_loop
from nofumble.web.roles import View
from nofumble.web.views.inbox import Item, item_for
from nofumble.web.views.reader import Reader, plain, role_in_words
from workflows.account import AccountState, Hold
from workflows.ledger import balance_of, decayed
from workflows.nps import WEIGHTS, band_of, score_now

ENTRIES_SHOWN = 12
"""Lines of the loyalty statement; the balance counts all of them."""


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """One open loop: who has the ball for how many working days, and when the customer was last told."""

    id: str
    name: str
    key: str
    holder: str
    team: str
    held_days: int
    told_at: datetime | None
    told_days: int | None
    is_mine_to_tell: bool


@dataclass(frozen=True, slots=True)
class LiveHold:
    """Stops that were placed together: what they stop, why, until when if that is known, and whom to speak to."""

    id: str
    scopes: tuple[str, ...]
    reason: str
    since: datetime
    until: datetime | None
    until_event: str
    speak_to: str


@dataclass(frozen=True, slots=True)
class ClassScore:
    """The score of one class of user: the mean, from how many answers, and its band."""

    name: str
    mean: float
    answers: int
    band: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the loyalty statement: what it was, its points then and what they weigh now."""

    at: datetime
    what: str
    points: float
    now: float


@dataclass(frozen=True, slots=True)
class Ours:
    """One of our people on an account."""

    role: str
    person: str
    name: str
    is_away: bool


@dataclass(frozen=True, slots=True)
class Theirs:
    """One of the customer's people; what the reader's role may not see is ""."""

    id: str
    name: str
    role: str
    title: str
    email: str
    score: int | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Everything of an account but its timeline; a part that the reader's role may not see is empty."""

    id: str
    name: str
    facts: tuple[tuple[str, str], ...]
    health: str
    ours: tuple[Ours, ...]
    theirs: tuple[Theirs, ...]
    loops: tuple[OpenLoop, ...]
    holds: tuple[LiveHold, ...]
    items: tuple[Item, ...]
    score: float | None
    band: str
    classes: tuple[ClassScore, ...]
    balance: float | None
    postings: tuple[Posting, ...]


def account_page(state: AccountState, work: Sequence[WorkRow], reader: Reader, view: View) -> AccountPage:
    """Return the page of an account out of its state and its open work."""
    sees_scores = "score" not in view.hides
    score = score_now(state, reader.now)
    return AccountPage(
        id=state.id,
        name=state.name or state.id,
        facts=tuple(_facts(state, view)),
        health=state.health,
        ours=tuple(_ours(state.roles, reader)),
        theirs=tuple(_theirs(state, reader, view)),
        loops=tuple(loops_of(work, reader)),
        holds=tuple(_holds(state, reader)),
        items=tuple(item_for(row, reader) for row in sorted(work, key=by_urgency) if row.kind in ("task", "alert")),
        score=round(score.value, 1) if sees_scores and score.value is not None else None,
        band=score.band if sees_scores else "",
        classes=tuple(_classes(score.classes)) if sees_scores else (),
        balance=_balance(state, reader.now) if sees_scores else None,
        postings=tuple(_postings(state, reader.now)) if sees_scores else (),
    )


def loops_of(work: Iterable[WorkRow], reader: Reader) -> list[OpenLoop]:
    """Return the open loops, that which its holder has had for longest first."""
    found = [held_loop(row, reader.directory, reader.now) for row in work if row.kind == "loop"]
    return [
        OpenLoop(
            one.id,
            one.name,
            reader.sentence(one.key),
            reader.short(one.person) if one.person else one.queue or "nobody",
            one.team or "",
            one.held_bd,
            one.told_at,
            one.told_bd,
            reader.may_act_for([one.person or one.queue or ""]),
        )
        for one in sorted(found, key=lambda one: (one.held_since, one.id))
    ]


def _facts(state: AccountState, view: View) -> Iterable[tuple[str, str]]:
    yield from (
        (label, str(value))
        for label, value in (
            ("tier", state.tier or ""),
            ("lifecycle", plain(state.lifecycle)),
            ("industry", state.industry),
            ("country", state.country),
            ("renewal", state.renewal_date),
            ("products", ", ".join(state.products)),
            ("parent", state.parent),
        )
        if value
    )
    if state.arr and "money" not in view.hides:
        yield "a year", in_words(state.arr, state.currency or "EUR")


def _ours(roles: Mapping[str, str], reader: Reader) -> Iterable[Ours]:
    for role, person in roles.items():
        yield Ours(role_in_words(role), person, reader.name(person), reader.directory.is_away(person, reader.now))


def _theirs(state: AccountState, reader: Reader, view: View) -> Iterable[Theirs]:
    answers = state.standing.answers if state.standing and "score" not in view.hides else {}
    for one in state.contacts.values():
        answer = answers.get(one.id)
        email = "" if "contact" in view.hides else one.email
        yield Theirs(
            one.id,
            one.name or reader.name(one.id),
            plain(one.role),
            one.title,
            email,
            answer.score if answer is not None else None,
        )


def _holds(state: AccountState, reader: Reader) -> Iterable[LiveHold]:
    """Give the live holds; those with the same reason, beginning and end are one."""
    together: dict[tuple[object, ...], list[Hold]] = {}
    for one in sorted(state.holds(), key=lambda one: (one.opened_at, one.scope)):
        key = (one.reason, one.opened_at, state.lifts_at(one), one.until_event, one.speak_to)
        together.setdefault(key, []).append(one)
    for holds in together.values():
        first = holds[0]
        yield LiveHold(
            first.id,
            tuple(plain(one.scope) for one in holds),
            reader.sentence(first.reason),
            first.opened_at,
            state.lifts_at(first),
            first.until_event,
            reader.holder(first.speak_to) if first.speak_to else "",
        )


def _classes(classes: Mapping[str, tuple[float, int]]) -> Iterable[ClassScore]:
    for name in WEIGHTS:
        if name in classes:
            mean, answers = classes[name]
            yield ClassScore(plain(name), round(mean, 1), answers, band_of(mean))


def _balance(state: AccountState, now: datetime) -> float | None:
    ledger = state.standing.ledger if state.standing else None
    return round(balance_of(ledger, now), 1) if ledger is not None and ledger.entries else None


def _postings(state: AccountState, now: datetime) -> Iterable[Posting]:
    ledger = state.standing.ledger if state.standing else None
    entries = sorted(ledger.entries.values(), key=lambda one: one.at)[::-1] if ledger is not None else []
    for one in entries[:ENTRIES_SHOWN]:
        reverses = "taken back: " if one.reverses else ""
        yield Posting(one.at, f"{reverses}{plain(one.kind)}", one.points, round(decayed(one.points, one.at, now), 1))

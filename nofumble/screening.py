"""Who of a list may be contacted now, and why not the others? Asked at each account, and noted nowhere (B3, W17).

For a mailing each account answers as it would for a campaign of that kind, by the gate of the workflow that a campaign
starts; for anything else by its holds. Whom no account knows may be contacted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, islice
from typing import Any

from agents.ports import Store
from agents.world import World
from events.envelope import JSON, Event
from nofumble.reading import histories_of
from workflows.audience import MEMBERS_MAX, PART_OF, Audience, found_at
from workflows.history import History
from workflows.links import resolve
from workflows.preflight import SCOPE_OF_PURPOSE, may_i


@dataclass(slots=True)
class Screening:
    """A list, each contact with its account where one is known, and who may not be contacted: code → contacts."""

    account_of: dict[str, str | None]
    removals: dict[str, list[str]] = field(default_factory=dict)

    @property
    def cleaned(self) -> list[str]:
        """The list without them, in its order."""
        gone = {one for ones in self.removals.values() for one in ones}
        return [one for one in self.account_of if one not in gone]

    def as_json(self) -> dict[str, Any]:
        """Write it in the words of a verdict on a campaign: `deny` when nobody is left, `hold` while some must go."""
        gone, cleaned = sum(map(len, self.removals.values())), self.cleaned
        return {
            "decision": "allow" if not gone else "hold" if cleaned else "deny",
            "reasons": list(self.removals),
            "counts": {"audience": gone + len(cleaned), "allowed": len(cleaned), "removed": gone},
            "removed": {code: len(ones) for code, ones in self.removals.items()},
            "removals": self.removals,
            "cleaned": cleaned,
        }


def screen(
    store: Store, world: World, listed: Mapping[str, str], purpose: str, *, stage: str = "", now: datetime
) -> Screening:
    """Ask for each contact of a list; `listed` has the account of each where the list names it, else ""."""
    account_of = _accounts_of(store, listed)
    at: dict[str, list[str]] = {}
    for contact, account in account_of.items():
        if account is not None:
            at.setdefault(account, []).append(contact)
    screening = Screening(account_of)
    ask = _ask_gate if SCOPE_OF_PURPOSE.get(purpose) == "promo" else _ask_holds
    for account, history in histories_of(store, world, at, now=now):
        if history is not None:
            for code, contact in ask(_Question(history, world.catalogue, at[account], purpose, stage, now)):
                screening.removals.setdefault(code, []).append(contact)
    return screening


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked at one account."""

    history: History
    catalogue: int
    contacts: list[str]
    purpose: str
    stage: str
    now: datetime


def _accounts_of(store: Store, listed: Mapping[str, str]) -> dict[str, str | None]:
    known = store.contacts(list(listed))
    links = store.resolve({*listed.values(), *known.values()} - {""})
    audience = Audience(known)
    return {
        contact: resolve(said, links.get) if said else audience.account_of(contact, links.get)
        for contact, said in listed.items()
    }


def _ask_gate(question: _Question) -> Iterator[tuple[str, str]]:
    """Ask as a campaign does, in parts that one verdict can hold."""
    rest, history = iter(question.contacts), question.history
    for number in count(1):
        members = list(islice(rest, MEMBERS_MAX))
        if not members:
            return
        name, data = f"may-i/{number}", {"kind": question.purpose, "stage": question.stage}
        part = Event(
            id=name,
            source="/nofumble/cli",
            type="marketing.campaign.scheduled",
            subject=history.account_id,
            time=question.now,
            recorded_at=question.now,
            data={**data, "campaign_id": name, "contact_ids": list[JSON](members), PART_OF: history.account_id},
        )
        history.receive(part, question.now, question.catalogue)
        yield from ((code, one) for code, ones in found_at(history.state, part).items() for one in ones)


def _ask_holds(question: _Question) -> Iterator[tuple[str, str]]:
    state = question.history.state
    by_address = {one.email: one.id for one in state.contacts.values() if one.email}
    for contact in question.contacts:
        answer = may_i(state, question.purpose, contact=by_address.get(contact, contact))
        if answer.decision in ("hold", "deny"):
            yield answer.reasons[0]["code"], contact

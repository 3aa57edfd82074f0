"""May we contact this customer for this purpose now? Answered from the live holds (R15, B3).

The same answer serves `may-i`, a salesperson's announced intent, and the gates of workflows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from events.envelope import Event
from workflows.account import AccountState, Hold
from workflows.language.vocabulary import person_of
from workflows.moment import Moment, iso

Decision = Literal["allow", "allow_with_notice", "hold", "deny"]

SCOPE_OF_PURPOSE: dict[str, str] = {
    "upsell": "upsell",
    "cross_sell": "upsell",
    "expansion": "upsell",
    "renewal": "upsell",
    "intro_new_buyer": "upsell",
    "promo": "promo",
    "nurture": "promo",
    "newsletter": "promo",
    "survey": "survey",
    "nps": "survey",
    "ask": "ask",
    "testimonial": "ask",
    "review": "ask",
    "case_study": "ask",
    "reference": "ask",
    "reference_call": "ask",
    "logo": "ask",
    "speaker": "ask",
    "referral": "ask",
    "beta": "ask",
    "interview": "ask",
}
"""Which hold stops a purpose; `all_outbound` stops every one of them."""

ALWAYS_ALLOWED = frozenset({"support", "transactional", "legal"})
"""Service goes on whatever is held."""

SELLING = frozenset({"upsell"})
"""Scopes in which the CSM is told when it is allowed, so that she never hears of it from the customer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its reasons as codes with words fit for the asker, and when it may change."""

    decision: Decision
    reasons: tuple[dict[str, str], ...]
    earliest: datetime | None
    speak_to: str | None

    def as_json(self) -> dict[str, Any]:
        """Write it as the interfaces do."""
        return {
            "decision": self.decision,
            "reasons": [reason["code"] for reason in self.reasons],
            "explained": [reason["words"] for reason in self.reasons],
            "earliest": iso(self.earliest) if self.earliest else None,
            "speak_to": self.speak_to,
        }


def known_purposes() -> list[str]:
    """List the purposes that a pre-flight can be asked for."""
    return sorted({*SCOPE_OF_PURPOSE, *ALWAYS_ALLOWED, "other"})


def may_i(state: AccountState, purpose: str, *, asked_by: str = "", customer_initiated: bool = False) -> Answer:
    """Answer for one purpose; the strictest live hold wins, and a customer who asks to buy may (W12)."""
    if purpose in ALWAYS_ALLOWED:
        return Answer("allow", (), None, None)
    scope = SCOPE_OF_PURPOSE.get(purpose, "all_outbound")
    holds = sorted((one for one in state.holds() if one.scope in (scope, "all_outbound")), key=lambda one: one.id)
    csm = state.roles.get("csm")
    if not holds:
        if scope in SELLING and csm and csm != asked_by:
            return Answer("allow_with_notice", (_reason("csm_informed", f"{csm} is told of it"),), None, csm)
        return Answer("allow", (), None, None)
    if customer_initiated:
        words = "the customer asked; logged as customer-initiated"
        return Answer("allow_with_notice", (_reason("customer_initiated", words), *_why(holds)), None, csm)
    speak_to = next((one.speak_to.person for one in holds if one.speak_to and one.speak_to.person), csm)
    return Answer("hold", _why(holds), _earliest(state, holds), speak_to)


def answer_intent(moment: Moment, event: Event) -> None:
    """Answer an announced intent at once: announcing is asking (W03)."""
    purpose = str(event.data.get("purpose") or "other")
    asked_by = person_of(event.data)
    initiated = event.data.get("customer_initiated") is True or asked_by in _customers_people(moment.state)
    answer = may_i(moment.state, purpose, asked_by=asked_by, customer_initiated=initiated)
    moment.emit("preflight.answered", {"purpose": purpose, "asked_by": asked_by, "event": event.id, **answer.as_json()})


def _customers_people(state: AccountState) -> set[str]:
    """Name the customer's own people: what one of them asks for is the customer's wish."""
    return {name for one in state.contacts.values() for name in (one.id, one.email) if name}


def _reason(code: str, words: str) -> dict[str, str]:
    return {"code": code, "words": words}


def _why(holds: list[Hold]) -> tuple[dict[str, str], ...]:
    codes = {(_CODES.get(one.workflow, one.workflow), _words(one)) for one in holds}
    return tuple(_reason(code, words) for code, words in sorted(codes))


def _words(hold: Hold) -> str:
    """Say it in words fit for who sells: the reason, and whom to speak to before any contact."""
    lead = hold.speak_to.person if hold.speak_to else None
    return f"{hold.reason}; speak to {lead}" if lead else hold.reason


_CODES = {"crisis_hold_and_recovery": "crisis", "": "hold"}
"""The code of a reason is the situation, not the workflow that noticed it."""


def _earliest(state: AccountState, holds: list[Hold]) -> datetime | None:
    """Give the time of the latest lift that is already set for these holds, if one is set for each."""
    times = []
    for hold in holds:
        if hold.until is not None:
            times.append(hold.until)
            continue
        instance = state.instances.get(hold.instance)
        lifts = [due for name, due in instance.timers.items() if name.endswith("~")] if instance else []
        if not lifts:
            return None
        times.append(max(lifts))
    return max(times)

"""What would have to be left out of the history, for a piece of work not to be there? Found by folding without it.

Nothing here is guessed from the words of a definition: the account is folded again without the event, and looked at.
Mostly the first event of the pattern is enough. Where another event would have begun the same work, later or by
itself, that one is left out as well, until the work is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from workflows.account import Evidence, PatternStep, Work, evidence_of_item
from workflows.reasons.past import EventKey, Folded, Past

LEFT_OUT_MAX = 12
"""Events that are left out one after the other before it is said that no few of them make the work go."""


class Counterfactual(Struct, frozen=True, gc=False):
    """What would have prevented it: the events to leave out (`without`), whether it is `gone` then, and in words.

    `rule` is what the definition says would have prevented it, such as an event by a deadline.
    """

    words: str
    without: list[PatternStep]
    gone: bool
    rule: str


def counterfactual(past: Past, evidence: Evidence, still: Callable[[Folded], Evidence | None]) -> Counterfactual:
    """Find the events without which the work is not there; `still` gives its evidence in a fold, where it is there."""
    single = [one for one in dict.fromkeys(evidence.pattern) if past.find(one.event, one.source) is not None]
    for one in single[:LEFT_OUT_MAX]:
        rest = still(past.without([_key(one)]).fold())
        if rest is None:
            return Counterfactual(_words([one]), [one], gone=True, rule=evidence.counterfactual)
    left = single[:1]
    while left:
        rest = still(past.without(map(_key, left)).fold())
        if rest is None:
            return Counterfactual(_words(left), left, gone=True, rule=evidence.counterfactual)
        further = [one for one in rest.pattern if one not in left and past.find(one.event, one.source) is not None]
        if not further or len(left) == LEFT_OUT_MAX:
            break
        left = [*left, further[0]]
    return Counterfactual("no few events of the history make it go", left, gone=False, rule=evidence.counterfactual)


def still_there(work_id: str) -> Callable[[Folded], Evidence | None]:
    """Look for a work item in a fold."""

    def look(folded: Folded) -> Evidence | None:
        item: Work | None = folded.work.get(work_id)
        return None if item is None else evidence_of_item(item)

    return look


def _key(step: PatternStep) -> EventKey:
    return step.source, step.event


def _words(left: Iterable[PatternStep]) -> str:
    first, *others = [f"{one.type} {one.event}" for one in left]
    if not others:
        return f"would not exist if {first} had not happened"
    instead = " nor ".join(others)
    return f"would not exist if neither {first} had happened nor {instead}, which would have begun it as well"

"""What do the causes of a definition compile to, and how do conditions read which of them were found?"""

from __future__ import annotations

from collections.abc import Iterable

from events.kinds import FieldKind
from workflows.language.conditions import Getter, Vocabulary
from workflows.language.durations import Duration
from workflows.language.grammar import Cause
from workflows.language.plans import CausePlan, Matcher
from workflows.language.rules import Where
from workflows.language.terms import Terms

WITHIN = Duration(30, "d")
"""How far a cause is looked for before the start where it says nothing else (B8)."""


def cause_names(names: Iterable[str]) -> Vocabulary:
    """Name what was found: `causes.NAME`, and all of it in words as `causes.words`."""
    found: dict[str, tuple[FieldKind, Getter]] = {f"causes.{name}": (FieldKind.BOOL, _is_found(name)) for name in names}
    found["causes.words"] = (FieldKind.STRINGS, lambda b: [one.words for one in b.instance.causes])
    return Vocabulary(found)


def _is_found(name: str) -> Getter:
    return lambda bindings: any(one.reason == name for one in bindings.instance.causes)


def compile_cause(terms: Terms, name: str, cause: Cause, where: Where) -> CausePlan:
    """Compile one cause; its conditions and its words read the event as `past.*`."""
    past = terms.account + terms.events(cause.on, where, "past")
    both = terms.account + terms.events([*cause.on, *(cause.over or ())], where, "past")
    without = None
    if cause.without is not None:
        without = terms.matcher(cause.without, terms.account, (*where, "without"), "past")
    return CausePlan(
        name=name,
        event=Matcher(frozenset(cause.on), terms.optional(cause.where, past, (*where, "where"))),
        within=cause.within or WITHIN,
        over=frozenset(cause.over or ()),
        by=None if cause.by is None else terms.condition(cause.by, both, (*where, "by"), FieldKind.STRING),
        without=without,
        without_within=cause.without.within if cause.without is not None else None,
        text=terms.text(cause.text, past, (*where, "text")),
    )

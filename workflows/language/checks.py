"""What do the checks of a gate compile to?"""

from __future__ import annotations

from collections.abc import Iterable

from events.kinds import FieldKind
from workflows.language.conditions import Condition, Vocabulary
from workflows.language.grammar import Check, Step
from workflows.language.plans import CheckPlan
from workflows.language.rules import Where
from workflows.language.terms import Terms


def compile_checks(terms: Terms, step: Step, names: Vocabulary, where: Where) -> tuple[CheckPlan, ...]:
    """Compile the checks of a gate step; none for another step."""
    if step.gate is None:
        return ()
    here = (*where, "gate", "checks")
    return tuple(_check(terms, one, names, (*here, index)) for index, one in enumerate(step.gate.checks))


def compile_each(terms: Terms, step: Step, names: Vocabulary, start_types: list[str], where: Where) -> Condition | None:
    """Compile whom a gate is asked for; it reads the event that started the instance, or that renews the list."""
    gate, here = step.gate, (*where, "gate", "each")
    if gate is None or gate.each is None:
        return None
    types = {*start_types, *(name for match in gate.renewed_by or [] for name in match.on)}
    return terms.condition(gate.each, names + terms.events(sorted(types), here), here, FieldKind.STRINGS)


def _check(terms: Terms, check: Check, names: Vocabulary, where: Where) -> CheckPlan:
    condition = terms.optional(check.if_, names, (*where, "if"))
    since, span = None, None
    if check.quiet is not None:
        since = terms.condition(check.quiet.since, names, (*where, "quiet", "since"), FieldKind.TIMESTAMP)
        span = check.quiet.for_
    if check.override is not None:
        terms.receivers(check.override, terms.account, (*where, "override"))
    when = terms.optional(check.when, names, (*where, "when"))
    reads = {name: None for one in (condition, since) if one is not None for name in one.reads}
    return CheckPlan(
        code=check.code or "",
        condition=condition,
        since=since,
        span=span,
        scope=check.free_of or "",
        when=when,
        denies=check.denies,
        override=tuple(check.override or ()),
        getters=tuple((name, names.names[name][1]) for name in reads),
        topics=topics_of((condition, since, when)) | ({"holds", *CONTACT_FACTS} if check.free_of else set()),
    )


ALIKE: dict[str, tuple[str, ...]] = {
    "nps": ("nps", "contacts"),
    "crisis": ("holds", "runs"),
    "held_at": ("holds",),
    "holds": ("holds",),
    "running": ("runs",),
    "renewal_in_days": ("renewal_date",),
    "not_them": ("name",),
    "ambiguous_name": ("name",),
    "is_customer": ("lifecycle", "csm"),
    "csm_names": ("csm",),
    "decision_makers": ("contacts",),
    "champions": ("contacts",),
    "seniors": ("contacts",),
}
"""Part of a name → the facts that it depends on, where it is not the fact's own name."""

CONTACT_FACTS = ("asks", "mails", "surveys", "contacts", "loyalty")


FIXED = ("start", "value", "key", "favour", "counted")
"""Beginnings of names that say the same for as long as an instance runs."""


def topics_of(conditions: Iterable[Condition | None]) -> frozenset[str]:
    """Tell which changes concern some conditions; what an instance reads of itself changes with its run."""
    found = set[str]()
    for name in [name for one in conditions if one is not None for name in one.reads]:
        head, *parts = name.split(".")
        if head == "account":
            found.update(ALIKE.get(parts[0], (parts[0],)))
        elif head == "contact":
            found.update((*CONTACT_FACTS, *(("runs",) if parts[0] == "running" else ())))
        elif head not in FIXED:
            found.add("runs")
    return frozenset(found)

"""What do the values of a definition compile to, and the names of what its start has counted?"""

from __future__ import annotations

from collections.abc import Iterator

from events.kinds import FieldKind
from workflows.language.conditions import Condition, Vocabulary
from workflows.language.grammar import DefinitionSource, LookBack
from workflows.language.plans import LookBackPlan, Matcher
from workflows.language.rules import Where
from workflows.language.terms import DefinitionRefused, Terms
from workflows.language.vocabulary import Bindings, instance_names

Value = Condition | LookBackPlan


def _counted_by(bindings: Bindings) -> str:
    found = bindings.found if bindings.instance is None else bindings.instance.found
    return found.by if found is not None else ""


COUNTED = Vocabulary({"counted.by": (FieldKind.STRING, _counted_by)})
"""What is known of a count that was reached: the value of `by` for which it was."""


def counted_names(source: DefinitionSource) -> Vocabulary:
    """Give the names of what the starts have counted, where one of them counts for each value."""
    counts = any(one.count is not None and one.count.by is not None for one in source.start)
    return COUNTED if counts else Vocabulary({})


def compile_values(
    terms: Terms, source: DefinitionSource, start_types: list[str], account: Vocabulary
) -> Iterator[tuple[str, Value, FieldKind]]:
    """Compile the values in their order, each with its kind; a later one may read an earlier one."""
    kinds: dict[str, FieldKind] = {}
    for name, asked in source.values.items():
        names = account + instance_names(start_types, values=kinds, tracked=(), marks=(), refs=(), gates=())
        where = ("values", name)
        if isinstance(asked, LookBack):
            plan: Value = _look_back(terms, source, asked, names, where)
            kinds[name] = _kind_back(asked, plan.type_name, where)
        else:
            plan = terms.condition(asked, names, where, FieldKind.OBJECT)
            kinds[name] = _kind_of(plan.type_name, asked, where)
        yield name, plan, kinds[name]


def _look_back(
    terms: Terms, source: DefinitionSource, asked: LookBack, names: Vocabulary, where: Where
) -> LookBackPlan:
    recent, here = asked.asked, (*where, asked.word)
    matcher: Matcher | None = None
    if isinstance(recent, str):
        types = [name for one in source.start if one.count is not None for name in one.count.on]
        if not types:
            message = "no start of this definition counts anything; name the events that are asked"
            raise DefinitionRefused(here, message, "unknown_part")
    else:
        types, matcher = recent.on, terms.matcher(recent, names, here, "past")
    names = names + terms.events(types, here, "past")
    condition = terms.condition(asked.is_, names, (*where, "is"), FieldKind.OBJECT)
    if not condition.reads:
        message = f"`{asked.is_}` reads nothing, so it is always the same; name what it depends on"
        raise DefinitionRefused((*where, "is"), message, "constant_condition")
    within = None if isinstance(recent, str) else recent.within
    return LookBackPlan(asked.word, matcher, within, condition, condition.type_name)


_KINDS = {
    "BOOL": FieldKind.BOOL,
    "DOUBLE": FieldKind.DOUBLE,
    "INT": FieldKind.INT,
    "STRING": FieldKind.STRING,
    "TIMESTAMP": FieldKind.TIMESTAMP,
}


def _kind_of(type_name: str, text: str, where: Where) -> FieldKind:
    if type_name not in _KINDS:
        message = f"`{text}` gives {type_name}; a value is a text, a number, a yes-or-no or a time"
        raise DefinitionRefused(where, message, "wrong_type")
    return _KINDS[type_name]


def _kind_back(asked: LookBack, type_name: str, where: Where) -> FieldKind:
    if asked.word == "first":
        return _kind_of(type_name, asked.is_, (*where, "is"))
    wanted = ("STRING", "LIST<STRING>") if asked.word == "every" else ("INT", "DOUBLE")
    if type_name not in wanted:
        what = "a list is made of texts" if asked.word == "every" else "a sum is made of numbers"
        raise DefinitionRefused((*where, "is"), f"`{asked.is_}` gives {type_name}; {what}", "wrong_type")
    return FieldKind.STRINGS if asked.word == "every" else _KINDS[type_name]

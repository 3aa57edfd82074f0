"""What do the terms of a definition compile to? Conditions, texts, choices and events asked for, each with its place.

A term that must not run is refused with the path at which it stands, so that the checker can
name its line, and with the name of the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from events.catalogue import EVENT_TYPES
from events.kinds import FieldKind
from workflows.language.account_facts import account_names
from workflows.language.conditions import Condition, ConditionRefused, Vocabulary, compile_condition
from workflows.language.durations import Duration, parse_duration
from workflows.language.grammar import ROLES, Case, DueAt, EventMatch, Receiver
from workflows.language.plans import At, Choice, Matcher, Named
from workflows.language.rules import Where
from workflows.language.templates import Template, compile_template
from workflows.language.vocabulary import event_names

PSEUDO_ROLES = ("actor",)
"""`actor` is who did what opened the instance; only as a later choice in a list."""

SEVERITIES = ("info", "warn", "urgent", "critical")


class DefinitionRefused(ValueError):
    """A definition that must not run; `where` is the path in the file, such as ("steps", 3, "where")."""

    def __init__(self, where: Where, message: str, rule: str) -> None:
        """Keep the place and the rule beside the words, so that the checker can name file and line."""
        super().__init__(message)
        self.where = where
        self.message = message
        self.rule = rule


class Terms:
    """Compiles the terms of one definition, and collects the conditions on the way."""

    def __init__(self) -> None:
        """Begin with the names of the account, which are known everywhere."""
        self.account = account_names()
        self.conditions: list[Condition] = []

    def condition(self, text: str, names: Vocabulary, where: Where, kind: FieldKind = FieldKind.BOOL) -> Condition:
        """Compile an expression that must give a value of the kind."""
        try:
            found = compile_condition(text, names, kind)
        except ConditionRefused as error:
            raise DefinitionRefused(where, str(error), error.rule) from None
        if kind is FieldKind.BOOL and not found.reads:
            message = f"`{text}` reads nothing, so it is always the same; leave it out, or name what it depends on"
            raise DefinitionRefused(where, message, "constant_condition")
        self.conditions.append(found)
        return found

    def optional(self, text: str | None, names: Vocabulary, where: Where) -> Condition | None:
        """Compile a condition that may be left out."""
        return None if text is None else self.condition(text, names, where)

    def text(self, text: str, names: Vocabulary, where: Where) -> Template:
        """Compile a text with places."""
        try:
            template = compile_template(text, names)
        except ConditionRefused as error:
            raise DefinitionRefused(where, str(error), error.rule) from None
        self.conditions.extend(piece[0] for piece in template.pieces if not isinstance(piece, str))
        return template

    def events(self, types: Iterable[str], where: Where, prefix: str = "event") -> Vocabulary:
        """Give the names of the fields of event types; refuses a type that the catalogue does not have."""
        names = list(types)
        for index, name in enumerate(names):
            if name not in EVENT_TYPES:
                raise DefinitionRefused((*where, "on", index), unknown_event(name), "unknown_event")
        return event_names(prefix, names)

    def matcher(self, match: EventMatch, names: Vocabulary, where: Where, prefix: str = "event") -> Matcher:
        """Compile an event that is asked for."""
        events = self.events(match.on, where, prefix)
        return Matcher(frozenset(match.on), self.optional(match.where, names + events, (*where, "where")))

    def receivers(self, value: Any, names: Vocabulary, where: Where) -> Choice | None:
        """Compile who gets something: roles, and receivers that no role names."""

        def convert(plain: Any) -> tuple[str | Named, ...]:
            listed = plain if isinstance(plain, list) else [plain]
            roles = [one for one in listed if not isinstance(one, dict)]
            if not listed or not isinstance(listed[0], dict):
                as_roles(roles)
            elif roles:
                as_roles([ROLES[0], *roles])
            return tuple(self._named(one, names, where) if isinstance(one, dict) else one for one in listed)

        return self.choice(value, names, where, convert, "unknown_role")

    def _named(self, plain: Any, names: Vocabulary, where: Where) -> Named:
        try:
            found = Receiver.model_validate(plain)
        except ValidationError:
            ways = ", ".join(Receiver.model_fields)
            raise ValueError(f"{plain!r:.60} is no receiver; it has exactly one of {ways}") from None
        how = next(word for word in Receiver.model_fields if getattr(found, word) is not None)
        if how in ("person", "manager", "team"):
            condition = self.condition(getattr(found, how), names, where, FieldKind.OBJECT)
            if condition.type_name not in ("STRING", "LIST<STRING>"):
                message = f"`{condition.source}` gives {condition.type_name}; it names one, or a list of them"
                raise DefinitionRefused(where, message, "wrong_type")
            return Named(how, condition, ())
        return Named(how, None, tuple(getattr(found, how)))

    def due(self, value: Any, names: Vocabulary, where: Where) -> Choice | None:
        """Compile until when: durations, and times by an expression."""

        def convert(plain: Any) -> Duration | At:
            if not isinstance(plain, dict):
                return as_span(plain)
            try:
                asked = DueAt.model_validate(plain)
            except ValidationError as error:
                raise ValueError(_no_due_time(plain, error)) from None
            return At(self.condition(asked.at, names, where, FieldKind.TIMESTAMP), asked.before, asked.latest)

        return self.choice(value, names, where, convert, "duration")

    def choice(
        self, value: Any, names: Vocabulary, where: Where, convert: Callable[[Any], Any], rule: str
    ) -> Choice | None:
        """Compile a value, or rows of which the first that holds decides; `rule` is what a bad one breaks."""
        if value is None:
            return None
        if not isinstance(value, list) or not value or not _is_row(value[0]):
            return Choice(((None, self._converted(value, where, convert, rule)),))
        rows = []
        for index, raw in enumerate(value):
            here = (*where, index)
            case = self._case(raw, here)
            converted = self._converted(case.is_, (*here, "is"), convert, rule)
            rows.append((self.optional(case.when, names, (*here, "when")), converted))
        if any(condition is None for condition, _ in rows[:-1]) or rows[-1][0] is not None:
            message = "only the last case has no `when`, so that one always decides and each can; put it last"
            raise DefinitionRefused(where, message, "last_case")
        return Choice(tuple(rows))

    def _case(self, raw: Any, where: Where) -> Case:
        try:
            return Case.model_validate(raw)
        except ValidationError:
            message = f"{raw!r:.60} is no case; a case has `is` and, but for the last one, `when`"
            raise DefinitionRefused(where, message, "last_case") from None

    def _converted(self, value: Any, where: Where, convert: Callable[[Any], Any], rule: str) -> Any:
        try:
            return convert(value)
        except DefinitionRefused:
            raise
        except ValueError as error:
            raise DefinitionRefused(where, str(error), rule) from None


def _no_due_time(value: dict[str, Any], error: ValidationError) -> str:
    """Say what is wrong with a due time: with one of its durations, else with its shape."""
    spans = [str(one["ctx"]["error"]) for one in error.errors() if "error" in one.get("ctx", {})]
    return spans[0] if spans else f"{value!r:.60} is no due time; write a duration, or `at` with a time"


def _is_row(value: Any) -> bool:
    """Tell a row of a choice from a receiver, which is a block too."""
    return isinstance(value, dict) and not (value and set(value) <= set(Receiver.model_fields))


def nearest(name: str, known: Iterable[str], *, what: str) -> str:
    """Say which known name is meant, or which there are: the remedy of a misspelt word."""
    names = list(known)
    near = get_close_matches(name, names, n=2)
    return f"did you mean {' or '.join(near)}?" if near else f"{what}: {', '.join(names) or 'none'}"


def unknown_event(name: str) -> str:
    """Say that an event type is not in the catalogue, and which is meant."""
    near = get_close_matches(name, EVENT_TYPES, n=3, cutoff=0.7)
    remedy = f"did you mean {' or '.join(near)}?" if near else "docs/reference/events.md lists the known ones"
    return f"unknown event type {name!r}; {remedy}"


def as_roles(value: Any) -> tuple[str, ...]:
    """Read a role or a list of roles."""
    roles = tuple(value) if isinstance(value, list) else (value,)
    if not roles:
        raise ValueError("there is no role; name one, such as csm")
    for role in roles:
        if role not in (*ROLES, *PSEUDO_ROLES):
            raise ValueError(f"unknown role {role!r:.60}; {nearest(str(role), ROLES, what='roles')}")
    if roles[0] in PSEUDO_ROLES:
        raise ValueError(f"{roles[0]!r} may be nobody of ours; put a role before it, such as [ae, actor]")
    return roles


def as_span(value: Any) -> Duration:
    """Read a duration; a bare number is refused (R6)."""
    return parse_duration(value)


def as_severity(value: Any) -> str:
    """Read a severity."""
    if value in SEVERITIES:
        return str(value)
    raise ValueError(f"unknown severity {value!r:.60}; there are {', '.join(SEVERITIES)}")


def length_in_hours(duration: Duration) -> float:
    """Tell how long a duration is, to put durations of different units in order; working time as in a plain week."""
    return duration.amount * _HOURS[duration.unit]


_HOURS = {"bd": 24.0 * 7 / 5, "bh": 4.2, "bm": 0.07, "d": 24.0, "h": 1.0, "m": 1 / 60}

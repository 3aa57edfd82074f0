"""How a definition runs: conditions compiled, reactions indexed by event type.

The result is plain and unchangeable; what happens when an event comes is a walk over
``Definition.reactions[event.type]``, in the fixed order of :data:`REACTION_ORDER`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from events.kinds import FieldKind
from workflows.language.conditions import UNSET, Condition, ConditionRefused, Vocabulary, compile_condition
from workflows.language.durations import Duration, parse_duration
from workflows.language.grammar import (
    ROLES,
    Absent,
    Case,
    DefinitionSource,
    Ending,
    EventMatch,
    Guard,
    Start,
    Step,
)
from workflows.language.templates import Template, compile_template
from workflows.language.vocabulary import (
    Bindings,
    UnknownEventType,
    account_names,
    event_names,
    fields_of,
    instance_names,
)

REACTION_ORDER = (
    "cancel",
    "restart",
    "track_add",
    "track_remove",
    "mark",
    "reopen",
    "told",
    "done_by",
    "resolve",
    "void",
    "satisfy",
    "early",
    "trigger",
    "done",
)
"""Within one event and one instance: first what stops it, then what it completes, then what it begins."""

PSEUDO_ROLES = frozenset({"actor"})
"""`actor` is who did what opened the instance; only as a later choice in a list."""

SEVERITIES = frozenset({"info", "warn", "urgent", "critical"})


class DefinitionRefused(ValueError):
    """A definition that must not run; `where` is the path in the file, such as ("steps", 3, "where")."""

    def __init__(self, where: tuple[str | int, ...], message: str) -> None:
        """Keep the place beside the words, so that the checker can name file and line."""
        super().__init__(message)
        self.where = where
        self.message = message


@dataclass(frozen=True, slots=True)
class Matcher:
    """An event that is asked for: one of the types, and a condition on it."""

    types: frozenset[str]
    where: Condition | None

    def holds(self, bindings: Bindings) -> bool:
        """Tell whether the event of the bindings is one of them; the type is already known to be."""
        return self.where is None or self.where.holds(bindings)


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows of (condition, value): the first row whose condition holds decides."""

    rows: tuple[tuple[Condition | None, Any], ...]

    def pick(self, bindings: Bindings) -> Any:
        """Give the value of the first row that holds; the last row always does."""
        for condition, value in self.rows:
            if condition is None or condition.holds(bindings):
                return value
        return self.rows[-1][1]


@dataclass(frozen=True, slots=True)
class Timed:
    """A clock of a step: its timer's name, how long, since when, and the event that satisfies it."""

    timer: str
    within: Duration
    since: str
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A step, ready to run."""

    step: Step
    action: str
    trigger: str
    text: Template | None
    when: Condition | None
    to: Choice | None
    due: Choice | None
    severity: Choice | None
    early: Template | None
    clocks: tuple[Timed, ...]
    accepts: bool

    @property
    def ref(self) -> str:
        """The step's label in the definition."""
        return self.step.ref


@dataclass(frozen=True, slots=True)
class StartPlan:
    """One way to open an instance, ready to run."""

    index: int
    kind: str
    source: Start
    matcher: Matcher
    leave: tuple[Matcher, ...]
    by: Condition | None
    first: Matcher | None
    key: Condition


@dataclass(frozen=True, slots=True)
class GuardPlan:
    """One reason not to open an instance."""

    reason: str
    condition: Condition | None
    recent: Matcher | None
    within: Duration | None


@dataclass(frozen=True, slots=True)
class EndPlan:
    """One way to end an instance by its steps, or the words of an ending by an event."""

    after: tuple[str, ...]
    missed: tuple[str, ...]
    reason: str
    retracts: bool
    within: Duration | None
    condition: Condition | None


Reaction = tuple[str, str, Matcher, Any]
"""(what to do, the step or name it concerns, on which event, what else it needs)."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A workflow, ready to run."""

    source: DefinitionSource
    hash: str
    starts: tuple[StartPlan, ...]
    guards: tuple[GuardPlan, ...]
    values: tuple[tuple[str, Condition], ...]
    steps: dict[str, StepPlan]
    reactions: dict[str, tuple[Reaction, ...]]
    track_by: dict[str, Condition]
    done: tuple[EndPlan, ...]
    restart_from: Condition | None
    remembers: dict[str, Duration]
    reads: tuple[tuple[str, Callable[[Any], Any]], ...]

    @property
    def name(self) -> str:
        """The name in the library."""
        return self.source.name


def compile_definition(source: DefinitionSource) -> Definition:
    """Compile a definition.

    Raises:
        DefinitionRefused: with the path of the first thing that is wrong.
    """
    return _Compiler(source).compile()


def content_hash(source: DefinitionSource) -> str:
    """Identify what a definition says, without its examples (R17)."""
    said = source.model_dump_json(exclude={"examples"}, by_alias=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


class _Compiler:
    def __init__(self, source: DefinitionSource) -> None:
        self.source = source
        self.refs = [step.ref for step in source.steps]
        self.account = account_names()
        self.reactions: dict[str, list[Reaction]] = {}
        self.remembers: dict[str, Duration] = {}
        self.conditions: list[Condition] = []

    def compile(self) -> Definition:
        source = self.source
        self.start_types = sorted({name for start in source.start for name in _types_of_start(start)})
        self.values = self._values()
        self.instance = self.account + self._at(
            ("start",),
            lambda: instance_names(
                self.start_types,
                values={name: _KINDS[kind] for name, kind in self.value_kinds.items()},
                tracked=source.track,
                marks=source.marks,
                refs=self.refs,
            ),
        )
        starts = tuple(self._start(index, start) for index, start in enumerate(source.start))
        guards = tuple(self._guard(index, guard) for index, guard in enumerate(source.unless))
        self._endings("cancel", source.cancel or [])
        restart_from = self._restart()
        track_by = {name: self._track(name) for name in source.track}
        for name, matches in source.marks.items():
            self._react("mark", name, matches, ("marks", name))
        steps = {step.ref: self._step(index, step) for index, step in enumerate(source.steps)}
        done = self._endings("done", source.done or [])
        self._remember_listened()
        return Definition(
            source=source,
            hash=content_hash(source),
            starts=starts,
            guards=guards,
            values=self.values,
            steps=steps,
            reactions={name: tuple(sorted(found, key=_order)) for name, found in self.reactions.items()},
            track_by=track_by,
            done=tuple(done),
            restart_from=restart_from,
            remembers=self.remembers,
            reads=self._reads(),
        )

    def _values(self) -> tuple[tuple[str, Condition], ...]:
        self.value_kinds: dict[str, str] = {}
        names = self.account + self._at(
            ("start",), lambda: instance_names(self.start_types, values={}, tracked=(), marks=(), refs=())
        )
        found = []
        for name, text in self.source.values.items():
            condition = self._condition(text, names, ("values", name), FieldKind.OBJECT)
            self.value_kinds[name] = condition.type_name
            found.append((name, condition))
        return tuple(found)

    def _at(self, where: tuple[str | int, ...], build: Callable[[], Vocabulary]) -> Vocabulary:
        try:
            return build()
        except UnknownEventType as error:
            message = f"unknown event type {error}; `nofumble explain` lists the known ones"
            raise DefinitionRefused((*where, "on"), message) from None

    def _condition(
        self, text: str, names: Vocabulary, where: tuple[str | int, ...], kind: FieldKind = FieldKind.BOOL
    ) -> Condition:
        try:
            condition = compile_condition(text, names, kind)
        except ConditionRefused as error:
            raise DefinitionRefused(where, str(error)) from None
        self.conditions.append(condition)
        return condition

    def _text(self, text: str, names: Vocabulary, where: tuple[str | int, ...]) -> Template:
        try:
            template = compile_template(text, names)
        except ConditionRefused as error:
            raise DefinitionRefused(where, str(error)) from None
        self.conditions.extend(piece[0] for piece in template.pieces if not isinstance(piece, str))
        return template

    def _events(self, types: Iterable[str], where: tuple[str | int, ...], prefix: str = "event") -> Vocabulary:
        return self._at(where, lambda: event_names(prefix, types))

    def _matcher(
        self, match: EventMatch, names: Vocabulary, where: tuple[str | int, ...], prefix: str = "event"
    ) -> Matcher:
        events = self._events(match.on, where, prefix)
        condition = None if match.where is None else self._condition(match.where, names + events, (*where, "where"))
        return Matcher(frozenset(match.on), condition)

    def _react(
        self,
        kind: str,
        name: str,
        matches: Iterable[EventMatch],
        where: tuple[str | int, ...],
        extra: Any = None,
    ) -> None:
        for match in matches:
            matcher = self._matcher(match, self.instance, where)
            for type_name in match.on:
                self.reactions.setdefault(type_name, []).append((kind, name, matcher, extra))

    def _start(self, index: int, start: Start) -> StartPlan:
        where: tuple[str | int, ...] = ("start", index)
        names, by, leave, first = self.account, None, (), None
        if start.count is not None:
            kind, match = "count", EventMatch(on=start.count.on, where=start.count.where)
            by = self._by(start.count.by, match.on, (*where, "count", "by"))
        elif start.held is not None:
            return self._held_start(index, start)
        elif start.seq is not None:
            kind, match = "seq", start.seq.then
            first = self._matcher(start.seq.first, names, (*where, "seq", "first"))
            names = names + self._events(start.seq.first.on, (*where, "seq", "first"), "past")
            self._remember(start.seq.first.on, start.seq.within)
        elif start.changed is not None:
            message = "`changed` needs the event that changes the field; write it as `on: account.updated` with `where`"
            raise DefinitionRefused((*where, "changed"), message)
        else:
            kind, match = "on", EventMatch(on=start.on or [], where=start.where)
        matcher = self._matcher(match, names, where if kind == "on" else (*where, kind))
        return StartPlan(index, kind, start, matcher, leave, by, first, self._key(start, match.on, where))

    def _held_start(self, index: int, start: Start) -> StartPlan:
        held, where = start.held, ("start", index, "held")
        assert held is not None  # noqa: S101  the caller looked
        types = sorted({name for match in held.enter for name in match.on})
        enter = [self._matcher(match, self.account, (*where, "enter")) for match in held.enter]
        leave = tuple(self._matcher(match, self.account, (*where, "leave")) for match in held.leave)
        leaving = sorted({name for match in held.leave for name in match.on})
        by = self._by(held.by, sorted({*types, *leaving}), (*where, "by"))
        if len(enter) != 1:
            message = "`enter` takes one block; list the event types under its `on`"
            raise DefinitionRefused((*where, "enter"), message)
        return StartPlan(index, "held", start, enter[0], leave, by, None, self._key(start, types, ("start", index)))

    def _by(self, text: str | None, types: list[str], where: tuple[str | int, ...]) -> Condition | None:
        if text is None:
            return None
        return self._condition(text, self.account + self._events(types, where), where, FieldKind.STRING)

    def _key(self, start: Start, types: list[str], where: tuple[str | int, ...]) -> Condition:
        names = self.account + self._events(types, where)
        if start.key is not None:
            return self._condition(start.key, names, (*where, "key"), FieldKind.STRING)
        return self._condition(self.source.key, names, ("key",), FieldKind.STRING)

    def _guard(self, index: int, guard: Guard) -> GuardPlan:
        where: tuple[str | int, ...] = ("unless", index)
        names = self.account + self._events(self.start_types, where)
        if guard.if_ is not None:
            return GuardPlan(guard.reason, self._condition(guard.if_, names, (*where, "if")), None, None)
        recent = guard.recent
        assert recent is not None  # noqa: S101  the grammar wants one of the two
        past = self._events(recent.on, (*where, "recent"), "past")
        condition = None
        if recent.where is not None:
            condition = self._condition(recent.where, names + past, (*where, "recent", "where"))
        self._remember(recent.on, recent.within)
        return GuardPlan(guard.reason, None, Matcher(frozenset(recent.on), condition), recent.within)

    def _remember(self, types: Iterable[str], within: Duration) -> None:
        for name in types:
            known = self.remembers.get(name)
            if known is None or _length(known) < _length(within):
                self.remembers[name] = within

    def _remember_listened(self) -> None:
        if self.source.lookback is not None:
            self._remember(self.reactions, self.source.lookback)

    def _restart(self) -> Condition | None:
        restart = self.source.restart
        if restart is None:
            return None
        self._react("restart", "", [restart], ("restart",))
        names = self.instance + self._events(restart.on, ("restart",))
        return self._condition(restart.from_, names, ("restart", "from"), FieldKind.TIMESTAMP)

    def _track(self, name: str) -> Condition:
        track = self.source.track[name]
        self._react("track_add", name, track.add, ("track", name, "add"))
        self._react("track_remove", name, track.remove, ("track", name, "remove"))
        types = {one for match in (*track.add, *track.remove) for one in match.on} | set(self.start_types)
        names = self.account + self._events(sorted(types), ("track", name))
        return self._condition(track.by, names, ("track", name, "by"), FieldKind.STRING)

    def _endings(self, kind: str, endings: list[Ending]) -> list[EndPlan]:
        by_steps = []
        for index, ending in enumerate(endings):
            where: tuple[str | int, ...] = (kind, index)
            plan = EndPlan(
                tuple(self._known(ending.after or [], where)),
                tuple(self._known(ending.missed or [], where)),
                ending.reason or "",
                ending.retracts,
                ending.within,
                None if ending.if_ is None else self._condition(ending.if_, self.instance, (*where, "if")),
            )
            if ending.on is not None:
                self._react(kind, str(index), [EventMatch(on=ending.on, where=ending.where)], where, plan)
            else:
                by_steps.append(plan)
        return by_steps

    def _known(self, refs: list[str], where: tuple[str | int, ...]) -> list[str]:
        for ref in refs:
            if ref not in self.refs:
                message = f"there is no step {ref}; steps: {', '.join(self.refs)}"
                raise DefinitionRefused(where, message)
        return refs

    def _step(self, index: int, step: Step) -> StepPlan:
        where: tuple[str | int, ...] = ("steps", index)
        names = self.instance
        if step.on is not None:
            self._react("trigger", step.ref, [EventMatch(on=step.on, where=step.where)], where)
            names = names + self._events(step.on, where)
        elif step.where is not None:
            message = f"step {step.ref} has `where` without `on`; a guard of the step is `when`"
            raise DefinitionRefused((*where, "where"), message)
        clocks = self._clocks(step, where)
        self._completions(step, where)
        return StepPlan(
            step=step,
            action=step.action,
            trigger=next((w for w in ("on", "after", "missed", "absent", "held", "filled", "emptied") if _has(step, w)), ""),
            text=self._words(step, names, where),
            when=None if step.when is None else self._condition(step.when, names, (*where, "when")),
            to=self._choice(step.to, names, (*where, "to"), _roles),
            due=self._choice(step.due, names, (*where, "due"), _span),
            severity=self._choice(step.severity, names, (*where, "severity"), _severity),
            early=self._early(step, where),
            clocks=clocks,
            accepts="accepted" in (step.done_by or []) or step.handoff is not None,
        )

    def _words(self, step: Step, names: Vocabulary, where: tuple[str | int, ...]) -> Template | None:
        if step.hold is not None:
            return self._text(step.reason or "", names, (*where, "reason"))
        text = step.task or step.alert
        return None if text is None else self._text(text, names, (*where, step.action))

    def _early(self, step: Step, where: tuple[str | int, ...]) -> Template | None:
        if step.early is None:
            return None
        self._react("early", step.ref, [step.early], (*where, "early"))
        names = self.instance + self._events(step.early.on, (*where, "early"))
        return self._text(step.early.because, names, (*where, "early", "because"))

    def _clocks(self, step: Step, where: tuple[str | int, ...]) -> tuple[Timed, ...]:
        found = []
        for index, absent in enumerate(step.absent or []):
            timer = step.ref if index == 0 else f"{step.ref}.{index}"
            self._since(absent.since, (*where, "absent", "since"))
            self._react("satisfy", step.ref, [absent], (*where, "absent"), timer)
            found.append(Timed(timer, absent.within, absent.since, frozenset(absent.on)))
        for index, held in enumerate(step.held or []):
            timer = step.ref if index == 0 else f"{step.ref}.{index}"
            if held.mark not in self.source.marks:
                message = f"there is no mark {held.mark!r}; marks: {', '.join(self.source.marks) or 'none'}"
                raise DefinitionRefused((*where, "held"), message)
            types = frozenset(name for match in self.source.marks[held.mark] for name in match.on)
            found.append(Timed(timer, held.for_, held.mark, types))
        if step.expect is not None:
            self._since(step.expect.since, (*where, "expect", "since"))
            self._react("satisfy", step.ref, [step.expect], (*where, "expect"), step.ref)
            found.append(Timed(step.ref, step.expect.within, step.expect.since, frozenset(step.expect.on)))
        for name in (step.filled, step.emptied):
            if name is not None and name not in self.source.track:
                message = f"there is no tracked set {name!r}; sets: {', '.join(self.source.track) or 'none'}"
                raise DefinitionRefused(where, message)
        self._known([*(step.after or []), *(step.missed or []), *(step.settled_by or [])], where)
        return tuple(found)

    def _since(self, since: str, where: tuple[str | int, ...]) -> None:
        if since != "start" and since not in self.source.marks and since not in self.refs:
            message = f"`since: {since}` is neither start nor a mark nor a step of this definition"
            raise DefinitionRefused(where, message)

    def _completions(self, step: Step, where: tuple[str | int, ...]) -> None:
        by_event = [one for match in step.done_by or [] if match != "accepted" for one in self._named(match, where)]
        self._react("done_by", step.ref, by_event, (*where, "done_by"))
        self._react("resolve", step.ref, step.resolved_by or [], (*where, "resolved_by"))
        self._react("void", step.ref, step.voided_by or [], (*where, "voided_by"))
        if step.reopen is not None:
            self._react("reopen", step.ref, [step.reopen], (*where, "reopen"), step.reopen.due)
        if step.loop is not None:
            told = step.loop.told or []
            self._react("told", step.ref, self._named(told, where), (*where, "loop", "told"))
            self._roles(step.loop.holder, (*where, "loop", "holder"))
        loops = [one.ref for one in self.source.steps if one.loop is not None]
        for asked in (step.handoff and step.handoff.loop, step.pass_ and step.pass_.loop):
            if asked and asked not in loops:
                message = f"{asked} is no loop of this definition; loops: {', '.join(loops) or 'none'}"
                raise DefinitionRefused(where, message)
        if step.pass_ is not None:
            self._roles(step.pass_.to, (*where, "pass", "to"))
        holds = [one.ref for one in self.source.steps if one.hold is not None]
        if step.lift is not None and step.lift.hold not in holds:
            message = f"{step.lift.hold} is no hold of this definition; holds: {', '.join(holds) or 'none'}"
            raise DefinitionRefused((*where, "lift"), message)

    def _named(self, match: EventMatch | list[EventMatch] | str, where: tuple[str | int, ...]) -> list[EventMatch]:
        """Give the events themselves, or those of the mark that is named."""
        if isinstance(match, str):
            if match not in self.source.marks:
                message = f"there is no mark {match!r}; marks: {', '.join(self.source.marks) or 'none'}"
                raise DefinitionRefused(where, message)
            return self.source.marks[match]
        return match if isinstance(match, list) else [match]

    def _roles(self, value: Any, where: tuple[str | int, ...]) -> None:
        try:
            _roles(value)
        except ValueError as error:
            raise DefinitionRefused(where, str(error)) from None

    def _choice(
        self, value: Any, names: Vocabulary, where: tuple[str | int, ...], convert: Callable[[Any], Any]
    ) -> Choice | None:
        if value is None:
            return None
        cases = value if isinstance(value, list) and value and isinstance(value[0], dict) else [{"is": value}]
        rows = []
        for index, raw in enumerate(cases):
            here = (*where, index) if cases is value else where
            try:
                case = Case.model_validate(raw)
                converted = convert(case.is_)
            except ValueError as error:
                raise DefinitionRefused(here, _first_line(error)) from None
            condition = None if case.when is None else self._condition(case.when, names, (*here, "when"))
            rows.append((condition, converted))
        if rows[-1][0] is not None:
            message = "the last case must have no `when`, so that one always decides"
            raise DefinitionRefused(where, message)
        return Choice(tuple(rows))

    def _reads(self) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
        names = {name for condition in self.conditions for name in condition.reads if name.startswith("account.")}
        return tuple((name.removeprefix("account."), self.account.names[name][1]) for name in sorted(names))


_KINDS = {"BOOL": FieldKind.BOOL, "INT": FieldKind.INT, "STRING": FieldKind.STRING, "TIMESTAMP": FieldKind.TIMESTAMP}


def _types_of_start(start: Start) -> list[str]:
    if start.count is not None:
        return start.count.on
    if start.held is not None:
        return [name for match in start.held.enter for name in match.on]
    if start.seq is not None:
        return start.seq.then.on
    return start.on or []


def _order(reaction: Reaction) -> int:
    return REACTION_ORDER.index(reaction[0])


def _has(step: Step, word: str) -> bool:
    return getattr(step, word) is not None


_HOURS = {"bd": 24.0 * 7 / 5, "bh": 4.2, "d": 24.0, "h": 1.0, "m": 1 / 60}


def _length(duration: Duration) -> float:
    return duration.amount * _HOURS[duration.unit]


def _roles(value: Any) -> tuple[str, ...]:
    roles = tuple(value) if isinstance(value, list) else (value,)
    for role in roles:
        if role not in ROLES and role not in PSEUDO_ROLES:
            message = f"unknown role {role!r}; roles: {', '.join(ROLES)}"
            raise ValueError(message)
    return roles


def _span(value: Any) -> Duration:
    if isinstance(value, str):
        return parse_duration(value)
    message = f"{value!r} is no duration; a duration needs a unit: 3bd, 4bh, 30d, 6h or 10m (R6)"
    raise ValueError(message)


def _severity(value: Any) -> str:
    if value in SEVERITIES:
        return str(value)
    message = f"unknown severity {value!r}; there are info, warn, urgent, critical"
    raise ValueError(message)


def _first_line(error: Exception) -> str:
    text = str(error)
    return text.splitlines()[0] if not hasattr(error, "errors") else str(error.errors()[0]["msg"])


__all__ = ["UNSET", "Absent", "Definition", "DefinitionRefused", "compile_definition", "fields_of"]

"""From the words of a definition to what runs: conditions compiled, reactions indexed by event type.

What cannot run is refused with its place. The compiler goes on after a refusal, so that the checker
can name all that is wrong in one go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from events.kinds import FieldKind
from workflows.facts import CHANGED_BY
from workflows.language.bundle_names import bundle_names
from workflows.language.cause_words import cause_names, compile_cause
from workflows.language.checks import compile_checks, compile_each, topics_of
from workflows.language.conditions import Condition, Vocabulary
from workflows.language.durations import Duration
from workflows.language.grammar import (
    TRIGGERS,
    Count,
    DefinitionSource,
    Ending,
    EventMatch,
    Guard,
    LookBack,
    PassLoop,
    Pause,
    Restart,
    Silence,
    Start,
    Step,
)
from workflows.language.holder_names import holder_names
from workflows.language.look_backs import Value, compile_values, counted_names
from workflows.language.plans import (
    REACTION_ORDER,
    CausePlan,
    Choice,
    Definition,
    EndPlan,
    GuardPlan,
    LimitPlan,
    LookBackPlan,
    Matcher,
    Named,
    Reaction,
    StartPlan,
    StepPlan,
    Timed,
)
from workflows.language.records import compile_record
from workflows.language.rules import Where
from workflows.language.templates import Template
from workflows.language.terms import (
    DefinitionRefused,
    Terms,
    as_severity,
    as_span,
    length_in_hours,
    nearest,
)
from workflows.language.vocabulary import instance_names, missing_names

CAUSES_REACH = 60
"""How much longer what may be a cause is remembered than it is looked for: a start may be a pattern of some weeks."""

Item = TypeVar("Item")
Plan = TypeVar("Plan")


def compile_definition(source: DefinitionSource) -> Definition:
    """Compile a definition.

    Raises:
        DefinitionRefused: with the path of the first thing that is wrong.
    """
    found, refusals = try_compile(source)
    if found is None:
        raise refusals[0]
    return found


def try_compile(source: DefinitionSource) -> tuple[Definition | None, list[DefinitionRefused]]:
    """Compile a definition, or tell all that is wrong with its terms."""
    compiler = _Compiler(source)
    try:
        found = compiler.compile()
    except DefinitionRefused as refusal:
        return None, [*compiler.refusals, refusal]
    return (None, compiler.refusals) if compiler.refusals else (found, [])


def content_hash(source: DefinitionSource) -> str:
    """Identify what a definition says, without its examples and whatever its mode (R17)."""
    said = source.model_copy(update={"mode": "active"}).model_dump_json(exclude={"examples"}, by_alias=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


class _Compiler:
    def __init__(self, source: DefinitionSource) -> None:
        self.source = source
        self.refs = [step.ref for step in source.steps]
        self.terms = Terms()
        self.account = self.terms.account
        self.reactions: dict[str, list[Reaction]] = {}
        self.remembers: dict[str, Duration] = {}
        self.refusals: list[DefinitionRefused] = []

    def compile(self) -> Definition:
        source = self.source
        self.start_types = self._start_types()
        self.account += counted_names(source)
        values, kinds = self._values()
        self.instance = self._instance_names(kinds)
        missing = missing_names(dict(self._each("requirements", source.requirements, self._requirement)))
        self.instance += missing + cause_names(source.causes)
        starts = self._each("start", source.start, self._start)
        guards = self._each("unless", source.unless, self._guard)
        causes = self._each("causes", source.causes, self._cause)
        cancel = self._each("cancel", source.cancel or [], self._ending)
        restart_from = self._each("restart", [source.restart], self._restart)
        pause_while = self._each("pause", [source.pause], self._pause)
        track_by = dict(self._each("track", source.track, self._track))
        self._each("marks", source.marks, self._marked)
        steps = {plan.ref: plan for plan in self._each("steps", source.steps, self._step)}
        done = self._each("done", source.done or [], self._ending)
        if source.lookback is not None:
            self._remember(self.reactions, source.lookback)
        return Definition(
            source=source,
            name=source.name,
            hash=content_hash(source),
            starts=tuple(starts),
            guards=tuple(guards),
            values=values,
            steps=steps,
            reactions={name: tuple(sorted(found, key=_order)) for name, found in self.reactions.items()},
            track_by=track_by,
            done=tuple(plan for plan in done if plan is not None),
            cancel=tuple(plan for plan in cancel if plan is not None),
            gates=tuple(plan for plan in steps.values() if plan.action == "gate"),
            watches=_watches(source),
            correlate={one.way or "": tuple(one.correlate or source.correlate or ()) for one in source.start},
            restart_from=restart_from[0] if restart_from else None,
            pause_while=pause_while[0] if pause_while else None,
            causes=tuple(causes),
            remembers=self.remembers,
            counts_actors=any("earlier.by_actor" in one.reads for one in self.terms.conditions),
            missing={name.removeprefix("missing."): getter for name, (_, getter) in missing.names.items()},
            has_afterwards=any(step.afterwards is not None for step in source.steps),
            reads=self._reads(),
        )

    # ------------------------------------------------------------ going on after a refusal

    def _each(self, key: str, items: Iterable[Item], build: Callable[[Item, Where], Plan]) -> list[Plan]:
        found = []
        for index, item in enumerate(items):
            try:
                found.append(build(item, (key, index)))
            except DefinitionRefused as refusal:
                self.refusals.append(refusal)
        return found

    # ------------------------------------------------------------ names

    def _start_types(self) -> list[str]:
        found: set[str] = set()
        for index, start in enumerate(self.source.start):
            if start.changed is not None and start.changed not in CHANGED_BY:
                message = (
                    f"no event changes a fact {start.changed!r}; {nearest(start.changed, CHANGED_BY, what='facts')}"
                )
                raise DefinitionRefused(("start", index, "changed"), message, "changed")
            types = types_of_start(start)
            self.terms.events(types, ("start", index, *place_of_start(start)))
            found.update(types)
        return sorted(found)

    def _instance_names(self, kinds: dict[str, FieldKind]) -> Vocabulary:
        source = self.source
        gates = [step.ref for step in source.steps if step.gate is not None]
        return (
            self.account
            + instance_names(
                self.start_types, values=kinds, tracked=source.track, marks=source.marks, refs=self.refs, gates=gates
            )
            + holder_names(self.refs)
            + bundle_names(step.ref for step in source.steps if step.bundle is not None)
        )

    def _values(self) -> tuple[tuple[tuple[str, Value], ...], dict[str, FieldKind]]:
        found: list[tuple[str, Value]] = []
        kinds: dict[str, FieldKind] = {}
        for name, plan, kind in compile_values(self.terms, self.source, self.start_types, self.account):
            found.append((name, plan))
            kinds[name] = kind
            if isinstance(plan, LookBackPlan) and plan.matcher is not None and plan.within is not None:
                self._remember(sorted(plan.matcher.types), plan.within)
        return tuple(found), kinds

    # ------------------------------------------------------------ what starts it

    def _start(self, start: Start, where: Where) -> StartPlan:
        names, first = self.account, None
        if start.held is not None:
            return self._held_start(start, where)
        if start.date is not None:
            return self._dated_start(start, where)
        if start.count is not None:
            return self._count_start(start, start.count, where)
        if start.absent is not None:
            return self._absent_start(start, start.absent, where)
        if start.seq is not None:
            kind, match = "seq", start.seq.then
            first = self.terms.matcher(start.seq.first, names, (*where, "seq", "first"))
            names = names + self.terms.events(start.seq.first.on, (*where, "seq", "first"), "past")
            self._remember(start.seq.first.on, start.seq.within)
        elif start.changed is not None:
            kind, match = "changed", EventMatch(on=types_of_start(start), where=start.where)
        else:
            kind, match = "on", EventMatch(on=start.on or [], where=start.where)
        matcher = self.terms.matcher(match, names, (*where, *place_of_start(start)))
        key, each = self._key(start, match.on, where), self._each_of(start, match.on, where)
        return StartPlan(index=int(where[1]), kind=kind, source=start, matcher=matcher, first=first, key=key, each=each)

    def _count_start(self, start: Start, count: Count, where: Where) -> StartPlan:
        here = (*where, "count")
        names = self.account + self.terms.events(count.on, here)
        past = self.terms.events(count.on, here, "past")
        undone = [
            self.terms.matcher(match, self.account + past, (*here, "undone_by", index))
            for index, match in enumerate(count.undone_by or [])
        ]
        given = [
            None if text is None else self.terms.condition(text, names, (*here, word), kind)
            for word, text, kind in (
                ("by", count.by, FieldKind.OBJECT),
                ("same", count.same, FieldKind.STRING),
                ("distinct", count.distinct, FieldKind.STRING),
                ("sum", count.sum, FieldKind.OBJECT),
            )
        ]
        by, same, distinct, amount = given
        _refuse_kind(by, ("STRING", "LIST<STRING>"), "is a text, or a list of texts", (*here, "by"))
        _refuse_kind(amount, ("INT", "DOUBLE"), "adds numbers", (*here, "sum"))
        looks = any(isinstance(one, LookBack) and one.asked == "counted" for one in self.source.values.values())
        return StartPlan(
            index=int(where[1]),
            kind="count",
            source=start,
            matcher=self.terms.matcher(EventMatch(on=count.on, where=count.where), self.account, here),
            leave=tuple(undone),
            by=by,
            key=self._key(start, count.on, where),
            same=same,
            distinct=distinct,
            sum=amount,
            keeps_data=bool(looks or undone or same or distinct or amount),
        )

    def _absent_start(self, start: Start, absent: Silence, where: Where) -> StartPlan:
        here = (*where, "absent")
        within = self.terms.choice(absent.within, self.account, (*here, "within"), as_span, "duration")
        assert within is not None
        read = {name for condition, _ in within.rows if condition is not None for name in condition.reads}
        facts = {name.removeprefix("account.") for name in read}
        types = {name for fact in facts for name in CHANGED_BY.get(fact, ())} - set(absent.on)
        changes = (Matcher(frozenset(types), None),) if types else ()
        matcher = self.terms.matcher(EventMatch(on=absent.on, where=absent.where), self.account, here)
        key = self._key(start, absent.on, where)
        return StartPlan(
            index=int(where[1]), kind="absent", source=start, matcher=matcher, leave=changes, key=key, within=within
        )

    def _each_of(self, start: Start, types: list[str], where: Where) -> Condition | None:
        if start.each is None:
            return None
        names = self.account + self.terms.events(types, where)
        return self.terms.condition(start.each, names, (*where, "each"), FieldKind.STRINGS)

    def _held_start(self, start: Start, where: Where) -> StartPlan:
        held, here = start.held, (*where, "held")
        assert held is not None
        types = types_of_start(start)
        enter = [self.terms.matcher(match, self.account, (*here, "enter")) for match in held.enter]
        leave = tuple(self.terms.matcher(match, self.account, (*here, "leave")) for match in held.leave)
        leaving = {name for match in held.leave for name in match.on}
        by = self._by(held.by, sorted({*types, *leaving}), (*here, "by"))
        if len(enter) != 1:
            message = "`enter` takes one block; list the event types under its `on`"
            raise DefinitionRefused((*here, "enter"), message, "one_enter")
        since = None
        if held.since is not None:
            names = self.account + self.terms.events(types, here)
            since = self.terms.condition(held.since, names, (*here, "since"), FieldKind.TIMESTAMP)
        key = self._key(start, types, where)
        return StartPlan(
            index=int(where[1]), kind="held", source=start, matcher=enter[0], leave=leave, by=by, key=key, since=since
        )

    def _dated_start(self, start: Start, where: Where) -> StartPlan:
        date, here = start.date, (*where, "date")
        assert date is not None
        matcher = self.terms.matcher(date, self.account, here)
        leave = tuple(self.terms.matcher(match, self.account, (*here, "leave")) for match in date.leave or ())
        by = self._by(date.by, sorted({*date.on, *(name for one in leave for name in one.types)}), (*here, "by"))
        of = self.terms.condition(
            date.of, self.account + self.terms.events(date.on, here), (*here, "of"), FieldKind.TIMESTAMP
        )
        key = self._key(start, date.on, where)
        return StartPlan(
            index=int(where[1]), kind="date", source=start, matcher=matcher, leave=leave, by=by, key=key, of=of
        )

    def _by(self, text: str | None, types: list[str], where: Where) -> Condition | None:
        if text is None:
            return None
        return self.terms.condition(text, self.account + self.terms.events(types, where), where, FieldKind.STRING)

    def _key(self, start: Start, types: list[str], where: Where) -> Condition:
        names = self.account + self.terms.events(types, where)
        if start.key is not None:
            return self.terms.condition(start.key, names, (*where, "key"), FieldKind.STRING)
        return self.terms.condition(self.source.key, names, ("key",), FieldKind.STRING)

    def _guard(self, guard: Guard, where: Where) -> GuardPlan:
        names = self.account + self.terms.events(self.start_types, where)
        if guard.if_ is not None:
            test = self.terms.condition(guard.if_, names, (*where, "if"))
            return GuardPlan(guard.reason, test, None, None, guard.recheck)
        recent, here = guard.recent, (*where, "recent")
        assert recent is not None
        past = self.terms.events(recent.on, here, "past")
        condition = self.terms.optional(recent.where, names + past, (*here, "where"))
        self._remember(recent.on, recent.within)
        return GuardPlan(guard.reason, None, Matcher(frozenset(recent.on), condition), recent.within, guard.recheck)

    def _cause(self, name: str, _where: Where) -> CausePlan:
        cause, where = self.source.causes[name], ("causes", name)
        plan = compile_cause(self.terms, name, cause, where)
        within = Duration(plan.within.amount + CAUSES_REACH, plan.within.unit)
        self._remember([*cause.on, *(cause.over or ())], within)
        if cause.without is not None:
            self._remember(cause.without.on, within)
        return plan

    def _remember(self, types: Iterable[str], within: Duration) -> None:
        for name in types:
            known = self.remembers.get(name)
            if known is None or length_in_hours(known) < length_in_hours(within):
                self.remembers[name] = within

    # ------------------------------------------------------------ what an instance listens to

    def _react(self, kind: str, name: str, matches: Iterable[EventMatch], where: Where, extra: Any = None) -> None:
        for index, match in enumerate(matches):
            self._react_to(kind, name, match, (*where, index), extra)

    def _react_to(self, kind: str, name: str, match: EventMatch, where: Where, extra: Any = None) -> None:
        matcher = self.terms.matcher(match, self.instance, where)
        for type_name in match.on:
            self.reactions.setdefault(type_name, []).append((kind, name, matcher, extra))

    def _marked(self, name: str, _where: Where) -> None:
        self._react("mark", name, self.source.marks[name], ("marks", name))

    def _restart(self, restart: Restart | None, _where: Where) -> Condition | None:
        if restart is None:
            return None
        self._react_to("restart", "", restart, ("restart",))
        names = self.instance + self.terms.events(restart.on, ("restart",))
        return self.terms.condition(restart.from_, names, ("restart", "from"), FieldKind.TIMESTAMP)

    def _pause(self, pause: Pause | None, _where: Where) -> Condition | None:
        if pause is None:
            return None
        self._react("pause", "", pause.from_ or (), ("pause", "from"))
        self._react("resume", "", pause.until or (), ("pause", "until"))
        return self.terms.optional(pause.while_, self.instance, ("pause", "while"))

    def _requirement(self, name: str, _where: Where) -> tuple[str, dict[str, Condition]]:
        asked, where = self.source.requirements[name], ("requirements", name)
        names = self.instance + self.terms.events(asked.on, where)
        items = {item: self.terms.condition(text, names, (*where, "items", item)) for item, text in asked.items.items()}
        return name, items

    def _track(self, name: str, _where: Where) -> tuple[str, Condition]:
        track, where = self.source.track[name], ("track", name)
        self._react("track_add", name, track.add, (*where, "add"))
        self._react("track_remove", name, track.remove, (*where, "remove"))
        types = {one for match in (*track.add, *track.remove) for one in match.on} | set(self.start_types)
        names = self.account + self.terms.events(sorted(types), where)
        return name, self.terms.condition(track.by, names, (*where, "by"), FieldKind.STRING)

    def _ending(self, ending: Ending, where: Where) -> EndPlan | None:
        """Compile an ending; one by an event becomes a reaction, one by steps is given back."""
        condition = self.terms.optional(ending.if_, self.instance, (*where, "if"))
        plan = EndPlan(
            tuple(self._known(ending.after, (*where, "after"))),
            tuple(self._known(ending.missed, (*where, "missed"))),
            tuple(self._known(ending.begun, (*where, "begun"))),
            ending.reason or "",
            ending.retracts,
            ending.within,
            condition,
            topics_of([condition]),
            self._passed_at_the_end(ending, where),
        )
        if ending.on is None:
            return plan
        self._react_to(str(where[0]), str(where[1]), EventMatch(on=ending.on, where=ending.where), where, plan)
        return None

    def _passed_at_the_end(self, ending: Ending, where: Where) -> tuple[str, Choice] | None:
        if ending.pass_ is None:
            return None
        loops = [one.ref for one in self.source.steps if one.loop is not None]
        _refuse_unknown(ending.pass_.loop or "", loops, (*where, "pass"), "loop")
        to = self._receivers(ending.pass_.to, self.instance, (*where, "pass", "to"))
        return None if to is None else (ending.pass_.loop or "", to)

    # ------------------------------------------------------------ steps

    def _step(self, step: Step, where: Where) -> StepPlan:
        names = self.instance
        if step.on is not None:
            self._react_to("trigger", step.ref, EventMatch(on=step.on, where=step.where), where)
            names = names + self.terms.events(step.on, where)
        elif step.declined is not None:
            named = [one for one in self.source.steps if one.ref in step.declined]
            types = {name for one in named for match in one.declined_by or [] for name in match.on}
            names = names + self.terms.events(sorted({"task.declined", *types}), where)
        clocks = self._clocks(step, where)
        self._check_names(step, where)
        self._completions(step, where)
        checks = compile_checks(self.terms, step, names, where)
        return StepPlan(
            step=step,
            action=step.action,
            trigger=next((word for word in TRIGGERS if getattr(step, word) is not None), ""),
            text=self._words(step, names, where),
            when=self.terms.optional(step.when, names, (*where, "when")),
            to=self._receivers(step.to, names, (*where, "to")),
            due=self.terms.due(step.due, names, (*where, "due")),
            severity=self.terms.choice(step.severity, names, (*where, "severity"), as_severity, "severity"),
            early=self._early(step, (*where, "early")),
            clocks=clocks,
            accepts="accepted" in (step.done_by or []) or (step.handoff is not None and step.on_accept is None),
            checks=checks,
            points=self._points(step, names, where),
            contact=self._contact(step, names, where),
            each=compile_each(self.terms, step, self.instance, self.start_types, where),
            details=tuple(
                (name, self.terms.condition(text, names, (*where, "details", name), FieldKind.OBJECT))
                for name, text in step.details.items()
            ),
            says=tuple(
                self.terms.text(text, names, (*where, "brief", "says", index))
                for index, text in enumerate(step.brief.says if step.brief is not None else ())
            ),
            limits=self._limits(step, names, where),
            link=self._gathers(step, where),
            receiver=self._receiver_of_ball(step, names, where),
            then_due=self._then_due(step, names, where),
            record=self._recorded(step, names, where),
            bundle=self._bundle(step, names, where),
        )

    def _then_due(self, step: Step, names: Vocabulary, where: Where) -> Choice | None:
        accepted = step.on_accept
        return None if accepted is None else self.terms.due(accepted.due, names, (*where, "on_accept", "due"))

    def _bundle(self, step: Step, names: Vocabulary, where: Where) -> Condition | None:
        return (
            None
            if step.bundle is None
            else self.terms.condition(step.bundle, names, (*where, "bundle"), FieldKind.STRING)
        )

    def _recorded(self, step: Step, names: Vocabulary, where: Where) -> tuple[tuple[str, Condition], ...]:
        return compile_record(self.terms, step.record, names, (*where, "record")) if step.record is not None else ()

    def _points(self, step: Step, names: Vocabulary, where: Where) -> Condition | None:
        if step.post is None:
            return None
        return self.terms.condition(step.post.points, names, (*where, "post", "points"), FieldKind.DOUBLE)

    def _contact(self, step: Step, names: Vocabulary, where: Where) -> Condition | None:
        text, here = (step.contact, ("contact",)) if step.post is None else (step.post.contact, ("post", "contact"))
        return None if text is None else self.terms.condition(text, names, (*where, *here), FieldKind.STRING)

    def _limits(self, step: Step, names: Vocabulary, where: Where) -> tuple[LimitPlan, ...]:
        found = []
        for index, limit in enumerate(step.at_most or []):
            here = (*where, "at_most", index, "by")
            by = None if limit.by is None else self.terms.condition(limit.by, names, here, FieldKind.STRING)
            found.append(LimitPlan(limit, by))
        return tuple(found)

    def _gathers(self, step: Step, where: Where) -> Condition | None:
        asked, here = step.gathers, (*where, "gathers")
        if asked is None:
            return None
        self._react_to("gather", step.ref, asked, here)
        if asked.link is None:
            return None
        names = self.instance + self.terms.events(asked.on, here)
        return self.terms.condition(asked.link, names, (*here, "link"), FieldKind.STRING)

    def _receiver_of_ball(self, step: Step, names: Vocabulary, where: Where) -> Choice | None:
        """Compile who holds a loop first, or whom a pass gives it to."""
        if step.loop is not None:
            return self._receivers(step.loop.holder, names, (*where, "loop", "holder"))
        return self._receivers(step.pass_.to, names, (*where, "pass", "to")) if step.pass_ is not None else None

    def _receivers(self, value: Any, names: Vocabulary, where: Where) -> Choice | None:
        choice = self.terms.receivers(value, names, where)
        held = [one.ref for one in self.source.steps if one.task is not None or one.loop is not None]
        for _, receivers in choice.rows if choice is not None else ():
            for one in receivers:
                for ref in one.refs if isinstance(one, Named) else ():
                    _refuse_unknown(ref, held, where, "task or loop")
        return choice

    def _words(self, step: Step, names: Vocabulary, where: Where) -> Template | None:
        if step.hold is not None:
            return self.terms.text(step.reason or "", names, (*where, "reason"))
        text = step.task or step.alert or (step.brief.name if step.brief is not None else None)
        return None if text is None else self.terms.text(text, names, (*where, step.action))

    def _early(self, step: Step, where: Where) -> Template | None:
        if step.early is None:
            return None
        self._react_to("early", step.ref, step.early, where)
        names = self.instance + self.terms.events(step.early.on, where)
        return self.terms.text(step.early.because, names, (*where, "because"))

    def _clocks(self, step: Step, where: Where) -> tuple[Timed, ...]:
        found = []
        for index, absent in enumerate(step.absent or []):
            here = (*where, "absent", index)
            timer = step.ref if index == 0 else f"{step.ref}.{index}"
            self._since(absent.since, (*here, "since"))
            self._react_to("satisfy", step.ref, absent, here, timer)
            found.append(Timed(timer, absent.within, absent.since, frozenset(absent.on)))
        for index, held in enumerate(step.held or []):
            timer = step.ref if index == 0 else f"{step.ref}.{index}"
            mark = self._mark(held.mark, (*where, "held", index, "mark"))
            types = frozenset(name for match in mark for name in match.on)
            found.append(Timed(timer, held.for_, held.mark, types))
        if step.expect is not None:
            self._since(step.expect.since, (*where, "expect", "since"))
            self._react_to("satisfy", step.ref, step.expect, (*where, "expect"), step.ref)
            found.append(Timed(step.ref, step.expect.within, step.expect.since, frozenset(step.expect.on)))
        return tuple(found)

    def _completions(self, step: Step, where: Where) -> None:
        for index, match in enumerate(step.done_by or []):
            if match != "accepted":
                here = (*where, "done_by", index)
                self._react("done_by", step.ref, self._named(match, here), here)
        self._react("accept", step.ref, step.accepted_by or [], (*where, "accepted_by"))
        self._react("decline", step.ref, step.declined_by or [], (*where, "declined_by"))
        self._react("resolve", step.ref, step.resolved_by or [], (*where, "resolved_by"))
        self._react("void", step.ref, step.voided_by or [], (*where, "voided_by"))
        if step.gate is not None:
            self._react("renew", step.ref, step.gate.renewed_by or [], (*where, "gate", "renewed_by"))
        if step.gate is not None and any(check.override for check in step.gate.checks):
            self._react_to("override", step.ref, EventMatch(on=["override.recorded"]), (*where, "gate"))
        if step.reopen is not None:
            self._known(step.reopen.declined, (*where, "reopen", "declined"))
            if step.reopen.on is not None:
                match = EventMatch(on=step.reopen.on, where=step.reopen.where)
                self._react_to("reopen", step.ref, match, (*where, "reopen"), step.reopen.due)
        if step.refuse is not None:
            _refuse_unknown(step.refuse.missing, self.source.requirements, (*where, "refuse", "missing"), "requirement")
            self._react_to("refuse", step.ref, step.refuse, (*where, "refuse"), step.refuse)
        if step.loop is not None:
            here = (*where, "loop", "told")
            self._react("told", step.ref, self._named(step.loop.told or [], here), here)

    # ------------------------------------------------------------ what is named elsewhere in the definition

    def _check_names(self, step: Step, where: Where) -> None:
        for word in ("after", "missed", "settled_by", "declined"):
            self._known(getattr(step, word), (*where, word))
        for word in ("filled", "emptied"):
            name = getattr(step, word)
            if name is not None:
                _refuse_unknown(name, self.source.track, (*where, word), "tracked set")
        gates = [one.ref for one in self.source.steps if one.gate is not None]
        for word in ("gated_by", "refused_by"):
            name = getattr(step, word)
            if name is not None:
                _refuse_unknown(name, gates, (*where, word), "gate")
        self._check_ladders(step, where)
        self._check_pass(step.pass_, where)
        loops = [one.ref for one in self.source.steps if one.loop is not None]
        if step.handoff is not None:
            _refuse_unknown(step.handoff.loop, loops, (*where, "handoff"), "loop")
        tasks = [one.ref for one in self.source.steps if one.task is not None]
        for ref in step.overdue.of if step.overdue is not None else []:
            _refuse_unknown(ref, tasks, (*where, "overdue"), "task")
        if step.lift is not None:
            holds = {one.ref: one.hold for one in self.source.steps if one.hold is not None}
            _refuse_unknown(step.lift.hold, holds, (*where, "lift", "hold"), "hold")
            for scope in step.lift.scopes or []:
                _refuse_unknown(scope, holds[step.lift.hold], (*where, "lift", "scopes"), "scope of the hold")

    def _check_pass(self, asked: PassLoop | None, where: Where) -> None:
        steps = self.source.steps
        for word, what, known in (
            ("loop", "loop", [one.ref for one in steps if one.loop is not None]),
            ("task", "task", [one.ref for one in steps if one.task is not None]),
            ("bundle", "task with a bundle", [one.ref for one in steps if one.bundle is not None]),
        ):
            name = getattr(asked, word, None)
            if name is not None:
                _refuse_unknown(name, known, (*where, "pass"), what)

    def _check_ladders(self, step: Step, where: Where) -> None:
        ladders = [step.ladder, step.on_accept.ladder if step.on_accept is not None else None]
        for rung in (one for ladder in ladders if isinstance(ladder, list) for one in ladder):
            if rung.since is not None:
                _refuse_unknown(rung.since, self.source.marks, (*where, "ladder"), "mark")

    def _known(self, refs: list[str] | None, where: Where) -> list[str]:
        for index, ref in enumerate(refs or []):
            _refuse_unknown(ref, self.refs, (*where, index), "step")
        return refs or []

    def _since(self, since: str, where: Where) -> None:
        _refuse_unknown(since, ["start", *self.source.marks, *self.refs], where, "mark or step")

    def _mark(self, name: str, where: Where) -> list[EventMatch]:
        _refuse_unknown(name, self.source.marks, where, "mark")
        return self.source.marks[name]

    def _named(self, match: EventMatch | list[EventMatch] | str, where: Where) -> list[EventMatch]:
        """Give the events themselves, or those of the mark that is named."""
        if isinstance(match, str):
            return self._mark(match, where)
        return match if isinstance(match, list) else [match]

    def _reads(self) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
        read = {name for condition in self.terms.conditions for name in condition.reads}
        names = sorted(name for name in read if name.startswith("account."))
        return tuple((name.removeprefix("account."), self.account.names[name][1]) for name in names)


def _watches(source: DefinitionSource) -> bool:
    """Tell whether its instances must be looked at whenever a fact, a hold or a run of the account changed."""
    endings = [*(source.done or []), *(source.cancel or [])]
    pauses = source.pause is not None and source.pause.while_ is not None
    gates = any(step.gate is not None for step in source.steps)
    return gates or pauses or any(one.stands_on_condition for one in endings)


def types_of_start(start: Start) -> list[str]:
    """List the event types that a start pattern is completed by, as far as their data are `start.*`."""
    if start.count is not None:
        return start.count.on
    if start.held is not None:
        return [name for match in start.held.enter for name in match.on]
    if start.seq is not None:
        return start.seq.then.on
    if start.absent is not None:
        return start.absent.on
    if start.changed is not None:
        return list(CHANGED_BY[start.changed])
    return start.date.on if start.date is not None else start.on or []


def place_of_start(start: Start) -> Where:
    """Tell where the `on` of these types stands within the start."""
    if start.seq is not None:
        return ("seq", "then")
    if start.held is not None:
        return ("held", "enter")
    return next(((word,) for word in ("count", "absent", "date") if getattr(start, word) is not None), ())


def _refuse_kind(condition: Condition | None, wanted: tuple[str, ...], what: str, where: Where) -> None:
    if condition is not None and condition.type_name not in wanted:
        message = f"`{condition.source}` gives {condition.type_name}; `{where[-1]}` {what}"
        raise DefinitionRefused(where, message, "wrong_type")


def _refuse_unknown(name: str, known: Iterable[str], where: Where, what: str) -> None:
    names = list(known)
    if name not in names:
        message = f"there is no {what} {name!r} in this definition; {nearest(name, names, what='there are')}"
        raise DefinitionRefused(where, message, "unknown_part")


def _order(reaction: Reaction) -> int:
    return REACTION_ORDER.index(reaction[0])

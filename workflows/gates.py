"""May it go ahead now? A gate with its checks: judged when it is reached, and again whenever that may have changed.

A gate says `allow`, `hold` (with the earliest time at which it may become `allow`, where that is known) or `deny`. It
is judged again when a fact, a hold or a run of the account changed by which a check may answer otherwise, when a person
overrides a check, and at the times at which a check ends by itself. What it says goes out as `preflight.answered`, once
for each verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.envelope import Event
from workflows import items
from workflows.account import Hold, Task
from workflows.audience import MEMBERS_MAX, PART_OF, screened_in
from workflows.findings import Verdict
from workflows.language.conditions import UNSET, ConditionFailed, plain_list
from workflows.language.gate_names import removals
from workflows.language.plans import CheckPlan, StepPlan
from workflows.language.standing_names import contact_of, events_behind
from workflows.language.templates import plain
from workflows.language.vocabulary import person_of
from workflows.moment import Moment, iso
from workflows.pauses import look
from workflows.preflight import code_of
from workflows.progress import begin_or_delay, call_off, end_by_steps, finish, resolve_open, step_done, trace_now
from workflows.routing import candidates_for
from workflows.steps import Run, open_items, run_of
from workflows.verdicts import verdict_said
from workflows.working_time import add

RECHECKS_MAX = 5
"""How often what a gate brings about may make the gates be judged again within one event (F49)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: its codes where it stands in the way, and until when."""

    plan: CheckPlan
    codes: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a gate comes to, and the times at which a check may end by itself."""

    decision: str
    reasons: list[str]
    earliest: datetime | None
    times: list[datetime]
    findings: list[Finding]


def judge(run: Run, plan: StepPlan, *, is_renewed: bool = False) -> None:
    """Look at the checks of a gate, and tell if the verdict is another one, or that of another list (`is_renewed`)."""
    verdicts = run.instance.verdicts
    if plan.ref not in verdicts:
        take_members(run, plan)
    assert plan.step.gate is not None
    verdict = verdicts.setdefault(plan.ref, Verdict(told=plan.step.gate.told))
    former_members = {code: list(ones) for code, ones in verdict.removed.items()}
    ruling = _rule(run, plan, verdict) if plan.each is None else _screen(run, plan, verdict)
    decision, reasons, earliest = ruling.decision, ruling.reasons, ruling.earliest
    _set_timer(run, plan, decision, ruling.times)
    same = verdict.removed == former_members and not is_renewed
    if same and (decision, reasons, earliest) == (verdict.decision, verdict.reasons, verdict.earliest):
        return
    former, verdict.decision = verdict.decision, decision
    verdict.reasons, verdict.earliest = reasons, earliest
    verdict.waited = verdict.waited or decision != "allow"
    if verdict.told:
        run.moment.emit("preflight.answered", _said(run, plan, ruling.findings))
    if former == "" or (decision == "allow") != (former == "allow"):
        _turn(run, plan, verdict)


def _rule(run: Run, plan: StepPlan, verdict: Verdict) -> Ruling:
    """Ask all the checks of a gate."""
    findings = [_look(run, check, verdict) for check in plan.checks if _applies(run, check)]
    standing = [one for one in findings if one.codes]
    denied = any(one.plan.denies for one in standing)
    decision = "deny" if denied else "hold" if standing else "allow"
    reasons = list(dict.fromkeys(code for one in standing for code in one.codes))
    times = [one.until for one in standing]
    known = [one for one in times if one is not None]
    earliest = max(known) if decision == "hold" and len(known) == len(times) else None
    return Ruling(decision, reasons, earliest, known, findings)


def _screen(run: Run, plan: StepPlan, verdict: Verdict) -> Ruling:
    """Ask the checks for each of a list, in their order: the first that does not pass says why (W17).

    It is denied when it can come true for nobody, held while it is not true for all. The earliest time is that at which
    the last of them may be written to, where each waits for a time that is known.
    """
    found: dict[str, list[str]] = {}
    untils, lasting = list[datetime | None](), True
    for run.bindings.member in verdict.members:
        looks = (_look(run, check, verdict) for check in plan.checks if _applies(run, check))
        first = next((one for one in looks if one.codes), None)
        if first is not None:
            found.setdefault(first.codes[0], []).append(run.bindings.member)
            untils.append(first.until)
        lasting = lasting and first is not None and first.plan.denies
    run.bindings.member = ""
    known = {check.code for check in plan.checks if check.code in found or check.code in verdict.elsewhere}
    codes = dict.fromkeys([*(check.code for check in plan.checks if check.code in known), *found])
    verdict.removed = {code: found.get(code, []) for code in codes}
    reasons = list(removals(verdict))
    decision = "allow" if not reasons else "deny" if lasting and not verdict.elsewhere.get("") else "hold"
    times = [one for one in untils if one is not None]
    judged_here = not any(verdict.elsewhere.get(one) for one in reasons)
    is_known = decision == "hold" and judged_here and len(times) == len(untils)
    return Ruling(decision, reasons, max(times, default=None) if is_known else None, times, [])


def take_members(run: Run, plan: StepPlan) -> None:
    """Read whom a gate is asked for in the event at hand, and what is known of the others of the list."""
    if plan.each is None or run.bindings.event is None:
        return
    assert plan.step.gate is not None
    verdict = run.instance.verdicts.setdefault(plan.ref, Verdict(told=plan.step.gate.told))
    data = run.bindings.event.data
    verdict.members = list(dict.fromkeys(plain_list(plan.each.value(run.bindings))))[:MEMBERS_MAX]
    verdict.elsewhere = screened_in(data)
    verdict.told = plan.step.gate.told and not data.get(PART_OF)


def _turn(run: Run, plan: StepPlan, verdict: Verdict) -> None:
    """Begin what waits behind the gate, or call it off. Clocks of what had to wait begin when it opens."""
    opens = verdict.decision == "allow"
    if opens:
        verdict.opened_at = run.moment.at
    if opens and verdict.waited:
        run.instance.clock_from = run.moment.at
    for other in run.definition.steps.values():
        if other.step.refused_by == plan.ref:
            _refuse(run, other, opens=opens)
        if other.step.gated_by != plan.ref:
            continue
        if not opens and run.step(other.ref).status != "done":
            call_off(run, other.ref)
            resolve_open(run, other.ref, f"{plan.ref} says {verdict.decision}")
        elif opens and run.step(other.ref).status in ("waiting", "open") and not open_items(run, other.ref):
            begin_or_delay(run, other, trace_now(run))


def _refuse(run: Run, plan: StepPlan, *, opens: bool) -> None:
    """Begin what a refusal brings; its task is done, and its alert over, when the gate opens after all."""
    if not opens and not open_items(run, plan.ref):
        begin_or_delay(run, plan, trace_now(run))
    for item in open_items(run, plan.ref) if opens else ():
        if isinstance(item, Task):
            items.complete(run.moment, item, reason=f"{plan.step.refused_by} says allow")
            step_done(run, plan.ref, plan.ref)
    if opens:
        resolve_open(run, plan.ref, f"{plan.step.refused_by} says allow")


def _applies(run: Run, check: CheckPlan) -> bool:
    return check.when is None or check.when.holds(run.bindings)


def _look(run: Run, check: CheckPlan, verdict: Verdict) -> Finding:
    if check.scope:
        holds = _holds(run, check.scope)
        codes = tuple(code for one in holds if (code := code_of(one)) not in verdict.overridden)
        lifts = [run.moment.state.lifts_at(one) for one in holds if code_of(one) in codes]
        until = max(lifts) if lifts and None not in lifts else None  # type: ignore[type-var]
        return Finding(check, (check.code,) if codes and check.code else codes, until)
    if check.code in verdict.overridden:
        return Finding(check, (), None)
    if check.since is not None:
        since = check.since.value(run.bindings)
        assert check.span is not None
        until = None if since is UNSET else add(since, check.span, run.calendar)
        return Finding(check, (check.code,) if until is not None and until > run.moment.at else (), until)
    assert check.condition is not None
    return Finding(check, () if check.condition.holds(run.bindings) else (check.code,), None)


def _events(run: Run, check: CheckPlan) -> list[str]:
    """List the events behind what a check looks at."""
    if check.scope:
        return list(dict.fromkeys(_behind_hold(run, one) for one in _holds(run, check.scope)))
    return events_behind(check.reads, run.bindings)


def _holds(run: Run, scope: str) -> list[Hold]:
    """List the live holds that stop this scope: of the account, and of the contact whom the instance is about."""
    contact = contact_of(run.bindings)
    return sorted(
        (
            one
            for one in run.moment.state.holds()
            if one.scope in (scope, "all_outbound") and one.contact in ("", contact)
        ),
        key=lambda one: (one.opened_at, one.id),
    )


def _behind_hold(run: Run, hold: Hold) -> str:
    """Name the event that began what holds; a person's hold is named for its event."""
    instance = run.moment.state.instances.get(hold.instance)
    return instance.start.id if instance is not None else hold.key


def _set_timer(run: Run, plan: StepPlan, decision: str, known: list[datetime]) -> None:
    """Set the time of the next look: when the first check ends by itself, and where it is asked for every so often."""
    run.instance.timers.pop(plan.ref, None)
    if decision == "allow":
        return
    times = [one for one in known if one > run.moment.at]
    if plan.step.recheck is not None:
        times.append(add(run.moment.at, plan.step.recheck, run.calendar))
    if times:
        run.moment.set_timer(run.instance, plan.ref, min(times))


def _said(run: Run, plan: StepPlan, findings: list[Finding]) -> dict[str, Any]:
    gate = plan.step.gate
    assert gate is not None
    said = {**verdict_said(run.instance, plan.ref, run.instance.verdicts[plan.ref]), "purpose": gate.purpose}
    table: list[dict[str, Any]] = [
        {
            "check": " ".join(filter(None, [one.plan.code, one.plan.scope])),
            "passes": not one.codes,
            "until": iso(one.until) if one.until is not None and one.codes else None,
            "read": {name: _plain(getter(run.bindings)) for name, getter in one.plan.getters},
            "events": _events(run, one.plan),
        }
        for one in findings
    ]
    events = list(dict.fromkeys([run.instance.start.id, *(name for one in table for name in one["events"])]))
    return {**said, "evidence": {"events": events, "checks": table, "version": run.definition.source.version}}


def _plain(value: Any) -> Any:
    if value is UNSET:
        return None
    return iso(value) if isinstance(value, datetime) else value


def override(run: Run, plan: StepPlan, event: Event) -> None:
    """Let a person go past the checks that she may: those that name a role of hers; `scope` may name one of them."""
    by = str(event.data.get("by") or person_of(event.data))
    scope = event.data.get("scope")
    verdict = run.instance.verdicts.get(plan.ref)
    if verdict is None or not by:
        return
    codes = [code for check in plan.checks for code in _codes(run, check) if _may(run, check, by)]
    wanted = [code for code in codes if scope == code] if scope in codes else codes
    if not wanted:
        allowed = ", ".join(sorted({role for check in plan.checks for role in check.override}))
        reason = f"{by} may not override {', '.join(verdict.reasons) or 'this gate'}; {allowed or 'nobody'} may (R15)"
        run.moment.fail(run.definition.name, reason)
        return
    verdict.overridden |= dict.fromkeys(wanted, event.id)
    judge(run, plan)


def _codes(run: Run, check: CheckPlan) -> list[str]:
    return [code_of(one) for one in _holds(run, check.scope)] if check.scope else [check.code]


def _may(run: Run, check: CheckPlan, person: str) -> bool:
    moment = run.moment
    return any(
        person in moment.directory.names_of(one)
        for role in check.override
        for one in candidates_for(role, moment.state.roles, moment.directory)
    )


def recheck(moment: Moment) -> None:
    """Judge the open gates again, and look at the endings that stand on a condition."""
    for _ in range(RECHECKS_MAX):
        topics = moment.stale
        if not topics:
            return
        moment.stale = set()
        for name in list(moment.state.watching):
            instance = moment.state.instances.get(name)
            definition = moment.library.by_hash.get(instance.definition) if instance is not None else None
            if instance is None or definition is None or instance.status != "running":
                continue
            run = run_of(moment, definition, instance)
            try:
                _judge_open(run, topics)
            except ConditionFailed as failure:
                moment.fail(definition.name, plain(str(failure)))


def _judge_open(run: Run, topics: set[str]) -> None:
    for plan in run.definition.gates:
        if run.step(plan.ref).status == "open" and _may_say_otherwise(run, plan, topics):
            judge(run, plan)
            end_by_steps(run)
            topics = topics | {"runs"}
    _look_at_endings(run, topics)
    look(run)


def _may_say_otherwise(run: Run, plan: StepPlan, topics: set[str]) -> bool:
    """Tell whether a check that depends on what changed answers otherwise than it did; mostly none does."""
    verdict = run.instance.verdicts.get(plan.ref)
    if verdict is None:
        return True
    if plan.each is not None:
        return any(not one.topics.isdisjoint(topics) for one in plan.checks)
    return any(_may_answer_otherwise(run, one, verdict) for one in plan.checks if not one.topics.isdisjoint(topics))


def _may_answer_otherwise(run: Run, check: CheckPlan, verdict: Verdict) -> bool:
    stands = _applies(run, check) and bool(_look(run, check, verdict).codes)
    if check.scope and verdict.decision != "allow":
        return True  # several holds may stand behind it
    stood = check.code in verdict.reasons
    return stands != stood or (stands and (check.denies or check.since is not None))


def _look_at_endings(run: Run, topics: set[str]) -> None:
    """End the instance when a condition says so that depends on what changed."""
    for plan in run.definition.cancel:
        concerned = run.instance.status == "running" and not plan.topics.isdisjoint(topics)
        if concerned and plan.condition is not None and plan.condition.holds(run.bindings):
            finish(run, "cancelled", plan)
    if any(not plan.topics.isdisjoint(topics) for plan in run.definition.done):
        end_by_steps(run)

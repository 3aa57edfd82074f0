"""What does a person hold at this account, and how does it go to another as one? For a change of owners (W21).

A bundle is gathered once, when its task is first given: every open task and loop that the person holds, of whatever
workflow. It stays with whom it is until the task is accepted, and is then handed over as it is: what is due stays due,
and no timer begins anew. What is handed over for an absence says in whose place it is held, so that it can be gathered
again when she is back.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows import items
from workflows.account import AccountState, Instance, Loop, Recipient, Task, is_open
from workflows.findings import Bundled
from workflows.holdings import held_by, held_in_place_of, holder_of
from workflows.language.conditions import UNSET
from workflows.language.plans import StepPlan
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment
from workflows.people import AWAY_SET


def concerns(state: AccountState, person: str) -> bool:
    """Tell whether a person has a part at this account: a role, or something open."""
    return bool(person) and (person in state.roles.values() or any(True for _ in held_by(state, person)))


def bundle_of(moment: Moment, instance: Instance, plan: StepPlan, bindings: Bindings) -> list[Bundled]:
    """Give the bundle of a task, thread by thread; none for a task that hands nothing over."""
    if plan.bundle is None:
        return []
    person = plan.bundle.value(bindings)
    if plan.ref not in instance.bundles:
        gather = held_in_place_of if plan.step.returns else held_by
        held = gather(moment.state, person) if person and person is not UNSET else ()
        instance.bundles[plan.ref] = [one.id for one in held if one.instance != instance.id]
    return threads_of(moment.state, instance.bundles[plan.ref])


def threads_of(state: AccountState, ids: list[str]) -> list[Bundled]:
    """Put what is open of a bundle together by its thread: a loop and the tasks of its run are one thing."""
    found: dict[str, list[Task | Loop]] = {}
    for item in _open_of(state, ids):
        found.setdefault(item.instance, []).append(item)
    return [_thread(parts) for parts in found.values()]


def hand_over(moment: Moment, instance: Instance, ref: str, to: Recipient) -> None:
    """Give what is open of a bundle to somebody; each keeps its role, its due time and its ladder."""
    absent = str(instance.data.get("person", "")) if instance.start.type == AWAY_SET else ""
    away = absent if absent not in ("", to.person) else to.away
    for item in list(_open_of(moment.state, instance.bundles.get(ref, []))):
        given = Recipient(holder_of(item).role, to.person, to.queue, to.fallback, away)
        if isinstance(item, Loop):
            items.pass_loop(moment, item, given)
        else:
            items.reassign(moment, item, given, reason=instance.workflow)


def _thread(parts: list[Task | Loop]) -> Bundled:
    loop = next((one for one in parts if isinstance(one, Loop)), None)
    tasks = [one for one in parts if isinstance(one, Task)]
    first = parts[0]
    return Bundled(
        workflow=first.workflow,
        key=first.key,
        title=loop.name if loop is not None else tasks[0].title,
        due=min((one.due for one in tasks), default=None),
        loop=loop.id if loop is not None else None,
        tasks=[one.id for one in tasks],
    )


def _open_of(state: AccountState, ids: list[str]) -> Iterator[Task | Loop]:
    for one in ids:
        item = state.work.get(one)
        if isinstance(item, Task | Loop) and is_open(item):
            yield item

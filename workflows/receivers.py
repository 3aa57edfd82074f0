"""Who gets it? From the receivers that a step names to people: roles, and whom no role names (R9, R10).

A role is routed through its fallbacks. Beside it a definition may name a person or a team by an expression, or who
stands to the holder of a step's work: that holder herself, her manager, her delegate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from workflows.account import Loop, Recipient, Task, is_open
from workflows.escalation import manager_of, recipient
from workflows.language.conditions import plain_list
from workflows.language.grammar import ROLES, TEAMS
from workflows.language.plans import Named
from workflows.language.vocabulary import person_of

if TYPE_CHECKING:
    from workflows.steps import Run

Wanted = tuple[str | Named, ...]

CS_OPS = "cs_ops"

ROLES_OF_TEAM: dict[str, tuple[str, ...]] = {
    "sales": ("am", "ae"),
    "cs": ("csm", "csm_backup"),
    "support": ("support_owner",),
    "product": ("pm",),
    "marketing": ("marketer",),
    "finance": ("finance_owner",),
    "executive": ("exec_sponsor", "cco", "ceo"),
}
"""Who stands for a team on an account: the first of these roles that somebody holds; else its queue."""

OTHER_NAMES: dict[str, str] = {
    "customer_success": "cs",
    "success": "cs",
    "customer_support": "support",
    "engineering": "product",
    "product_management": "product",
    "exec": "executive",
    "executives": "executive",
}
"""What teams are also called."""


def recipients(run: Run, wanted: Wanted) -> list[Recipient]:
    """Route everybody whom an alert names; a person who is named twice is told once."""
    found: dict[str, Recipient] = {}
    for _, one in _routed(run, wanted, run.moment.at):
        found.setdefault(one.person or one.queue or one.role, one)
    if any(one.queue for one in found.values()) and CS_OPS not in wanted:
        ops = recipient(run.moment, CS_OPS, run.moment.at)
        found.setdefault(ops.person or ops.queue or CS_OPS, ops)
    return list(found.values())


def holder(run: Run, wanted: Wanted, at: datetime) -> Recipient:
    """Route to the first that somebody holds; else through the fallbacks of the first role (R9)."""
    for one, found in _routed(run, wanted, at):
        if isinstance(one, Named) or (found.person is not None and not found.fallback):
            return found
    role = next((one for one in wanted if isinstance(one, str)), CS_OPS)
    return recipient(run.moment, role, at)


def is_somebody(run: Run, wanted: Wanted) -> bool:
    """Tell whether there is anybody to give it to: a role always leads to somebody, a delegate may not be there."""
    return any(one != "actor" and isinstance(one, str) for one in wanted) or any(
        True for _ in _routed(run, wanted, run.moment.at)
    )


def _routed(run: Run, wanted: Wanted, at: datetime) -> Iterator[tuple[str | Named, Recipient]]:
    for one in wanted:
        if isinstance(one, Named):
            yield from ((one, found) for found in _found(run, one, at) if found is not None)
            continue
        to = _actor(run) if one == "actor" else recipient(run.moment, one, at)
        if to is not None:
            yield one, to


def _found(run: Run, wanted: Named, at: datetime) -> Iterator[Recipient | None]:
    if wanted.condition is None:
        yield _NAMED[wanted.how](run, wanted, at)
        return
    value = wanted.condition.value(run.bindings)
    for said in [value] if isinstance(value, str) else plain_list(value):
        yield _SAID[wanted.how](run, said, at) if said else None


def _actor(run: Run) -> Recipient | None:
    person = person_of(run.instance.data)
    return Recipient(role="actor", person=person) if person else None


def _person(run: Run, said: str, at: datetime) -> Recipient:
    """Find who is meant: an id or an address of ours; a team or a role stands for who holds it."""
    if _team_named(said) or _plainly(said) in ROLES:
        return _of_team(run, said, at)
    known = run.moment.directory.person_by_email(said) if "@" in said else None
    return of_person(run, known.id if known is not None else said, at)


def _manager(run: Run, said: str, _at: datetime) -> Recipient:
    return manager_of(run.moment, Recipient(role="person", person=said))


def _team(run: Run, said: str, at: datetime) -> Recipient:
    return of_person(run, said, at) if said in run.moment.directory.people else _of_team(run, said, at)


def of_person(run: Run, person: str, at: datetime) -> Recipient:
    """Give a person as she stands on the account, or who stands in for her while she is away (R10)."""
    moment = run.moment
    role = next((role for role, one in moment.state.roles.items() if one == person and role in ROLES), None)
    role = role or _former_role(run, person) or "person"
    if not moment.directory.is_away(person, at):
        return Recipient(role=role, person=person)
    delegate = moment.directory.delegate_of(person, at)
    if delegate is not None:
        return Recipient(role=role, person=delegate, away=person)
    return recipient(moment, role, at) if role in ROLES else manager_of(moment, Recipient(role=role, person=person))


def _former_role(run: Run, person: str) -> str | None:
    """Tell as what the former owner stands on the account, who may have a last thing to do there (W21)."""
    standing = run.moment.state.standing
    change = standing.owner_change if standing is not None else None
    return change.role if change is not None and change.former == person else None


def _of_team(run: Run, said: str, at: datetime) -> Recipient:
    """Find who stands for a team or a role on the account; a team that has nobody has a queue."""
    if _plainly(said) in ROLES:
        return recipient(run.moment, _plainly(said), at)
    team = _team_named(said)
    if team is None:
        return Recipient(role=_plainly(said), queue=run.moment.directory.queue_of_team(_plainly(said)))
    roles = ROLES_OF_TEAM[team]
    for role in roles:
        found = recipient(run.moment, role, at)
        if found.person is not None and not found.fallback:
            return found
    return Recipient(role=roles[0], queue=run.moment.directory.queue_of_team(team), fallback=roles)


def _team_named(said: str) -> str | None:
    plain = _plainly(said)
    plain = OTHER_NAMES.get(plain, plain)
    return plain if plain in TEAMS else None


def _plainly(said: str) -> str:
    return "_".join(said.casefold().replace("-", " ").split())


def _held(run: Run, wanted: Named) -> Recipient | None:
    """Find who holds the work of the named steps: what is open first, the newest of it."""
    work = run.moment.state.work
    found = [work[one] for ref in wanted.refs for one in run.step(ref).work if one in work]
    held = sorted((one for one in found if isinstance(one, Task | Loop)), key=lambda one: (is_open(one), one.opened_at))
    if not held:
        return None
    newest = held[-1]
    return newest.to if isinstance(newest, Task) else newest.holder


def _holder_of(run: Run, wanted: Named, _at: datetime) -> Recipient | None:
    return _held(run, wanted)


def _manager_of(run: Run, wanted: Named, _at: datetime) -> Recipient | None:
    found = _held(run, wanted)
    return manager_of(run.moment, found) if found is not None else None


def _delegate_of(run: Run, wanted: Named, at: datetime) -> Recipient | None:
    """Find who stands in for the holder: her delegate, else who backs up the role that she has on the account."""
    found = _held(run, wanted)
    if found is None or found.person is None:
        return None
    known = run.moment.directory.people.get(found.person)
    delegate = known.delegate if known is not None else None
    if delegate is None and found.role == "csm":
        delegate = run.moment.state.roles.get("csm_backup")
    if delegate is None or delegate == found.person or run.moment.directory.is_away(delegate, at):
        return None
    return Recipient(role=found.role, person=delegate)


_SAID: Mapping[str, Callable[[Run, str, datetime], Recipient]] = {
    "person": _person,
    "manager": _manager,
    "team": _team,
}
_NAMED: Mapping[str, Callable[[Run, Named, datetime], Recipient | None]] = {
    "holder_of": _holder_of,
    "manager_of": _manager_of,
    "delegate_of": _delegate_of,
}
"""What each word of `grammar.Receiver` means: those that say who, and those that name steps."""

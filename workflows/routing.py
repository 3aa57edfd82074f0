"""Who gets it: from a role on the account to a person, a stand-in, the next role in the chain, or a queue (R9, R10).

Nothing is ever handed out without a holder. A role is looked for on the account first; then each name in its fallback
chain is, and a chain ends in a queue, which the caller copies to `cs_ops`. Managers' roles are also found by asking who
manages the person that holds the role below. Whoever is away at the given time is stood in for by a delegate; without
one, the next in the chain gets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from workflows.directory import Directory

QUEUE = "queue:"
"""What marks the name of a queue in a fallback chain, such as `queue:cs.unassigned`."""

LAST_QUEUE = "cs.unassigned"
"""Where work waits when the chain of a role names no queue."""

DEFAULT_FALLBACKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ae": ("am", "sales_manager", "queue:sales.unassigned"),
        "am": ("ae", "sales_manager", "queue:sales.unassigned"),
        "sales_manager": ("queue:sales.unassigned",),
        "csm": ("csm_backup", "cs_manager", "queue:cs.unassigned"),
        "csm_backup": ("csm", "cs_manager", "queue:cs.unassigned"),
        "cs_manager": ("queue:cs.unassigned",),
        "cs_ops": ("cs_manager", "queue:cs.unassigned"),
        "support_owner": ("support_lead", "queue:support.unassigned"),
        "support_lead": ("queue:support.unassigned",),
        "pm": ("product_lead", "queue:product.unassigned"),
        "product_lead": ("queue:product.unassigned",),
        "marketer": ("marketing_lead", "queue:marketing.unassigned"),
        "marketing_lead": ("queue:marketing.unassigned",),
        "finance_owner": ("finance_lead", "queue:finance.unassigned"),
        "finance_lead": ("queue:finance.unassigned",),
        "exec_sponsor": ("cco", "ceo", "queue:exec.unassigned"),
        "cco": ("ceo", "queue:exec.unassigned"),
        "ceo": ("cco", "queue:exec.unassigned"),
    }
)
"""Every role that a definition may name (rule R9), with whom to ask when nobody holds it; the file overrides chains."""

MANAGED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cs_manager": ("csm", "csm_backup"),
        "sales_manager": ("ae", "am"),
        "support_lead": ("support_owner",),
        "product_lead": ("pm",),
        "marketing_lead": ("marketer",),
        "finance_lead": ("finance_owner",),
    }
)
"""For each role of a manager, the roles on the account below it, whose holders' managers are looked at."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who holds a piece of work, and how it came to that; either `person` or `queue` is given, never both."""

    role: str
    """The role that was asked for."""
    person: str | None = None
    queue: str | None = None
    fallback: tuple[str, ...] = ()
    """The roles that were tried in vain, in order; empty when the role itself gave the holder or a stand-in."""
    away_from: str | None = None
    """The first person who would have held it, and is away."""
    found_as: str | None = None
    """The role that gave the holder: `role` itself, or the one in the chain; absent for a queue."""


def known_roles(directory: Directory) -> frozenset[str]:
    """List the roles that a definition may name: those of rule R9 and those of the organisation's file."""
    chains = (*DEFAULT_FALLBACKS.values(), *directory.fallbacks.values())
    in_chains = {name for chain in chains for name in chain if not name.startswith(QUEUE)}
    return frozenset({*DEFAULT_FALLBACKS, *directory.fallbacks, *directory.roles, *in_chains})


def candidates_for(role: str, account_roles: Mapping[str, str], directory: Directory) -> Iterator[str]:
    """Name those who may hold a role, best first; the same person may come twice.

    The account's own holder comes first, then those that hold the role for the company, by id; who has more to do than
    time comes after her equals (W20).

    Around these, for a manager's role: before them the manager of whoever holds the role below on the account, if that
    manager holds this role for the company; and after them that manager even so.
    """
    own = account_roles.get(role)
    if own:
        yield own
    below = [account_roles[name] for name in MANAGED.get(role, ()) if account_roles.get(name)]
    managers = [manager for person in below if (manager := directory.manager_of(person)) is not None]
    holders = sorted(directory.holders_of_role(role), key=lambda one: is_over(directory, one))
    yield from (manager for manager in managers if manager in holders)
    yield from holders
    yield from managers


def is_over(directory: Directory, person: str) -> bool:
    """Tell whether more is due than a person has time for, as it was last measured (W20)."""
    own = directory.people.get(person)
    return own is not None and own.is_over


def route(role: str, account_roles: Mapping[str, str], directory: Directory, at: datetime) -> Recipient:
    """Find who holds work for a role on an account at a time, which is the due time for a task (rules R9 and R10).

    A person whom the directory does not know is a holder like any other. The answer is the same for the same values.

    >>> from datetime import UTC
    >>> route("csm", {"csm": "dana"}, Directory(), datetime(2026, 3, 3, 10, tzinfo=UTC)).person
    'dana'
    """
    tried: list[str] = []
    away_from: str | None = None
    for name in (role, *directory.fallbacks.get(role, DEFAULT_FALLBACKS.get(role, ()))):
        if name.startswith(QUEUE):
            return Recipient(role, queue=name.removeprefix(QUEUE), fallback=tuple(tried), away_from=away_from)
        for person in candidates_for(name, account_roles, directory):
            if not directory.is_away(person, at):
                return Recipient(role, person, fallback=tuple(tried), away_from=away_from, found_as=name)
            away_from = away_from or person
            delegate = directory.delegate_of(person, at)
            if delegate is not None:
                return Recipient(role, delegate, fallback=tuple(tried), away_from=away_from, found_as=name)
        tried.append(name)
    return Recipient(role, queue=LAST_QUEUE, fallback=tuple(tried), away_from=away_from)

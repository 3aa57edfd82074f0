"""Who sees what, and who may do what? One table for the API, the pages, the live stream and their tests (F71, F72).

A person may have several roles: they may do what any of them may, see every account that any of them sees, and a field
is hidden only where every role hides it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from workflows.directory import Directory
from workflows.language.grammar import TEAMS as WRITERS

Role = Literal["sales", "cs", "marketing", "product", "support", "finance", "executive", "cs_ops", "admin"]
Permission = Literal[
    "self",  # be signed in: who am I, my tokens, sign out
    "work.read",  # inbox, tasks, alerts, loops, holds, and why they exist
    "work.act",  # accept, decline, finish, snooze, mark as useful
    "work.reassign",  # give the work of others to somebody
    "account.read",  # the account and its timeline
    "preflight.ask",  # may I contact them?
    "workflow.read",  # the definitions
    "backtest.run",  # what another definition would have given
    "workflow.author",  # write those of one's teams, try them and put them in force
    "report.read",  # loops, workflows
    "report.money",  # friction, hours given and paid
    "event.send",  # what happened, by form or by a system
    "quarantine.read",
    "quarantine.release",
    "audit.read",
    "user.manage",  # people's doors, roles and tokens
    "person.erase",
    "clock.move",  # the demo's clock
]
Accounts = Literal["all", "own"]
"""All accounts; or those where the person, or who reports to her, holds a role or open work."""

LABELS: Mapping[str, frozenset[str]] = {
    "money": frozenset({"amount", "amounts", "arr", "budget", "delta_arr", "discount", "price", "value"}),
    "contact": frozenset({"email", "phone"}),
    "score": frozenset({"nps", "score", "csat"}),
    "note": frozenset({"notes"}),
}
"""What may be hidden, and the names of the fields that say it, at any depth."""


@dataclass(frozen=True, slots=True)
class View:
    """What a role may do, which labels it does not see, which accounts it sees, what events it may send.

    And the teams whose definitions it may write.
    """

    may: frozenset[Permission]
    hides: frozenset[str] = frozenset()
    accounts: Accounts = "all"
    sends: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


_ALL: frozenset[Permission] = frozenset(
    {
        "self",
        "work.read",
        "work.act",
        "account.read",
        "preflight.ask",
        "workflow.read",
        "workflow.author",
        "backtest.run",
    }
)
_MANY: frozenset[Permission] = _ALL | {"event.send"}
_EVERYTHING: frozenset[Permission] = frozenset(get_args(Permission))

ROLES: Mapping[Role, View] = {
    "sales": View(_MANY, frozenset({"score"}), "own", ("sales.*", "account.registered", "account.updated"), ("sales",)),
    "cs": View(
        _MANY | {"work.reassign", "report.read"}, sends=("cs.*", "customer.*", "account.updated"), writes=("cs",)
    ),
    "marketing": View(_MANY, frozenset({"money", "score"}), sends=("marketing.*",), writes=("marketing",)),
    "product": View(_MANY, frozenset({"money", "contact", "score"}), sends=("product.*",), writes=("product",)),
    "support": View(_MANY, frozenset({"money", "score"}), sends=("support.*",), writes=("support",)),
    "finance": View(
        _MANY | {"report.money"}, frozenset({"contact", "score"}), sends=("finance.*",), writes=("finance",)
    ),
    "executive": View(
        _ALL | {"work.reassign", "report.read", "report.money"}, frozenset({"note"}), writes=("executive",)
    ),
    "cs_ops": View(
        _EVERYTHING - {"user.manage", "person.erase", "audit.read", "clock.move"}, sends=("*",), writes=WRITERS
    ),
    "admin": View(_EVERYTHING, sends=("*",), writes=WRITERS),
}

NOBODY = View(frozenset({"self"}), frozenset(LABELS), "own")
"""Somebody who is signed in and has no role."""

TEAMS: Mapping[str, Role] = {
    "sales": "sales",
    "cs": "cs",
    "marketing": "marketing",
    "product": "product",
    "support": "support",
    "finance": "finance",
    "exec": "executive",
}
"""The role that belongs to a team of the directory."""

COMPANY_ROLES: Mapping[str, Role] = {"cs_ops": "cs_ops", "cco": "executive", "ceo": "executive"}
"""The role that belongs to a role held for the whole company."""


def roles_of(person: str, directory: Directory, given: Iterable[str] = ()) -> frozenset[Role]:
    """Return the roles of a person: of her team, of what she is for the whole company, and those given by an admin."""
    known: set[str] = {role for role in given if role in ROLES}
    team = directory.team_of(person)
    if team is not None and team in TEAMS:
        known.add(TEAMS[team])
    known |= {role for held, role in COMPANY_ROLES.items() if person in directory.holders_of_role(held)}
    return frozenset(role for role in ROLES if role in known)


def view_of(roles: Iterable[Role]) -> View:
    """Return what several roles see and may do together."""
    views = [ROLES[role] for role in roles]
    if not views:
        return NOBODY
    return View(
        frozenset().union(*(view.may for view in views)),
        frozenset.intersection(*(view.hides for view in views)),
        "all" if any(view.accounts == "all" for view in views) else "own",
        tuple(dict.fromkeys(pattern for view in views for pattern in view.sends)),
        tuple(dict.fromkeys(team for view in views for team in view.writes)),
    )


def may_send(view: View, event_type: str) -> bool:
    """Tell whether somebody may send events of a type."""
    return any(fnmatchcase(event_type, pattern) for pattern in view.sends)


def hidden_names(view: View) -> frozenset[str]:
    """Return the names of the fields that a view hides; of a dotted name each part is one, as in ``nps.score``."""
    return frozenset[str]().union(*(LABELS[label] for label in view.hides))


def masked(value: Any, view: View) -> Any:
    """Return JSON-like data without the fields that a view hides, at any depth: absent, not blanked.

    >>> masked({"name": "Acme", "arr": 120000, "team": [{"email": "jo@acme.example", "id": "jo"}]}, ROLES["product"])
    {'name': 'Acme', 'team': [{'id': 'jo'}]}
    """
    if not view.hides:
        return value
    return _without(value, hidden_names(view), _ADDRESS if "contact" in view.hides else None)


_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
"""A mail address names its person wherever it stands: among participants, as the id of a contact."""

_IN_A_SENTENCE = re.compile(r"[^@\s<>()\[\]{},;:\"']+@[^@\s<>()\[\]{},;:\"']*[^@\s<>()\[\]{},;:\"'.]")


def _without(value: Any, names: frozenset[str], address: re.Pattern[str] | None) -> Any:
    def is_hidden(one: Any) -> bool:
        return address is not None and isinstance(one, str) and address.fullmatch(one) is not None

    def is_named(name: Any) -> bool:
        return name in names or (isinstance(name, str) and "." in name and not names.isdisjoint(name.split(".")))

    if isinstance(value, Mapping):
        kept = {name: one for name, one in value.items() if not (is_named(name) or is_hidden(name) or is_hidden(one))}
        return {name: _without(one, names, address) for name, one in kept.items()}
    if isinstance(value, list | tuple):
        return [_without(one, names, address) for one in value if not is_hidden(one)]
    return without_addresses(value) if address is not None and isinstance(value, str) else value


def may_write(view: View, teams: Iterable[str]) -> bool:
    """Tell whether somebody may write the definitions of all of some teams."""
    return "workflow.author" in view.may and set(teams) <= set(view.writes)


def without_addresses(text: str) -> str:
    """Return a sentence in which who is named by a mail address is somebody.

    >>> without_addresses("Answer jo@acme.example, who gave 3.")
    'Answer somebody, who gave 3.'
    """
    return _IN_A_SENTENCE.sub("somebody", text)

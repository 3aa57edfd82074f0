"""How does a user read: which roles has she, from where, and may she come in?"""

from collections.abc import Mapping
from dataclasses import dataclass

from nofumble.store.web_store import UserRow
from nofumble.web.roles import Permission, roles_of
from workflows.directory import Directory

PERMISSION_WORDS: Mapping[Permission, str] = {
    "self": "be signed in",
    "work.read": "read work",
    "work.act": "do its own work",
    "work.reassign": "give the work of others to somebody",
    "account.read": "read customers",
    "preflight.ask": "ask: may I?",
    "workflow.read": "read workflows",
    "workflow.author": "write workflows of one's own teams",
    "backtest.run": "try changes on the recorded history",
    "report.read": "read reports",
    "report.money": "read reports on money",
    "event.send": "send events",
    "quarantine.read": "read the quarantine",
    "quarantine.release": "let events through",
    "audit.read": "read the audit",
    "user.manage": "let people in",
    "person.erase": "erase people",
    "clock.move": "move the demo's clock",
}
"""Each permission as people say it."""


@dataclass(frozen=True, slots=True)
class User:
    """One who may sign in: `given` are the roles of an admin, `inherited` those of the directory."""

    person: str
    given: tuple[str, ...]
    inherited: tuple[str, ...]
    sessions: int
    has_password: bool
    is_shut: bool


def user_of(row: UserRow, directory: Directory, sessions: int) -> User:
    """Return a user with what the directory says of her."""
    inherited = sorted(roles_of(row.person, directory))
    return User(
        row.person,
        tuple(sorted(row.roles)),
        tuple(inherited),
        sessions,
        row.password is not None,
        row.disabled_at is not None,
    )

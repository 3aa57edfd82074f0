"""How does a user read: which roles has she, from where, and may she come in?"""

from dataclasses import dataclass

from nofumble.store.web_store import UserRow
from nofumble.web.roles import roles_of
from workflows.directory import Directory


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

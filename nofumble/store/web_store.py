"""What do sign-in and audit keep? The store of the web: everything that the agents' store has, and people's doors."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from agents.desk_rows import NoticeRow
from agents.rows import ParkedRow, SentRow
from nofumble.store.postgres_store import PostgresStore

T = TypeVar("T")


class UserRow(NamedTuple):
    """A person with a door of her own; `password` is an argon2 hash."""

    person: str
    password: str | None
    roles: Sequence[str]
    created_at: datetime
    disabled_at: datetime | None


class SessionRow(NamedTuple):
    """A session that has not ended, and the roles that were given to its person."""

    person: str
    csrf: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    roles: Sequence[str]


class TokenRow(NamedTuple):
    """A token of the API, without what opens the door."""

    id: str
    person: str
    name: str
    scopes: Sequence[str]
    created_at: datetime
    ends_at: datetime
    revoked_at: datetime | None


class AuditRow(NamedTuple):
    """Who saw, changed or overrode what, when and why; `seq` is 0 until it is stored."""

    at: datetime
    person: str | None
    how: str
    act: str
    account_id: str | None = None
    object: str | None = None
    reason: str | None = None
    detail: Mapping[str, Any] = {}
    seq: int = 0


class DraftRow(NamedTuple):
    """A definition that is being written: its text as it was saved last, by whom, when and why."""

    name: str
    team: str
    text: str
    author: str
    note: str
    saved_at: datetime


class AuditFilter(NamedTuple):
    """Which lines of the audit are wanted: each field that is not None narrows.

    `acts` are patterns of LIKE; what was done at `until` itself is not in it.
    """

    person: str | None = None
    account: str | None = None
    acts: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = AuditFilter()


class WebStore(PostgresStore):
    """The store of one request at a time."""

    def in_transaction(self, work: Callable[[Connection[TupleRow]], T]) -> T:
        """Do something in one transaction, again if need be; it must have no effect but on its connection."""
        return self._session.run(work)

    # people

    def user(self, person: str) -> UserRow | None:
        """Return a person's door."""
        return next((UserRow(*row) for row in self._rows("web_user", {"person": person})), None)

    def users(self) -> list[UserRow]:
        """Return all of them, in order of person."""
        return [UserRow(*row) for row in self._rows("web_users")]

    def put_user(self, person: str, *, password: str | None, roles: Sequence[str] | None, at: datetime) -> None:
        """Add a person, or change her password or roles; None leaves what is there."""
        given = None if roles is None else list(roles)
        self._change("put_web_user", {"person": person, "password": password, "roles": given, "at": at})

    def disable_user(self, person: str, at: datetime | None) -> bool:
        """Shut a person's door, with all sessions and tokens, or open it again (None)."""
        return self._change("disable_web_user", {"person": person, "at": at}) == 1

    # sessions

    def open_web_session(self, hash_: bytes, person: str, csrf: str, at: datetime, ends_at: datetime) -> None:
        """Begin a session."""
        wanted = {"hash": hash_, "person": person, "csrf": csrf, "at": at, "ends_at": ends_at}
        self._change("open_web_session", wanted)

    def web_session(self, hash_: bytes, at: datetime, idle_since: datetime) -> SessionRow | None:
        """Return the session of a cookie, unless it ended, was idle for too long, or its person's door is shut."""
        wanted = {"hash": hash_, "at": at, "idle_since": idle_since}
        return next((SessionRow(*row) for row in self._rows("web_session", wanted)), None)

    def touch_web_session(self, hash_: bytes, at: datetime) -> None:
        """Note that somebody is there."""
        self._change("touch_web_session", {"hash": hash_, "at": at})

    def close_web_sessions(self, *, person: str, hash_: bytes | None = None) -> None:
        """End one session of a person, or all of them."""
        self._change("close_web_sessions", {"person": person, "hash": hash_})

    def web_sessions(self, at: datetime, idle_since: datetime) -> dict[str, int]:
        """Return how many sessions that are good each person has; who has none is not in it."""
        wanted = {"at": at, "idle_since": idle_since}
        return {str(person): int(count) for person, count in self._rows("web_sessions", wanted)}

    # tokens

    def add_token(self, row: TokenRow, hash_: bytes) -> None:
        """Keep a token by its hash."""
        self._change("add_web_token", row._asdict() | {"hash": hash_, "scopes": list(row.scopes)})

    def token(self, hash_: bytes, at: datetime) -> tuple[TokenRow, Sequence[str]] | None:
        """Return a token that is good at a time, and the roles that were given to its person."""
        rows = self._rows("web_token", {"hash": hash_, "at": at})
        return (TokenRow(*rows[0][:-1]), rows[0][-1]) if rows else None

    def tokens(self, person: str | None = None) -> list[TokenRow]:
        """Return all tokens, or a person's, newest first."""
        return [TokenRow(*row) for row in self._rows("web_tokens", {"person": person})]

    def revoke_token(self, token_id: str, at: datetime, *, person: str | None = None) -> bool:
        """Make a token useless from now on; False when it was, or is not there, or is not the person's."""
        return self._change("revoke_web_token", {"id": token_id, "at": at, "person": person}) == 1

    # links that open once

    def add_link(self, hash_: bytes, person: str | None, roles: Sequence[str], ends_at: datetime) -> None:
        """Keep a link by its hash."""
        self._change("add_web_link", {"hash": hash_, "person": person, "roles": list(roles), "ends_at": ends_at})

    def use_link(self, hash_: bytes, at: datetime) -> tuple[str | None, Sequence[str]] | None:
        """Use a link up: return for whom and with which roles it is; None when it is not good, or was used."""
        rows = self._rows("use_web_link", {"hash": hash_, "at": at})
        return (rows[0][0], rows[0][1]) if rows else None

    def link_is_good(self, hash_: bytes, at: datetime) -> bool:
        """Tell whether a link could be used now."""
        return bool(self._rows("web_link", {"hash": hash_, "at": at}))

    # the audit

    def add_audit(self, row: AuditRow) -> None:
        """Write a line at the end of the audit."""
        self._change("add_audit", row._asdict() | {"detail": msgspec.json.encode(row.detail).decode()})

    def audit(self, wanted: AuditFilter = EVERYTHING, *, before: int | None, limit: int) -> list[AuditRow]:
        """Return lines of the audit, newest first, from the one before a seq on."""
        return [AuditRow(*row) for row in self._rows("audit", wanted._asdict() | {"before": before, "limit": limit})]

    # what waits

    def parked(self, *, limit: int) -> list[ParkedRow]:
        """Return events that wait for the link of their reference, oldest first."""
        return [ParkedRow(*row) for row in self._rows("parked", {"limit": limit})]

    # reasons

    def line(self, line_id: str) -> SentRow | None:
        """Return the line of an id, a UUID."""
        return next((SentRow(*row) for row in self._rows("outbox_line", {"id": line_id})), None)

    def notices_about(self, work: Sequence[str], since: datetime, *, limit: int) -> list[NoticeRow]:
        """Return what was told of some work from a time on, by its ids, oldest first."""
        wanted = {"work": list(work), "since": since, "limit": limit}
        return [NoticeRow(*row) for row in self._rows("notices_about", wanted)]

    # drafts

    def draft(self, name: str) -> DraftRow | None:
        """Return the draft of a workflow."""
        return next((DraftRow(*row) for row in self._rows("drafts", {"name": name})), None)

    def drafts(self) -> list[DraftRow]:
        """Return all of them, in order of name."""
        return [DraftRow(*row) for row in self._rows("drafts", {"name": None})]

    def save_draft(self, row: DraftRow, *, seen: str | None) -> bool:
        """Keep a draft in place of the text that was `seen`, None for none; False where another one is there."""
        wanted = {**row._asdict(), "at": row.saved_at, "seen": seen}
        return self._change("add_draft" if seen is None else "change_draft", wanted) == 1

    def drop_draft(self, name: str, *, seen: str) -> bool:
        """Throw the draft of this text away; False where it is another one by now, or none."""
        return self._change("drop_draft", {"name": name, "seen": seen}) == 1

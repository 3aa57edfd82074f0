"""How does an answer of the API look? JSON without what the asker does not see, and lists by pages with a cursor."""

import base64
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Header, Query, Response
from pydantic import BaseModel, Field

from agents.rows import WorkRow
from nofumble.web.context import Context
from nofumble.web.etags import changed, is_match
from nofumble.web.problems import Problem

T = TypeVar("T")

PAGE_DEFAULT, PAGE_MAX = 50, 500

Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="At most so many.")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=200, description="The ETag that you have seen, or *.")
]

_json = msgspec.json.Encoder(enc_hook=str)


class Page(BaseModel):
    """A part of a list; `next` is the cursor of the one after it, absent in the last."""

    items: list[dict[str, Any]]
    next: str | None = Field(None, description="`cursor` of the page after this one")


def reply(context: Context, value: Any, *, status: int = 200, etag: str | None = None) -> Response:
    """Return a value as JSON: structs, times and all, without the fields that the person does not see."""
    plain = context.masked(msgspec.to_builtins(value, enc_hook=str))
    headers = {} if etag is None else {"ETag": etag}
    return Response(_json.encode(plain), status, media_type="application/json", headers=headers)


def page_reply(context: Context, items: Sequence[Any], following: object | None) -> Response:
    """Return a page; `following` is the key of its last row where there are more, else None."""
    return reply(context, {"items": items, "next": None if following is None else cursor_of(following)})


def cursor_of(key: object) -> str:
    """Write the key of a row as a cursor; whoever asks need not know what is in it."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key, enc_hook=str)).decode().rstrip("=")


def key_of(cursor: str, kind: type[T]) -> T:
    """Read a cursor back; raise Problem 422 for what is none."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, msgspec.DecodeError) as error:
        raise Problem(422, "the cursor is not one of ours", "take `next` of a page as it is", path="cursor") from error


def paged(
    rows: Sequence[T], key: Callable[[T], tuple[Any, ...]], cursor: str | None, limit: int
) -> tuple[Sequence[T], tuple[Any, ...] | None]:
    """Return the rows behind a cursor, and the key of the last of them where more follow; rows are in order of key.

    A cursor is the place of a row and not its number: what comes or goes before it moves nothing.
    """
    if cursor is not None:
        after = tuple(key_of(cursor, list[str]))
        rows = [row for row in rows if _texts(key(row)) > after]
    shown = rows[:limit]
    return shown, _texts(key(shown[-1])) if len(rows) > limit else None


def etag_of(row: WorkRow) -> str:
    """Return what tells two states of a work item apart."""
    said = repr((row.status, row.person, row.queue, row.due_at, row.closed_at)).encode()
    return f'"{sha256(said + row.body).hexdigest()[:32]}"'


def check_match(row: WorkRow, if_match: str | None) -> None:
    """Raise Problem 428 without a condition, and 412 when the item is no longer what was seen."""
    if if_match is None:
        raise Problem(428, "an action says which state was seen, by If-Match", "send the ETag of the item")
    if not is_match(if_match, etag_of(row)):
        raise changed(etag_of(row))


def _texts(key: tuple[Any, ...]) -> tuple[str, ...]:
    """Return a key as texts that sort as it does: times and padded numbers."""
    return tuple(f"{part:020d}" if isinstance(part, int) else str(part) for part in key)

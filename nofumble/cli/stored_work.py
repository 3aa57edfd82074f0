"""What does the store hold of a piece of work, and how do people name it?

An id has 36 characters; people write the first few, as with git. A row of the store becomes the same words in every
query, for people and as JSON.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec

from agents.page_rows import Place, place_of
from agents.ports import Store
from agents.rows import WorkFilter, WorkRow
from nofumble.cli.options import nearest
from nofumble.cli.output import Cell, Weight, weight_of
from nofumble.cli.telling import name_of
from nofumble.errors import WrongUse
from workflows.account import Alert, Hold, Loop, Task, Work
from workflows.moment import recipient_as_json

PREFIX_MIN = 6
"""Characters of an abbreviated id; fewer would soon mean another item."""

SHORT_MIN = 8
ROWS_MAX = 100_000
"""More rows than this are not read at once."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PREFIX = re.compile(rf"[0-9a-f-]{{{PREFIX_MIN},35}}")
_item_decoder: msgspec.json.Decoder[Work] = msgspec.json.Decoder(Work)


def item_of(row: WorkRow) -> Work:
    """Return the whole item of a row."""
    return _item_decoder.decode(row.body)


def find_work(store: Store, name: str) -> WorkRow:
    """Return the work item of an id, or of its first six or more characters when only one item begins so.

    Raises WrongUse for what is no id, for one that nothing has, and for one that several items begin with.
    """
    text = name.strip().lower()
    if _UUID.fullmatch(text):
        row = store.work_item(text)
        if row is None:
            raise WrongUse(f"no work has the id {text}; `nofumble inbox` and `nofumble tasks --all` list what there is")
        return row
    if not _PREFIX.fullmatch(text):
        rule = f"it is a UUID or its first {PREFIX_MIN} or more characters"
        raise WrongUse(f"{name!r} is no id of work: {rule}; `nofumble inbox` lists them")
    found = [row for row in store.work(WorkFilter(is_open=None, id_prefix=text)) if row.id.startswith(text)]
    if not found:
        raise WrongUse(f"no work has an id that begins with {text}; see `nofumble inbox`, or give the whole id")
    if len(found) > 1:
        named = ", ".join(f"{row.id} ({row.kind} {row.ref} at {row.account_id})" for row in found[:4])
        raise WrongUse(f"{len(found)} ids begin with {text}: {named}; give more characters")
    return found[0]


def find_account(store: Store, name: str) -> str:
    """Return the id of an account that is named by its id or by a reference such as zendesk:8812.

    Raises WrongUse, with the nearest ids, when there is none.
    """
    account = store.resolve([name]).get(name, name)
    if store.account(account) is None:
        known = [row.account_id for row in store.accounts(limit=ROWS_MAX)]
        if not known:
            raise WrongUse(f"no account is called {name!r}: there are none yet; `nofumble ingest FILE` takes events in")
        raise nearest(name, known, what="account", see="nofumble accounts")
    return account


def short_ids(rows: Iterable[WorkRow]) -> dict[str, str]:
    """Return, for each id, its first characters: as few as tell all of these rows apart, and eight at least."""
    ids = sorted({row.id for row in rows})
    length = max([SHORT_MIN, *(_differ_at(one, other) + 1 for one, other in pairwise(ids))])
    return {one: one[:length] for one in ids}


def _differ_at(one: str, other: str) -> int:
    return next(place for place, (left, right) in enumerate(zip(one, other, strict=True)) if left != right)


def work_as_json(row: WorkRow) -> dict[str, Any]:
    """Return a work item as one object of `--json`: the same names for every kind, and those that its kind has more."""
    said: dict[str, Any] = {
        "id": row.id,
        "kind": row.kind,
        "account": row.account_id,
        "workflow": row.workflow,
        "key": row.key,
        "ref": row.ref,
        "status": row.status,
        "person": row.person,
        "role": row.role,
        "queue": row.queue,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
    }
    return said | _of_kind(row, item_of(row))


def _of_kind(row: WorkRow, item: Work) -> dict[str, Any]:
    match item:
        case Task():
            return {"title": item.title, "due": row.due_at, "outcome": item.outcome, "reason": item.reason}
        case Alert():
            told = [recipient_as_json(one) for one in item.to]
            said = {"because": item.because, "severity": item.severity, "confirmed": item.confirmed}
            return {**said, "to": told, "reason": item.reason}
        case Hold():
            return {
                "scope": item.scope,
                "reason": item.reason,
                "speak_to": item.speak_to and recipient_as_json(item.speak_to),
            }
        case Loop():
            said = {"name": item.name, "holder": recipient_as_json(item.holder)}
            return {**said, "held_since": item.held_since, "told_at": item.told_at, "reason": item.reason}


def holder_of(row: WorkRow) -> str:
    """Name who has the work: the person, else the queue, else the role."""
    return name_of({"person": row.person, "queue": row.queue, "role": row.role})


def is_for(row: WorkRow, person: str) -> bool:
    """Say whether the work asks this person: as its holder, or as one of those an alert goes to."""
    return row.person == person or (row.kind == "alert" and person in people_of(row))


def by_urgency(row: WorkRow) -> Place:
    """Return the place of work in a list: alerts by severity first, then tasks by their due time."""
    return place_of(row.severity, row.due_at, row.opened_at, row.id)


def due_cell(row: WorkRow, *, now: datetime, text: str) -> Cell:
    """Return the cell of a due time; what is overdue stands out."""
    is_late = row.closed_at is None and row.due_at is not None and row.due_at < now
    return Cell(text, "urgent" if is_late else "")


def weight_of_row(row: WorkRow) -> Weight:
    """Return how heavy a row weighs: an alert by its severity, closed work little."""
    return "quiet" if row.closed_at is not None else weight_of(row.severity)


def people_of(row: WorkRow) -> list[str]:
    """Name everybody that the work asks: its holder, or all of those an alert goes to."""
    return list(row.receivers) if row.kind == "alert" else [holder_of(row)]

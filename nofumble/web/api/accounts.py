"""What do we know of a customer, what happened, and may we contact them?"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from nofumble.acting import take_envelopes
from nofumble.asking import ask, question_of
from nofumble.cli.inbox import facts_of
from nofumble.cli.stored_work import work_as_json
from nofumble.cli.timeline import what_happened
from nofumble.customers import is_customer
from nofumble.web.api.replies import PAGE_DEFAULT, Cursor, Limit, Page, key_of, page_reply, reply
from nofumble.web.context import Context, needs
from nofumble.web.problems import Problem
from nofumble.web.work import SOURCE, work_of
from workflows.preflight import known_purposes

router = APIRouter(tags=["accounts"])

Reader = Annotated[Context, needs("account.read")]
AccountId = Annotated[str, Path(max_length=200, description="The account's id, or a reference such as zendesk:8812.")]
KINDS = ("hold", "alert", "task", "loop")
LOOKED_AT = 1_000
"""Accounts that are read at once while those that a person sees are looked for."""


@router.get("/accounts", response_model=Page)
def accounts(context: Reader, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Response:
    """List the customers that you see, in order of id."""
    after = key_of(cursor, str) if cursor is not None else ""
    shown: list[dict[str, Any]] = []
    while len(shown) <= limit:
        rows = context.store.accounts(after=after, limit=LOOKED_AT)
        listed = (row for row in rows if is_customer(row.account_id, context.directory))
        seen = (row for row in listed if context.sees(row.account_id))
        shown += [{"id": row.account_id, **facts_of(row)} for row in seen]
        if len(rows) < LOOKED_AT:
            break
        after = rows[-1].account_id
    more = len(shown) > limit
    return page_reply(context, shown[:limit], shown[limit - 1]["id"] if more else None)


@router.get("/accounts/{account_id}", response_model=dict[str, Any])
def account(context: Reader, account_id: AccountId) -> Response:
    """Show a customer: who looks after it, what is open and with whom, what is on hold."""
    name = context.account_named(account_id)
    rows = work_of(context, None, account=name)
    work = {f"{kind}s": [work_as_json(row) for row in rows if row.kind == kind] for kind in KINDS}
    return reply(context, {"id": name, **facts_of(context.store.account(name)), **work})


@router.get("/accounts/{account_id}/timeline", response_model=Page)
def timeline(context: Reader, account_id: AccountId, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Response:
    """Tell what happened at a customer and what we did, newest events first; a page has the work of its time, too."""
    name = context.account_named(account_id)
    before = key_of(cursor, tuple[datetime, int]) if cursor is not None else None
    found = what_happened(context.store, name, limit, before=before)
    return page_reply(context, [one.said for one in reversed(found.happenings)], found.following)


class Question(BaseModel):
    """What one would like to do: one of the purposes, and whom at the customer."""

    model_config = ConfigDict(extra="forbid")

    purpose: str = Field(max_length=100, examples=["upsell"], json_schema_extra={"enum": [*known_purposes()]})
    contact: str | None = Field(None, max_length=200)


@router.post("/accounts/{account_id}/may-i", response_model=dict[str, Any])
def may_i(context: Annotated[Context, needs("preflight.ask")], account_id: AccountId, question: Question) -> Response:
    """Ask before you contact a customer: allow, allow_with_notice, hold or deny, with reasons and the earliest time.

    The question and its answer go onto the timeline: who asked is known to have asked.
    """
    if question.purpose not in known_purposes():
        raise Problem(422, f"no purpose is called {question.purpose!r}", f"one of {', '.join(known_purposes())}")
    name = context.account_named(account_id)
    with context.shared.worlds.latest(context.store, context.now) as world:
        answer, _ = ask(
            context.store,
            world,
            name,
            question.purpose,
            person=context.person,
            contact=question.contact or "",
            now=context.now,
        )
    asked = question_of(name, question.purpose, context.person, answer, now=context.now, source=SOURCE)
    take_envelopes(context.store, context.directory, [asked], source=SOURCE, now=context.now)
    return reply(context, {"account": name, **question.model_dump(), "as": context.person, **answer.as_json()})

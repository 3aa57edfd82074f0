"""What do we know of a customer, what happened, and may we contact them?"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from agents.page_rows import WorkPage
from agents.rows import WorkKind
from nofumble.acting import take_envelopes
from nofumble.asking import ask, question_of
from nofumble.cli.inbox import facts_of
from nofumble.cli.stored_work import ROWS_MAX, by_urgency, work_as_json
from nofumble.cli.timeline import Stretch, happenings, what_happened
from nofumble.customers import is_customer
from nofumble.web.api.replies import PAGE_DEFAULT, Cursor, Limit, Page, key_of, page_reply, reply
from nofumble.web.context import Context, needs
from nofumble.web.problems import Problem
from nofumble.web.reasons import earlier_of, why_not_at
from nofumble.web.work import SOURCE, page_of, seen
from workflows.preflight import known_purposes

router = APIRouter(tags=["accounts"])

Reader = Annotated[Context, needs("account.read")]
AccountId = Annotated[str, Path(max_length=200, description="The account's id, or a reference such as zendesk:8812.")]
AsOf = Annotated[str | None, Query(max_length=40, description="As it was known at this day or time.")]
KINDS: tuple[WorkKind, ...] = ("hold", "alert", "task", "loop")


@router.get("/accounts", response_model=Page)
def accounts(context: Reader, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Response:
    """List the customers that you see, in order of id."""
    after = key_of(cursor, str) if cursor is not None else ""
    shown: list[dict[str, Any]] = []
    while len(shown) <= limit and (rows := context.accounts(after=after, limit=limit + 1)):
        listed = (row for row in rows if is_customer(row.account_id, context.directory))
        shown += [{"id": row.account_id, **facts_of(row)} for row in listed]
        after = rows[-1].account_id
    return page_reply(context, shown[:limit], shown[limit - 1]["id"] if len(shown) > limit else None)


@router.get("/accounts/{account_id}", response_model=dict[str, Any])
def account(context: Reader, account_id: AccountId, as_of: AsOf = None) -> Response:
    """Show a customer: who looks after it, what is open and with whom, what is on hold; now or then."""
    name = context.account_named(account_id)
    if as_of is None:
        facts = facts_of(context.store.account(name))
        rows = page_of(context, WorkPage(KINDS, account_id=name, limit=ROWS_MAX))
    else:
        earlier = earlier_of(context, name, as_of)
        facts = earlier.facts(name)
        rows = sorted((row for row in earlier.rows() if seen(context, row)), key=by_urgency)
    work = {f"{kind}s": [work_as_json(row) for row in rows if row.kind == kind] for kind in KINDS}
    return reply(context, {"id": name, **facts, **work})


@router.get("/accounts/{account_id}/timeline", response_model=Page)
def timeline(
    context: Reader,
    account_id: AccountId,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
    as_of: AsOf = None,
    by: Annotated[
        Literal["time", "arrival"], Query(description="By when it happened, or when we knew of it.")
    ] = "time",
) -> Response:
    """Tell what happened at a customer and what we did, newest events first; a page has the work of its time, too.

    With `as_of` it is what was known then, in one page.
    """
    name = context.account_named(account_id)
    if as_of is None:
        before = key_of(cursor, tuple[datetime, int]) if cursor is not None else None
        found = what_happened(context.store, name, limit, before=before)
    else:
        earlier = earlier_of(context, name, as_of)
        found = Stretch(list(happenings(earlier.entries(name)[:limit], earlier.rows(is_open=None))), None)
    told = sorted(found.happenings, key=lambda one: one.known_at) if by == "arrival" else found.happenings
    return page_reply(context, [one.said for one in reversed(told)], found.following)


@router.get("/accounts/{account_id}/why-not", response_model=dict[str, Any])
def why_not(
    context: Reader,
    account_id: AccountId,
    workflow: Annotated[str, Query(max_length=200, description="The name of a workflow.")],
    at: Annotated[str | None, Query(max_length=40, description="As of this time, by what was known then.")] = None,
    key: Annotated[str | None, Query(max_length=200, description="Only the run of this key.")] = None,
) -> Response:
    """Tell why a workflow did not begin: what stopped it, and the smallest change that makes it begin, found by trying.

    The same object as `nofumble why-not --json`.
    """
    found = why_not_at(context, context.account_named(account_id), workflow, at, key)
    return reply(context, found.as_json())


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

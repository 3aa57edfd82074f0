"""Customers: the list, the page of one, and the question whether one may contact them."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.rows import WorkFilter
from nofumble.acting import take_envelopes
from nofumble.asking import ask, question_of
from nofumble.cli.inbox import facts_of
from nofumble.cli.stored_work import ROWS_MAX
from nofumble.customers import is_customer
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, name_of, reader_of
from nofumble.web.pages.inbox import address_of
from nofumble.web.problems import Problem
from nofumble.web.views.account import account_page
from nofumble.web.views.ask import purposes, told_of
from nofumble.web.views.directory import Listed, listed_of
from nofumble.web.views.timeline import TEAMS, timeline_of
from nofumble.web.work import SOURCE
from workflows.account import AccountState
from workflows.preflight import known_purposes

router = APIRouter()

ACCOUNTS_SHOWN = 100
NAMES_SHOWN = 500
"""Customers that a form suggests; others are written."""

TIMELINE_SHOWN = 60
Name = Annotated[str, Form(max_length=200)]


@router.get("/accounts")
def accounts(
    context: Annotated[Context, needs("account.read")],
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """List customers, or go to the only one that is meant."""
    found = find_accounts(context, q, after=after, limit=ACCOUNTS_SHOWN + 1)
    exact = [one for one in found if q and q.casefold() in (one.id.casefold(), one.name.casefold())]
    if len(exact) == 1 or (q and len(found) == 1):
        return RedirectResponse(f"/accounts/{(exact or found)[0].id}", 303)
    shown = found[:ACCOUNTS_SHOWN]
    rest = shown[-1].id if len(found) > ACCOUNTS_SHOWN else ""
    return draw(context, "accounts.html", here="/accounts", accounts=shown, q=q, after=rest)


@router.get("/accounts/{account_id}")
def account(
    account_id: str,
    request: Request,
    context: Annotated[Context, needs("account.read")],
    team: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    limit: Annotated[int, Query(ge=1, le=2000)] = TIMELINE_SHOWN,
) -> HTMLResponse:
    """Show one customer: its people, what is open and with whom, and what happened."""
    context.check_account(account_id)
    state = context.state_of(account_id)
    work = context.store.work(WorkFilter(account_id=account_id, is_open=None, limit=ROWS_MAX))
    reader = reader_of(context, contacts_of(state))
    view = context.session.view
    entries = context.store.timeline(account_id, limit)
    chosen = "".join(f"&team={one}" for one in team)
    return draw(
        context,
        "account.html",
        here="/accounts",
        reader=reader,
        account=account_page(state, [row for row in work if row.closed_at is None], reader, view),
        timeline=timeline_of(entries, work, reader, view, teams=team, limit=limit),
        names=TEAMS,
        more=f"/accounts/{account_id}?limit={min(limit * 3, 2000)}{chosen}",
        address=address_of(request),
    )


@router.get("/may-i")
def may_i_form(
    context: Annotated[Context, needs("preflight.ask")],
    account: Annotated[str, Query(max_length=200)] = "",
    purpose: Annotated[str, Query(max_length=40)] = "upsell",
) -> HTMLResponse:
    """Show the form of the question."""
    return _may_i(context, account, purpose, "")


@router.post("/may-i")
def ask_may_i(
    context: Annotated[Context, needs("preflight.ask")], account: Name, purpose: Name, contact: Name = ""
) -> HTMLResponse:
    """Answer, and note on the timeline that it was asked: announcing is asking (W03)."""
    if purpose not in known_purposes():
        return _may_i(context, account, purpose, contact, problem=f"{purpose!r} is no purpose: take one of the list")
    try:
        account_id = context.account_named(account)
    except Problem:
        said = f"no customer is called {account!r}: take one of the list"
        return _may_i(context, account, purpose, contact, problem=said)
    with context.shared.worlds.latest(context.store, context.now) as world:
        answer, state = ask(
            context.store, world, account_id, purpose, person=context.person, contact=contact, now=context.now
        )
    asked = question_of(account_id, purpose, context.person, answer, now=context.now, source=SOURCE)
    take_envelopes(context.store, context.directory, [asked], source=SOURCE, now=context.now)
    context.note("preflight.answered", account=account_id, purpose=purpose, decision=answer.decision)
    told = told_of(answer, reader_of(context, contacts_of(state)))
    return _may_i(context, account_id, purpose, contact, answer=told, state=state)


def find_accounts(context: Context, text: str, *, after: str = "", limit: int) -> list[Listed]:
    """Return the customers that the person sees and whose name or id has a text in it, in order of id."""
    wanted = text.casefold()
    found: list[Listed] = []
    while len(found) < limit:
        page = context.store.accounts(after=after, limit=5_000 if wanted else limit)
        if not page:
            break
        found += [
            one
            for one in (listed_of(row.account_id, context.masked(facts_of(row))) for row in page)
            if one.is_called(wanted) and is_customer(one.id, context.directory) and context.sees(one.id)
        ]
        after = page[-1].account_id
    return found[:limit]


def names_for_forms(context: Context) -> list[tuple[str, str]]:
    """Return customers for the suggestions of a form."""
    return [(one.id, one.name) for one in find_accounts(context, "", limit=NAMES_SHOWN)]


def contacts_of(state: AccountState) -> dict[str, str]:
    """Return the names of a customer's people by their id."""
    return {one.id: one.name for one in state.contacts.values() if one.name}


def contacts_for_forms(context: Context, state: AccountState | None) -> list[tuple[str, str]]:
    """Return a customer's people for the suggestions of a form; to who may not see addresses, nobody."""
    is_hidden = state is None or "contact" in context.session.view.hides
    return [] if is_hidden or state is None else sorted(contacts_of(state).items())


def _may_i(
    context: Context,
    account: str,
    purpose: str,
    contact: str,
    *,
    problem: str = "",
    answer: object = None,
    state: AccountState | None = None,
) -> HTMLResponse:
    return draw(
        context,
        "may_i.html",
        here="/may-i",
        status=422 if problem else 200,
        asked_account=account,
        asked_name=name_of(context.store, account) if account else "",
        asked_purpose=purpose,
        asked_contact=contact,
        problem=problem,
        answer=answer,
        accounts=names_for_forms(context),
        contacts=contacts_for_forms(context, state),
        purposes=purposes(),
    )

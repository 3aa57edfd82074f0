"""Customers: the list, the page of one, and the question whether one may contact them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.rows import WorkFilter, WorkRow
from nofumble.acting import take_envelopes
from nofumble.asking import ask, question_of
from nofumble.cli.as_of import Earlier
from nofumble.cli.inbox import facts_of
from nofumble.cli.stored_work import ROWS_MAX
from nofumble.customers import is_customer
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, name_of, reader_of
from nofumble.web.pages.inbox import address_of
from nofumble.web.problems import Problem
from nofumble.web.reasons import earlier_of
from nofumble.web.views.account import account_page
from nofumble.web.views.ask import purposes, told_of
from nofumble.web.views.directory import Listed, listed_of
from nofumble.web.views.reader import reader_then
from nofumble.web.views.timeline import TEAMS, timeline_of
from nofumble.web.work import SOURCE
from workflows.account import AccountState
from workflows.moment import iso
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
    as_of: Annotated[str, Query(max_length=40)] = "",
    by: Literal["time", "arrival"] = "time",
) -> HTMLResponse:
    """Show one customer: its people, what is open and with whom, and what happened; now, or as it was known then."""
    context.check_account(account_id)
    then = _then(context, account_id, as_of)
    if then is None:
        state, work = context.state_of(account_id), _work_of(context, account_id)
        reader, entries = reader_of(context, contacts_of(state)), context.store.timeline(account_id, limit)
    else:
        state, work = then.folds[account_id].state, then.rows(is_open=None)
        reader = reader_then(reader_of(context, contacts_of(state)), then.directory, then.now)
        entries = then.entries(account_id)[:limit]
    view = context.session.view
    chosen = {"team": team, "by": by, "as_of": as_of}
    return draw(
        context,
        "account.html",
        here="/accounts",
        reader=reader,
        reader_now=reader_of(context),
        account=account_page(state, [row for row in work if row.closed_at is None], reader, view),
        timeline=timeline_of(entries, work, reader, view, teams=team, limit=limit, by=by),
        names=TEAMS,
        more=_address(account_id, chosen | {"limit": min(limit * 3, 2000)}),
        other_order=_address(account_id, chosen | {"by": "time" if by == "arrival" else "arrival", "limit": limit}),
        by=by,
        then=then.now if then is not None else None,
        shown_at=reader.field(then.now) if then is not None else "",
        address=address_of(request),
    )


def _work_of(context: Context, account_id: str) -> list[WorkRow]:
    return context.store.work(WorkFilter(account_id=account_id, is_open=None, limit=ROWS_MAX))


def _then(context: Context, account_id: str, as_of: str) -> Earlier | None:
    """Return the account as it was known at a time of the form, if one is given: one of the reader's zone."""
    local = reader_of(context).local(as_of) if "T" in as_of else None
    return earlier_of(context, account_id, iso(local) if local is not None else as_of) if as_of else None


def _address(account_id: str, chosen: Mapping[str, Any]) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value}, doseq=True)
    return f"/accounts/{quote(account_id, safe='')}?{query}"


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
    """Return the customers that the person sees and whose name or id has a text in it, in order of id.

    A person of ours whose load was measured has a log of her own, and is no customer.
    """
    wanted = text.casefold()
    found: list[Listed] = []
    while len(found) < limit:
        page = context.accounts(after=after, limit=5_000 if wanted else limit)
        if not page:
            break
        found += [
            one
            for one in (listed_of(row.account_id, context.masked(facts_of(row))) for row in page)
            if one.is_called(wanted) and is_customer(one.id, context.directory)
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

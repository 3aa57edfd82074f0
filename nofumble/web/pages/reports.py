"""How do we stand? The overview, the board of loops, and who has how much."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from agents.page_rows import WorkPage
from agents.rows import WorkFilter
from nofumble.cli.inbox import facts_of
from nofumble.cli.report import PERIOD_DEFAULT
from nofumble.cli.stored_work import ROWS_MAX
from nofumble.customers import is_customer
from nofumble.reports.capacity import loads
from nofumble.reports.loops import held_loops
from nofumble.reports.reading import Period
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, reader_of
from nofumble.web.pages.inbox import address_of
from nofumble.web.scope import reports_of
from nofumble.web.views.board import board_of
from nofumble.web.views.executive import GRAVE, overview_of
from workflows.briefs import PUBLISHED

router = APIRouter()

BRIEFS_OF = timedelta(days=30)


@router.get("/loops")
def loops(request: Request, context: Annotated[Context, needs("report.read")]) -> HTMLResponse:
    """Show the open loops by team and age."""
    reader = reader_of(context)
    found = [one for one in held_loops(context.store, context.directory, context.now) if context.sees(one.account)]
    columns = board_of(found, reader)
    shown = {one.account for column in columns for pile in column.piles for one in pile.balls}
    return draw(
        context,
        "loops.html",
        here="/loops",
        reader=reader,
        columns=columns,
        total=len(found),
        names=names_of(context, shown),
        address=address_of(request),
    )


@router.get("/capacity")
def capacity(request: Request, context: Annotated[Context, needs("work.read")]) -> HTMLResponse:
    """Show a person's load, and that of everybody who reports to her (W20)."""
    period = Period(context.now - PERIOD_DEFAULT, context.now)
    shown = {context.person, *reports_of(context.directory, context.person)}
    found = loads(context.store, context.directory, context.now, period, only=shown)
    return draw(context, "capacity.html", here="/capacity", loads=found, address=address_of(request))


@router.get("/overview")
def overview(request: Request, context: Annotated[Context, needs("report.read")]) -> HTMLResponse:
    """Show where balls lie, what burns, and the briefs."""
    store, reader = context.store, reader_of(context)
    held = held_loops(store, context.directory, context.now)
    grave = store.work_page(WorkPage(("alert",), severities=GRAVE, limit=ROWS_MAX))
    work = [*grave, *store.work(WorkFilter("hold", limit=ROWS_MAX))]
    late = store.work_counts(WorkPage(("task",)), context.now, context.now).late
    lines = store.told([PUBLISHED], context.now - BRIEFS_OF, context.now + timedelta(seconds=1), 1_000)
    accounts = [row for row in store.accounts(limit=ROWS_MAX) if is_customer(row.account_id, context.directory)]
    found = overview_of(work, late, held, accounts, lines, reader, is_leader=context.may("report.money"))
    named = {one.account for one in found.oldest} | {one.account for one in found.briefs}
    return draw(
        context,
        "executive.html",
        here="/overview",
        reader=reader,
        view=found,
        names=names_of(context, named),
        address=address_of(request),
    )


def names_of(context: Context, accounts: set[str]) -> dict[str, str]:
    """Return the names of some accounts by their id."""
    known = {one.account_id: facts_of(one).get("name") for one in context.store.accounts_named([*accounts])}
    return {account: str(name) for account, name in known.items() if name}

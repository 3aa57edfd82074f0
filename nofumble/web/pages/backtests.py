"""What would another definition have given? The list, the form, how far it is, the result, and two side by side."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from nofumble.cli.backtest import counts_of, summary
from nofumble.errors import WrongUse
from nofumble.web.backtests import cancel, comparison, differences, kept, result_of, start, unfinished, versions
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, reader_of
from nofumble.web.pages.inbox import address_of
from nofumble.web.pages.reports import names_of
from nofumble.web.problems import Problem
from nofumble.web.views.backtests import backtest_page, by_account
from workflows.moment import iso

router = APIRouter()
Tester = Annotated[Context, needs("backtest.run")]
Text = Annotated[str, Form(max_length=200)]


@router.get("/backtests")
def backtests(context: Tester, version: Annotated[str, Query(max_length=64)] = "") -> HTMLResponse:
    """List the backtests, with the form that starts one."""
    return _list(context, {"version": version})


@router.post("/backtests")
def begin(
    context: Tester,
    definition: Annotated[str, Form(max_length=200_000)] = "",
    version: Text = "",
    name: Text = "",
    since: Text = "",
    to: Text = "",
) -> Response:
    """Start a backtest of the text of a definition, or of a version of the store, and go to its page."""
    asked = {"definition": definition, "version": version, "name": name, "since": since, "to": to}
    try:
        trace = start(
            context,
            definition=definition or None,
            version=None if definition else version,
            name=name.strip() or None,
            since=_moment(context, since),
            to=_moment(context, to),
        )
    except Problem as refused:
        return _list(context, asked, problem=f"{refused.rule}; {refused.remedy}")
    except WrongUse as refused:
        return _list(context, asked, problem=str(refused))
    return RedirectResponse(f"/backtests/{trace.name}", 303)


@router.get("/backtests/{name}")
def backtest(
    name: str, request: Request, context: Tester, account: Annotated[str, Query(max_length=200)] = ""
) -> HTMLResponse:
    """Show how far a backtest is, and once it is done what it says; of one customer all that is different there."""
    trace, result = result_of(context, name)
    reader = reader_of(context)
    if result is None:
        return draw(
            context, "backtest_running.html", here="/backtests", reader=reader, run=trace, address=address_of(request)
        )
    found = differences(context, result.rows.differences, account or None)
    page = backtest_page(result, found, reader, of_people=context.may("report.read"))
    return draw(
        context,
        "backtest.html",
        here="/backtests",
        reader=reader,
        test=page,
        account=account,
        others=[one.name for one in kept(context).all() if one.name != name and one.extent == result.extent],
        names=names_of(context, {one.id for one in page.differences}),
    )


@router.post("/backtests/{name}/cancel")
def end(name: str, context: Tester) -> RedirectResponse:
    """End a backtest that runs."""
    cancel(context, name)
    return RedirectResponse(f"/backtests/{name}", 303)


@router.get("/backtests/{name}/against")
def against(name: str, context: Tester, other: Annotated[str, Query(max_length=64)]) -> HTMLResponse:
    """Show in what another backtest of the same history differs from this one."""
    found = comparison(context, name, other)
    reader = reader_of(context)
    accounts, more = by_account(found, reader)
    return draw(
        context,
        "backtest_against.html",
        here="/backtests",
        reader=reader,
        first=name,
        second=other,
        counts=counts_of(found),
        differences=accounts,
        more_accounts=more,
        names=names_of(context, {one.id for one in accounts}),
    )


def _list(context: Context, asked: dict[str, str], *, problem: str = "") -> HTMLResponse:
    said = dict.fromkeys(("definition", "version", "name", "since", "to"), "") | asked
    return draw(
        context,
        "backtests.html",
        here="/backtests",
        status=422 if problem else 200,
        problem=problem,
        asked=said,
        runs=unfinished(context),
        results=[summary(one) for one in kept(context).all()],
        versions=versions(context),
    )


def _moment(context: Context, text: str) -> str | None:
    """Return a time of a form with its offset; None where none is given."""
    local = reader_of(context).local(text) if "T" in text else None
    return iso(local) if local is not None else text or None

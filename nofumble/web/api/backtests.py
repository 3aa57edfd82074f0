"""What would another definition have given? Started, followed, cancelled, read and compared."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from nofumble.backtest.runs import Trace
from nofumble.cli.backtest import counts_of, summary
from nofumble.web.api.replies import PAGE_DEFAULT, Cursor, Limit, Page, page_reply, paged, reply
from nofumble.web.backtests import cancel, comparison, differences, figures, kept, result_of, start, unfinished
from nofumble.web.context import Context, needs
from workflows.backtesting.comparison import Difference

router = APIRouter(prefix="/backtests", tags=["backtests"])

Tester = Annotated[Context, needs("backtest.run")]
Name = Annotated[str, Path(max_length=64, description="The name of a backtest.")]
Account = Annotated[str | None, Query(max_length=200, description="Only what is different at this account.")]


class Asked(BaseModel):
    """What is tried against the active definitions: the text of one, or a version of the store by its hash."""

    model_config = ConfigDict(extra="forbid")

    definition: str | None = Field(None, max_length=200_000, description="the YAML text of one workflow")
    version: str | None = Field(None, max_length=64, description="the hash of a version, or how it begins")
    name: str | None = Field(None, max_length=64, description="what it is to be called; made from the workflow's")
    since: str | None = Field(None, alias="from", max_length=40, description="compare from this day or time on")
    to: str | None = Field(None, max_length=40, description="fold up to this day or time")


@router.get("", response_model=list[dict[str, Any]])
def backtests(context: Tester) -> Response:
    """List the backtests: those that run, failed or were cancelled, and those that are kept, newest first."""
    return reply(context, [*map(_trace, unfinished(context)), *map(summary, kept(context).all())])


@router.post("", response_model=dict[str, Any], status_code=202)
def begin(context: Tester, asked: Asked) -> Response:
    """Start a backtest in a process of its own, one at a time; nothing goes out, and nothing is changed."""
    trace = start(
        context,
        definition=asked.definition,
        version=asked.version,
        name=asked.name,
        since=asked.since,
        to=asked.to,
    )
    return reply(context, _trace(trace), status=202)


@router.get("/{name}", response_model=dict[str, Any])
def backtest(context: Tester, name: Name) -> Response:
    """Tell how far a backtest is; once it is done, what it says: by workflow, week, person, day and overlap."""
    trace, result = result_of(context, name)
    if result is None:
        assert trace is not None, "there is one of them"
        return reply(context, _trace(trace))
    return reply(context, {"state": "done", **summary(result), **figures(context, result)})


@router.get("/{name}/differences", response_model=Page)
def different(
    context: Tester, name: Name, account: Account = None, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
) -> Response:
    """List what was gained, lost, moved or changed, by account, of those that you see."""
    rows = sorted(differences(context, kept(context).get(name).rows.differences, account), key=_key)
    shown, following = paged(rows, _key, cursor, limit)
    return page_reply(context, shown, following)


@router.get("/{name}/against/{other}", response_model=dict[str, Any])
def against(context: Tester, name: Name, other: Name, account: Account = None) -> Response:
    """Compare what was tried in two backtests of the same history: the difference of the second from the first."""
    found = [one for one in comparison(context, name, other) if account in (None, one.account)]
    said = {"row": "comparison", "first": name, "second": other, **counts_of(found), "differences": found}
    return reply(context, said)


@router.post("/{name}/cancel", response_model=dict[str, Any])
def end(context: Tester, name: Name) -> Response:
    """End a backtest that runs; nothing is kept of it but that it was cancelled."""
    return reply(context, _trace(cancel(context, name)))


def _trace(trace: Trace) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(trace)
    said.pop("process")
    return {"row": "run", **said}


def _key(one: Difference) -> tuple[str, str, str]:
    return one.account, one.piece.told_at.isoformat(), one.piece.id

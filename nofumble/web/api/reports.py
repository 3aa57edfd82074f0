"""How do we stand? The reports of the command line, for who may read them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from nofumble.cli.report import period_of
from nofumble.reports.capacity import loads
from nofumble.reports.friction import frictions
from nofumble.reports.loops import held_loops, sums
from nofumble.reports.measures import measures
from nofumble.reports.reading import Period
from nofumble.reports.services import services, together
from nofumble.web.api.replies import reply
from nofumble.web.context import Context, needs
from nofumble.web.scope import reports_of

router = APIRouter(prefix="/reports", tags=["reports"])

Reader = Annotated[Context, needs("report.read")]
MoneyReader = Annotated[Context, needs("report.money")]
Moment = Annotated[str | None, Query(max_length=40)]
From = Annotated[
    str | None, Query(alias="from", max_length=40, description="From this time on; 90 days before the end.")
]
Rows = list[dict[str, Any]]


@router.get("/loops", response_model=Rows)
def loops(context: Reader) -> Response:
    """Tell who holds what is open towards customers, for how long, and when the customer was last told."""
    found = [one for one in held_loops(context.store, context.directory, context.now) if context.sees(one.account)]
    return reply(context, [*found, *sums(found)])


@router.get("/capacity", response_model=Rows)
def capacity(context: Annotated[Context, needs("work.read")], since: From = None, to: Moment = None) -> Response:
    """Tell the load of each person: your own, and that of who reports to you (W20)."""
    shown = {context.person, *reports_of(context.directory, context.person)}
    return reply(context, loads(context.store, context.directory, context.now, _period(context, since, to), only=shown))


@router.get("/services", response_model=Rows)
def hours(context: MoneyReader, since: From = None, to: Moment = None) -> Response:
    """Tell the hours that customers got, paid for or given."""
    found = services(context.store, _period(context, since, to))
    return reply(context, [*found, together(found)] if found else [])


@router.get("/friction", response_model=Rows)
def friction(context: MoneyReader, since: From = None, to: Moment = None) -> Response:
    """Tell what is hard about us, by kind."""
    return reply(context, frictions(context.store, _period(context, since, to)))


@router.get("/workflows", response_model=Rows)
def of_workflows(context: Reader, since: From = None, to: Moment = None) -> Response:
    """Tell what each workflow does and is worth."""
    return reply(context, measures(context.store, context.directory, context.now, _period(context, since, to)))


def _period(context: Context, since: str | None, until: str | None) -> Period:
    return period_of(since, until, now=context.now)

"""Why is it here, why did none come, and how was it then? What the commands answer, for who asks on a page.

The past of an account is taken out of the world under its lock, with copies of what grows: the folds that answer a
question take from milliseconds to seconds, and nobody waits for those of another.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from agents.rows import WorkRow
from agents.written import entry_of
from nofumble.catalogue import begin, stored_definitions
from nofumble.cli.as_of import Earlier
from nofumble.cli.options import nearest
from nofumble.cli.pasts import Named
from nofumble.cli.stored_work import ROWS_MAX
from nofumble.cli.when import read_time
from nofumble.cli.why import as_object, reason_of
from nofumble.errors import WrongUse
from nofumble.web.context import Context
from nofumble.web.problems import Problem
from nofumble.web.views.hidden import visible_reason
from nofumble.web.work import find
from nofumble.wiring import by_name
from workflows.language.plans import Definition
from workflows.moment import Line
from workflows.reasons.hearing import Told, told_of
from workflows.reasons.past import Past, past_from
from workflows.reasons.why import ESCALATION, Why
from workflows.reasons.why_not import WhyNot, why_not

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Because(NamedTuple):
    """Why a piece of work exists, who was told of it, and its row; an escalation has none of its own."""

    named: Named
    why: Why
    told: list[Told]

    def as_json(self) -> dict[str, Any]:
        """Return the object of `nofumble why --json`."""
        return as_object(self.named, self.why) | {"told": self.told}


def past_of(context: Context, account_id: str) -> Past:
    """Return what was heard of an account, up to now."""
    with context.shared.worlds.latest(context.store, context.now) as world:
        directories, watermarks, libraries = world.directories.copied(), world.watermarks.copied(), world.libraries
    log = (entry_of(row) for row in context.store.entries(account_id))
    return past_from(account_id, log, libraries, directories, watermarks, context.now)


def past_as_of(context: Context, account_id: str, as_of: str) -> Past:
    """Return what was known of an account at a time; raises Problem as `moment_of`."""
    return past_of(context, account_id).as_of(moment_of(context, as_of))


def earlier_of(context: Context, account_id: str, as_of: str) -> Earlier:
    """Return an account as it was known at a time; raises Problem as `moment_of`."""
    past = past_as_of(context, account_id, as_of)
    return Earlier(past.until, past.directories.at(past.until), {account_id: past.fold()})


def moment_of(context: Context, text: str) -> datetime:
    """Return the time that somebody asks about; raise Problem 422 for what is none, or has not come yet."""
    at = time_of(context, text)
    if at > context.now:
        raise Problem(422, f"{text!r} has not come yet", f"give a time up to {context.now:%Y-%m-%dT%H:%MZ}")
    return at


def time_of(context: Context, text: str) -> datetime:
    """Return a day or a time with its offset; raise Problem 422 for what is none."""
    try:
        return read_time(text, option="the time", now=context.now)
    except WrongUse as error:
        rule, _, remedy = str(error).partition("; ")
        raise Problem(422, rule, remedy) from error


def because_of(context: Context, work_id: str) -> Because:
    """Tell why the work of an id exists, or the escalation of a line's id; raise Problem 404 for what is not seen."""
    account_id, name, row = _named(context, work_id)
    past = past_of(context, account_id)
    named = Named(name, past, past.fold(), row)
    found = reason_of(named)
    lines = _notices(context, [found.of or found.id], found.steps[0].time if found.steps else found.opened_at)
    return Because(named, found, told_of(lines, [found.of or found.id]))


def _named(context: Context, work_id: str) -> tuple[str, str, WorkRow | None]:
    """Return the account, the id and the row of what an id names."""
    name = work_id.strip().lower()
    line = context.store.line(name) if _UUID.fullmatch(name) else None
    if line is not None and line.type == ESCALATION and context.sees(line.account_id):
        return line.account_id, line.id, None
    row = find(context, work_id)
    return row.account_id, row.id, row


class Answered(NamedTuple):
    """Why a workflow did not begin, with who was told of the work of its runs."""

    why_not: WhyNot
    told: list[Told]

    def as_json(self) -> dict[str, Any]:
        """Return the object of `nofumble why-not --json`."""
        return {**msgspec.to_builtins(self.why_not, builtin_types=(datetime,)), "told": self.told}


def why_not_at(context: Context, account_id: str, workflow: str, at: str | None, key: str | None) -> Answered:
    """Tell why a workflow did not begin at an account, without what the person does not see.

    Raises WrongUse for a workflow that there is not, and Problem 422 for what is no time.
    """
    definition = definition_named(context, workflow)
    past = past_as_of(context, account_id, at) if at else past_of(context, account_id)
    found = why_not(past, definition, key=key or None)
    work = [name for run in found.runs for name in run.work]
    lines = _notices(context, work, found.runs[0].started_at) if work else []
    told = [one for one in told_of(lines, work) if one.at <= found.at]
    return Answered(visible_reason(found, context.session.view), told)


def definitions_of(context: Context) -> dict[str, Definition]:
    """Return the definitions of the latest catalogue by name, in whatever mode."""
    begin(context.store, now=context.now)
    return by_name(stored_definitions(context.store))


def definition_named(context: Context, name: str) -> Definition:
    """Return the definition of a name; raise WrongUse with the nearest ones when there is none."""
    known = definitions_of(context)
    if name not in known:
        raise nearest(name, known, what="workflow", see="GET /api/v1/workflows")
    return known[name]


def _notices(context: Context, work: list[str], since: datetime) -> list[Line]:
    rows = context.store.notices_about(work, since, limit=ROWS_MAX)
    return [Line(row.type, msgspec.json.decode(row.body, type=dict[str, Any])["data"], row.at) for row in rows]

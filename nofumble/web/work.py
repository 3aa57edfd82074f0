"""What may a person see of work, and do to it? The rules that the API and the pages share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from agents.page_rows import Seen, WorkCounts, WorkPage
from agents.rows import WorkKind, WorkRow
from nofumble.acting import action_on, check_action, take_envelopes
from nofumble.cli.stored_work import find_work, is_for, people_of
from nofumble.cli.when import read_time
from nofumble.errors import WrongUse
from nofumble.web.context import Context
from nofumble.web.problems import Problem
from nofumble.web.scope import reports_of
from workflows.directory import Directory
from workflows.moment import iso

SOURCE = "/nofumble/web"
"""The source of what people do on pages and by the API."""

Scope = Literal["mine", "team"]
WAITING: tuple[WorkKind, ...] = ("task", "alert")
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done to work: the event that it becomes, what must be said with it, and what may."""

    event: str
    kinds: tuple[WorkKind, ...]
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


ACTIONS: Mapping[str, Action] = {
    "accept": Action("task.accepted", ("task",)),
    "decline": Action("task.declined", ("task",), ("reason",)),
    "start": Action("task.started", ("task",)),
    "done": Action("task.completed", ("task",), (), ("outcome", "checklist")),
    "snooze": Action("task.snoozed", ("task",), ("until",), ("reason",)),
    "reassign": Action("task.reassigned", ("task",), ("to",), ("reason",)),
    "ack": Action("alert.acknowledged", ("alert",)),
    "snooze-alert": Action("alert.snoozed", ("alert",), ("until",), ("reason",)),
    "told": Action("loop.customer_told", ("loop",), (), ("text",)),
    "feedback": Action("feedback.recorded", ("task", "alert"), ("verdict",), ("note",)),
}
"""Every action by its name in addresses."""


def page_of(context: Context, wanted: WorkPage) -> list[WorkRow]:
    """Return a page of the work that a person sees: of the accounts that she sees, and whatever asks her."""
    return context.store.work_page(_as_seen(context, wanted))


def counts_of(context: Context, wanted: WorkPage) -> WorkCounts:
    """Return how much of it there is in all pages, with what is late and what is due within a day."""
    return context.store.work_counts(_as_seen(context, wanted), context.now, context.now + SOON)


def waiting_for(context: Context, scope: Scope) -> WorkPage:
    """Return the first page of the open tasks and alerts that wait for a person, or for her team with its queue."""
    names = [context.person]
    if scope == "team" and (team := context.directory.team_of(context.person)) is not None:
        names = [name for name, person in context.directory.people.items() if person.team == team]
        names.append(context.directory.queue_of_team(team))
    return WorkPage(WAITING, names=names, now=context.now)


def _as_seen(context: Context, wanted: WorkPage) -> WorkPage:
    accounts = None if wanted.names == [context.person] else context.seen_accounts
    return wanted if accounts is None else wanted._replace(seen=Seen(context.person, accounts))


def seen(context: Context, row: WorkRow) -> bool:
    """Tell whether a person sees work: of an account that she sees, or what asks her."""
    return is_for(row, context.person) or context.sees(row.account_id)


def find(context: Context, work_id: str) -> WorkRow:
    """Return a work item by its id or how that begins; raise Problem 404 when it is not there, or not to be seen."""
    try:
        row = find_work(context.store, work_id)
    except WrongUse as error:
        raise Problem(404, f"no work has the id {work_id!r}", "the inbox lists what there is") from error
    if not seen(context, row):
        raise Problem(404, f"no work has the id {work_id!r}", "the inbox lists what there is")
    return row


def is_ours(context: Context, row: WorkRow) -> bool:
    """Tell whether work asks a person, her team's queue, or who reports to her."""
    return not names_of(context.directory, context.person).isdisjoint(people_of(row))


def names_of(directory: Directory, person: str) -> set[str]:
    """Return for whom a person acts: herself, who reports to her, and the queue of her team."""
    team = directory.team_of(person)
    return {person, *reports_of(directory, person)} | ({directory.queue_of_team(team)} if team else set())


def act(context: Context, row: WorkRow, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Let the signed-in person act on work; return the event that it became. The agents apply it in a moment.

    Raises:
        Problem: 404 for an action that there is not, 403 for work of others without the permission, 422 for what is
            missing.
        WrongUse: the state of the work does not allow it.
    """
    action = ACTIONS.get(name)
    if action is None or row.kind not in action.kinds:
        possible = ", ".join(one for one, known in ACTIONS.items() if row.kind in known.kinds) or "nothing"
        raise Problem(404, f"{name!r} is no action on a {row.kind}", f"possible is {possible}")
    is_override = not is_ours(context, row)
    if is_override:
        context.require("work.reassign")
    told = _told(context, action, said)
    check_action(row, action.event, told)
    envelope = action_on(
        row, action.event, context.person, told, directory=context.directory, now=context.now, source=SOURCE
    )
    take_envelopes(context.store, context.directory, [envelope], source=SOURCE, now=context.now)
    act_ = "work.overridden" if is_override else "work.changed"
    context.note(act_, account=row.account_id, about=row.id, reason=str(told.get("reason") or ""), action=action.event)
    return envelope


def _told(context: Context, action: Action, said: Mapping[str, Any]) -> dict[str, Any]:
    told = {field: said[field] for field in (*action.must, *action.may) if said.get(field) not in (None, "", [])}
    for field in action.must:
        if field not in told:
            raise Problem(422, f"{action.event} needs {field}", f"say the {field}", path=field)
    if "until" in told:
        until = read_time(str(told["until"]), option="until", now=context.now)
        if until <= context.now:
            raise Problem(422, "until has passed", "give a time to come", path="until")
        told["until"] = iso(until)
    known = context.directory.people
    if "to" in told and known and told["to"] not in known:
        raise Problem(422, f"nobody is called {told['to']!r}", "name the id of a person of ours", path="to")
    return told

"""What may a person see of work, and do to it? The rules that the API and the pages share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.rows import WorkFilter, WorkKind, WorkRow
from nofumble.acting import action_on, check_action, take_envelopes
from nofumble.cli.stored_work import ROWS_MAX, by_urgency, find_work, is_for, item_of, people_of, work_as_json
from nofumble.cli.when import read_time
from nofumble.errors import WrongUse
from nofumble.web.context import Context
from nofumble.web.problems import Problem
from nofumble.web.scope import reports_of
from workflows.account import evidence_of_item
from workflows.directory import Directory
from workflows.moment import iso

SOURCE = "/nofumble/web"
"""The source of what people do on pages and by the API."""


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


def work_of(
    context: Context,
    kind: WorkKind | None,
    *,
    person: str | None = None,
    account: str | None = None,
    workflow: str | None = None,
    is_closed_too: bool = False,
) -> list[WorkRow]:
    """Return the work that a person sees, the most urgent first; each field that is not None narrows."""
    # An alert goes to several people and its row names the first: the others are found by looking inside.
    of_person = None if kind in {None, "alert"} else person
    wanted = WorkFilter(kind, of_person, None, account, workflow, None if is_closed_too else True, ROWS_MAX)
    found = context.store.work(wanted)
    if person is not None:
        found = [row for row in found if is_for(row, person)]
    return sorted(seen(context, found), key=by_urgency)


def seen(context: Context, rows: Iterable[WorkRow]) -> list[WorkRow]:
    """Return those that a person sees: of the accounts that she sees, and whatever asks her."""
    return [row for row in rows if is_for(row, context.person) or context.sees(row.account_id)]


def inbox_of(context: Context, person: str) -> list[WorkRow]:
    """Return the open tasks and alerts of a person, the most urgent first."""
    tasks, alerts = (work_of(context, kind, person=person) for kind in ("task", "alert"))
    return sorted([*tasks, *alerts], key=by_urgency)


def team_inbox_of(context: Context) -> list[WorkRow]:
    """Return what waits for the people of one's team, and in its queue, the most urgent first."""
    directory = context.directory
    team = directory.team_of(context.person)
    if team is None:
        return inbox_of(context, context.person)
    names = {name for name, person in directory.people.items() if person.team == team} | {directory.queue_of_team(team)}
    found = [*work_of(context, "task"), *work_of(context, "alert")]
    return sorted((row for row in found if names.intersection(people_of(row))), key=by_urgency)


def find(context: Context, work_id: str) -> WorkRow:
    """Return a work item by its id or how that begins; raise Problem 404 when it is not there, or not to be seen."""
    try:
        row = find_work(context.store, work_id)
    except WrongUse as error:
        raise Problem(404, f"no work has the id {work_id!r}", "the inbox lists what there is") from error
    if not seen(context, [row]):
        raise Problem(404, f"no work has the id {work_id!r}", "the inbox lists what there is")
    return row


def story_of(row: WorkRow) -> dict[str, Any]:
    """Return why a work item exists: its evidence and its notes."""
    item = item_of(row)
    return {**work_as_json(row), "evidence": evidence_of_item(item), "notes": item.notes}


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

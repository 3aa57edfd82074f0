"""A person acts on work: what is done becomes an event, and goes the way of every other (D8, R11)."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

import typer

from agents.rows import WorkRow
from nofumble.acting import NoOutcome, Said, Unticked, action_on, check_action, take_envelopes
from nofumble.cli.options import AsJson
from nofumble.cli.output import say, write_json
from nofumble.cli.run import apply_now
from nofumble.cli.session import Session, open_session
from nofumble.cli.stored_work import find_work
from nofumble.cli.when import read_time
from nofumble.errors import WrongUse
from workflows.moment import iso

SOURCE = "/nofumble/cli"
"""The source of what people do on the command line."""

WORK_HELP = "Ids of work, or their first six characters."
Ids = Annotated[list[str], typer.Argument(metavar="ID", help=WORK_HELP)]
As = Annotated[str, typer.Option("--as", metavar="PERSON", envvar="NOFUMBLE_PERSON", help="Who acts: a person id.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a few words.")]
Until = Annotated[str, typer.Option("--until", metavar="TIME", help="A day, or a time with its offset.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    task = typer.Typer(name="task", help="Act on a task.")
    task.command(epilog="Example: nofumble task accept 5b1f3c2a --as dana")(accept)
    task.command(epilog="Example: nofumble task decline 5b1f3c2a --as dana --reason 'not my account'")(decline)
    task.command(epilog="Example: nofumble task start 5b1f3c2a --as dana")(start)
    task.command(epilog="Example: nofumble task done 5b1f3c2a --as dana")(done)
    task.command(epilog="Example: nofumble task snooze 5b1f3c2a --as dana --until 2026-03-20")(snooze)
    task.command(epilog="Example: nofumble task reassign 5b1f3c2a --as cleo --to kim")(reassign)
    app.add_typer(task)
    alert = typer.Typer(name="alert", help="Act on an alert.")
    alert.command(epilog="Example: nofumble alert ack 5b1f3c2a --as dana")(ack)
    alert.command("snooze", epilog="Example: nofumble alert snooze 5b1f3c2a --as dana --until 2026-03-20")(snooze_alert)
    app.add_typer(alert)


def accept(ids: Ids, person: As, as_json: AsJson = False) -> None:
    """Take a task over: from now on it is yours."""
    _act("task.accepted", ids, person, {}, as_json=as_json)


def decline(ids: Ids, person: As, reason: Reason, as_json: AsJson = False) -> None:
    """Give a task back, with the reason; it goes one up."""
    _act("task.declined", ids, person, {"reason": reason}, as_json=as_json)


def start(ids: Ids, person: As, as_json: AsJson = False) -> None:
    """Say that you are at it."""
    _act("task.started", ids, person, {}, as_json=as_json)


def done(
    ids: Ids,
    person: As,
    outcome: Annotated[str, typer.Option("--outcome", metavar="NAME", help="How it ended, where the task asks.")] = "",
    tick: Annotated[
        list[str] | None,
        typer.Option("--tick", metavar="LINE", help="A line of the checklist that is done; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Finish a task."""
    said = {"outcome": outcome, "checklist": list(tick or ())}
    _act("task.completed", ids, person, {name: value for name, value in said.items() if value}, as_json=as_json)


def snooze(ids: Ids, person: As, until: Until, as_json: AsJson = False) -> None:
    """Put a task off: nobody is reminded before then."""
    _act("task.snoozed", ids, person, {"until": until}, as_json=as_json)


def reassign(
    ids: Ids,
    person: As,
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help="Who is to have it.")],
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Give a task to somebody else."""
    said = {"to": to, "reason": reason}
    _act("task.reassigned", ids, person, {name: value for name, value in said.items() if value}, as_json=as_json)


def ack(ids: Ids, person: As, as_json: AsJson = False) -> None:
    """Say that you have seen an alert and care for it."""
    _act("alert.acknowledged", ids, person, {}, as_json=as_json)


def snooze_alert(ids: Ids, person: As, until: Until, as_json: AsJson = False) -> None:
    """Put an alert off until a time."""
    _act("alert.snoozed", ids, person, {"until": until}, as_json=as_json)


def _act(action: str, ids: Sequence[str], person: str, said: Said, *, as_json: bool) -> None:
    """Check every id first, then write all of the events: a mistake in one writes none."""
    with open_session() as session:
        said = _with_time(session, said)
        _warn_of_strangers(session, person, said.get("to"))
        rows = [find_work(session.store, one) for one in dict.fromkeys(ids)]
        for row in rows:
            check(row, action, said)
        known, now = session.directory, session.now
        envelopes = [action_on(row, action, person, said, directory=known, now=now, source=SOURCE) for row in rows]
        take_envelopes(session.store, known, envelopes, source=SOURCE, now=now)
        applied = apply_now(session)
        if as_json:
            write_json(envelopes)
        for row in rows:
            rest = "" if applied else "; the agents that are at work apply it"
            say(f"{action} noted for {row.kind} {row.ref} at {row.account_id}{rest}")


def check(row: WorkRow, action: str, said: Said) -> None:
    """Raise WrongUse, with the option that is missing, when the work does not allow the action."""
    try:
        check_action(row, action, said)
    except Unticked as error:
        options = " ".join(f"--tick {line!r}" for line in error.missing)
        raise WrongUse(
            f"task {row.id} ({row.ref}) has a checklist, and all of it must be done: add {options}"
        ) from error
    except NoOutcome as error:
        named = ", ".join(error.outcomes)
        raise WrongUse(
            f"task {row.id} ({row.ref}) ends with one of {named}: add --outcome {error.outcomes[0]}"
        ) from error


def _warn_of_strangers(session: Session, *people: object) -> None:
    """Say when a person is not known here: most often the name is misspelt, but nobody has to be registered."""
    known = session.directory.people
    for person in people:
        if known and isinstance(person, str) and person not in known:
            near = get_close_matches(person, known, n=1)
            say(f"{person} is not among the people known here{f': did you mean {near[0]}?' if near else ''}")


def _with_time(session: Session, said: Said) -> Said:
    """Return what was said with `until` as a time, which must lie ahead."""
    if "until" not in said:
        return said
    until = read_time(str(said["until"]), option="--until", now=session.now)
    if until <= session.now:
        raise WrongUse(f"--until is {said['until']!r}, which has passed: give a time to come")
    return {**said, "until": iso(until)}

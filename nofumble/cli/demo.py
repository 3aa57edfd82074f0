"""A made-up company's quarter, all of it through the store: what came of it, in three stories with their evidence."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
import typer

from agents.embedded import EmbeddedAgents
from agents.intake import CHUNK_ROWS, Incoming, Intake
from agents.ports import SentRow, WorkFilter, WorkRow
from config.organisation import DEFAULT_FILE
from config.settings import Settings
from nofumble.catalogue import open_world
from nofumble.cli.options import current_settings
from nofumble.cli.output import clean, number_of, paint, progress, write, write_folded
from nofumble.cli.run import work_once
from nofumble.cli.session import Session, say_on_terminal, session_of
from nofumble.cli.stored_work import ROWS_MAX, by_urgency, item_of
from nofumble.cli.telling import Spoken, Told, told, write_lines
from nofumble.cli.when import as_time
from nofumble.cli.why import write_story
from nofumble.clock import new_id
from nofumble.postgres import open_database
from nofumble.sample import STORIES, Story, quarter
from workflows.language.plans import Definition
from workflows.library import types_of

STORIES_TOLD = 3
"""As many as a person reads at one go; the fourth is for who looks further."""

AFTERWARDS = timedelta(hours=12)
"""How long the clock runs on after the last event of the quarter."""

EARLIER = timedelta(minutes=10)
"""How long before the first line the story may have begun."""

FORGET = "DROP SCHEMA IF EXISTS nofumble CASCADE"

_LEFT_OUT = frozenset({"workflow.started", "workflow.completed", "workflow.cancelled", "loop.customer_told"})
"""Lines that the workflow needs and a reader of the story does not."""

Envelope = Mapping[str, Any]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble demo")(demo)


def demo() -> None:
    """Play a made-up company's quarter and tell three stories.

    It has a database of its own below NOFUMBLE_HOME, and begins anew each time; nothing of yours is touched.
    """
    envelopes = quarter()
    end = max(_arrival(one) for one in envelopes) + AFTERWARDS
    with _fresh_session() as session:
        lines = _play(session, envelopes, end)
        accounts = len(session.store.accounts(limit=ROWS_MAX))
        write(paint("A made-up company's quarter", "strong"))
        write_folded(
            f"{number_of(len(envelopes), 'event')} of {number_of(accounts, 'account')} went in: who signed, who wrote "
            f"to whom, tickets, requests, invoices. {number_of(len(lines), 'line')} came out: tasks, alerts, "
            "escalations, holds, loops. Here are three stories of them. Times are UTC."
        )
        for number, story in enumerate(STORIES[:STORIES_TOLD], start=1):
            _tell(session, number, story, envelopes, lines, end)
        _point_further(session.settings)


@contextmanager
def _fresh_session() -> Iterator[Session]:
    """Give a session on the demo's own embedded database, with nothing in it."""
    given = current_settings()
    own = {"home": given.home / "demo", "database_url": None, "organisation": DEFAULT_FILE}
    settings = given.model_copy(update=own)
    with open_database(settings, progress=say_on_terminal) as database:
        with database.connect(autocommit=True) as connection:
            connection.execute(FORGET)
        with session_of(settings) as session:
            yield session


def _play(session: Session, envelopes: Sequence[Envelope], end: datetime) -> list[SentRow]:
    """Take the quarter in, let the agents work to its end, and return what went out, in order."""
    with progress("taking in", len(envelopes)) as step:
        rows = [
            Incoming("the made-up quarter", n, msgspec.json.encode(one)) for n, one in enumerate(envelopes, start=1)
        ]
        Intake(session.store, session.directory).take(rows, now=session.now, on_chunk=lambda _: step(CHUNK_ROWS))
    world = open_world(session.store, session.directory, now=session.now)
    with closing(EmbeddedAgents(session.store, world, worker=new_id())) as agents:
        work_once(session, agents, end)
    return sorted(session.store.unsent(ROWS_MAX), key=lambda row: row.at)


def _tell(
    session: Session, number: int, story: Story, envelopes: Sequence[Envelope], lines: Sequence[SentRow], end: datetime
) -> None:
    write()
    write()
    write(paint(f"{number}. {story.title}", "strong"))
    write_folded(story.what_happens)
    write()
    write_folded(f"What to see: {story.what_to_see}.", weight="quiet")
    listens_to = _types(_definition(story.workflow))
    for account in story.accounts:
        went_out = [_went_out(row) for row in lines if row.account_id == account and _is_of(row, story.workflow)]
        happened = [_happened(one) for one in envelopes if one["subject"] == account and one["type"] in listens_to]
        happened = [one for one in happened if _is_between(one, went_out)]
        write()
        write(paint(f"   {account}", "info"))
        write()
        write_lines(sorted([*happened, *went_out], key=lambda one: one.at))
        worst = _worst_alert(session, account, story.workflow)
        if worst is not None:
            write()
            write_story(worst, item_of(worst), now=end)


def _worst_alert(session: Session, account: str, workflow: str) -> WorkRow | None:
    found = session.store.work(WorkFilter("alert", None, None, account, workflow, None, ROWS_MAX))
    return min(found, key=by_urgency, default=None)


def _happened(one: Envelope) -> Spoken:
    data = one["data"]
    actor = data.get("actor") or {}
    who = actor.get("person") or actor.get("contact") or actor.get("system") or ""
    at = as_time(one["time"])
    assert at is not None, "the sample's times are times"
    return Spoken(at, "", Told("event", "", str(who).partition("@")[0], _in_words(one), "strong"))


def _in_words(one: Envelope) -> str:
    """Tell an event of the sample: its type, what it says of itself, and how late it was known."""
    said = next((str(one["data"][name]) for name in ("summary", "title", "reason") if one["data"].get(name)), "")
    at, arrived = as_time(one["time"]), _arrival(one)
    late = f" (known at {arrived:%H:%M})" if at and arrived - at >= timedelta(hours=1) else ""
    return f"{one['type']}{': ' if said else ''}{said}{late}"


def _went_out(row: SentRow) -> Spoken:
    data = msgspec.json.decode(row.body)["data"]
    return Spoken(row.at, "", told(row.type, data, row.at))


def _is_between(one: Spoken, lines: Sequence[Spoken]) -> bool:
    """Say whether something happened while the story went on; an event that came late began it."""
    return bool(lines) and lines[0].at - EARLIER <= one.at <= lines[-1].at


def _is_of(row: SentRow, workflow: str) -> bool:
    data = msgspec.json.decode(row.body)["data"]
    return row.type not in _LEFT_OUT and data.get("workflow") == workflow and data.get("severity") != "info"


def _definition(name: str) -> Definition:
    from nofumble.wiring import load_definitions

    return next(one for one in load_definitions() if one.name == name)


def _types(definition: Definition) -> frozenset[str]:
    return frozenset(definition.reactions).union(*(types_of(start) for start in definition.starts))


def _arrival(one: Envelope) -> datetime:
    at = as_time(one.get("recordedtime") or one["time"])
    assert at is not None, "the sample's times are times"
    return at


def _point_further(settings: Settings) -> None:
    home = clean(settings.home)
    write()
    write()
    write(paint("Where to look next", "strong"))
    write_folded("The quarter is still there. In your shell:")
    write()
    for command, answer in (
        (f"export NOFUMBLE_HOME={home}", ""),
        ("nofumble inbox --person dana", "what waits for one person"),
        ("nofumble loops", "who has the ball, how long"),
        ("nofumble timeline mistral", "a fourth story: a crisis"),
        ("nofumble may-i upsell --account mistral", "before you write to them"),
        ("nofumble explain sales.contract.signed", "what a signature brings"),
    ):
        program = "" if command.startswith("export") else ".venv/bin/"
        write(f"  {program + command:<50}{f'# {answer}' if answer else ''}".rstrip())

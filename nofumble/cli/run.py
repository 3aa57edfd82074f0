"""The embedded agents: work through what was taken in and what is due, once or until they are stopped."""

from contextlib import closing, suppress
from datetime import datetime
from threading import Event as Flag
from typing import TYPE_CHECKING, Annotated

import typer

from agents.embedded import EmbeddedAgents
from agents.ports import Fenced, FollowsTopic, OutcomeUnknown
from agents.progress import Progress
from nofumble.at_work import work_until
from nofumble.catalogue import open_world
from nofumble.cli.options import AsJson
from nofumble.cli.output import number_of, progress, say, write_json
from nofumble.cli.session import Session, open_session
from nofumble.cli.when import read_time
from nofumble.cli.worker import twin_of
from nofumble.clock import SystemClock, new_id
from nofumble.collector import spare_collector
from nofumble.errors import ServiceUnavailable, WrongUse

if TYPE_CHECKING:
    pass
FENCED_MAX = 1_000
"""How often another process may be faster before `run --once` leaves the work to it; each time it got some done."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble run --once")(run)


def run(
    once: Annotated[bool, typer.Option("--once", help="Work until nothing is due, and end.")] = False,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="With --once: let the clock run only to this time, not to now."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the agents: fold what was taken in, fire what is due.

    Ctrl-C ends them; nothing is lost by that, nor by any other end.
    """
    end = _end(until, once=once)
    with open_session() as session:
        world = open_world(session.store, session.organisation, now=session.now)
        spare_collector()
        with closing(EmbeddedAgents(session.store, world, worker=new_id())) as agents:
            try:
                if once:
                    work_once(session, agents, end)
                else:
                    _at_work(session, agents)
            except FollowsTopic as error:
                raise WrongUse(str(error)) from error
    if as_json:
        write_json([_counts(agents.progress)])
    else:
        _tell(agents.progress)


def _at_work(session: Session, agents: EmbeddedAgents) -> None:
    from nofumble.measuring import Measuring
    from nofumble.monitor.answering import answering
    from nofumble.monitor.sampling import Pulse, lags_of_table

    pulse = Pulse(agents.progress)
    pulse.lags = lags_of_table
    measuring = Measuring(session.store, agents.world.directories, agents.world.library)
    with answering(session.settings, pulse, twin_of(session.store), has_relay=False):
        say("the agents are at work; Ctrl-C ends them")
        with suppress(KeyboardInterrupt):
            work_until(Flag(), agents, SystemClock(), idle=measuring.measure, beat=pulse.beat, say=say)


def _end(until: str | None, *, once: bool) -> datetime | None:
    """Return how far the clock is to run, None for as far as it is now."""
    if until is None:
        return None
    if not once:
        raise WrongUse(f"--until is {until!r} without --once: agents that go on have no end; add --once")
    return read_time(until, option="--until", now=SystemClock().now())


def apply_now(session: Session) -> bool:
    """Fold what was just taken in, so that it counts at once; tells whether it did: another process may be at it."""
    world = open_world(session.store, session.organisation, now=session.now)
    with closing(EmbeddedAgents(session.store, world, worker=new_id())) as agents:
        try:
            agents.catch_up()
        except (Fenced, FollowsTopic, OutcomeUnknown):
            return False
    return True


def work_once(session: Session, agents: EmbeddedAgents, until: datetime | None = None) -> None:
    """Work until the log is empty and nothing is due at `until`, which is now unless it is given.

    Raises ServiceUnavailable when another process does the same work at the same time.
    """
    waiting = sum(state.end - state.next for state in session.store.partitions())
    done = 0
    with progress("working", waiting) as step:

        def report(so_far: Progress) -> None:
            nonlocal done
            step(so_far.records - done)
            done = so_far.records

        for _ in range(FENCED_MAX):
            try:
                agents.run_until_idle(until or SystemClock().now(), report)
            except (Fenced, OutcomeUnknown):
                continue  # another process moved on, or nobody knows: the store says where to go on
            return
    raise ServiceUnavailable("another process works on this store: let it, or stop it and run this again")


def _tell(done: Progress) -> None:
    events = number_of(done.records, "event")
    woken = number_of(done.woken, "account")
    lines, notices = number_of(done.lines, "line"), number_of(done.notices, "notice")
    say(f"{events} folded, {woken} woken by timers, {lines} gone out, {notices} given")


def _counts(done: Progress) -> dict[str, int]:
    worked = {"records": done.records, "woken": done.woken, "lines": done.lines, "batches": done.batches}
    return {**worked, "notices": done.notices}

"""One worker of the agents on Kafka: as many as there are partitions may run, on as many machines."""

from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from agents.owner import Owner
from agents.ports import Fenced
from agents.teller import Teller
from agents.world import World
from nofumble.catalogue import open_world
from nofumble.cli.options import AsJson
from nofumble.cli.output import number_of, say, write_json
from nofumble.cli.session import open_session
from nofumble.cli.when import read_time
from nofumble.clock import SystemClock, new_id
from nofumble.collector import spare_collector
from nofumble.errors import InternalError
from nofumble.logging_setup import configure_logging

if TYPE_CHECKING:
    from agents.kafka.topics import Publisher
    from agents.ports import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble worker")(worker)


def worker(
    once: Annotated[bool, typer.Option("--once", help="Work until nothing is left, and end.")] = False,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Let the clock run only to this time, not to now.")
    ] = None,
    session_s: Annotated[
        float, typer.Option("--session", min=1, max=300, help="Seconds of silence until others take over.")
    ] = 30,
    as_json: AsJson = False,
) -> None:
    """Run a worker of the agents on Kafka.

    SIGTERM or Ctrl-C end it in order. It ends by itself, with an exit code other than 0, when another worker has taken
    over or a service does not answer: let a supervisor start it again. Nothing is lost by any end.
    """
    from nofumble.kafka.faust_worker import run_worker
    from nofumble.kafka.following import follow_topic
    from nofumble.kafka.relaying import Relaying
    from nofumble.monitor.answering import answering
    from nofumble.monitor.sampling import Pulse

    clock = _clock(until)
    with open_session() as session:
        configure_logging(level=session.settings.log_level, format_=session.settings.log_format)
        followed = follow_topic(session.store, session.settings)
        world = open_world(session.store, session.organisation, now=session.now)
        spare_collector()
        relaying = Relaying(
            twin_of(session.store),
            lambda: _publisher(followed.bootstrap),
            followed.topics,
            followed.partitions,
            session.organisation,
            # What is worked off once, or up to a time that has passed, is not today's load.
            measures_for=None if once or until is not None else world.library,
        )
        owner = Owner(session.store, world, worker=new_id())
        pulse = Pulse(owner.progress)
        with (
            answering(session.settings, pulse, twin_of(session.store), has_relay=True),
            closing(relaying),
        ):
            relaying.start()
            run_worker(
                owner,
                followed,
                clock=clock,
                is_once=once,
                is_done=lambda: relaying.is_idle,
                session_s=session_s,
                pulse=pulse,
            )
        if once:
            _tell_the_rest(session.store, world)
    done = owner.progress
    if as_json:
        write_json([{"records": done.records, "woken": done.woken, "lines": done.lines, "batches": done.batches}])
    else:
        say(f"{number_of(done.records, 'event')} folded, {number_of(done.woken, 'account')} woken by timers")


def _tell_the_rest(store: "Store", world: World) -> None:
    """Tell people of what was done last; another worker that does the same is let do it."""
    until = store.passed()
    world.learn(store)
    with suppress(Fenced):
        if until is not None:
            Teller(store, world.directories).tell(until)


def _clock(until: str | None) -> Callable[[], datetime]:
    """Return the clock of the timekeeper: the system's, but no further than it is allowed to run."""
    system = SystemClock()
    if until is None:
        return system.now
    end = read_time(until, option="--until", now=system.now())
    return lambda: min(end, system.now())


def twin_of(store: "Store") -> Callable[[], "Store"]:
    """Return what opens another connection to the store, for another thread."""

    def open_twin() -> "Store":
        twin = store.twin()
        if twin is None:
            raise InternalError("this needs a store that other threads see, and this one is in memory")
        return twin

    return open_twin


def _publisher(bootstrap: str) -> "Publisher":
    from agents.kafka.publisher import BatchPublisher

    return BatchPublisher(bootstrap)

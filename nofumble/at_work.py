"""How do the embedded agents go on, round after round, until they are told to stop?"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from threading import Event as Flag
from threading import Thread

from agents.embedded import EmbeddedAgents
from agents.ports import Fenced, FollowsTopic, OutcomeUnknown, Store, StoreUnavailable
from agents.written import fault_of
from nofumble.catalogue import open_world
from nofumble.clock import Clock, new_id
from nofumble.errors import InternalError, WrongUse
from nofumble.measuring import Measuring
from workflows.directory import Directory

IDLE_WAIT_S = 0.5
"""How long idle agents wait before they look again; a timer fires so late at most."""

RETRY_WAITS_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""How long to wait for a database that does not answer, again and again the last of them."""


def work_until(
    stop: Flag,
    agents: EmbeddedAgents,
    clock: Clock,
    *,
    idle: Callable[[datetime], int] = lambda _: 0,
    beat: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Work until `stop` is set. A database that went away is waited for: nothing is lost meanwhile.

    `idle` is called with the time when nothing is left to do, and tells how much it found.
    """
    failures = 0
    while not stop.is_set():
        beat()
        try:
            now = clock.now()
            worked = agents.round(now, lambda _: beat()) or idle(now) > 0
            failures = 0
        except (Fenced, OutcomeUnknown):
            continue
        except StoreUnavailable as error:
            wait = RETRY_WAITS_S[min(failures, len(RETRY_WAITS_S) - 1)]
            failures += 1
            say(f"the database does not answer ({error}); trying again in {wait:g} s")
            stop.wait(wait)
            continue
        if not worked:
            stop.wait(IDLE_WAIT_S)


@contextmanager
def agents_beside(store: Store, organisation: Directory, clock: Clock, end: Callable[[], None]) -> Iterator[None]:
    """Let agents work in a thread of their own beside the body; `store` is theirs, and closed by them.

    `end` is called when they fail: what is left without them should not go on as if they were there. At the end of the
    body that is raised, as WrongUse where the log is a topic, else as InternalError.
    """
    stop, failed = Flag(), list[Exception]()

    def work() -> None:
        try:
            world = open_world(store, organisation, now=clock.now())
            with closing(EmbeddedAgents(store, world, worker=new_id())) as agents:
                measuring = Measuring(store, world.directories, world.library)
                work_until(stop, agents, clock, idle=measuring.measure)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end in silence
            failed.append(error)
            end()
        finally:
            store.close()

    thread = Thread(target=work, name="nofumble-agents")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    for error in failed:
        if isinstance(error, FollowsTopic):
            raise WrongUse(str(error)) from error
        raise InternalError(f"the agents failed: {fault_of(error)}") from error

"""How does a Faust worker live and die as a command of ours? Its signals are Faust's, its exit code and words ours.

SIGTERM and Ctrl-C end it in order: what is folded is written, the group hears of it. Whatever fails ends it with one
sentence and an exit code other than 0, for whoever started it to start it again: the cursors know where to go on.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from signal import Signals
from tempfile import TemporaryDirectory
from threading import Timer

import faust
import structlog

from agents.kafka.app import make_app
from agents.kafka.chunks import LogJumped
from agents.kafka.transport import BrokerSilent
from agents.kafka.watch import Stuck
from agents.kafka.worker import LogRefused, Worker
from agents.owner import Owner
from agents.ports import StoreError
from nofumble.errors import ExitCode, NofumbleError, ServiceUnavailable, WrongUse
from nofumble.kafka.following import Followed
from nofumble.library_logs import adopt_library_logs
from nofumble.monitor.sampling import Pulse

LEAVE_MAX_S = 20.0
"""How long the end of a worker may take; supervisors kill after thirty seconds, and docker compose when told so."""

log = structlog.get_logger()


def run_worker(
    owner: Owner,
    followed: Followed,
    *,
    clock: Callable[[], datetime],
    is_once: bool = False,
    is_done: Callable[[], bool] = lambda: True,
    session_s: float = 30,
    pulse: Pulse | None = None,
) -> None:
    """Work until a signal ends it, or with `is_once` until nothing is left.

    Raises:
        WrongUse: the log is not the one that the store follows.
        ServiceUnavailable: another worker was faster, or the store or the broker does not answer; start it again.
    """
    worker = Worker(owner, followed.topics.events, clock, followed.audit(owner.store))
    if pulse is not None:
        worker.beat, pulse.lags = pulse.beat, lambda _: worker.lags()
    adopt_library_logs()
    with TemporaryDirectory(prefix="nofumble-faust-") as folder:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        app = make_app(
            worker,
            bootstrap=followed.bootstrap,
            group=followed.group,
            folder=Path(folder),
            is_once=is_once,
            is_done=is_done,
            session_s=session_s,
        )
        service = _Service(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
        service.spinner = None
        ended: object = None
        try:
            with suppress(asyncio.CancelledError):
                service.execute_from_commandline()
        except SystemExit as left:
            ended = left.code
        finally:
            worker.close()
    if worker.failure is not None:
        raise _as_ours(worker.failure) from worker.failure
    if ended:
        raise ServiceUnavailable("the worker ended for a reason of Faust's own; start it again")


class _Service(faust.Worker):
    """Leaves in time: a database that hangs must not keep us until the supervisor kills (F7)."""

    def _schedule_shutdown(self, signal: Signals) -> None:
        overdue = Timer(LEAVE_MAX_S, _leave)
        overdue.daemon = True
        overdue.start()
        super()._schedule_shutdown(signal)


def _leave() -> None:
    """Leave as SIGKILL would: the database rolls back what it was in the middle of."""
    log.error(
        "worker.left_in_the_middle", after_s=LEAVE_MAX_S, reason="what it was at did not end; nothing of it is kept"
    )
    sys.stderr.flush()
    os._exit(ExitCode.UNAVAILABLE)


def _as_ours(error: BaseException) -> NofumbleError | BaseException:
    match error:
        case NofumbleError():
            return error
        case LogRefused():
            return WrongUse(str(error))
        case StoreError() | LogJumped() | Stuck() | BrokerSilent():
            return ServiceUnavailable(f"{error}; start the worker again")
        case _:
            return error

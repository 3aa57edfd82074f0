"""The process of one backtest beside a server: it reads its order from standard input, and tells by its trace."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from agents.ports import StoreUnavailable
from nofumble.backtest.backtest import Question, answer
from nofumble.backtest.crew import Step, cores, crew_of
from nofumble.backtest.histories import StoreHistory
from nofumble.backtest.kept import KeptBacktests
from nofumble.backtest.runs import Order, read_trace, write_trace
from nofumble.backtest.sides import active_in, given
from nofumble.collector import without_collector
from nofumble.errors import NofumbleError, WrongUse
from nofumble.postgres import Database
from nofumble.store.postgres_store import PostgresStore
from workflows.language.checker import check_text

WRITE_EVERY_S = 0.25
"""How often a trace is written while it grows."""

NICE = 10
"""Whoever waits for a page, and the agents, come first."""


def main() -> None:
    """Run the backtest of the order, and say in its trace what became of it."""
    os.nice(NICE)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    telling = Telling(order)
    try:
        run(order, telling.progress)
    except (NofumbleError, StoreUnavailable) as error:
        telling.tell(state="failed", error=str(error))
    except Exception as error:
        telling.tell(state="failed", error=f"a fault of nofumble itself: {type(error).__name__}")
        raise
    else:
        telling.tell(state="done")


def run(order: Order, progress: Callable[[str, int], Iterator[Step]]) -> None:
    """Fold the history of the store under what is active and under what is tried, and keep the result.

    Raises WrongUse for a definition that is none, and for a period in which there is nothing.
    """
    tried = check_text(order.text, "the definition").definition
    if tried is None:
        raise WrongUse("the definition does not hold; check it first")
    processes = crew_of(max(1, cores() - 1))
    with closing(PostgresStore(Database(order.dsn))) as store, without_collector():
        active, organisation = active_in(store), Path(order.organisation)
        asked = Question(
            StoreHistory(store, order.until),
            given(active, organisation),
            given(active.trying([tried], order.called), organisation),
            order.since,
        )
        result = answer(asked, name=order.name, now=order.now, processes=processes, progress=contextmanager(progress))
        KeptBacktests(Path(order.home)).keep(result, store.erased)


class Telling:
    """Writes the trace as the backtest goes on, not more often than somebody looks."""

    def __init__(self, order: Order) -> None:
        """Begin with what was asked."""
        self._home = Path(order.home)
        self._trace = read_trace(self._home, order.name)
        self._written = 0.0

    def tell(self, **changes: Any) -> None:
        """Write the trace with some changes."""
        self._trace = structs.replace(self._trace, **changes)
        self._written = time.monotonic()
        write_trace(self._home, self._trace)

    def progress(self, stage: str, of: int) -> Iterator[Step]:
        """Give what takes a step in a stage of so many."""
        self.tell(stage=stage, done=0, of=of)

        def step(count: int) -> None:
            self._trace = structs.replace(self._trace, done=min(self._trace.done + count, of))
            if time.monotonic() - self._written > WRITE_EVERY_S:
                self.tell()

        yield step


if __name__ == "__main__":
    main()

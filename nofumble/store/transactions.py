"""What happens when a transaction fails, and may it be tried again?

Before the commit nothing is kept, so whatever the database or the network did (deadlock, lost connection, restart,
full disk) the same work is done again on a fresh connection, until it has taken too long (F8, F9, F61, F62, F63).
While the commit is under way a lost connection leaves the outcome open (F4): that is never guessed.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from psycopg import Connection, InterfaceError, OperationalError
from psycopg.rows import TupleRow

from agents.ports import OutcomeUnknown, StoreUnavailable
from nofumble.errors import ServiceUnavailable

T = TypeVar("T")

RETRY_MAX_S = 30.0
"""Half of the time after which Kafka would give our partitions to another worker."""
PAUSE_MIN_S, PAUSE_MAX_S = 0.02, 2.0


class Session:
    """One connection, made when it is first needed and again when it was lost; `connect` returns it ready for use."""

    def __init__(
        self,
        connect: Callable[[], Connection[TupleRow]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connect = connect
        self._monotonic = monotonic
        self._pause = pause
        self._connection: Connection[TupleRow] | None = None

    def run(self, work: Callable[[Connection[TupleRow]], T]) -> T:
        """Do the work in one transaction, again if need be, and return what it returned.

        `work` must have no effect but on its connection: it may run several times. Raises StoreUnavailable after
        RETRY_MAX_S, OutcomeUnknown when the commit's answer was lost, and whatever `work` raises for reasons of its
        own, after a rollback.
        """
        deadline = self._monotonic() + RETRY_MAX_S
        pause_s = PAUSE_MIN_S
        while True:
            try:
                return self._once(work)
            except (OperationalError, InterfaceError, ServiceUnavailable) as error:
                if self._monotonic() > deadline:
                    raise StoreUnavailable(
                        f"the database did not take a transaction for {RETRY_MAX_S:.0f} seconds "
                        f"({_first_line(error)}); nothing of it was kept"
                    ) from error
            self._pause(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MAX_S)

    def close(self) -> None:
        """Give the connection up; it is made again when it is needed again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, work: Callable[[Connection[TupleRow]], T]) -> T:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        connection = self._connection
        try:
            result = work(connection)
        except BaseException:
            self._roll_back(connection)
            raise
        self._commit(connection)
        return result

    def _commit(self, connection: Connection[TupleRow]) -> None:
        try:
            connection.commit()
        except (OperationalError, InterfaceError) as error:
            if connection.closed:
                self._connection = None
                raise OutcomeUnknown(
                    f"the connection was lost during a commit ({_first_line(error)}): read the cursor to learn "
                    "whether it was kept"
                ) from error
            raise  # the server refused it: nothing was kept
        except BaseException:
            self.close()  # interrupted half way: the connection is in no known state
            raise

    def _roll_back(self, connection: Connection[TupleRow]) -> None:
        try:
            connection.rollback()
        except (OperationalError, InterfaceError):
            self.close()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__

"""What may happen to embedded agents? They are killed, put to sleep, and lose their database."""

import signal
from collections.abc import Sequence
from datetime import datetime

from nofumble.prove.arena import Arena
from nofumble.prove.crew import Deck

STARTS_S, WORKS_S = 0.4, 1.6
"""When a process that was started is struck: from its start to about its end."""


class EmbeddedAgents:
    """Implements nofumble.prove.arena.Runtime."""

    def __init__(self, arena: Arena) -> None:
        """Begin with nobody at work."""
        self._arena, self._crew = arena, arena.crew
        disasters = {
            "agents killed at a point": self._die_at_a_point,
            "agents killed": self._die,
            "agents asleep while others work": self._sleep,
            "database killed": self._lose_the_database,
        }
        self._deck = Deck(disasters, arena.crew.draw)

    def strike(self, until: datetime) -> str:
        """Let the next disaster happen, and every other time let the agents finish after it."""
        name, disaster = self._deck.next()
        disaster(until)
        if self._crew.draw.random() < 0.5:  # noqa: PLR2004 - every other time
            self.rest(until)
        return name

    def rest(self, until: datetime) -> None:
        """Let the agents work until nothing is left."""
        self._crew.finish(*_words(until))

    def _die_at_a_point(self, until: datetime) -> None:
        self._crew.bury(self._crew.start(*_words(until), fault=self._arena.drawn_point()))

    def _die(self, until: datetime) -> None:
        process = self._crew.start(*_words(until))
        self._crew.let_work(process, STARTS_S, WORKS_S)
        self._crew.kill(process)

    def _sleep(self, until: datetime) -> None:
        sleeper = self._crew.start(*_words(until))
        self._crew.let_work(sleeper, STARTS_S, WORKS_S)
        sleeper.send_signal(signal.SIGSTOP)
        self._arena.end_sleepers()
        self._crew.finish(*_words(until))
        sleeper.send_signal(signal.SIGCONT)
        self._crew.bury(sleeper)

    def _lose_the_database(self, until: datetime) -> None:
        process = self._crew.start(*_words(until))
        self._crew.let_work(process, STARTS_S, WORKS_S)
        self._crew.kill_database(self._arena.home)
        self._crew.bury(process)


def _words(until: datetime) -> Sequence[str]:
    return "run", "--once", "--until", until.isoformat()

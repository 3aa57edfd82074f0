"""Who examines definitions for the pages? A few processes that wait for the next text, and are replaced when one ends.

A text may hold an example that would run for years. It is examined where that hurts nobody: the process ends itself
when its time or its memory is over (`worker.py`), and what it had said until then is the answer.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, LifoQueue
from threading import Semaphore

import msgspec
import structlog

from nofumble.authoring.examining import Answer, Asked, Checked, Done, Played
from nofumble.authoring.worker import EXAMINED_S_MAX
from nofumble.errors import ServiceUnavailable

COMMAND = (sys.executable, "-m", "nofumble.authoring.worker")

PROCESSES = 2
"""Texts that are examined at once."""

WAITING_MAX = 2
"""Who else may wait for a turn: who waits holds a connection to the database, of which there are eight."""

log = structlog.get_logger()

_answers = msgspec.json.Decoder(Answer)


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of a text; `is_whole` is False where its time was over before everything was said."""

    checked: Checked
    played: tuple[Played, ...]
    is_whole: bool

    @property
    def is_good(self) -> bool:
        """Whether it may run: no finding, and every example came true."""
        return not self.checked.messages and self.is_whole and all(one.passed for one in self.played)

    @property
    def open_examples(self) -> tuple[str, ...]:
        """The examples of which nothing was heard; the first of them did not end."""
        return tuple(self.checked.examples[len(self.played) :])


class Examiner:
    """Examines texts, each in a process apart from this one; used by many threads."""

    def __init__(self, processes: int = PROCESSES, *, limit_s: float = EXAMINED_S_MAX) -> None:
        self._limit_s = limit_s
        self._places: LifoQueue[subprocess.Popen[bytes] | None] = LifoQueue()
        for _ in range(processes):
            self._places.put(None)
        self._callers = Semaphore(processes + WAITING_MAX)

    def examine(self, asked: Asked) -> Examined:
        """Return what is to be said of a text.

        Raises ServiceUnavailable where too many ask at once.
        """
        if not self._callers.acquire(blocking=False):
            raise _busy()
        try:
            worker = self._places.get(timeout=self._limit_s)
        except Empty as error:
            self._callers.release()
            raise _busy() from error
        try:
            if worker is None or worker.poll() is not None:
                worker = _started(self._limit_s)
            answers = list(_asked(worker, asked))
            if not answers or not isinstance(answers[-1], Done):
                _end(worker)
                log.warning("definition.not_examined", workflow=asked.name, code=worker.returncode)
                worker = None
            return _examined(answers)
        finally:
            self._places.put(worker)
            self._callers.release()

    def close(self) -> None:
        """End the processes that wait."""
        while True:
            try:
                worker = self._places.get_nowait()
            except Empty:
                return
            if worker is not None:
                _end(worker)


def _started(limit_s: float) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    command = (*COMMAND, str(limit_s))
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)  # noqa: S603  our own module


def _asked(worker: subprocess.Popen[bytes], asked: Asked) -> Iterator[Answer]:
    """Give what a process says of a text, until it is done or ends."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        worker.stdin.write(msgspec.json.encode(asked) + b"\n")
        worker.stdin.flush()
    except BrokenPipeError:
        return
    for line in worker.stdout:
        if not line.endswith(b"\n"):  # it was ended in the middle of a word
            return
        answer = _answers.decode(line)
        yield answer
        if isinstance(answer, Done):
            return


def _examined(answers: list[Answer]) -> Examined:
    checked = next((one for one in answers if isinstance(one, Checked)), Checked([]))
    played = tuple(one for one in answers if isinstance(one, Played))
    return Examined(checked, played, bool(answers) and isinstance(answers[-1], Done))


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    with worker:
        worker.wait()


def _busy() -> ServiceUnavailable:
    return ServiceUnavailable("too many definitions are being examined at once; try again in a moment")

"""How does what keeps a folder and a database for a while end when it is told to? As Ctrl-C does, in order."""

import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what is inside as Ctrl-C does; afterwards they are what they were."""
    with _handled({number: _end for number in _NUMBERS if number != signal.SIGINT}), _kept():
        yield


@contextmanager
def undisturbed_end() -> Iterator[None]:
    """From the end of this on let nobody disturb: a second Ctrl-C would leave something behind."""
    try:
        yield
    finally:
        if _is_main():
            for number in _NUMBERS:
                signal.signal(number, signal.SIG_IGN)


@contextmanager
def whole() -> Iterator[None]:
    """Let what is inside be done wholly before a signal counts: a process that was just started has to be known."""
    caught: list[int] = []
    with _handled(dict.fromkeys(_NUMBERS, lambda number, _: caught.append(number))):
        yield
    for number in caught[:1]:
        signal.raise_signal(number)


@contextmanager
def _kept() -> Iterator[None]:
    former = {number: signal.getsignal(number) for number in _NUMBERS}
    try:
        yield
    finally:
        if _is_main():
            for number, handler in former.items():
                signal.signal(number, handler)


@contextmanager
def _handled(handlers: Mapping[signal.Signals, Any]) -> Iterator[None]:
    if not _is_main():
        yield
        return
    with _kept():
        for number, handler in handlers.items():
            signal.signal(number, handler)
        yield


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)

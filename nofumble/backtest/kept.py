"""Where is a backtest kept, and how do two of them compare? A file each, in a folder of the home."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from agents.forgotten import Forgotten
from nofumble.errors import WrongUse
from workflows.backtesting.comparison import Difference, Period, between
from workflows.backtesting.result import Result

FOLDER = "backtests"
LAST = "last"
"""What a backtest is called that was given no name: the next one replaces it."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class KeptBacktests:
    """The backtests of one home."""

    def __init__(self, home: Path) -> None:
        """Look nowhere yet."""
        self._folder = home / FOLDER

    def keep(self, result: Result, erased: Callable[[], Mapping[bytes, str]]) -> None:
        """Keep a backtest under its name, in place of an older one; raise WrongUse where that cannot be.

        `erased` gives the tombstones of a store. It is asked once the file is there: whoever is erased meanwhile
        is either found in the file or known here (F58).
        """
        file, body = self._file(result.name), msgspec.json.encode(result)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(file, body)
            without = Forgotten(erased()).in_raw(body)
            if without != body:
                write_whole(file, without)
        except OSError as error:
            raise WrongUse(f"{file}: cannot be written ({error.strerror}); make its folder writable") from error

    def get(self, name: str) -> Result:
        """Return the backtest of a name; raise WrongUse when there is none, or it cannot be read."""
        file = self._file(name)
        if not file.exists():
            raise WrongUse(f"no backtest is called {name!r}; `nofumble backtest list` lists what there is")
        try:
            return msgspec.json.decode(file.read_bytes(), type=Result)
        except (OSError, msgspec.MsgspecError) as error:
            raise WrongUse(f"{file}: no backtest that this version can read; run it again") from error

    def all(self) -> Iterator[Result]:
        """Give all that can be read, newest first."""
        files = sorted(self._folder.glob("*.json"), key=lambda one: (-one.stat().st_mtime, one.name))
        for file in files:
            try:
                yield self.get(file.stem)
            except WrongUse:
                continue

    def has(self, name: str) -> bool:
        """Tell whether a backtest is kept under a name; raises WrongUse for what is no name."""
        return self._file(name).exists()

    def rewrite(self, changed: Callable[[bytes], bytes]) -> tuple[int, int, int]:
        """Write everything anew that is kept of backtests, as `changed` gives it.

        Returns how many files there are, in how many something was changed, and in how many something still would be.
        """
        files = sorted(self._folder.rglob("*.json"))
        rewritten = 0
        for file in files:
            was = file.read_bytes()
            now = changed(was)
            if now != was:
                write_whole(file, now)
                rewritten += 1
        return len(files), rewritten, sum(changed(body) != body for body in (file.read_bytes() for file in files))

    def _file(self, name: str) -> Path:
        check_name(name)
        return self._folder / f"{name}.json"


def write_whole(file: Path, body: bytes) -> None:
    """Write a file so that whoever reads it has the old one or the new one, whole."""
    draft = file.with_suffix(".part")
    draft.write_bytes(body)
    draft.replace(file)


def check_name(name: str) -> str:
    """Return the name of a backtest; raise WrongUse for one that is no name of a file."""
    if not _NAME.fullmatch(name):
        raise WrongUse(
            f"{name!r} is no name of a backtest: one has small letters, digits and - _ . inside; write shorter-deadline"
        )
    return name


def compared(first: Result, second: Result) -> list[Difference]:
    """Return in what the new sides of two backtests differ.

    Raises WrongUse when they are not of the same history, or were not compared with the same.
    """
    for what, one, other in (
        ("history", first.extent, second.extent),
        ("old side", _old(first), _old(second)),
    ):
        if one != other:
            raise WrongUse(
                f"{first.name} and {second.name} do not have the same {what}: only what was compared with the same on "
                "the same history can be compared; run one of them again, both with the same --to"
            )
    return between(first.rows.differences, second.rows.differences, Period(first.extent.since, first.extent.until))


def _old(result: Result) -> tuple[str, str, int]:
    return result.before.hash, result.before.organisation_hash, result.before.work

"""How do the stories look on a terminal? Days and hours on the left, what happened in the middle, evidence below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from textwrap import wrap

from events.envelope import Event
from nofumble.cli.output import Weight, clean, paint, width, write
from nofumble.cli.when import brief
from nofumble.demo.proof import proof_rows
from nofumble.demo.thread import Moment, Said, Thread
from nofumble.demo.words import Names, Told, event_row, is_reminder, row_of
from workflows.account import Loop, Task, is_open
from workflows.directory import Directory
from workflows.working_time import business_days_between

DAY, LABEL = 18, 8
"""Columns of day and hour, and of the label behind them."""


def write_title(number: int, title: str, told: str) -> None:
    """Write the heading of a story and what it is about."""
    write()
    write(paint(f"{number}. {title}", "strong"))
    write_text(told, indent=3, weight="quiet")


def write_text(text: str, *, indent: int = 0, weight: Weight = "") -> None:
    """Write text, folded to the width."""
    for line in wrap(clean(text), width() - indent):
        write(f"{' ' * indent}{paint(line, weight)}")


def write_row(when: str, told: Told) -> None:
    """Write one row of a story, folded to the width."""
    room = width() - DAY - LABEL - 1
    first, *more = wrap(clean(told.text), room, break_on_hyphens=False) or [""]
    write(f"{when:{DAY}}{paint(f'{told.label:{LABEL}}', told.weight)} {_text(first, told)}".rstrip())
    for line in more:
        write(f"{'':{DAY + LABEL}} {_text(line, told)}")


def _text(text: str, told: Told) -> str:
    return paint(text, "strong") if told.label == "event" else text


@dataclass(slots=True)
class Teller:
    """Writes the threads of one customer; what was said once of the evidence is not said again."""

    names: Names
    directory: Directory
    alongside: frozenset[str] = frozenset()
    _said: set[tuple[str, str]] = field(default_factory=set)
    _day: str = ""

    def tell(self, thread: Thread, until: datetime) -> None:
        """Write a thread day by day, with what it says of itself at the end."""
        self._day, self._said = "", set()
        for moment in self._with_alongside(thread):
            self._tell_moment(moment, thread)
        self._tell_end(thread, until)

    def _tell_moment(self, moment: Moment, thread: Thread) -> None:
        rows = [event_row(event, moment.at, self.names) for event in moment.causes]
        rows += merged(row_of(line, thread, self.names, self.directory) for line in moment.lines)
        if not rows:
            return
        if not moment.causes:
            rows.insert(0, Told("clock", "it is time, and nothing has come", "quiet"))
        for place, row in enumerate(rows):
            write_row(self._when(moment.at) if place == 0 else "", row)
            if row.label == "ALERT":
                self._prove(row.item, thread)

    def _when(self, at: datetime) -> str:
        day = brief(at)[: -len(" 17:00")]
        shown = day if day != self._day else ""
        self._day = day
        return f"{shown:11} {at:%H:%M} "

    def _prove(self, work_id: str, thread: Thread) -> None:
        item = thread.work.get(work_id)
        if item is None:
            return
        for name, text in proof_rows(item, thread, self.names):
            if (name, text) in self._said:
                continue
            self._said.add((name, text))
            lines = wrap(clean(text), width() - DAY - LABEL - 11, break_on_hyphens=False)
            for place, line in enumerate(lines):
                write(f"{'':{DAY + LABEL}} {paint(f'| {name if place == 0 else str():8}{line}', 'quiet')}")

    def _with_alongside(self, thread: Thread) -> list[Moment]:
        """Return the moments, and those events of the customer that belong to the story although nothing came of them."""
        last = thread.ended.at if thread.ended is not None else thread.moments[-1].at
        shown = {event.id for moment in thread.moments for event in moment.causes}
        beside = [
            Moment(at, (event,), ())
            for at, event in thread.heard
            if event.type in self.alongside and event.id not in shown and thread.began <= at
        ]
        del last
        return sorted([*thread.moments, *beside], key=lambda moment: moment.at)

    def _tell_end(self, thread: Thread, until: datetime) -> None:
        for name, text in (("held by", self.holders(thread, until)), ("", self.reminders(thread)), *self.ends(thread, until)):
            if text:
                write_row("", Told(name, text, "quiet"))

    def holders(self, thread: Thread, until: datetime) -> str:
        """Say who had the ball and for how long."""
        return ""

    def reminders(self, thread: Thread) -> str:
        """Say how often holders were reminded."""
        return ""

    def ends(self, thread: Thread, until: datetime) -> list[tuple[str, str]]:
        """Say how it ended, or what is open at the end."""
        return []


def merged(rows: Iterable[Told | None]) -> list[Told]:
    """Put neighbours of the same label that are one thing for a reader into one row."""
    return [row for row in rows if row is not None]

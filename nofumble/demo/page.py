"""How do the stories look on a terminal? Days and hours on the left, what happened beside them, its evidence below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import wrap

from nofumble.cli.output import Weight, clean, paint, width, write
from nofumble.cli.when import brief
from nofumble.demo.outcome import cast, digest, how_it_went, in_short
from nofumble.demo.proof import cause_rows, proof_rows
from nofumble.demo.thread import Moment, Thread
from nofumble.demo.words import Names, Told, rows_of
from workflows.directory import Directory

WHEN, LABEL = 18, 8
"""Columns of the day and the hour, and of the label behind them."""

PROOF_NAME = 8
_SEPARATOR = defaultdict(lambda: "; ", known=", ")


def write_text(text: str, *, indent: int = 0, weight: Weight = "") -> None:
    """Write text, folded to the width."""
    for line in wrap(clean(text), width() - indent):
        write(f"{' ' * indent}{paint(line, weight)}")


def write_row(when: str, told: Told) -> None:
    """Write one row of a story, folded to the width; an event stands out, a quiet row does not."""
    weight: Weight = "strong" if told.label == "event" else "quiet" if told.weight == "quiet" else ""
    first, *more = wrap(clean(told.text), width() - WHEN - LABEL - 1, break_on_hyphens=False) or [""]
    write(f"{when:{WHEN}}{paint(f'{told.label:{LABEL}}', told.weight)} {paint(first, weight)}".rstrip())
    for line in more:
        write(f"{'':{WHEN + LABEL}} {paint(line, weight)}")


@dataclass(slots=True)
class Teller:
    """Writes the threads of one customer. Evidence that was shown in a thread is not shown in it again.

    `alongside` are types of events that belong to the story although nothing comes of them.
    """

    names: Names
    directory: Directory
    until: datetime
    alongside: frozenset[str] = frozenset()
    _shown: set[tuple[str, str]] = field(default_factory=set)
    _day: str = ""

    def tell(self, thread: Thread) -> None:
        """Write a thread from day to day, and how it went as a whole."""
        self._begin(thread)
        for moment in self._moments(thread):
            self._tell_moment(moment, thread)
        self._tell_all(how_it_went(thread, self.names, self.directory, self.until))

    def tell_in_short(self, thread: Thread) -> None:
        """Write a thread that went well in a few lines."""
        _write_name(thread)
        write_text(in_short(thread, self.directory))

    def tell_digest(self, thread: Thread) -> None:
        """Write how a thread began, and the rest of it in a few rows."""
        self._begin(thread)
        self._tell_moment(thread.moments[0], thread, is_short=True)
        whole = how_it_went(thread, self.names, self.directory, self.until)
        self._tell_all([*digest(thread, self.names), *whole])

    def _begin(self, thread: Thread) -> None:
        self._shown, self._day = set(), ""
        _write_name(thread)
        write_text(f"With {cast(thread, self.names)}.", weight="quiet")
        write()

    def _tell_all(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write what is true of a thread as a whole."""
        for place, (label, text) in enumerate((label, text) for label, text in rows if text):
            write_row("In all" if place == 0 else "", Told(label, text, "quiet"))

    def _tell_moment(self, moment: Moment, thread: Thread, *, is_short: bool = False) -> None:
        rows = rows_of(moment, thread, self.names, self.directory)
        if all(row.label == "event" for row in rows) and moment.lines:
            return  # it only moved the clock of what the customer was told, which is summed up at the end
        shown = [row for row in rows if not (is_short and row.label == "task")]
        for place, row in enumerate(shown):
            write_row(self._when(moment.at) if place == 0 else "", row)
            if row.label == "ALERT" and not is_short:
                self._prove(proof_rows(row.item, thread, self.names))
            if row.label == "BACK":
                self._prove(one for event in moment.causes for one in cause_rows(event, thread, self.names))

    def _when(self, at: datetime) -> str:
        day, _, clock = brief(at).rpartition(" ")
        shown = day if day != self._day else ""
        self._day = day
        return f"{shown:11} {clock}"

    def _prove(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write a block of evidence, without what an earlier block of this thread said already."""
        fresh: dict[str, list[str]] = {}
        for name, text in rows:
            if (name, text) not in self._shown:
                self._shown.add((name, text))
                fresh.setdefault(name, []).append(text)
        for name, texts in fresh.items():
            room = width() - WHEN - PROOF_NAME - 2
            for place, line in enumerate(wrap(clean(_SEPARATOR[name].join(texts)), room, break_on_hyphens=False)):
                said = f"| {name if place == 0 else '':{PROOF_NAME}}{line}"
                write(f"{'':{WHEN}}{paint(said, 'quiet')}")

    def _moments(self, thread: Thread) -> list[Moment]:
        """Return the moments, and between and behind them the events that only belong to the story."""
        caused = {event.id for moment in thread.moments for event in moment.causes}
        beside = [
            Moment(at, (event,), ())
            for at, event in thread.heard
            if event.type in self.alongside and event.id not in caused and at >= thread.began
        ]
        return sorted([*thread.moments, *beside], key=lambda moment: moment.at)


def _write_name(thread: Thread) -> None:
    """Write whom a thread is about, and what kind of customer that is."""
    facts = thread.facts
    tier = f"tier {facts['tier']}" if facts.get("tier") else ""
    known = ", ".join(part for part in (thread.account_id, tier, facts.get("industry"), facts.get("country")) if part)
    write(f"\n{paint(clean(facts.get('name') or thread.account_id), 'info')} {paint(clean(f'({known})'), 'quiet')}")

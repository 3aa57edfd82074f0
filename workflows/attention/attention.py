"""Who is told what, over all accounts? The desks of all people, fed with the lines that go out, in order of time.

A layer above the fold: nothing of it enters an account. Like the fold it has no clock of its own, so the same lines
give the same notices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from sys import maxsize

import msgspec

from workflows.account import Clock
from workflows.attention.desk import Desk
from workflows.attention.matters import RANK, Asked, Ended, Marked, Matter, Moved, read
from workflows.moment import Directories, Line
from workflows.working_time import business_days_between

OVERDUE_BD = 5
"""Business days after which what a timer says, and is no more than a warning, is a line of a digest (R5)."""

_DIGESTED = {"escalation": "nudge", "alert": "info"}
"""Why what interrupts nobody stands in a digest, by the kind of matter."""

_DIGEST = maxsize
"""The number of what is no thread, and comes last of its moment."""


class _Proof(msgspec.Struct):
    """What is read of an evidence block."""

    clock: Clock | None = None


class Attention:
    """The desks of all people. Not safe for two threads."""

    def __init__(
        self,
        directories: Directories,
        worth: Callable[[str], float] = lambda _: 1.0,
        *,
        desks: Iterable[Desk] = (),
        now: datetime | None = None,
    ) -> None:
        """Begin with empty desks, or go on with those that were kept, at the time up to which they were.

        `worth` gives the money that is at risk at an account.
        """
        self.desks = {desk.person: desk for desk in desks}
        self.now = now
        """Up to when time has passed; None before anything was heard."""
        self.changed: set[str] = set()
        """The people whose desks are not as they were; whoever keeps desks empties it."""
        self._directories, self._worth = directories, worth
        self._has: dict[str, set[tuple[str, str]]] = {}
        """By work, on whose desks it is, and in which thread."""
        self._due: list[tuple[datetime, str, int, str]] = []
        """When whom to tell of which thread, by its number and name."""
        for desk in self.desks.values():
            for matter in desk.matters():
                self._has.setdefault(_work_of(matter), set()).add((desk.person, matter.thread))
            for name in desk.threads:
                self._plan(desk.person, name)
            self._plan_digest(desk.person)
        self.changed.clear()

    def receive(self, account: str, line: Line) -> Iterator[tuple[str, Line]]:
        """Take in a line of an account; give what is told before it.

        A line that comes when its time has passed is heard when it comes: what was told before it stays told. Each line
        is given with its account, and a digest with its person.
        """
        assert line.at is not None, "it went out"
        if self.now is not None and line.at < self.now:
            line = Line(line.type, line.data, self.now)
        assert line.at is not None, "it is a time"
        yield from self.advance(line.at, including=False)
        match read(account, line):
            case Asked() as asked:
                self._ask(asked, line)
            case Ended(ended, why):
                self._take_away(self._has.pop(ended, set()), lambda one: _work_of(one) == ended, why, line.at)
            case Moved(moved, until):
                for person, thread in sorted(self._has.get(moved, ())):
                    self.desks[person].move(thread, moved, until)
                    self._plan(person, thread)
            case Marked(person, workflow, verdict):
                self._desk(person).mark(workflow, verdict)
                self.changed.add(person)
            case _:
                pass

    def advance(self, until: datetime, *, including: bool = True) -> Iterator[tuple[str, Line]]:
        """Let time pass; give what is told meanwhile."""
        while self._due and (self._due[0][0] < until or (including and self._due[0][0] == until)):
            at, person, number, name = heappop(self._due)
            desk = self.desks[person]
            thread = desk.threads.get(name)
            if number == _DIGEST:
                if desk.digest_at == at:
                    yield from self._tell_digest(desk, at)
            elif thread is not None and thread.next_at == at:
                yield from self._tell(desk, name, at)
        self.now = until if self.now is None else max(self.now, until)

    def _ask(self, asked: Asked, line: Line) -> None:
        matter = asked.matter
        has = self._has.setdefault(_work_of(matter), set())
        assert line.at is not None, "it went out"
        others = {one for one in has if one[0] not in asked.people}
        self._take_away(others, lambda one: one.id == matter.id, "moved", line.at)
        has.update((person, matter.thread) for person in asked.people)
        why = _DIGESTED[matter.kind] if asked.by_digest else "overdue" if self._is_overdue(line, matter) else None
        for person in asked.people:
            desk, own = self._desk(person), msgspec.structs.replace(matter)
            if why is None or desk.lies_open(own):
                desk.put(own)
            else:
                desk.digest(own, why, self._directories.at(line.at).calendar_of(person))
                self._plan_digest(person)
            self._plan(person, matter.thread)

    def _take_away(
        self, places: Iterable[tuple[str, str]], is_meant: Callable[[Matter], bool], why: str, at: datetime
    ) -> None:
        for person, thread in sorted(places):
            self.desks[person].take_away(thread, is_meant, why, at)
            self._plan(person, thread)

    def _is_overdue(self, line: Line, matter: Matter) -> bool:
        evidence = line.data.get("evidence")
        clock = None if evidence is None else msgspec.json.decode(evidence, type=_Proof).clock
        due = None if clock is None else clock.due
        assert line.at is not None, "it went out"
        if due is None or RANK[matter.severity] > RANK["warn"]:
            return False
        return business_days_between(due, line.at, self._directories.at(line.at).default_calendar) > OVERDUE_BD

    def _tell(self, desk: Desk, name: str, at: datetime) -> Iterator[tuple[str, Line]]:
        directory = self._directories.at(at)
        account = next((one.account for one in desk.threads[name].matters.values()), name.split("/")[1])
        said = desk.tell(name, at, directory.calendar_of(desk.person), directory.notices_per_day)
        if said is not None:
            yield account, Line(*said, at)
        self._plan(desk.person, name)
        self._plan_digest(desk.person)

    def _tell_digest(self, desk: Desk, at: datetime) -> Iterator[tuple[str, Line]]:
        accounts = {matter.account for one in desk.waiting.values() for matter in one.matters}
        told = desk.tell_digest(at, {account: self._worth(account) for account in accounts})
        self.changed.add(desk.person)
        if told is not None:
            yield desk.person, Line("digest.sent", told, at)

    def _desk(self, person: str) -> Desk:
        return self.desks.setdefault(person, Desk(person))

    def _plan(self, person: str, name: str) -> None:
        self.changed.add(person)
        thread = self.desks[person].threads.get(name)
        if thread is not None and thread.next_at is not None:
            heappush(self._due, (thread.next_at, person, thread.number, name))

    def _plan_digest(self, person: str) -> None:
        due = self.desks[person].digest_at
        if due is not None:
            heappush(self._due, (due, person, _DIGEST, ""))


def _work_of(matter: Matter) -> str:
    """Name the work that a matter is about; an escalation is about a task."""
    return matter.id.partition("/")[0]

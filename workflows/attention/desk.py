"""What lies on the desk of one person, and when is she told? Threads with their waits and repeats, a budget, a digest.

All numbers are R13's and R14's. A thread is told of together: first after a wait, again when something of it changes,
but not twice within four hours unless it got worse, and again while nobody has acknowledged it. What the budget of a
day does not allow waits for the next digest; nothing is dropped. What is urgent passes the budget when it is new, not
when it is repeated: repeats beyond it come together, and what is critical does not wait for the morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from workflows.attention.matters import RANK, Matter, as_json
from workflows.language.durations import Duration, parse_duration
from workflows.working_time import Calendar, add, next_morning

GROUP_WAIT = {
    "info": timedelta(minutes=10),
    "warn": timedelta(minutes=10),
    "urgent": timedelta(minutes=1),
    "critical": timedelta(0),
}
REGROUP = timedelta(hours=4)
REPEAT: dict[str, Duration] = {
    "warn": parse_duration("2bd"),
    "urgent": parse_duration("1bd"),
    "critical": parse_duration("2bh"),
}
DIGEST_MINUTE = 8 * 60 + 30
DIGEST_LINES = 10
TOLD_WHEN_OVER = ("resolved", "retracted", "cancelled")
PASSES_BUDGET = frozenset({"urgent", "critical"})
WEIGHT = {"info": 1.0, "warn": 3.0, "urgent": 9.0, "critical": 27.0}


class Thread(msgspec.Struct):
    """What belongs together on a desk: the open matters, those that ended since she was told, and when she is told."""

    number: int
    """Which thread of its desk it is: of what is due at once, what came first is told first."""
    matters: dict[str, Matter] = msgspec.field(default_factory=dict)
    ended: dict[str, str] = msgspec.field(default_factory=dict)
    """Ids of matters that she was told of and that are over, each with why."""
    change_at: datetime | None = None
    repeat_at: datetime | None = None
    told_at: datetime | None = None
    told_rank: int = -1

    @property
    def next_at(self) -> datetime | None:
        """When she is told of it next."""
        change, repeat = self.change_at, self.repeat_at
        if change is None or repeat is None:
            return change or repeat
        return min(change, repeat)


class Waiting(msgspec.Struct):
    """A line of the next digest: the matters of a thread, and why they did not go out by themselves."""

    matters: list[Matter]
    ended: dict[str, str]
    why: str


class Desk(msgspec.Struct):
    """The attention of one person. Plain data, so that it can be kept and taken up again."""

    person: str
    threads: dict[str, Thread] = msgspec.field(default_factory=dict)
    begun: int = 0
    """How many threads there have been."""
    waiting: dict[str, Waiting] = msgspec.field(default_factory=dict)
    """The lines of the next digest by thread."""
    digest_at: datetime | None = None
    digested_at: datetime | None = None
    """When the last digest went out."""
    day: date | None = None
    """The local day that `spent` counts."""
    is_day_off: bool = False
    """Whether nobody works on that day."""
    spent: int = 0
    marks: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    """By workflow, how often she found useful and how often noise what it told her."""

    def matters(self) -> Iterator[Matter]:
        """Give what is on this desk: in threads, and in the next digest alone."""
        for thread in self.threads.values():
            yield from thread.matters.values()
        for waiting in self.waiting.values():
            yield from waiting.matters

    # ------------------------------------------------------------ what comes in

    def lies_open(self, matter: Matter) -> bool:
        """Tell whether she has the matter in a thread already, and not only in the next digest."""
        thread = self.threads.get(matter.thread)
        return thread is not None and matter.id in thread.matters

    def put(self, matter: Matter) -> None:
        """Take a matter that is new, or has become another."""
        thread = self.threads.get(matter.thread)
        if thread is None:
            self.begun += 1
            thread = self.threads[matter.thread] = Thread(self.begun)
        former = thread.matters.get(matter.id)
        if former is not None:
            matter.told_as, matter.is_heard = former.told_as, former.is_heard
            if former.severity == matter.severity and former.text == matter.text and former.due == matter.due:
                return
            matter.told_as = None
        thread.matters[matter.id] = matter
        waiting = self.waiting.get(matter.thread)
        if waiting is not None:
            waiting.matters = [one for one in waiting.matters if one.id != matter.id]
        self._plan(thread, matter.since, matter.severity)

    def digest(self, matter: Matter, why: str, calendar: Calendar) -> None:
        """Take a matter that is worth a line, and no interruption."""
        self._wait(matter.thread, Waiting([matter], {}, why), matter.since, calendar)

    def take_away(self, name: str, is_meant: Callable[[Matter], bool], why: str, at: datetime) -> None:
        """Let matters of a thread go that are over; who was told of one is told so, if it was not hers to end."""
        waiting, thread = self.waiting.get(name), self.threads.get(name)
        if waiting is not None:
            waiting.matters = [one for one in waiting.matters if not is_meant(one)]
        if thread is None:
            return
        gone = [one for one in thread.matters.values() if is_meant(one)]
        for matter in gone:
            del thread.matters[matter.id]
            if matter.is_heard and why in TOLD_WHEN_OVER:
                thread.ended[matter.id] = why
                self._plan(thread, at, matter.severity if why == "retracted" else "info")
        if gone and not thread.matters and not thread.ended:
            del self.threads[name]

    def move(self, name: str, matter_id: str, until: datetime | None) -> None:
        """Let a matter of a thread rest: seen by somebody, or put off until a time."""
        thread = self.threads.get(name)
        matter = None if thread is None else thread.matters.get(matter_id)
        if thread is None or matter is None:
            return
        matter.is_acknowledged, matter.snoozed_until = until is None, until
        if until is not None:
            thread.change_at = until if thread.change_at is None else min(thread.change_at, until)

    def mark(self, workflow: str, verdict: str) -> None:
        """Remember whether she found useful or noise what a workflow told her."""
        useful, noise = self.marks.get(workflow, (0, 0))
        self.marks[workflow] = (useful + (verdict == "useful"), noise + (verdict == "noise"))

    def _plan(self, thread: Thread, at: datetime, severity: str) -> None:
        due = at + GROUP_WAIT[severity]
        if thread.told_at is not None and RANK[severity] <= thread.told_rank:
            due = max(due, thread.told_at + REGROUP)
        thread.change_at = due if thread.change_at is None else min(thread.change_at, due)

    # ------------------------------------------------------------ what goes out

    def tell(self, name: str, at: datetime, calendar: Calendar, budget: int) -> tuple[str, dict[str, Any]] | None:
        """Tell of the thread that is due: give the type and the data of the line, or nothing where all is told."""
        thread = self.threads[name]
        why, to_tell = _due_in(thread, at)
        ended, thread.ended = thread.ended, {}
        if not why:
            return None
        severity = max((one.severity for one in to_tell), key=RANK.__getitem__, default="info")
        for matter in to_tell:
            matter.told_as = matter.severity
        thread.told_at, thread.told_rank = at, max(thread.told_rank, RANK[severity])
        repeat = _repeat_of(thread)
        thread.repeat_at = None if repeat is None else add(at, repeat, calendar)
        said: dict[str, Any] = {
            "to": {"person": self.person},
            "thread": name,
            "severity": severity,
            "why": why,
            "matters": [as_json(one) for one in to_tell],
            "ended": dict(ended),
        }
        if not thread.matters:
            del self.threads[name]
        if self._may_interrupt(severity, at, calendar, budget, is_new=why != "repeat"):
            for matter in to_tell:
                matter.is_heard = True
            return "notice.sent", {**said, "of_the_day": self.spent, "budget": budget}
        self._wait(name, Waiting(to_tell, ended, "budget"), at, calendar, severity)
        if why == "repeat":
            return None  # the digest says it all
        assert self.digest_at is not None, "it was just set"
        return "notice.deferred", {**said, "reason": "budget", "until": f"{self.digest_at:%Y-%m-%dT%H:%M:%SZ}"}

    def _may_interrupt(self, severity: str, at: datetime, calendar: Calendar, budget: int, *, is_new: bool) -> bool:
        """Count an interruption, if the day has one left for it; days off have none but for what is urgent (R14)."""
        day = at.astimezone(calendar.table.zone).date()
        if self.day != day:
            self.day, self.spent, self.is_day_off = day, 0, not calendar.table.is_working_day(day)
        if not (is_new and severity in PASSES_BUDGET) and (self.spent >= budget or self.is_day_off):
            return False
        self.spent += 1
        return True

    def _wait(self, name: str, waiting: Waiting, at: datetime, calendar: Calendar, severity: str | None = None) -> None:
        former = self.waiting.setdefault(name, waiting)
        if former is not waiting:
            former.matters += [one for one in waiting.matters if all(one.id != other.id for other in former.matters)]
            former.ended |= waiting.ended
        due = next_morning(at, DIGEST_MINUTE, calendar)
        if severity == "critical":
            due = at if self.digested_at is None else max(at, add(self.digested_at, REPEAT[severity], calendar))
        self.digest_at = due if self.digest_at is None else min(self.digest_at, due)

    def tell_digest(self, at: datetime, worth: dict[str, float]) -> dict[str, Any] | None:
        """Give the data of the digest that is due: the lines that are worth most, and what else there is."""
        waiting, self.waiting, self.digest_at, self.digested_at = self.waiting, {}, None, at
        lines = [(name, one) for name, one in waiting.items() if one.ended or one.matters]
        if not lines:
            return None
        lines.sort(key=lambda line: (-self._score(line[1], at, worth), line[0]))
        for matter in (one for _, line in lines for one in line.matters):
            self._has_heard(matter)
        shown, more = lines[:DIGEST_LINES], lines[DIGEST_LINES:]
        return {
            "to": {"person": self.person},
            "lines": [line_as_json(*one) for one in shown],
            "more": len(more),
            "and": [matter.id for _, one in more for matter in one.matters],
            "settled": len(waiting) - len(lines),
            "over_budget": sum(one.why == "budget" for one in waiting.values()),
        }

    def _has_heard(self, told: Matter) -> None:
        """Note that she knows of a matter that a digest named, where it is on her desk still."""
        thread = self.threads.get(told.thread)
        if thread is not None and told.id in thread.matters:
            thread.matters[told.id].is_heard = True

    def _score(self, waiting: Waiting, at: datetime, worth: dict[str, float]) -> float:
        """Money at risk x severity x time left x how useful she found the like (B6)."""
        return max((self._worth_of(one, at, worth) for one in waiting.matters), default=0.0)

    def _worth_of(self, matter: Matter, at: datetime, worth: dict[str, float]) -> float:
        days_left = 7.0 if matter.due is None else max(0.0, (matter.due - at) / timedelta(days=1))
        useful, noise = self.marks.get(matter.workflow, (0, 0))
        usefulness = 2 * (useful + 1) / (useful + noise + 2)
        return worth.get(matter.account, 1.0) * WEIGHT[matter.severity] * usefulness / (1 + days_left)


def _due_in(thread: Thread, at: datetime) -> tuple[str, list[Matter]]:
    """Give why a thread is told of now, and of what; nothing where what was planned is over meanwhile."""
    is_repeat = thread.repeat_at is not None and thread.repeat_at <= at
    if is_repeat:
        thread.repeat_at = None
    if thread.change_at is not None and thread.change_at <= at:
        thread.change_at = None
    for matter in thread.matters.values():
        if matter.snoozed_until is not None and matter.snoozed_until <= at:
            matter.snoozed_until, matter.told_as = None, None
    fresh = [one for one in thread.matters.values() if one.snoozed_until is None and one.told_as != one.severity]
    open_still = [one for one in thread.matters.values() if _asks_again(one)]
    if fresh:
        return ("new" if thread.told_at is None else "changed"), fresh + [one for one in open_still if one not in fresh]
    if thread.ended:
        return "ended", open_still
    return ("repeat", open_still) if is_repeat and open_still else ("", [])


def _asks_again(matter: Matter) -> bool:
    """Tell whether a matter is repeated while nobody has acknowledged it; tasks have ladders instead (R12)."""
    is_silent = matter.is_acknowledged or matter.snoozed_until is not None
    return matter.kind == "alert" and matter.severity in REPEAT and not is_silent


def _repeat_of(thread: Thread) -> Duration | None:
    """Give the repeat of the worst alert that is open and was not seen."""
    worst = max(
        (one.severity for one in thread.matters.values() if _asks_again(one)), key=RANK.__getitem__, default=None
    )
    return None if worst is None else REPEAT[worst]


def line_as_json(thread: str, waiting: Waiting) -> dict[str, Any]:
    """Name a thread in a digest."""
    said: dict[str, Any] = {"thread": thread, "why": waiting.why}
    return {**said, "matters": [as_json(one) for one in waiting.matters], "ended": waiting.ended}

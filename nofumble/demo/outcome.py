"""How did a run go as a whole: who had the ball for how long, what was climbed over, how did it end?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from nofumble.cli.output import number_of
from nofumble.cli.telling import plain_reason
from nofumble.cli.when import as_time, brief
from nofumble.demo.thread import Said, Thread
from nofumble.demo.words import Names, days_between, is_reminder, said_of, short_title
from workflows.account import Alert, Hold, Loop, Task, Work, is_open
from workflows.directory import Directory

_ABBREVIATIONS = frozenset({"ae", "am", "cs", "csm", "pm", "cco", "ceo"})
_ABOVE = "manager"
"""The role of who is above a holder: any other role says more of a person."""


def cast(thread: Thread, names: Names) -> str:
    """Name everybody whom the run asked for something, with the role in which it was: "Sam Okafor (AE), …"."""
    roles: dict[str, str] = {}
    for recipient in (one for line in thread.lines() for one in _recipients(line.data)):
        person, role = recipient.get("person"), str(recipient.get("role") or "")
        if person and roles.get(person, _ABOVE) == _ABOVE:
            roles[person] = role
    roles = {person: names.role(person) or role if role == _ABOVE else role for person, role in roles.items()}
    return ", ".join(f"{names.full(person)} ({role_name(role)})" for person, role in roles.items())


def role_name(role: str) -> str:
    """Write a role as people do.

    >>> role_name("cs_manager"), role_name("pm"), role_name("support_owner")
    ('CS manager', 'PM', 'support owner')
    """
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in role.split("_"))


def _recipients(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("holder", "to"):
        found = data.get(name)
        yield from (one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping))


def how_it_went(thread: Thread, names: Names, directory: Directory, until: datetime) -> Iterator[tuple[str, str]]:
    """Give the rows at the end of a thread: the ball, the reminders, how it ended or what is open."""
    yield "ball", _ball(thread, names, directory, until)
    yield "told", _told(thread)
    reminders = sum(is_reminder(line, thread) for line in thread.lines("escalation.raised"))
    if reminders:
        yield "also", f"{number_of(reminders, 'reminder')} to holders, before the due time or at it"
    yield from _ending(thread, names, directory, until)


def _ball(thread: Thread, names: Names, directory: Directory, until: datetime) -> str:
    """Say who held the loop of the run for how many working days; "" for a run without one."""
    turns = thread.lines("loop.opened", "loop.passed", "loop.closed")
    told = []
    for place, line in enumerate(turns):
        if line.type == "loop.closed":
            continue
        end = turns[place + 1].at if place + 1 < len(turns) else until
        holder = names.of(line.data.get("holder") or line.data.get("to"))
        told.append(f"{holder} had it for {days_between(line.at, end, directory)}")
    return ", then ".join(told)


def _told(thread: Thread) -> str:
    """Say when the customer heard from us, as the loop of the run has it; "" for a run without one."""
    told = [as_time(line.data["told_at"]) or line.at for line in thread.lines("loop.customer_told")]
    if not told:
        return "the customer heard nothing from us" if thread.lines("loop.opened") else ""
    return f"the customer heard from us {times(len(told))}: {_moments(told)}"


def _ending(thread: Thread, names: Names, directory: Directory, until: datetime) -> Iterator[tuple[str, str]]:
    ended = thread.ended
    if ended is not None:
        lasted = days_between(thread.began, ended.at, directory)
        how = "over" if ended.type == "workflow.completed" else f"called off ({plain_reason(ended.data.get('reason'))})"
        yield "end", f"{how} on {brief(ended.at)}, {lasted} after it began"
    left = [item for item in thread.work.values() if is_open(item)]
    if ended is None:
        yield "end", f"still going on at the end of the quarter, after {days_between(thread.began, until, directory)}"
    for item in left:
        yield "open", _open(item, thread, names, directory, until)


def _open(item: Work, thread: Thread, names: Names, directory: Directory, until: datetime) -> str:
    match item:
        case Task():
            title = short_title({"title": item.title}, thread)
            late = f", {days_between(item.due, until, directory)} overdue" if item.due < until else ""
            return f"{names.person(item.to)}: {title}, due {brief(item.due)}{late}"
        case Alert():
            return f"the {item.severity} alert of {brief(item.opened_at)} to {names.each(item.to)}"
        case Hold():
            return f"no {item.scope}, since {brief(item.opened_at)}"
        case Loop():
            told = f"was last told {brief(item.told_at)}" if item.told_at else "was never told"
            return f"{names.person(item.holder)} has the ball; the customer {told}"


def in_short(thread: Thread, directory: Directory) -> str:
    """Say a run that went well in two lines."""
    cause = next((said_of(event.type) for event in thread.moments[0].causes), thread.workflow)
    tasks = [item for item in thread.work.values() if isinstance(item, Task)]
    in_time = sum(item.status == "done" and item.closed_at is not None and item.closed_at <= item.due for item in tasks)
    climbed = sum(not is_reminder(line, thread) for line in thread.lines("escalation.raised"))
    alerts = len(thread.lines("alert.raised"))
    ended = thread.ended.at if thread.ended is not None else None
    end = f"over on {brief(ended)}, {days_between(thread.began, ended, directory)} later" if ended else "not over yet"
    quiet = "no alert" if not alerts else number_of(alerts, "alert")
    above = "nobody above the holders was asked" if not climbed else f"climbed {times(climbed)}"
    return (
        f"{cause} on {brief(thread.began)}; {end}. {number_of(len(tasks), 'task')}, {in_time} of them done in time; "
        f"{quiet}, {above}."
    )


def digest(thread: Thread, names: Names) -> Iterator[tuple[str, str]]:
    """Give a long run in a few rows: its tasks, what was climbed over, its holds."""
    tasks = [item for item in thread.work.values() if isinstance(item, Task)]
    counts = Counter(item.status for item in tasks)
    people = names.each(item.to for item in tasks)
    yield "tasks", f"{len(tasks)} for {people}: " + ", ".join(f"{count} {status}" for status, count in counts.items())
    climbed = [line for line in thread.lines("escalation.raised") if not is_reminder(line, thread)]
    for line in climbed:
        yield "climbs", f"{brief(line.at)} to {names.of_all(line.data['to'])}: {short_title(line.data, thread)}"
    lifted: dict[datetime, list[Said]] = {}
    for line in thread.lines("hold.lifted"):
        lifted.setdefault(line.at, []).append(line)
    for at, lines in lifted.items():
        yield "lifted", f"{brief(at)}: {', '.join(str(line.data['scope']) for line in lines)} may go on"


def times(count: int) -> str:
    """Say how often.

    >>> times(1), times(2), times(12)
    ('once', 'twice', '12 times')
    """
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _moments(moments: list[datetime]) -> str:
    """Write times with their day named once: "Tue 3 Mar 11:20, 14:50; Wed 4 Mar 09:10"."""
    by_day: dict[str, list[str]] = {}
    for at in moments:
        day, _, clock = brief(at).rpartition(" ")
        by_day.setdefault(day, []).append(clock)
    return "; ".join(f"{day} {', '.join(clocks)}" for day, clocks in by_day.items())

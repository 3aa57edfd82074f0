"""What does `nofumble demo` show, in which order? The stories, the figures, where to look next; or all as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from events.envelope import Event
from events.parsing import event_to_json
from nofumble.cli.output import number_of, paint, write
from nofumble.cli.when import long_day
from nofumble.customers import is_customer
from nofumble.demo.figures import figures_of, write_figures
from nofumble.demo.onward import where_to_look
from nofumble.demo.page import Teller, write_text
from nofumble.demo.play import Played
from nofumble.demo.thread import Lines, Thread, threads_of
from nofumble.demo.words import Names
from nofumble.sample import STORIES, Story

TOLD_IN_FULL = 3
"""The first stories are told from day to day, the others in a few rows."""

Told = list[tuple[Story, list[Thread]]]


def stories_of(quarter: Played, lines: Lines) -> Told:
    """Read the threads of every story from the store."""
    return [
        (
            story,
            [
                thread
                for account in story.accounts
                for thread in threads_of(quarter.store, quarter.library, lines, account, story.workflow)
            ],
        )
        for story in STORIES
    ]


def write_demo(quarter: Played) -> None:
    """Write everything for a person to read."""
    lines = Lines(quarter.store)
    stories = stories_of(quarter, lines)
    figures = figures_of(quarter.store, lines, quarter.library.definitions, quarter.until)
    _write_opening(quarter)
    for number, (story, threads) in enumerate(stories, start=1):
        write(f"\n\n{paint(f'{number}. {story.title}', 'strong')}\n")
        write_text(story.what_happens)
        for thread in threads:
            _write_thread(quarter, story, thread, is_full=number <= TOLD_IN_FULL)
        if not threads:
            write_text(f"{story.workflow} did not begin at {', '.join(story.accounts)}")
    write(f"\n\n{paint('The quarter', 'strong')}\n")
    write_figures(figures, Names(quarter.directory))
    write(f"\n\n{paint('Where to look next', 'strong')}")
    for about, commands in where_to_look(stories, figures, quarter.until):
        write(f"\n{paint(about, 'quiet')}")
        for command in commands:
            write(f"  {command}")


def demo_as_json(quarter: Played) -> Iterator[dict[str, Any]]:
    """Give each thread of each story as one object, then one with the figures of the quarter."""
    lines = Lines(quarter.store)
    for story, threads in stories_of(quarter, lines):
        yield from (_thread_as_json(story, thread) for thread in threads)
    tally = quarter.tally.as_json()
    period = {"began": quarter.began, "until": quarter.until, "seconds": round(quarter.seconds, 2)}
    figures = figures_of(quarter.store, lines, quarter.library.definitions, quarter.until)
    yield {"summary": period | tally | {"lines": len(lines.all)} | figures.as_json()}


def _write_opening(quarter: Played) -> None:
    accounts = sum(is_customer(one.account_id, quarter.directory) for one in quarter.store.accounts())
    people = len(quarter.directory.people)
    write(paint("A quarter at Larkspur, a made-up company", "strong"))
    write()
    write_text(
        f"{number_of(quarter.tally.rows, 'event')} of {number_of(accounts, 'customer')} and "
        f"{number_of(people, 'colleague')}, from {long_day(quarter.began)} to {long_day(quarter.until)}, went through "
        f"intake, the agents and PostgreSQL in {quarter.seconds:.1f} s. What follows is read back from the database. "
        "Times are UTC."
    )


def _write_thread(quarter: Played, story: Story, thread: Thread, *, is_full: bool) -> None:
    names, alongside = Names(quarter.directory, thread.heard), frozenset(story.alongside)
    teller = Teller(names, quarter.directory, quarter.until, alongside)
    if not is_full:
        teller.tell_digest(thread)
    elif thread.lines("alert.raised"):
        teller.tell(thread)
    else:
        teller.tell_in_short(thread)


def _thread_as_json(story: Story, thread: Thread) -> dict[str, Any]:
    ended = thread.ended
    return {
        "story": story.title,
        "account": thread.account_id,
        "workflow": thread.workflow,
        "key": thread.key,
        "began": thread.began,
        "ended": None if ended is None else ended.at,
        "how": "running" if ended is None else ended.type.removeprefix("workflow."),
        "moments": [
            {
                "at": moment.at,
                "events": [_event_as_json(event) for event in moment.causes],
                "lines": [{"type": line.type, "data": line.data} for line in moment.lines],
            }
            for moment in thread.moments
        ],
        "work": list(thread.work.values()),
    }


def _event_as_json(event: Event) -> Any:
    return msgspec.json.decode(event_to_json(event))

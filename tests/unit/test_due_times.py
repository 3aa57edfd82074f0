"""Until when a task has time: so long after its start, at a time, so long before one, and at the latest then."""

from datetime import UTC, datetime

import pytest

from events.kinds import FieldKind
from workflows.account import AccountState
from workflows.due_times import due_of
from workflows.language.conditions import UNSET, Vocabulary, compile_condition
from workflows.language.durations import parse_duration
from workflows.language.plans import At
from workflows.language.vocabulary import Bindings
from workflows.working_time import Calendar

START = datetime(2026, 3, 3, 10, tzinfo=UTC)  # a Tuesday


def due(at, before=None, latest=None):
    said = UNSET if at is None else datetime.fromisoformat(at).replace(tzinfo=UTC)
    names = Vocabulary({"told.at": (FieldKind.TIMESTAMP, lambda _: said)})
    asked = At(
        compile_condition("told.at", names, FieldKind.TIMESTAMP),
        parse_duration(before) if before else None,
        parse_duration(latest) if latest else None,
    )
    return due_of(Bindings(AccountState("acme"), None, START), asked, START, Calendar()).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("at", "before", "latest", "expected"),
    [
        ("2026-03-10T12:00", None, None, "03-10 12:00"),
        ("2026-03-10", None, None, "03-10 17:00"),  # a date alone is the close of work on that day
        ("2026-03-02T12:00", None, None, "03-02 12:00"),  # what is over is overdue
        (None, None, None, "03-04 17:00"),  # what nobody knows is a working day after the start
        ("2026-03-10T12:00", "2h", None, "03-10 10:00"),
        ("2026-03-10T12:00", "2bd", None, "03-06 17:00"),
        ("2026-03-03T11:00", "2h", None, "03-04 17:00"),  # so long before is over already
        ("2026-03-10T12:00", None, "2bd", "03-05 17:00"),  # the sooner of two
        ("2026-03-04T12:00", None, "2bd", "03-04 12:00"),
        (None, None, "2bd", "03-05 17:00"),
        ("2026-03-03T11:00", "2h", "2bd", "03-05 17:00"),
        ("2026-03-10T12:00", "2h", "1bd", "03-04 17:00"),
        ("2026-03-02T12:00", None, "2bd", "03-02 12:00"),
    ],
)
def test_a_due_time_is_a_time_or_so_long_before_it_and_never_later_than_the_latest(at, before, latest, expected):
    assert due(at, before, latest) == expected

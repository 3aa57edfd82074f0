"""Libraries log by themselves: their errors come out as lines of ours, and a client without its broker floods none."""

import logging

import pytest
from structlog.testing import capture_logs

from nofumble.library_logs import REPEAT_AFTER_S, LibraryLog


@pytest.fixture
def handler():
    return LibraryLog()


def failed(handler, text="cannot connect to %s", *values, at=0.0, level=logging.ERROR):
    """Let a library report something; return the lines that come of it."""
    record = logging.LogRecord("aiokafka", level, "client.py", 1, text, values, None)
    record.created = at
    with capture_logs() as lines:
        handler.handle(record)
    return lines


def test_an_error_becomes_a_line_that_names_its_library(handler):
    assert failed(handler, "cannot connect to %s", "broker:9092") == [
        {
            "event": "library.failed",
            "log_level": "error",
            "library": "aiokafka",
            "reason": "cannot connect to broker:9092",
            "exc_info": None,
        }
    ]


def test_the_same_message_is_said_once_a_minute_and_then_with_how_often_it_came(handler):
    failed(handler, "cannot connect to %s", "one:9092", at=1_000.0)

    assert failed(handler, "cannot connect to %s", "two:9092", at=1_001.0) == []
    assert failed(handler, "cannot connect to %s", "one:9092", at=1_000.0 + REPEAT_AFTER_S - 1) == []

    (line,) = failed(handler, "cannot connect to %s", "one:9092", at=1_000.0 + REPEAT_AFTER_S)
    assert line["again"] == 2


def test_another_message_is_not_held_back(handler):
    failed(handler, "cannot connect to %s", "one:9092")

    assert len(failed(handler, "metadata are old")) == 1

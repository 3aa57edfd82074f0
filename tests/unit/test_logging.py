"""Logs: to standard error, one event a line, without secrets and without what could forge a line."""

import io
import json

import pytest
import structlog

from nofumble.logging_setup import configure_logging, hide_secrets


@pytest.fixture
def out():
    """Return the stream that logs are written to, and leave structlog as it was."""
    stream = io.StringIO()
    yield stream
    structlog.reset_defaults()


def logged(out: io.StringIO) -> dict[str, object]:
    """Return the one line that was logged."""
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    return json.loads(lines[0])


def test_a_line_is_json_with_event_level_time_and_facts(out: io.StringIO):
    configure_logging(format_="json", stream=out)

    structlog.get_logger().info("batch.committed", partition=3, events=2000)

    line = logged(out)
    assert (line["event"], line["level"], line["partition"], line["events"]) == ("batch.committed", "info", 3, 2000)
    assert str(line["timestamp"]).endswith("Z")


def test_what_is_less_severe_than_the_level_is_not_written(out: io.StringIO):
    configure_logging(level="WARNING", format_="json", stream=out)

    structlog.get_logger().info("batch.committed")

    assert out.getvalue() == ""


@pytest.mark.parametrize("format_", ["json", "console"])
def test_no_secret_reaches_a_log(format_: str, out: io.StringIO):
    configure_logging(format_=format_, stream=out)
    log = structlog.get_logger()

    log.info(
        "database.opened",
        url="postgresql://app:hunter2@db/x",
        password="hunter2",
        headers={"Authorization": "Bearer hunter2hunter2"},
    )
    try:
        raise ConnectionError("cannot connect to postgresql://app:hunter2@db/x with password=hunter2")
    except ConnectionError:
        log.exception("database.lost")

    assert "hunter2" not in out.getvalue()
    assert "database.lost" in out.getvalue()
    assert "ConnectionError" in out.getvalue()


@pytest.mark.parametrize("format_", ["json", "console"])
def test_a_fact_cannot_forge_a_line_or_colour_the_terminal(format_: str, out: io.StringIO):
    configure_logging(format_=format_, stream=out)

    structlog.get_logger().info("account.named", name="acme\n2026 error  [forged] \x1b[31mred\r")

    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b[31m" not in out.getvalue()


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("host=db password='a b' dbname=x", "host=db password=[hidden] dbname=x"),
        ("https://hooks.example/x?token=abc&y=1", "https://hooks.example/x?token=[hidden]&y=1"),
        ("amqp://u:p@h and postgresql://u:p@h", "amqp://u:[hidden]@h and postgresql://u:[hidden]@h"),
        ("nothing to hide at 10:30", "nothing to hide at 10:30"),
    ],
)
def test_secrets_are_hidden_by_their_form(text: str, hidden: str):
    assert hide_secrets(text) == hidden

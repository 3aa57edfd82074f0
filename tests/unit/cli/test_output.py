"""How answers look: times, counts, columns, colours, and text that came from outside."""

import io
import sys
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from nofumble.cli.output import Cell, clean, has_colour, number_of, paint, write_folded, write_json, write_table
from nofumble.cli.telling import Spoken, Told, name_of, plain_reason, told, who_of, write_lines
from nofumble.cli.when import brief, read_time
from nofumble.errors import WrongUse

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 17, tzinfo=UTC)


class Terminal(io.StringIO):
    """A standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-18", "2026-03-18T00:00:00+00:00"),
        ("2026-03-18T09:00:00Z", "2026-03-18T09:00:00+00:00"),
        ("2026-03-18T09:00:00+02:00", "2026-03-18T07:00:00+00:00"),
        ("2026-03-18T09:00-05:00", "2026-03-18T14:00:00+00:00"),
    ],
)
def test_a_time_is_a_day_or_has_an_offset(text, moment):
    assert read_time(text, option="--until", now=NOW).isoformat() == moment


@pytest.mark.parametrize(
    "text", ["", "now", "2026-13-01", "2026-03-18T09:00", "1999-12-31", "2036-04-01", "٢٠٢٦-٠٣-١٨"]
)
def test_anything_else_is_no_time(text):
    with pytest.raises(WrongUse, match=r"--until is "):
        read_time(text, option="--until", now=NOW)


def test_the_year_is_said_where_it_is_not_this_one():
    assert brief(FRIDAY, now=NOW) == "Fri 6 Mar 17:00"
    assert brief(FRIDAY, now=datetime(2027, 1, 1, tzinfo=UTC)) == "Fri 6 Mar 2026 17:00"


def test_control_characters_of_others_are_not_shown():
    assert clean("a\x1b[31mb\x9bc\nd\te") == "a\ufffd[31mb\ufffdc d e"


def test_direction_marks_cannot_turn_a_line_around():
    assert "\u202e" not in clean("abc\u202edef")


def test_counts_have_their_noun():
    assert [number_of(n, "alert") for n in (0, 1, 1234)] == ["0 alerts", "1 alert", "1,234 alerts"]


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_want_them(variables, coloured, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal())

    assert has_colour(sys.stdout) is coloured
    assert ("\x1b[" in paint("warn", "warn")) is coloured
    assert not has_colour(io.StringIO())


def test_json_is_one_object_a_line_with_times_in_utc(capsys: pytest.CaptureFixture[str]):
    write_json([{"at": FRIDAY, "text": "a\nb"}, {"n": 1}])

    assert capsys.readouterr().out == '{"at":"2026-03-06T17:00:00Z","text":"a\\nb"}\n{"n":1}\n'


def test_a_table_fits_its_width_and_folds_the_last_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "80")
    write_table(("id", ">held", "why"), [("5b1f3c2a", "3bd", Cell("word " * 30, "warn"))])

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "id        held  why"
    assert lines[1].startswith("5b1f3c2a   3bd  word word")
    assert len(lines) > 2
    assert all(len(line) <= 80 and line == line.rstrip() for line in lines)


def test_brackets_in_text_are_brackets(capsys: pytest.CaptureFixture[str]):
    write_table(("what",), [("[bold]not markup[/bold] :smile:",)])

    assert "[bold]not markup[/bold] :smile:" in capsys.readouterr().out


def test_folded_text_hangs_under_its_beginning(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "60")
    write_folded("one two three four five six seven eight nine ten eleven twelve", indent=4, first="  -")

    assert capsys.readouterr().out.splitlines()[0].startswith("  - one two")


@pytest.mark.parametrize(
    ("line_type", "data", "expected"),
    [
        (
            "task.offered",
            {"ref": "T1", "to": {"role": "ae", "person": "sam"}, "title": "Call", "due": "2026-03-06T17:00:00Z"},
            Told("task offered", "T1", "sam", "Call, due Fri 6 Mar 17:00"),
        ),
        (
            "alert.raised",
            {
                "ref": "A1",
                "severity": "urgent",
                "to": [{"role": "cco", "person": None, "queue": "exec"}],
                "because": "x",
            },
            Told("alert raised", "A1", "exec", "urgent: x", "urgent"),
        ),
        (
            "alert.retracted",
            {"ref": "A1", "to": [], "reason": "late_evidence"},
            Told("alert retracted", "A1", "", "late evidence", "quiet"),
        ),
        (
            "loop.passed",
            {"ref": "L1", "name": "onboarding", "from": {"person": "sam"}, "to": {"person": "dana"}},
            Told("loop passed", "L1", "dana", "onboarding, from sam"),
        ),
        (
            "preflight.answered",
            {"purpose": "upsell", "asked_by": "max", "decision": "hold", "reasons": ["crisis"]},
            Told("preflight", "", "max", "upsell: hold (crisis)"),
        ),
        ("ledger.posted", {"title": "an ask"}, Told("ledger posted", "", "", "an ask")),
    ],
)
def test_a_line_is_put_into_words(line_type, data, expected):
    assert told(line_type, data, NOW) == expected


def test_every_type_that_the_engine_emits_can_be_told():
    from events.catalogue import EVENT_TYPES

    for kind in EVENT_TYPES.values():
        assert told(kind.name, {}, NOW).what


def test_people_are_named_once_and_queues_where_nobody_is():
    dana, queue = {"role": "csm", "person": "dana"}, {"role": "pm", "person": None, "queue": "product.unassigned"}

    assert who_of({"to": [dana, dana, queue]}) == "dana, product.unassigned"
    assert name_of({"role": "cco"}) == "cco"


def test_a_reason_with_an_event_stays_as_it_is():
    assert plain_reason("sales.contact.logged crm-3") == "sales.contact.logged crm-3"
    assert plain_reason("no_longer_wanted") == "no longer wanted"


def test_wide_letters_take_two_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    wide, plain = Told("task offered", "T1", "山田太郎山田太郎", "x"), Told("task offered", "T1", "sam", "x")
    write_lines([Spoken(NOW, "acme", wide), Spoken(FRIDAY, "acme", plain)])

    texts = [line for line in capsys.readouterr().out.splitlines() if line.endswith("x")]
    assert len({cell_len(line) for line in texts}) == 1


def test_what_does_not_change_from_line_to_line_is_not_said_again(capsys: pytest.CaptureFixture[str]):
    line = Spoken(NOW, "acme", Told("task offered", "T1", "sam", "x"))
    write_lines([line, line])

    out = capsys.readouterr().out.splitlines()
    assert out[1].startswith("00:00  acme")
    assert out[2].startswith("             task offered")

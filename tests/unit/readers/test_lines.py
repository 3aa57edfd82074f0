"""Given a file of one event a line, then every line is one row, and only a file that is no text stops the reading."""

import gzip
import io
import sys

import pytest

from nofumble.errors import WrongUse
from nofumble.readers import read_lines
from nofumble.readers.lines import LINE_BYTES_MAX


def rows_of(path, content):
    path.write_bytes(content)
    return list(read_lines(str(path)))


def test_every_line_is_a_row_with_its_number_and_empty_lines_are_none(tmp_path):
    file = tmp_path / "events.jsonl"

    rows = rows_of(file, b'{"id":"a"}\n\n  \r\n{"id":"b"}\r\n{"id":"c"}')

    assert [row.position for row in rows] == [f"{file}:1", f"{file}:4", f"{file}:5"]
    assert [row.raw for row in rows] == [b'{"id":"a"}', b'{"id":"b"}', b'{"id":"c"}']
    assert not any(row.supporting or row.problem for row in rows)


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it(tmp_path):
    rows = rows_of(tmp_path / "events.jsonl", b'\xef\xbb\xbf{"id":"a"}\n')

    assert rows[0].raw == b'{"id":"a"}'


def test_a_line_that_is_no_json_or_no_utf8_is_handed_on_for_the_quarantine(tmp_path):
    rows = rows_of(tmp_path / "events.jsonl", b'{"id":"a","name":"Ann"}\n{"id":"\xff"}\nnonsense\n')

    assert [row.raw for row in rows] == [b'{"id":"a","name":"Ann"}', b'{"id":"\xff"}', b"nonsense"]


@pytest.mark.parametrize("ending", [b"\n", b""])
def test_an_over_long_line_is_one_row_with_a_problem_and_the_next_line_is_read(tmp_path, ending):
    too_long = b"x" * (3 * LINE_BYTES_MAX)

    rows = rows_of(
        tmp_path / "events.jsonl", b'{"id":"a"}\n' + too_long + (b'\n{"id":"b"}' if ending else b"") + ending
    )

    assert rows[1].problem is not None
    assert rows[1].problem.reason == "a line of more than 1048576 bytes"
    assert len(rows[1].excerpt) == 2_000
    assert [row.raw for row in rows if row.raw] == [b'{"id":"a"}', b'{"id":"b"}'][: 2 if ending else 1]


def test_a_line_of_exactly_the_bound_is_read(tmp_path):
    line = b"y" * LINE_BYTES_MAX

    rows = rows_of(tmp_path / "events.jsonl", line + b"\n" + line)

    assert [row.raw for row in rows] == [line, line]


def test_an_empty_file_has_no_rows(tmp_path):
    assert rows_of(tmp_path / "events.jsonl", b"") == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (bytes(range(256)) * 40, "no text at all"),
        (b"\x7fELF" + bytes(500), "no text at all"),
        ('{"id":"a"}\n'.encode("utf-16"), "no text at all"),
        (gzip.compress(b'{"id":"a"}'), "a gzip file"),
    ],
    ids=["random bytes", "a program", "UTF-16", "gzip"],
)
def test_a_file_that_is_no_text_is_wrong_use(tmp_path, content, reason):
    with pytest.raises(WrongUse, match=reason):
        rows_of(tmp_path / "events.jsonl", content)


def test_a_file_that_is_not_there_is_wrong_use(tmp_path):
    with pytest.raises(WrongUse, match="no such file"):
        read_lines(str(tmp_path / "none.jsonl"))


def test_a_folder_is_wrong_use(tmp_path):
    with pytest.raises(WrongUse, match="a folder where a file is wanted"):
        read_lines(str(tmp_path))


def test_a_hyphen_reads_standard_input_and_leaves_it_open(monkeypatch):
    stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(b'{"id":"a"}\n')))
    monkeypatch.setattr(sys, "stdin", stream)

    rows = list(read_lines("-"))

    assert [(row.position, row.raw) for row in rows] == [("-:1", b'{"id":"a"}')]
    assert not stream.closed

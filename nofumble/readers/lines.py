"""How do we read a file with one event a line, or standard input, without trusting it?

A bad line is a row with a problem and the reading goes on; only a file that is not there, or is no text at all, stops
it (interfaces.md, "Bad lines and bad files"). Lines are bounded, so that a file without line ends cannot fill memory.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from nofumble.errors import WrongUse
from nofumble.readers.row import Reading, Row, wrong_row

LINE_BYTES_MAX = 1_048_576
"""1 MiB, the message limit of a default Kafka broker: a longer event could never travel there."""

_HEAD_BYTES = 65_536
_STRANGE_SHARE_MAX = 0.3  # random bytes have more than a half, a good file with broken lines a few in a hundred
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CONTROL = bytes(code for code in range(32) if code not in b"\t\r\n")
_GZIP_MAGIC = b"\x1f\x8b"


def read_lines(path: str) -> Reading:
    """Read envelopes from the file at `path`, or from standard input when it is "-".

    Rows come in the order of the file, empty lines are no rows, positions are "name:line". Bytes are handed on as they
    are: whether they are a valid event is for `parse_event` to say. Raises WrongUse before the first row.
    """
    stream = sys.stdin.buffer if path == "-" else open_for_reading(Path(path))
    try:
        refuse_what_is_no_text(path, head_of(stream))
    except WrongUse:
        stream.close()
        raise
    return Reading(_rows(path, stream))


def head_of(stream: BinaryIO) -> bytes:
    """Give the first bytes of a buffered stream without moving it; empty for a stream that cannot be looked into."""
    return stream.peek(_HEAD_BYTES)[:_HEAD_BYTES] if isinstance(stream, BufferedReader) else b""


def open_for_reading(path: Path) -> BinaryIO:
    """Open a file, or raise WrongUse that says why it cannot be read."""
    try:
        return path.open("rb", buffering=_HEAD_BYTES)
    except FileNotFoundError as absent:
        raise WrongUse(f"{path}: no such file; name a file that exists, or - for standard input") from absent
    except IsADirectoryError as folder:
        raise WrongUse(
            f"{path}: a folder where a file is wanted; name the files in it, or say --format crm"
        ) from folder
    except OSError as refused:
        raise WrongUse(f"{path}: cannot be opened ({refused.strerror}); make it readable") from refused


def refuse_what_is_no_text(name: str, head: bytes) -> None:
    """Raise WrongUse when the start of a file is not UTF-8 text; some bad bytes are left to the single lines."""
    if head.startswith(_GZIP_MAGIC):
        raise WrongUse(f"{name}: a gzip file where lines of JSON are wanted; unpack it first, or say --format xes")
    undecodable = head.decode("utf-8", "replace").count("\ufffd")
    control = len(head) - len(head.translate(None, _CONTROL))
    if head and (undecodable + control) / len(head) > _STRANGE_SHARE_MAX:
        raise WrongUse(f"{name}: no text at all; an event file holds one JSON envelope a line in UTF-8")


def _rows(name: str, stream: BinaryIO) -> Iterator[Row]:
    try:
        number = 0
        while line := stream.readline(LINE_BYTES_MAX + 1):
            number += 1
            position = f"{name}:{number}"
            if len(line) > LINE_BYTES_MAX and not line.endswith(b"\n"):
                _skip_rest(stream)
                yield wrong_row(position, "", f"a line of more than {LINE_BYTES_MAX} bytes", excerpt=line)
                continue
            body = line.removeprefix(_BYTE_ORDER_MARK).strip() if number == 1 else line.strip()
            if body:
                yield Row(position, raw=body)
    finally:
        if name != "-":
            stream.close()


def _skip_rest(stream: BinaryIO) -> None:
    while (rest := stream.readline(LINE_BYTES_MAX)) and not rest.endswith(b"\n"):
        pass

"""How do we read an XES log (IEEE 1849), perhaps compressed, one trace at a time and without trusting it?

XES holds traces, traces hold events, and both hold typed attributes with a key and a value. expat is driven directly,
in chunks, so that no tree is built and memory holds one trace only. A document type declaration is refused, as XES
needs none and its entities can grow without bound or name files; so are attributes and traces beyond the bounds.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.parsers import expat  # a document type declaration is refused below, and with it every entity

from nofumble.errors import WrongUse
from nofumble.readers.lines import head_of, open_for_reading

CHUNK_BYTES = 65_536
TOKEN_BYTES_MAX = 1_048_576
"""No element of a log comes near 1 MiB; without the bound one attribute could fill memory."""
EVENTS_IN_TRACE_MAX = 100_000
"""The longest trace of the public logs has some thousands of events."""
_GZIP_MAGIC = b"\x1f\x8b"
_ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id"})

Attributes = dict[str, str]
"""Attribute key to its value, as text; of a key that is given twice the last counts."""


@dataclass(slots=True)
class Trace:
    """One case of the log: its own attributes and its events in the order of the file."""

    attributes: Attributes = field(default_factory=dict)
    events: list[Attributes] = field(default_factory=list)


def read_traces(path: Path) -> Iterator[Trace]:
    """Give the traces of an .xes or .xes.gz file, in order.

    Raises WrongUse, in the middle too, when the file is absent, no XML, no XES, cut short, or beyond the bounds.
    """
    with open_for_reading(path) as plain:
        parser, log = _Parser(path), _unpacked(plain)
        try:
            while chunk := log.read(CHUNK_BYTES):
                yield from parser.feed(chunk)
            yield from parser.feed(b"", last=True)
        except expat.ExpatError as broken:
            raise WrongUse(f"{path}:{broken.lineno}: no well-formed XML ({broken}); repair the file") from broken
        except (EOFError, gzip.BadGzipFile, zlib.error) as cut:
            raise WrongUse(f"{path}: the compressed file is cut short or damaged; fetch it again") from cut


def _unpacked(plain: BinaryIO) -> BinaryIO | gzip.GzipFile:
    packed = head_of(plain).startswith(_GZIP_MAGIC)
    return gzip.GzipFile(fileobj=plain) if packed else plain


class _Parser:
    """The state between expat's callbacks: where we are in the nesting, and the traces that are complete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._depth: list[str] = []
        self._trace: Trace | None = None
        self._target: Attributes | None = None
        self._complete: list[Trace] = []
        self._fed = self._element_at = 0
        self._expat = expat.ParserCreate()
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Trace]:
        self._fed += len(chunk)
        self._expat.Parse(chunk, last)
        if self._fed - self._element_at > TOKEN_BYTES_MAX:
            self._refuse(f"more than {TOKEN_BYTES_MAX} bytes without an element; an XES attribute is never that long")
        complete, self._complete = self._complete, []
        return complete

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self._element_at = self._fed
        parent = self._depth[-1] if self._depth else None
        self._depth.append(name)
        if parent is None and name != "log":
            self._refuse(f"the root is <{name}>; an XES file has <log>")
        if name == "trace" and parent == "log":
            self._trace = Trace()
            self._target = self._trace.attributes
        elif name == "event" and parent == "trace":
            self._open_event()
        elif name in _ATTRIBUTES and parent in {"trace", "event"} and self._target is not None:
            self._target[attributes.get("key", "")] = attributes.get("value", "")

    def _open_event(self) -> None:
        assert self._trace is not None, "an event is only opened inside a trace"
        if len(self._trace.events) >= EVENTS_IN_TRACE_MAX:
            self._refuse(f"a trace of more than {EVENTS_IN_TRACE_MAX} events; split the log")
        self._target = {}
        self._trace.events.append(self._target)

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        self._depth.pop()
        if self._trace is None or self._depth[-1:] not in (["log"], ["trace"]):
            return
        if name == "event":
            self._target = self._trace.attributes
        elif name == "trace":
            self._complete.append(self._trace)
            self._trace = self._target = None

    def _refuse_doctype(self, *_: object) -> None:
        self._refuse("a document type declaration; XES needs none and none is read, so remove it")

    def _refuse(self, reason: str) -> NoReturn:
        raise WrongUse(f"{self._path}:{self._expat.CurrentLineNumber}: {reason}")

"""How does an answer reach the reader: a table for people, JSON one object a line for programs?

Standard output holds the answer and nothing else; everything said beside it goes to standard error. Colour only where
standard output is a terminal and NO_COLOR is not set. Text that came in with events is shown without its control
characters, so that it cannot steer a terminal.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from textwrap import wrap
from typing import Literal, TextIO

import msgspec
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

WIDTH_MIN = 60
WIDTH_MAX = 120
"""A line longer than this is hard to follow with the eye, however wide the terminal is."""

TEXT_MIN = 24
"""Columns that a folded text has at least, however far it is indented."""

_ROWS_AT_ONCE = 2_000
_DIRECTIONS = (*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROL = dict.fromkeys((*range(32), *range(127, 160), *_DIRECTIONS), "\N{REPLACEMENT CHARACTER}")
_BLANKS = {ord(blank): " " for blank in "\t\n\r\u2028\u2029"}
_STYLES = {
    "quiet": "dim",
    "strong": "bold",
    "good": "green",
    "info": "cyan",
    "warn": "yellow",
    "urgent": "bright_red",
    "critical": "bold bright_red",
}
"""What colours mean, in one place."""

Weight = Literal["", "quiet", "strong", "good", "info", "warn", "urgent", "critical"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table with a weight of its own."""

    text: str
    weight: Weight = ""


def write_json(rows: Iterable[object]) -> None:
    """Write values as JSON, one a line; datetimes become RFC 3339 text in UTC."""
    encoder = msgspec.json.Encoder(enc_hook=str)
    sys.stdout.flush()
    rest = iter(rows)
    while block := list(islice(rest, _ROWS_AT_ONCE)):
        sys.stdout.buffer.write(encoder.encode_lines(block))
    sys.stdout.buffer.flush()


def write_encoded(lines: Iterable[bytes]) -> None:
    """Write values that are JSON already, one a line."""
    sys.stdout.flush()
    rest = iter(lines)
    while block := list(islice(rest, _ROWS_AT_ONCE)):
        sys.stdout.buffer.write(b"\n".join(block) + b"\n")
    sys.stdout.buffer.flush()


def write(text: str = "") -> None:
    """Write a line of an answer for people."""
    sys.stdout.write(f"{text}\n")


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str | Cell]]) -> None:
    """Write a table for people. The last column takes the room that is left and is folded into it.

    A column whose name begins with ">" stands to the right, one with "~" is folded when it is long. Without any name
    there is no line of names.
    """
    named = any(columns)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=named)
    for place, name in enumerate(columns):
        is_last = place == len(columns) - 1
        table.add_column(
            name.lstrip(">~"),
            justify="right" if name.startswith(">") else "left",
            no_wrap=not (is_last or name.startswith("~")),
            overflow="fold" if is_last or name.startswith("~") else "ellipsis",
        )
    for row in rows:
        table.add_row(*(_rich(cell) for cell in row))
    _print(table)


def write_parts(parts: Iterable[tuple[str, str]]) -> None:
    """Write named parts of one thing, a line each; parts without a value are left out."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in parts:
        if value:
            table.add_row(name, Text(clean(value)))
    _print(table)


def write_folded(text: str, *, indent: int = 0, first: str = "", weight: Weight = "") -> None:
    """Write text folded to the width; every line is indented, and `first` stands in the indent of the first one."""
    room = max(TEXT_MIN, width() - indent)
    for place, line in enumerate(wrap(clean(text), room, break_on_hyphens=False) or [""]):
        write(f"{first if place == 0 else '':<{indent}}{paint(line, weight)}".rstrip())


def heading(text: str) -> None:
    """Write the heading of a part of an answer, with an empty line before it."""
    write(f"\n{paint(clean(text), 'strong')}")


def paint(text: str, weight: Weight) -> str:
    """Return the text in the colour of its weight, or as it is where there are no colours."""
    if not weight or not has_colour(sys.stdout):
        return text
    return Style.parse(_STYLES[weight]).render(text, color_system=ColorSystem.STANDARD)


def console() -> Console:
    """Return a console on standard output as it is now, of the width that `width` gives."""
    coloured = has_colour(sys.stdout)
    return Console(
        file=sys.stdout,
        width=width(),
        force_terminal=coloured,
        color_system="standard" if coloured else None,
        no_color=not coloured,
        highlight=False,
        markup=False,
        emoji=False,
    )


def width() -> int:
    """Return how many columns a line of an answer has: those of the terminal within bounds, and 80 without one."""
    return max(WIDTH_MIN, min(WIDTH_MAX, shutil.get_terminal_size((80, 24)).columns))


def weight_of(severity: object) -> Weight:
    """Return the weight of a severity; none for anything else."""
    match severity:
        case "info" | "warn" | "urgent" | "critical":
            return severity
        case _:
            return ""


def has_colour(stream: TextIO) -> bool:
    """Say whether colours may be written: on a terminal that has them, unless NO_COLOR is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def clean(text: object) -> str:
    r"""Return text as one line without control characters and marks that turn the direction around.

    >>> clean("Acme\tCorp\x07").encode("ascii", "replace")
    b'Acme Corp?'
    """
    return str(text).translate(_BLANKS).translate(_CONTROL)


def say(sentence: str) -> None:
    """Say something beside the answer, on standard error."""
    sys.stdout.flush()
    sys.stderr.write(f"{clean(sentence)}\n")


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show how far long work is, on standard error when that is a terminal; gives a function that takes a step of n."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield partial(bar.advance, task)


def number_of(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    >>> number_of(1, "alert"), number_of(2, "alert"), number_of(0, "entry", "entries")
    ('1 alert', '2 alerts', '0 entries')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _print(table: Table) -> None:
    """Print a table without the blanks that rich puts at the ends of lines."""
    out = console()
    with out.capture() as captured:
        out.print(table)
    for line in captured.get().splitlines():
        write(line.rstrip())


def _rich(cell: str | Cell) -> Text:
    if isinstance(cell, str):
        return Text(clean(cell))
    return Text(clean(cell.text), style=_STYLES.get(cell.weight, ""))

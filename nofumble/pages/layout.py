"""Where does each step of a course lie on the paper? Columns for times, lanes for holders, one row for each step.

Nothing overlaps by construction: a row has one step, its text stands above its bar or beside its mark, and arrows run
in the gaps between rows and columns. Times are in order and further apart the longer it is between them, not to scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import log1p

from nofumble.pages.course import Item
from nofumble.pages.moments import ZERO, Moment

LANE_WIDTH = 168
"""For the names of the holders."""

PLOT_WIDTH = 782
"""For the times, unless there are so many that they need more."""

LETTER_WIDTH = 7.6
"""No common font is wider at the size of the text, on average; so what fits by this fits in all."""

TEXT_MAX = 92
"""Letters of a text; what is longer is in the table of steps."""

NOTE_MAX = 100
"""Letters of what a step waits for."""

LANE_MAX = 20
"""Letters of a lane's name."""

TAIL = 36
"""What an open stretch runs on, after the last time."""

BAR_ROW, MARK_ROW, TALL_MARK_ROW, NOTE_ROW = 38, 28, 44, 16
"""Heights of rows: a text above a bar, beside a mark, above a mark; and of a note more."""

HEAD, TAIL_ROW = 56, 10
Column = tuple[float, str, int]
"""What tells a column from another: hours, how they are written, what follows what at that time."""

_STEP = 30
"""From one column to the next where only one follows the other at the same time: room for an arrow."""

_GAP_MIN = 14
"""Beside the label of a time, and at the edge of the paper."""

_INDENT = 18
"""From the middle of a mark to its text."""

_ARRIVAL = 14
"""For the arrow that leads to a mark."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step on the paper: its bar from `left` to `right` (equal for a point), lighter on to `far`."""

    item: Item
    top: int
    height: int
    left: int
    right: int
    far: int
    text: str
    text_at: int
    is_ended: bool
    """Whether the text ends at its place, and does not begin there."""
    is_above: bool
    """Whether the text stands above the bar or mark, and not beside it."""
    note: str

    @property
    def middle(self) -> int:
        """The height of the bar or mark."""
        return self.top + self.height - 13

    @property
    def is_bar(self) -> bool:
        """Whether it is a stretch of time."""
        return self.item.place.ends is not None or self.item.place.is_open


@dataclass(frozen=True, slots=True)
class Lane:
    """The rows of one holder."""

    name: str
    rows: tuple[Row, ...]

    @property
    def top(self) -> int:
        """Where it begins."""
        return self.rows[0].top

    @property
    def bottom(self) -> int:
        """Where it ends."""
        return self.rows[-1].top + self.rows[-1].height


@dataclass(frozen=True, slots=True)
class Panel:
    """The steps that are counted from the same beginning; `ticks` are the times with their places."""

    waits: bool
    top: int
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[int, str], ...]

    @property
    def bottom(self) -> int:
        """Where it ends."""
        return self.lanes[-1].bottom + TAIL_ROW

    @property
    def rows(self) -> Iterator[Row]:
        """All rows, from the top."""
        return (row for lane in self.lanes for row in lane.rows)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole drawing, without its legend."""

    width: int
    panels: tuple[Panel, ...]

    @property
    def bottom(self) -> int:
        """Where the last panel ends."""
        return self.panels[-1].bottom


def laid_out(items: Sequence[Item], top: int) -> Sheet:
    """Return where everything lies, below a height."""
    grouped = [list(group) for _, group in groupby(items, key=lambda one: one.place.waits)]
    columns = [_columns(group) for group in grouped]
    width = max(LANE_WIDTH + PLOT_WIDTH, *(max(one.values()) + TAIL for one in columns))
    panels: list[Panel] = []
    for group, places in zip(grouped, columns, strict=True):
        panels.append(_panel(group, places, panels[-1].bottom if panels else top, width))
    return Sheet(width, tuple(panels))


def shortened(text: str, most: int) -> str:
    """Return a text that is not longer than so many letters, cut between words."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rsplit(' ', 1)[0].rstrip(',;:')}…"


# ------------------------------------------------------------ columns


def _columns(items: Iterable[Item]) -> dict[Column, int]:
    """Give each moment its place from the left; what lies further apart is further apart, by the logarithm."""
    moments = sorted({_key(one): one for item in items for one in _moments(item)}.items())
    least = [_least(before, after) for (_, before), (_, after) in pairwise(moments)]
    weights = [log1p(after.hours - before.hours) for (_, before), (_, after) in pairwise(moments)]
    spare = max(0, PLOT_WIDTH - TAIL - _GAP_MIN - sum(least))
    share = min(spare / sum(weights), 60.0) if sum(weights) else 0.0
    places, here = {}, LANE_WIDTH + _GAP_MIN
    for (key, _), gap in zip(
        moments, [0.0, *(one + share * weight for one, weight in zip(least, weights, strict=True))], strict=True
    ):
        here += round(gap)
        places[key] = here
    return places


def _moments(item: Item) -> Iterator[Moment]:
    yield ZERO
    yield item.place.begins
    yield from (one for one in (item.place.ends, item.place.latest) if one is not None)


def _key(moment: Moment) -> Column:
    return moment.hours, moment.label, moment.depth


def _least(before: Moment, after: Moment) -> int:
    if (before.hours, before.label) == (after.hours, after.label):
        return _STEP
    half = (len(before.label or "start") + len(after.label)) / 2 * LETTER_WIDTH
    return round(half) + _GAP_MIN


# ------------------------------------------------------------ rows


def _panel(items: Sequence[Item], places: dict[Column, int], top: int, width: int) -> Panel:
    names = list(dict.fromkeys(one.lane for one in items))
    lanes: list[Lane] = []
    here = top + HEAD
    for name in names:
        rows: list[Row] = []
        note = ""
        for item in (one for one in items if one.lane == name):
            row = _row(item, places, here, width, "" if item.note == note else item.note)
            note = item.note
            here += row.height
            rows.append(row)
        lanes.append(Lane(shortened(name.removeprefix("the "), LANE_MAX), tuple(rows)))
    ticks: dict[str, int] = {}
    for (_, label, _), place in places.items():
        ticks.setdefault(label, place)
    return Panel(items[0].place.waits, top, tuple(lanes), tuple((place, label) for label, place in ticks.items()))


def _row(item: Item, places: dict[Column, int], top: int, width: int, note: str) -> Row:
    place = item.place
    left = places[_key(place.begins)]
    right = width - TAIL // 2 if place.is_open else places[_key(place.ends or place.begins)]
    far = places[_key(place.latest)] if place.latest is not None else right
    is_bar = place.ends is not None or place.is_open
    text = _fitting(item, TEXT_MAX)
    beside = None if is_bar else _beside(item, left, _long(item, text), width)
    text_at, is_ended = beside or _above(left, _long(item, text), width)
    height = BAR_ROW if is_bar else MARK_ROW if beside else TALL_MARK_ROW
    right = max(right, left + 6) if is_bar else left
    height += NOTE_ROW if note else 0
    return Row(item, top, height, left, right, far, text, text_at, is_ended, beside is None, shortened(note, NOTE_MAX))


def _above(left: int, long: int, width: int) -> tuple[int, bool]:
    """Place a text above a bar: where the bar begins, or so that it ends with the paper."""
    return (left, False) if left + long <= width - _GAP_MIN else (width - _GAP_MIN, True)


def _beside(item: Item, left: int, long: int, width: int) -> tuple[int, bool] | None:
    """Place a text beside a mark, on the right or on the left (of what leads to it), if there is room."""
    if left + _INDENT + long <= width - _GAP_MIN:
        return left + _INDENT, False
    ends = left - _INDENT - (_ARRIVAL if item.leads_from else 0)
    return (ends, True) if ends - long >= LANE_WIDTH else None


def _fitting(item: Item, most: int) -> str:
    if not item.also:
        return shortened(item.text, most)
    return f"{shortened(item.text, most - len(item.also) - 1)} {item.also}"


def _long(item: Item, text: str) -> int:
    return round((len(item.ref) + 1 + len(text)) * LETTER_WIDTH)

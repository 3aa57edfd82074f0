"""What does the course of a workflow look like? An SVG that is the same on every machine, made of text alone.

It brings its own background, light or dark as the reader has it, and tells nothing by colour alone: an alert has the
letter of its severity, a step that depends on a condition is dashed. The text stands over what crosses it.
"""

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from nofumble.pages.course import Item
from nofumble.pages.layout import HEAD, LETTER_WIDTH, Lane, Panel, Row, Sheet, laid_out

TOP = 44
"""Below the title."""

MARGIN = 16

_LIGHT = {
    "card": "#ffffff",
    "ink": "#1f2328",
    "quiet": "#59636e",
    "grid": "#d1d9e0",
    "band": "#f6f8fa",
    "bar": "#9ecbff",
    "edge": "#0a4f9e",
    "hold": "#ffd8b5",
    "wait": "#e4e8ec",
    "rim": "#ffffff",
}
_DARK = {
    "card": "#0d1117",
    "ink": "#f0f6fc",
    "quiet": "#9da7b3",
    "grid": "#30363d",
    "band": "#151b23",
    "bar": "#1f4f87",
    "edge": "#79c0ff",
    "hold": "#6b3d0c",
    "wait": "#2a313c",
    "rim": "#f0f6fc",
}
_SEVERITY = {"info": "#0969da", "warn": "#8a5a00", "urgent": "#b23c00", "critical": "#a40e26"}
"""White letters are read on each of them."""

_BAR_CLASS = {"hold": "hold", "loop": "loop", "expect": "wait"}
_GLYPH = {"gate": "?", "lift": "↑", "pass": "→", "post": "±", "brief": "¶"}

_LEGEND = {
    "task": "a task, from its offer to when it is due",
    "longer": "due later in other cases",
    "hold": "a hold",
    "loop": "a loop, always in somebody's hands",
    "expect": "waits for an event",
    "gate": "? gate",
    "lift": "↑ lifts a hold",
    "pass": "→ passes a loop",
    "post": "± posts to the ledger",
    "brief": "¶ brief",
    "conditional": "dashed: only under a condition",
    "arrow": "leads to",
}


def drawn(name: str, title: str, items: Sequence[Item]) -> str:
    """Return the picture of a course."""
    sheet = laid_out(items, TOP)
    legend, height = _legend(items, sheet)
    width = sheet.width + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"',
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}: the course of {name}</title>',
        f'<desc id="desc">{escape(" ".join(_told(item) for item in items))}</desc>',
        f"<style>{_style()}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
        '<path class="head" d="M0 0L8 4L0 8Z"/></marker></defs>',
        f'<rect class="card" x="0" y="0" width="{width}" height="{height}" rx="8"/>',
        f'<text class="title" x="{MARGIN}" y="28">{escape(title)}</text>',
        *(line for panel in sheet.panels for line in _panel(panel, sheet.width)),
        *legend,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


# ------------------------------------------------------------ in words


def _told(item: Item) -> str:
    """Tell a step as a sentence, for those who do not see the picture."""
    place = item.place
    origin = "its event" if place.waits else "the start"
    begins = f"{place.begins.label} after {origin}" if place.begins.label else f"at {origin}"
    until = f" until {place.ends.label} after {origin}" if place.ends is not None and place.ends.label else ""
    led = f", after {' or '.join(item.leads_from)}" if item.leads_from else ""
    severity = f", {item.severity}" if item.severity else ""
    condition = ", under a condition" if item.is_conditional else ""
    return f"{item.ref} ({item.action}{severity}, {item.lane}) {begins}{until}{led}{condition}: {item.text}."


# ------------------------------------------------------------ panels


def _panel(panel: Panel, width: int) -> Iterator[str]:
    since = f"Since {'an event of its own' if panel.waits else 'the start'}, if each takes all the time that it has"
    line = panel.top + HEAD - 6
    yield f'<text class="head-line" x="{MARGIN}" y="{panel.top + 22}">{since}</text>'
    for number, lane in enumerate(panel.lanes):
        yield from _lane(lane, width, is_banded=number % 2 == 0)
    for place, label in panel.ticks:
        yield f'<path class="grid" d="M{place} {line}V{panel.bottom - 6}"/>'
        yield f'<text class="tick" x="{place}" y="{line - 6}">{label or ("event" if panel.waits else "start")}</text>'
    rows = {row.item.ref: row for row in panel.rows}
    for row in panel.rows:
        for source in row.item.leads_from:
            yield _arrow(rows[source], row)
    for row in panel.rows:
        yield _bar(row) if row.is_bar else _mark(row)
    for row in panel.rows:
        yield from _text(row)


def _lane(lane: Lane, width: int, *, is_banded: bool) -> Iterator[str]:
    if is_banded:
        height = lane.bottom - lane.top
        yield f'<rect class="band" x="{MARGIN // 2}" y="{lane.top}" width="{width}" height="{height}"/>'
    yield f'<text class="lane" x="{MARGIN}" y="{lane.top + 18}">{escape(lane.name)}</text>'


def _bar(row: Row) -> str:
    name = _BAR_CLASS.get(row.item.action, "bar")
    shown = f"{name} dashed" if row.item.is_conditional else name
    left, right, top = row.left, row.right, row.middle - 6
    if row.item.place.is_open:
        shape = f"M{left} {top}H{right}L{right + 8} {row.middle}L{right} {top + 12}H{left}Z"
        return f'<path class="{shown}" d="{shape}"/>'
    bar = f'<rect class="{shown}" x="{left}" y="{top}" width="{right - left}" height="12" rx="3"/>'
    if row.far <= right:
        return bar
    return f'<rect class="{name} longer" x="{right}" y="{top}" width="{row.far - right}" height="12"/>{bar}'


def _mark(row: Row) -> str:
    item, x, y = row.item, row.left, row.middle
    dashed = " dashed" if item.is_conditional else ""
    if item.action == "alert":
        return (
            f'<circle class="{item.severity}{dashed}" cx="{x}" cy="{y}" r="10"/>'
            f'<text class="letter" x="{x}" y="{y + 4}">{item.severity[:1].upper()}</text>'
        )
    return (
        f'<path class="point{dashed}" d="M{x} {y - 11}L{x + 11} {y}L{x} {y + 11}L{x - 11} {y}Z"/>'
        f'<text class="glyph" x="{x}" y="{y + 4}">{_GLYPH.get(item.action, "•")}</text>'
    )


def _text(row: Row) -> Iterator[str]:
    anchor = ' text-anchor="end"' if row.is_ended else ""
    if row.note:
        yield f'<text class="note" x="{row.text_at}" y="{row.top + 12}"{anchor}>{escape(row.note)}</text>'
    y = row.middle + (4 if not row.is_above else -11 if row.is_bar else -15)
    ref = f'<tspan class="ref">{row.item.ref}</tspan>'
    yield f'<text x="{row.text_at}" y="{y}"{anchor}>{ref} {escape(row.text)}</text>'


def _arrow(source: Row, target: Row) -> str:
    """Lead from where the source is over, or from inside it when the target need not wait for that, to the target."""
    rim = 0 if target.is_bar else 11
    last = target.left - 14
    is_early = source.right > last - 2
    leave = (
        max(source.left + 2, min(source.right, last) - 2) if is_early else source.right + (0 if source.is_bar else 10)
    )
    is_down = target.top > source.top
    gap = target.top + 1 if is_down else target.top + target.height - 1
    x = leave if is_early else leave + 4
    begin = f"M{leave} {source.middle + (6 if is_down else -6)}" if is_early else f"M{leave} {source.middle}H{x}"
    return f'<path class="arrow" d="{begin}V{gap}H{max(x, last)}V{target.middle}H{target.left - rim}"/>'


# ------------------------------------------------------------ legend and style


def _legend(items: Iterable[Item], sheet: Sheet) -> tuple[list[str], int]:
    """Return what the signs mean that are used, wrapped to the width, and the height of the whole."""
    x, y = MARGIN, sheet.bottom + 26
    parts = []
    for sign, words in _signs(list(items)):
        long = 30 + round(len(words) * LETTER_WIDTH) + 14
        if x + long > sheet.width:
            x, y = MARGIN, y + 22
        parts.append(sign.format(x=x, y=y - 9, middle=y - 4, centre=x + 11))
        parts.append(f'<text class="note" x="{x + 30}" y="{y}">{escape(words)}</text>')
        x += long
    return parts, y + 18


def _signs(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    actions = {one.action for one in items}
    rect = '<rect class="{{name}}" x="{x}" y="{y}" width="22" height="11" rx="3"/>'
    for action, name in (("task", "bar"), *_BAR_CLASS.items()):
        if action in actions:
            yield rect.replace("{{name}}", name), _LEGEND[action]
    if any(one.place.latest is not None and one.place.latest > one.place.done for one in items):
        yield rect.replace("{{name}}", "bar longer"), _LEGEND["longer"]
    for severity in [one for one in _SEVERITY if any(item.severity == one for item in items)]:
        letter = f'<text class="letter" x="{{centre}}" y="{{middle}}" dy="4">{severity[:1].upper()}</text>'
        yield f'<circle class="{severity}" cx="{{centre}}" cy="{{middle}}" r="10"/>{letter}', f"alert, {severity}"
    diamond = '<path class="point" d="M{centre} {y}m0 -5l11 11l-11 11l-11 -11Z"/>'
    for action, glyph in _GLYPH.items():
        if action in actions:
            letter = f'<text class="glyph" x="{{centre}}" y="{{middle}}" dy="5">{glyph}</text>'
            yield f"{diamond}{letter}", _LEGEND[action].removeprefix(glyph).strip()
    if any(one.is_conditional for one in items):
        yield rect.replace("{{name}}", "bar dashed"), _LEGEND["conditional"]
    if any(one.leads_from for one in items):
        yield '<path class="arrow" d="M{x} {middle}h22"/>', _LEGEND["arrow"]


def _style() -> str:
    fonts = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
    severities = "".join(f".{name}{{fill:{colour}}}" for name, colour in _SEVERITY.items())
    fixed = (
        f"text{{{fonts};font-size:12.5px;paint-order:stroke;stroke-width:4px;stroke-linejoin:round}}"
        ".title{font-size:17px;font-weight:600}.head-line{font-size:13px;font-weight:600}.lane,.ref{font-weight:600}"
        ".tick{text-anchor:middle}.letter,.glyph{font-weight:700;text-anchor:middle;stroke:none}.letter{fill:#ffffff}"
        ".grid{stroke-dasharray:2 4;fill:none}.arrow{fill:none;stroke-width:1.4;marker-end:url(#head)}"
        ".bar,.hold,.loop,.wait,.point{stroke-width:1.3}circle{stroke-width:1.5}.loop{stroke-width:2}"
        ".dashed{stroke-dasharray:4 3}.longer{fill-opacity:.45;stroke-dasharray:1 2}"
        f"{severities}"
    )
    return f"{fixed}{_colours(_LIGHT)}@media(prefers-color-scheme:dark){{{_colours(_DARK)}}}"


def _colours(of: dict[str, str]) -> str:
    return (
        f"text{{fill:{of['ink']};stroke:{of['card']}}}.card{{fill:{of['card']};stroke:{of['grid']}}}"
        f".note,.tick,.head-line{{fill:{of['quiet']}}}.band{{fill:{of['band']}}}.grid{{stroke:{of['grid']}}}"
        f".arrow{{stroke:{of['quiet']}}}.head{{fill:{of['quiet']}}}circle{{stroke:{of['rim']}}}"
        f".bar{{fill:{of['bar']};stroke:{of['edge']}}}.hold{{fill:{of['hold']};stroke:{of['ink']}}}"
        f".wait{{fill:{of['wait']};stroke:{of['quiet']}}}.loop{{fill:{of['card']};stroke:{of['edge']}}}"
        f".point{{fill:{of['wait']};stroke:{of['ink']}}}.glyph{{fill:{of['ink']}}}.letter{{fill:#ffffff}}"
    )

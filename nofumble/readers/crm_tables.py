"""How do we read the four tables of a CRM export, and refuse a folder that is not one?

The shape is that of Maven Analytics' "CRM Sales Opportunities": accounts, products, sales teams and the pipeline, each
a CSV file with a header, one opportunity a line of the pipeline.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from nofumble.errors import WrongUse

ROWS_MAX = 2_000_000
"""The tables are sorted in memory, at about 1 KiB a row."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "accounts.csv": ("account", "sector", "office_location", "subsidiary_of"),
    "products.csv": ("product",),
    "sales_pipeline.csv": (
        *("opportunity_id", "sales_agent", "product", "account", "deal_stage"),
        *("engage_date", "close_date", "close_value"),
    ),
    "sales_teams.csv": ("sales_agent", "manager", "regional_office"),
}
"""The files of the folder and the columns that are read; further columns are ignored."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: `position` is "file:line", `cells` trimmed text by column, `fault` why it is unusable."""

    position: str
    cells: dict[str, str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Tables:
    """The four tables of one export, in the order of the files."""

    accounts: list[Line]
    products: list[Line]
    pipeline: list[Line]
    teams: list[Line]


def read_tables(folder: Path) -> Tables:
    """Read the four files of `folder`; raise WrongUse when one is missing, is no text, or lacks a column."""
    if not folder.is_dir():
        raise WrongUse(f"{folder}: no such folder; --format crm wants a folder with {', '.join(COLUMNS)}")
    read = {name: list(_lines(folder / name, columns)) for name, columns in COLUMNS.items()}
    return Tables(
        accounts=read["accounts.csv"],
        products=read["products.csv"],
        pipeline=read["sales_pipeline.csv"],
        teams=read["sales_teams.csv"],
    )


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[Line]:
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            yield from _table(path, text, columns)
    except FileNotFoundError as absent:
        raise WrongUse(f"{path}: no such file; a CRM folder holds {', '.join(COLUMNS)}") from absent
    except OSError as refused:
        raise WrongUse(f"{path}: cannot be opened ({refused.strerror}); make it readable") from refused


def _table(path: Path, text: TextIO, columns: tuple[str, ...]) -> Iterator[Line]:
    reader = csv.reader(text)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            raise WrongUse(f"{path}:1: no column {', '.join(missing)}; the header must name {', '.join(columns)}")
        for count, cells in enumerate(reader):
            if count >= ROWS_MAX:
                raise WrongUse(f"{path}: more than {ROWS_MAX} rows; split the export")
            if cells:
                yield _line(f"{path.name}:{reader.line_num}", header, cells)
    except csv.Error as broken:
        raise WrongUse(f"{path}:{reader.line_num}: no CSV ({broken}); repair the line") from broken


def _line(position: str, header: list[str], cells: list[str]) -> Line:
    fault = None
    if len(cells) != len(header):
        fault = f"{len(cells)} cells where the header has {len(header)}"
    elif any("\udc80" <= letter <= "\udcff" for cell in cells for letter in cell):
        fault = "the line is not UTF-8"
    return Line(position, dict(zip(header, (cell.strip() for cell in cells), strict=False)), fault)

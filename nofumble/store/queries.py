"""What does a statement of `queries.sql` say?

Statements live in one file, as SQL that can be read and explained; the code asks for them by name.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

FILE = Path(__file__).with_name("queries.sql")

_HEADER = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COMMENT = re.compile(r"^--.*\n?", re.MULTILINE)


@cache
def queries() -> Mapping[str, bytes]:
    """Return every statement by name, without comments, as the bytes that psycopg takes."""
    parts = _HEADER.split(FILE.read_text(encoding="utf-8"))
    names, texts = parts[1::2], parts[2::2]
    assert len(names) == len(set(names)), f"a name occurs twice in {FILE.name}"
    return {name: _COMMENT.sub("", text).strip().encode() for name, text in zip(names, texts, strict=True)}


def select(connection: Connection[TupleRow], name: str, parameters: Mapping[str, Any] | None = None) -> list[TupleRow]:
    """Return the rows of a statement, in the binary format: bodies come as they are."""
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(queries()[name], parameters).fetchall()

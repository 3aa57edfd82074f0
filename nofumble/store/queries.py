"""What does a statement of `queries.sql`, `page_queries.sql` or `web_queries.sql` say?

Statements live in files of their own, as SQL that can be read and explained; the code asks for them by name.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

FILES = tuple(Path(__file__).with_name(name) for name in ("queries.sql", "page_queries.sql", "web_queries.sql"))

_HEADER = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COMMENT = re.compile(r"^--.*\n?", re.MULTILINE)


@cache
def queries() -> Mapping[str, bytes]:
    """Return every statement by name, without comments, as the bytes that psycopg takes."""
    split = [_HEADER.split(file.read_text(encoding="utf-8")) for file in FILES]
    names = [name for parts in split for name in parts[1::2]]
    texts = [text for parts in split for text in parts[2::2]]
    assert len(names) == len(set(names)), "a statement's name occurs twice"
    return {name: _COMMENT.sub("", text).strip().encode() for name, text in zip(names, texts, strict=True)}


def select(connection: Connection[TupleRow], name: str, parameters: Mapping[str, Any] | None = None) -> list[TupleRow]:
    """Return the rows of a statement, in the binary format: bodies come as they are."""
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(queries()[name], parameters).fetchall()

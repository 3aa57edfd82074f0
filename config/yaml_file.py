"""What a YAML file says and on which line: plain data, with a line for every path, read without YAML's surprises.

Of YAML's surprises, four are switched off: a key given twice is refused instead of forgotten, `no`, `off` and `yes`
stay text (`country: NO` is Norway), `12:30` stays text instead of becoming the number 750, and a date stays text, so
that an impossible one is refused where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from re import compile as pattern_of
from typing import Any

import yaml

MOST_BYTES = 8 * 1024 * 1024
"""Far above the file of a company with 20,000 people; a larger one is another file given by mistake."""

MOST_VALUES = 400_000
"""Values counted with every alias written out, so that a few lines of nested aliases cannot fill the memory."""

KeyPath = tuple[str, ...]


class YamlError(ValueError):
    """A file that is no YAML, or not of the kind that is read here: `line` (from 1, or 0 for none) and `reason`."""

    def __init__(self, line: int, reason: str) -> None:
        """Keep the parts for the caller, who knows what the file is for."""
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class YamlFile:
    """The plain data of a file, and the line (from 1) of every key and item by its path from the top."""

    name: str
    data: Any
    lines: dict[KeyPath, int] = field(repr=False)

    def line_of(self, path: KeyPath) -> int:
        """Return the line of a path, else of the nearest one above it that the file has; 0 when there is none."""
        for length in range(len(path), 0, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return line
        return 0


class _Loader(yaml.SafeLoader):
    """The safe loader with `true` and `false` as the only booleans, decimal numbers only, and no dates."""


_BOOL, _INT, _FLOAT = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_REPLACED = (_BOOL, _INT, _FLOAT, "tag:yaml.org,2002:timestamp")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, pattern_of(r"(?:true|false)\Z"), list("tf"))
_Loader.add_implicit_resolver(_INT, pattern_of(r"[-+]?(?:0|[1-9][0-9]*)\Z"), list("-+0123456789"))
_Loader.add_implicit_resolver(_FLOAT, pattern_of(r"[-+]?[0-9]+\.[0-9]+\Z"), list("-+0123456789"))


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML file. Raises YamlError when it is missing, no text, too large, or no YAML."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise YamlError(0, f"the file has {path.stat().st_size} bytes; at most {MOST_BYTES} are read")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror.lower() if error.strerror else "it cannot be read"
        raise YamlError(0, f"{reason}; name a file that exists and can be read") from error
    except UnicodeDecodeError as error:
        raise YamlError(0, "the file is no UTF-8 text; save it as UTF-8") from error
    return parse_yaml(text, name=str(path))


def parse_yaml(text: str, *, name: str) -> YamlFile:
    """Read YAML from text; `name` stands for the file in messages. Raises YamlError with the line."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines = _LineReader().read(node)
        data = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise YamlError(line, f"this is no YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise YamlError(0, f"this is no YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise YamlError(0, "the file is nested too deeply, or an alias contains itself; write it out flat") from error
    return YamlFile(name, data, lines)


class _LineReader:
    """Walks the nodes of a file, notes the line of each path, and refuses keys given twice and alias bombs."""

    def __init__(self) -> None:
        self._lines: dict[KeyPath, int] = {}
        self._visited = 0

    def read(self, node: yaml.Node | None) -> dict[KeyPath, int]:
        if node is not None:
            self._visit(node, ())
        return self._lines

    def _visit(self, node: yaml.Node, path: KeyPath) -> None:
        self._visited += 1
        line = node.start_mark.line + 1
        if self._visited > MOST_VALUES:
            raise YamlError(line, f"more than {MOST_VALUES} values; write the file without nested aliases")
        if isinstance(node, yaml.MappingNode):
            self._visit_mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._lines.setdefault((*path, str(index)), item.start_mark.line + 1)
                self._visit(item, (*path, str(index)))

    def _visit_mapping(self, node: yaml.MappingNode, path: KeyPath) -> None:
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in seen and name != "<<":
                raise YamlError(line, f'the key "{name}" is given twice; keep one of the two')
            seen.add(name)
            self._lines.setdefault((*path, name), line)
            self._visit(value, (*path, name))

"""From the text of a definition to plain values, with the line of each (F51).

YAML is read as people mean it: `on` is a word and not a yes, times stay text. Refused, with the
line: tags, anchors and aliases (a short text can grow without bound), a key twice, tabs, and
texts over :data:`SIZE_MAX`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.resolver import Resolver

from workflows.language.rules import Where

SIZE_MAX = 256 * 1024
"""Bytes of one definition; the longest of the library has a tenth of it."""

DEPTH_MAX = 24
"""Blocks inside blocks; a definition needs eight."""


class SourceRefused(ValueError):
    """The text cannot be read; `line` counts from 1, `rule` is the name of the rule in `rules.RULES`."""

    def __init__(self, line: int, message: str, rule: str) -> None:
        """Keep the line and the rule beside the words."""
        super().__init__(message)
        self.line = line
        self.message = message
        self.rule = rule


@dataclass
class Source:
    """The plain value of a text, and the line on which each part of it stands."""

    value: Any
    lines: dict[Where, int] = field(default_factory=dict)

    def line_of(self, path: Where) -> int:
        """Give the line of the part, or of the nearest part around it.

        A step of the path that the text does not have is passed over: the model reads `on: a` as a list of one.
        """
        here: Where = ()
        for part in path:
            if (*here, part) in self.lines:
                here = (*here, part)
        return self.lines.get(here, 1)


class _Composer(Composer, Resolver):
    """Composes with the scalars of YAML 1.2's core: `on`, `yes` and times are text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's stubs declare it on the instance
    peek_event: Callable[[], Any]
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node unless it is named, a name, or too deep; so refused before it costs anything."""
        event = self.peek_event()
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None) is not None:
            message = "anchors and aliases are refused, since they let a short file grow without bound; write it out"
            raise SourceRefused(line, message, "anchor")
        if self._depth > DEPTH_MAX:
            message = f"more than {DEPTH_MAX} blocks stand inside each other; a definition needs eight"
            raise SourceRefused(line, message, "depth")
        self._depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


_Composer.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Composer.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
_Composer.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))
_Composer.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


class _Quick(_Composer, yaml.CSafeLoader):
    """Reads by libyaml, in a tenth of the time."""

    def __init__(self, stream: str) -> None:
        """Begin at the text's beginning."""
        yaml.CSafeLoader.__init__(self, stream)
        _Composer.__init__(self)


class _Wordy(_Composer, yaml.SafeLoader):
    """Reads by PyYAML itself, which says of a text that is no YAML what is wrong where."""


def read_source(text: str) -> Source:
    """Read a text of YAML.

    Raises:
        SourceRefused: the text is no YAML, or one that is refused.
    """
    if len(text.encode("utf-8", "surrogatepass")) > SIZE_MAX:
        message = f"the file has more than {SIZE_MAX} bytes; split it into several definitions (F51)"
        raise SourceRefused(1, message, "size")
    node = _composed(text)
    if node is None:
        raise SourceRefused(1, "the file is empty; a definition begins with `name:`", "empty")
    source = Source(None)
    source.value = _build(node, (), source.lines)
    return source


def _composed(text: str) -> yaml.Node | None:
    try:
        return _composed_by(_Quick, text)
    except (yaml.YAMLError, UnicodeError):
        pass
    try:
        return _composed_by(_Wordy, text)
    except (yaml.YAMLError, UnicodeError) as error:
        raise _unreadable(error) from None


def _composed_by(loader_type: type[_Quick | _Wordy], text: str) -> yaml.Node | None:
    loader = loader_type(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    return node


def _unreadable(error: Exception) -> SourceRefused:
    """Name the line; for a text whose quotation mark never closes, the one where it opens."""
    context = getattr(error, "context", None) or ""
    mark = getattr(error, "context_mark" if "quoted scalar" in context else "problem_mark", None)
    problem = getattr(error, "problem", None) or (str(error).splitlines() or ["it cannot be read"])[0]
    words = f"{context}, {problem}" if context else problem
    return SourceRefused(mark.line + 1 if mark else 1, f"this is no YAML: {words}", "no_yaml")


def _build(node: yaml.Node, path: Where, lines: dict[Where, int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    match node:
        case yaml.MappingNode():
            return _mapping(node, path, lines)
        case yaml.SequenceNode():
            return [_build(child, (*path, index), lines) for index, child in enumerate(node.value)]
        case _:
            return _scalar(node, line)


def _mapping(node: yaml.MappingNode, path: Where, lines: dict[Where, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if key is None or key == "<<":
            raise SourceRefused(line, "a key must be a plain word, and this is none; write `word: value`", "plain_key")
        if key in found:
            message = f"the key {key!r} stands here a second time; keep one of the two"
            raise SourceRefused(line, message, "duplicate_key")
        lines[(*path, key)] = line
        found[key] = _build(value_node, (*path, key), lines)
    return found


_SCALARS: dict[str, Any] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:null": lambda _text: None,
}


def _scalar(node: yaml.Node, line: int) -> Any:
    convert = _SCALARS.get(node.tag)
    if convert is None:
        raise SourceRefused(line, f"the tag {node.tag} is refused; write a plain value (F51)", "tag")
    try:
        return convert(node.value)
    except ValueError:
        message = f"{node.value!r:.60} is no {node.tag.rpartition(':')[2]}; leave the tag out"
        raise SourceRefused(line, message, "tag") from None

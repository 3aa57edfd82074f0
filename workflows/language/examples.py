"""Do the examples in a definition come true? Each is run on a virtual clock, and what went out is compared.

An expected line matches a sent one when each of its keys does; of two equal expectations each needs a
line of its own. What could not be done (a refused action, a condition that failed) counts as a line of
type ``event.quarantined``, and an example that does not expect it fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from events.instants import read_instant
from workflows.directory import Directory
from workflows.language.grammar import Example
from workflows.language.plans import Definition
from workflows.language.scenes import scenes_of
from workflows.library import Library
from workflows.moment import iso
from workflows.simulation import World, simulate

NEAREST_SHOWN = 3
"""Lines that came instead of an expected one: the nearest, as many as a person reads."""

PROBLEM = "event.quarantined"


@dataclass(frozen=True, slots=True)
class Sent:
    """One line that went out; a problem has no time."""

    account: str
    type: str
    data: Mapping[str, Any]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What came of an example: passed, or each miss in a sentence; the lines are all that went out."""

    workflow: str
    name: str
    passed: bool
    misses: list[str]
    lines: list[Sent]


def run_example(
    definition: Definition, example: Example, directory: Directory, others: Iterable[Definition] = ()
) -> ExampleResult:
    """Run one example of a definition, alone or beside others; what it says of `mode` does not count.

    Raises:
        SceneRefused: an event of the example is not valid; the checker tells of it before.
    """
    beside = [one for one in others if one.name != definition.name]
    missing = set(example.beside) - {one.name for one in beside}
    if missing:
        message = f"the example runs beside {', '.join(sorted(missing))}, which the library does not have"
        return ExampleResult(definition.name, example.name, passed=False, misses=[message], lines=[])
    world = World(Library([definition.in_mode("active"), *beside]), directory)
    until = None if example.until is None else read_instant(example.until)
    lines = [
        Sent(one.account, one.line.type, msgspec.json.decode(msgspec.json.encode(one.line.data)), one.line.at)
        for one in simulate(scenes_of(example, definition.name), world, until)
    ]
    lines += [Sent("", PROBLEM, _problem(one)) for one in world.refused]
    misses = _misses(example, definition.name, lines)
    return ExampleResult(definition.name, example.name, not misses, misses, lines)


def _problem(problem: Any) -> dict[str, Any]:
    said = {"event_id": problem.event_id, "reason": problem.reason}
    return {**said, "workflow": problem.workflow} if problem.workflow else said


# ------------------------------------------------------------ comparing


def _misses(example: Example, workflow: str, lines: list[Sent]) -> list[str]:
    expected = [{"workflow": workflow, **one} for one in example.then]
    taken = _matched(expected, lines)
    misses = [
        f"expected {_shown_expected(one)}; {_instead(one, lines)}"
        for index, one in enumerate(expected)
        if index not in taken
    ]
    for unwanted in example.never:
        came = [line for line in lines if matches({"workflow": workflow, **unwanted}, line)]
        misses += [f"expected never {_shown_expected(unwanted)}; came: {_shown(line, unwanted)}" for line in came[:1]]
    told = set(taken.values())
    misses += [
        f"could not be done: {line.data['reason']}"
        for index, line in enumerate(lines)
        if line.type == PROBLEM and line.at is None and index not in told
    ]
    return misses


def _matched(expected: list[dict[str, Any]], lines: list[Sent]) -> dict[int, int]:
    """Give each expectation a line of its own, as many as possible (augmenting paths)."""
    fitting = [[index for index, line in enumerate(lines) if matches(one, line)] for one in expected]
    holder: dict[int, int] = {}

    def find(wish: int, tried: set[int]) -> bool:
        for line in fitting[wish]:
            if line not in tried:
                tried.add(line)
                if line not in holder or find(holder[line], tried):
                    holder[line] = wish
                    return True
        return False

    for wish in range(len(expected)):
        find(wish, set())
    return {wish: line for line, wish in holder.items()}


def matches(expected: Mapping[str, Any], line: Sent) -> bool:
    """Tell whether each key that is expected says the same as the line."""
    return all(_says(line, key, value) for key, value in expected.items())


def _says(line: Sent, key: str, value: Any) -> bool:
    match key:
        case "workflow":
            return bool(line.data.get("workflow", value) == value)
        case "type":
            return bool(line.type == value)
        case "at":
            return line.at is not None and _same(iso(line.at), value)
        case "subject":
            return bool(line.account == value)
        case "person" | "role" | "queue":
            return any(one.get(key) == value for one in _recipients(line))
        case "holder":
            return bool(_holder(line) == value)
        case "reason" if line.type == PROBLEM:
            return str(value) in str(line.data.get("reason"))
        case _:
            return key in line.data and _same(line.data[key], value)


def _recipients(line: Sent) -> list[Mapping[str, Any]]:
    to = line.data.get("to")
    return [one for one in (to if isinstance(to, list) else [to]) if isinstance(one, Mapping)]


def _holder(line: Sent) -> Any:
    """Name who has the ball of a loop: its holder, or whom it was passed to."""
    held = line.data.get("holder") or line.data.get("to")
    return held.get("person") if isinstance(held, Mapping) else None


def _same(found: Any, expected: Any) -> bool:
    """Compare values: a block needs the keys that are expected, a time may be written in another zone."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return all(key in found and _same(found[key], value) for key, value in expected.items())
    if found == expected or not isinstance(found, str) or not isinstance(expected, str):
        return bool(found == expected)
    try:
        return read_instant(found) == read_instant(expected)
    except ValueError:
        return False


# ------------------------------------------------------------ saying


def _instead(expected: Mapping[str, Any], lines: list[Sent]) -> str:
    """Name the lines that are nearest to what was expected: of the same step first, then those that agree most."""
    candidates = [line for line in lines if line.type == expected.get("type") or _same_step(expected, line)]
    ranked = sorted(candidates, key=lambda line: -sum(_says(line, key, value) for key, value in expected.items()))
    if not ranked:
        return "nothing like it came"
    return "came: " + "; ".join(_shown(line, expected) for line in ranked[:NEAREST_SHOWN])


def _same_step(expected: Mapping[str, Any], line: Sent) -> bool:
    step = {key: expected[key] for key in ("ref", "workflow") if key in expected}
    return "ref" in step and matches(step, line)


def _shown_expected(expected: Mapping[str, Any]) -> str:
    at = f" at {expected['at']}" if "at" in expected else ""
    more = [f"{key} {value}" for key, value in expected.items() if key not in ("type", "ref", "at", "workflow")]
    return _sentence(str(expected.get("type")), expected.get("ref"), at, more)


def _shown(line: Sent, expected: Mapping[str, Any]) -> str:
    """Show of a line what was asked of it, so that the difference stands beside."""
    at = f" at {iso(line.at)}" if line.at is not None else ""
    asked = [key for key in expected if key not in ("type", "ref", "at", "workflow")]
    return _sentence(line.type, line.data.get("ref"), at, [f"{key} {_found(line, key)}" for key in asked])


def _found(line: Sent, key: str) -> Any:
    match key:
        case "subject":
            return line.account
        case "person" | "role" | "queue":
            return ", ".join(str(one.get(key)) for one in _recipients(line)) or "nobody"
        case "holder":
            return _holder(line)
        case _:
            return line.data.get(key)


def _sentence(line_type: str, ref: Any, at: str, more: list[str]) -> str:
    name = f"{line_type} {ref}" if ref else line_type
    return f"{name}{at}" + (f" ({', '.join(more)})" if more else "")

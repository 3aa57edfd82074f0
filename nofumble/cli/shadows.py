"""What does a version in shadow do, in words: beside what the active one did, for who writes definitions (R17)."""

from collections.abc import Iterable
from typing import Any

from nofumble.cli.output import Cell, clean, number_of, paint, write, write_table
from nofumble.cli.telling import name_of
from nofumble.cli.when import brief
from workflows.shadow import Difference, Kind, Trial

_WORDS: dict[Kind, str] = {"added": "more", "gone": "fewer", "changed": "otherwise", "same": "alike"}


def verdict_on(trial: Trial) -> str:
    """Return how a version in shadow compares, in one sentence."""
    source, counts = trial.definition.source, trial.counts()
    told = ", ".join(f"{count:,} {_WORDS[kind]}" for kind, count in counts.items())
    lines = number_of(len(trial.lines), "line")
    return f"{source.name} {source.version} in shadow: {lines} that did not go out; beside the active version: {told}"


def write_differences(trial: Trial) -> None:
    """Write what a version in shadow would have done otherwise; what both do alike is only counted."""
    source = trial.definition.source
    write(f"{paint(source.name, 'strong')} {source.version} in shadow (hash {trial.definition.hash})")
    rows = [_row(one) for one in trial.differences if one.kind != "same"]
    if rows:
        write_table(("when", "account", "key", "step", "", "what", "changes"), rows)


def _row(one: Difference) -> tuple[str | Cell, ...]:
    kind = Cell(_WORDS[one.kind], "warn" if one.kind == "changed" else "")
    return brief(one.at), one.account, one.key, one.ref, kind, one.type, ", ".join(_changes(one.changes))


def _changes(changes: Iterable[tuple[str, Any, Any]]) -> Iterable[str]:
    for name, before, after in changes:
        yield f"{name} {clean(_shown(before))} -> {clean(_shown(after))}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(name_of(one) for one in value)
    return name_of(value) or "nothing"

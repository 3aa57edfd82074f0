"""Which rules does a definition keep? Each by its name, with the sentence that says it.

Every rule has a named bad file in ``tests/invalid_definitions/``; a test walks both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Where = tuple[str | int, ...]
"""A path in a definition file, such as ("steps", 3, "where")."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a definition that must not be: where, what with its remedy, and the rule it breaks."""

    where: Where
    message: str
    rule: str


RULES: Mapping[str, str] = {
    # the text
    "no_yaml": "the text is YAML",
    "size": "a file has at most 256 KiB (F51)",
    "empty": "a file is not empty",
    "depth": "at most 24 blocks stand inside each other (F51)",
    "anchor": "anchors and aliases are refused, since they let a short file grow without bound (F51)",
    "tag": "tags are refused, since values are plain (F51)",
    "plain_key": "a key is a plain word",
    "duplicate_key": "a key stands once in its block",
    # the words
    "unknown_key": "every key is a word of the language",
    "missing_key": "what a block needs is there",
    "shape": "a value has the shape that its key asks for",
    "duration": "a duration has a unit: bd, bh, bm, d, h or m (R6)",
    "start_pattern": "a start has exactly one pattern",
    "look_back": "a value that looks back asks one thing",
    "guard_test": "a guard has exactly one test",
    "one_action": "a step has exactly one action",
    "two_triggers": "a step has at most one trigger",
    "check_test": "a check of a gate has exactly one test, and a code",
    "needed_key": "an action has what it needs",
    "foreign_key": "a key of one action stands in no other",
    "ending": "an ending waits for an event or for steps",
    "expects_nothing": "an example expects something",
    # the terms
    "unknown_event": "every event type is in the catalogue",
    "unknown_name": "every name in a condition is known at its place",
    "wrong_type": "an expression gives the type that is needed at its place",
    "syntax": "a condition is CEL",
    "constant_condition": "a condition depends on something",
    "comprehension": "a comprehension stands in no other (F47)",
    "pattern": "a regular expression is a plain text of at most 200 characters (F47)",
    "brace": "a brace in a text opens a place to fill",
    "unknown_form": "a place in a text asks for a form that there is",
    "unknown_role": "every role is one that somebody can hold (R9)",
    "severity": "a severity is info, warn, urgent or critical (R13)",
    "last_case": "only the last case of a choice has no `when`",
    "unknown_part": "every mark, set and step that is named is there",
    "one_enter": "a held state is entered by one block",
    "changed": "a start on a changed fact names a fact of the account",
    # the whole
    "duplicate_ref": "a ref stands for one step",
    "waits_for_itself": "a step does not wait for itself",
    "cycle": "steps do not wait for each other in a circle",
    "never_done": "what is waited for to be done can be done",
    "never_missed": "what is waited for to be missed is an expectation",
    "engine_event": "an event that is waited for comes in from outside",
    "no_effect": "every key has an effect where it stands",
    "repeats_clock": "a task that repeats counts its due time from each beginning",
    "lift_too_early": "a hold is placed before it is lifted",
    "never_ends": "an instance can end",
    "unused": "every mark, set and value is used",
    "correlate": "what correlates is a field of the events",
    "reactions": "one event asks an instance at most 100 questions (F47)",
    # the examples
    "no_example": "a definition has an example",
    "example_name": "an example has a name of its own",
    "example_key": "the entries of an example have known keys",
    "example_time": "the times of an example are dates with a time and a zone",
    "example_event": "the events of an example are valid",
    "example_ref": "an example names steps that are there",
    "example_type": "an example expects lines that the engine sends",
    # the files
    "file_name": "a file has the name of its definition",
    "folder": "a file lies in the folder of its team",
    "duplicate_name": "a workflow is defined once",
}
"""Rule → what it says. The order is that in which a definition is read."""

"""Wrong shapes: one clear sentence each, at the place that is wrong."""

import pytest

from workflows.language.shape import read_shape
from workflows.language.yaml_source import read_source


@pytest.fixture
def faults(small):
    def of(*changes):
        shaped, found = read_shape(read_source(small(*changes)).value)
        assert (shaped is None) == bool(found)
        return found

    return of


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ("to: csm", "too: csm", ("steps", 0, "too"), "unknown key `too` in `steps`; did you mean to?"),
        ("key: ", "keys: ", ("keys",), "unknown key `keys`; did you mean key?"),
        ("done: {after: T1}", "done: {aftr: T1, after: T1}", ("done", "aftr"), "in `done`; did you mean after?"),
        (
            "on: sales.contract.signed",
            "on: x, zzzzz: y",
            ("start", "zzzzz"),
            "unknown key `zzzzz` in `start`; known here: on, where, count, held, absent, seq, changed, date, each, key",
        ),
        ("team: cs", "team: legal", ("team",), "`team` is 'legal'; it is one of 'sales', 'cs', 'support'"),
        ("version: 1.0.0", "version: 1.0", ("version",), "`version` is 1.0; it is a text; put it in quotes"),
        ("version: 1.0.0", "version: one", ("version",), "it looks like this: three numbers, such as 1.0.0"),
        ("ref: T1", "ref: task1", ("steps", 0, "ref"), "a capital letter and a number, such as T1, A2 or T3'"),
        ("name: call", "name: Call", ("name",), "small letters, digits and _"),
        ("    due: 1bd", "    due: 1bd\n    stays: 3", ("steps", 0, "stays"), "`stays` is 3; it is true or false"),
        ("steps:", "steps: none\nunless:", ("steps",), "`steps` is 'none'; it is a list"),
        ("start: {on: sales.contract.signed}", "start: soon", ("start",), "`start` is 'soon'; it is a block"),
        (
            "start: {on: sales.contract.signed}",
            "start: {count: {on: x, at_least: 1}}",
            ("start", "count", "at_least"),
            "`at_least` is 1; it is at least 2",
        ),
        (
            "start: {on: sales.contract.signed}",
            "start: {count: {on: x, at_least: many}}",
            ("start", "count", "at_least"),
            "`at_least` is 'many'; it is a whole number",
        ),
        (
            "    due: 1bd",
            "    due: 1bd\n    hold: []",
            ("steps", 0, "hold"),
            "an empty list; it has at least 1 entries",
        ),
        ("title: A call", f"title: {'A' * 600}", ("title",), "it has at most 500 characters"),
        (
            "    due: 1bd",
            "    due: 1bd\n    done_by: [{where: a}]",
            ("steps", 0, "done_by", 0, "on"),
            "`on` is missing in `done_by`; add it",
        ),
        ("    due: 1bd", "    due: 1bd\n    done_by: [3]", ("steps", 0, "done_by", 0), "entry 1 of `done_by` is 3"),
        ("    due: 1bd", "    due: 1bd\n    done_by: Accepted", ("steps", 0, "done_by"), "`done_by` is 'Accepted'"),
        ("    due: 1bd", "    due: 1bd\n    ladder: some", ("steps", 0, "ladder"), "it is one of 'none'"),
        (
            "    due: 1bd",
            "    due: 1bd\n    ladder: [{at: 75, to: holder}]",
            ("steps", 0, "ladder", 0, "at"),
            "`at` is 75; it is a text; put it in quotes",
        ),
        (
            "    due: 1bd",
            "    due: 1bd\n    ladder: [{at: later, to: holder}]",
            ("steps", 0, "ladder", 0, "at"),
            "a share of the time (75%), due, or a time after it (due + 1bd)",
        ),
        (
            "    due: 1bd",
            "    due: 1bd\n    ladder: [{at: due + 99999bd, to: holder}]",
            ("steps", 0, "ladder", 0, "at"),
            "out of bounds",
        ),
        ("key: event", "reentry: {after: 10}\nkey: event", ("reentry", "after"), 'duration "10" is a bare number'),
        (
            "key: event",
            "reentry: twice\nkey: event",
            ("reentry",),
            "it is one of 'once', 'when_ended', 'when_cancelled'",
        ),
        ("key: event", "lookback: 0d\nkey: event", ("lookback",), "no time at all"),
        (
            "key: event",
            "marks: {Told: {on: x}}\nkey: event",
            ("marks", "Told"),
            "`Told` is no name; it looks like this: small letters, digits and _",
        ),
        ("key: event", "key: \nkeys: event", ("key",), "`key` is empty; it is a text"),
    ],
)
def test_a_wrong_shape_is_told_with_the_value_the_rule_and_the_remedy(faults, old, new, where, message):
    found = {fault.where: fault.message for fault in faults((old, new))}

    assert where in found, found
    assert message in found[where]


def test_all_that_is_wrong_is_told_in_one_go(faults):
    found = faults(("title: A call after the signature\n", ""), ("team: cs", "team: x"), ("to: csm", "ton: csm"))

    assert [fault.rule for fault in found] == ["missing_key", "shape", "unknown_key"]


@pytest.mark.parametrize("value", [None, [], "text", 3, {}, {"name": {}}, {"steps": [[]]}, {"start": [None]}])
def test_what_is_no_definition_at_all_is_told_too(value):
    shaped, found = read_shape(value)

    assert shaped is None
    assert found
    assert all(fault.message for fault in found)

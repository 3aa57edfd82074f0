"""YAML as people mean it, with a line for everything, and without its traps (F51)."""

import time

import pytest

from workflows.language.yaml_source import DEPTH_MAX, SourceRefused, read_source


def refusal(text):
    with pytest.raises(SourceRefused) as refused:
        read_source(text)
    return refused.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on: yes", {"on": "yes"}),
        ("no: off", {"no": "off"}),
        ("a: true", {"a": True}),
        ("a: True", {"a": "True"}),
        ("at: 2026-03-03T10:00:00Z", {"at": "2026-03-03T10:00:00Z"}),
        ("day: 2026-03-03", {"day": "2026-03-03"}),
        ("time: 10:30", {"time": "10:30"}),
        ("version: 1.0.0", {"version": "1.0.0"}),
        ("a: 010", {"a": "010"}),
        ("a: 0x1f", {"a": "0x1f"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 1e5", {"a": "1e5"}),
        ("a: -7", {"a": -7}),
        ("a: 1.5", {"a": 1.5}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: .nan", {"a": ".nan"}),
        ("1: b", {"1": "b"}),
        ("- [a, {b: c}]", [["a", {"b": "c"}]]),
        ("a: 'it''s'", {"a": "it's"}),
    ],
)
def test_words_stay_words_and_only_plain_numbers_are_numbers(text, value):
    assert read_source(text).value == value


def test_each_part_has_the_line_of_its_key_or_of_its_entry():
    source = read_source("# a comment\na:\n  - b: 1\n    c: >-\n      long\n      text\n  - d\ne: f\n")

    assert source.line_of(("a",)) == 2
    assert source.line_of(("a", 0, "b")) == 3
    assert source.line_of(("a", 0, "c")) == 4
    assert source.line_of(("a", 1)) == 7
    assert source.line_of(("e",)) == 8


def test_what_the_text_does_not_have_is_on_the_line_of_what_is_around_it():
    source = read_source("a: 1\nstart:\n  on: x\n")

    assert source.line_of(("start", 0, "on", 2)) == 3
    assert source.line_of(("start", "missing")) == 2
    assert source.line_of(("nowhere",)) == 1


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("", "empty", 1),
        ("# only a comment\n", "empty", 1),
        ("a: 1\nb: &x 2\n", "anchor", 2),
        ("a: &x 1\nb: *x\n", "anchor", 1),
        ("a: 1\n<<: {b: 2}\n", "plain_key", 2),
        ("a: 1\n? [b]\n: c\n", "plain_key", 2),
        ("a: 1\nb: !!python/object:os.system x\n", "tag", 2),
        ("a: !!int one\n", "tag", 1),
        ("a: !!binary aGk=\n", "tag", 1),
        ("a: 1\nb: 2\na: 3\n", "duplicate_key", 3),
        ("a: 1\nb:\n\tc: 2\n", "no_yaml", 3),
        ("a: 1\nb: 'open\n\n\n", "no_yaml", 2),
        ("a: 1\n---\nb: 2\n", "no_yaml", 2),
        ("a: \x00", "no_yaml", 1),
        ("a: b: c", "no_yaml", 1),
        ("%TAG ! tag:x,1:\n--- !y z\n", "tag", 2),
    ],
)
def test_the_traps_of_yaml_are_refused_with_their_line(text, rule, line):
    refused = refusal(text)

    assert (refused.rule, refused.line) == (rule, line)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "- " * 100_000, "{a: " * 50_000, "a: " + "[" * (DEPTH_MAX + 1), "? " * 50_000]
)
def test_blocks_without_end_are_refused_at_once(text):
    began = time.monotonic()

    assert refusal(text).rule in ("depth", "no_yaml")

    assert time.monotonic() - began < 2


def test_a_text_that_would_grow_without_bound_is_refused_at_its_first_anchor():
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]

    assert refusal("\n".join(lines)).rule == "anchor"

"""Conditions: what they read, what they give when something is not known, and which are refused."""

from datetime import UTC, datetime

import pytest

from events.kinds import FieldKind
from workflows.language.conditions import (
    KNOWN_MAX,
    PATTERN_MAX,
    UNSET,
    ConditionFailed,
    ConditionRefused,
    Vocabulary,
    compile_condition,
)

KINDS = {
    "event.kind": FieldKind.STRING,
    "event.arr.amount": FieldKind.INT,
    "event.score": FieldKind.DOUBLE,
    "event.customer_initiated": FieldKind.BOOL,
    "event.at": FieldKind.TIMESTAMP,
    "event.products": FieldKind.STRINGS,
    "event.accounts": FieldKind.OBJECT,
    "account.tier": FieldKind.INT,
    "key": FieldKind.STRING,
}


def _getter(name):
    return lambda values: values.get(name, UNSET)


NAMES = Vocabulary({name: (kind, _getter(name)) for name, kind in KINDS.items()})


def compiled(source, wanted=FieldKind.BOOL):
    return compile_condition(source, NAMES, wanted)


def refusal(source, wanted=FieldKind.BOOL):
    with pytest.raises(ConditionRefused) as refused:
        compiled(source, wanted)
    return refused.value


# ------------------------------------------------------------ what it gives


@pytest.mark.parametrize(
    ("source", "values", "holds"),
    [
        ('event.kind == "new"', {"event.kind": "new"}, True),
        ('event.kind == "new"', {"event.kind": "renewal"}, False),
        ('event.kind in ["new", "new_product"]', {"event.kind": "new_product"}, True),
        ("event.arr.amount >= 100000", {"event.arr.amount": 120000}, True),
        ("event.score > 8.5", {"event.score": 8.4}, False),
        ("event.customer_initiated", {"event.customer_initiated": True}, True),
        ("size(event.products) > 1", {"event.products": ["a", "b"]}, True),
        ('event.products.exists(one, one == "a")', {"event.products": ["b", "a"]}, True),
        ('event.at > timestamp("2026-03-01T00:00:00Z")', {"event.at": datetime(2026, 3, 2, tzinfo=UTC)}, True),
        ('event.kind.matches("^new")', {"event.kind": "new_product"}, True),
        ('key == "C-1"', {"key": "C-1"}, True),
    ],
)
def test_a_condition_is_true_or_false_of_what_is_known(source, values, holds):
    assert compiled(source).value(values) is holds
    assert compiled(source).holds(values) is holds


@pytest.mark.parametrize("source", ["event.arr.amount > 3", "event.arr.amount <= 3", "!(event.arr.amount > 3)"])
def test_a_number_that_is_missing_makes_it_unknown_and_neither_true_nor_false(source):
    condition = compiled(source)

    assert condition.value({}) is UNSET
    assert condition.holds({}) is False


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('event.arr.amount > 3 || event.kind == "new"', True),
        ('event.arr.amount > 3 && event.kind == "old"', False),
    ],
)
def test_what_is_unknown_does_not_matter_where_the_rest_decides(source, value):
    assert compiled(source).value({"event.kind": "new"}) is value


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("1 / event.arr.amount == 1", {"event.arr.amount": 0}),
        ("event.arr.amount + 9223372036854775807 > 0", {"event.arr.amount": 1}),
        ('{"a": 1}[event.kind] == 1', {"event.kind": "b"}),
        ('event.products[3] == "a"', {"event.products": ["a"]}),
    ],
)
def test_what_cannot_be_computed_is_an_error_and_never_false(source, values):
    with pytest.raises(ConditionFailed) as failed:
        compiled(source).holds(values)

    assert source in str(failed.value)


def test_an_expression_gives_the_value_of_its_kind():
    both = compiled('event.kind + "/" + key', FieldKind.STRING)

    assert both.value({"event.kind": "new", "key": "C-1"}) == "new/C-1"


# ------------------------------------------------------------ what it reads


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ('event.kind == "event.arr.amount"', ("event.kind",)),
        ("event.kind == 'key'", ("event.kind",)),
        (r'event.kind == "a \" key \" b"', ("event.kind",)),
        ("event.kind == 'it\\'s' && account.tier == 1", ("event.kind", "account.tier")),
        (r"event.kind == r'\d' && account.tier == 1", ("event.kind", "account.tier")),
        ('event.kind == "// no comment" && account.tier == 1', ("event.kind", "account.tier")),
        ("event.kind == key // account.tier", ("event.kind", "key")),
        ('event.kind.startsWith("new")', ("event.kind",)),
        ("event.arr.amount > account.tier", ("event.arr.amount", "account.tier")),
    ],
)
def test_it_reads_the_names_outside_of_texts_and_comments(source, reads):
    assert compiled(source).reads == reads


@pytest.mark.parametrize("name", ["O'Brien", 'Jo "Joe" Doe', "a // b", "müller", "key"])
def test_texts_with_quotation_marks_and_signs_are_compared_as_they_are(name):
    quoted = '"' + name.replace('"', '\\"') + '"'

    assert compiled(f"event.kind == {quoted}").holds({"event.kind": name})


# ------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("source", "rule", "part"),
    [
        ("event.kinds == 'new'", "unknown_name", "did you mean event.kind?"),
        ("event.zzz == 'new'", "unknown_name", "known are event.arr.amount, event.at"),
        ("event.accounts == 'x'", "unknown_name", "'event.accounts'"),
        ("qqq", "unknown_name", "'qqq', which is not known here"),
        ("event.kind == 3", "wrong_type", "== does not fit (string, int)"),
        ("event.kind", "wrong_type", "gives STRING, and BOOL is needed here"),
        ("event.kind ==", "syntax", "at column"),
        ("event.kind == 'a", "syntax", ""),
        (")", "syntax", ""),
        ("event.kind == '''a'''", "syntax", "three times"),
        ("event.products.all(a, event.products.exists(b, a == b))", "comprehension", "(F47)"),
        ("event.products.map(a, event.products.filter(b, a == b)).size() > 1", "comprehension", "(F47)"),
        ("event.products.all(a, a != ')' && event.products.exists(b, a == b))", "comprehension", "(F47)"),
        ("event.kind.matches(key)", "pattern", "no plain text"),
        ("matches(event.kind, 'a')", "pattern", "write text.matches"),
        (f"event.kind.matches('{'a' * PATTERN_MAX}')", "pattern", "characters"),
    ],
)
def test_what_must_not_run_is_refused_with_its_rule(source, rule, part):
    refused = refusal(source)

    assert refused.rule == rule
    assert part in str(refused)
    assert source in str(refused)


def test_comprehensions_one_after_the_other_are_no_comprehension_in_a_comprehension():
    once = compiled("event.products.all(a, a != '') && event.products.exists(b, b.contains('('))")

    assert once.holds({"event.products": ["a", "(b)"]})


def test_a_macro_in_a_text_is_a_text():
    assert compiled("event.products.exists(a, a == '.map(x')").holds({"event.products": [".map(x"]})


def test_names_of_two_vocabularies_are_joined_and_the_later_wins():
    later = Vocabulary({"key": (FieldKind.INT, lambda _values: 7)})

    assert compile_condition("key == 7 && event.kind == 'a'", NAMES + later).holds({"event.kind": "a"})


# ------------------------------------------------------------ what it remembers


def test_what_was_answered_once_is_not_taken_for_the_answer_to_other_values():
    condition = compiled('event.kind == "new" && size(event.products) > 1 && event.arr.amount > 5')
    seen = {"event.kind": "new", "event.products": ["a", "b"], "event.arr.amount": 6}

    assert condition.holds(seen)
    assert condition.holds(seen)
    assert not condition.holds(seen | {"event.kind": "old"})
    assert not condition.holds(seen | {"event.products": ["ab"]})
    assert condition.value({"event.kind": "new", "event.products": ["a", "b"]}) is UNSET
    assert condition.holds(seen)


def test_a_condition_that_fails_fails_every_time():
    condition = compiled("10 / event.arr.amount > 1")
    for _ in range(2):
        with pytest.raises(ConditionFailed):
            condition.value({"event.arr.amount": 0})
    assert condition.holds({"event.arr.amount": 2})


def test_it_remembers_no_more_than_a_bounded_number_of_answers():
    condition = compiled("event.arr.amount > 5")

    found = [condition.value({"event.arr.amount": amount}) for amount in range(2 * KNOWN_MAX + 9)]

    assert found == [amount > 5 for amount in range(2 * KNOWN_MAX + 9)]
    assert 0 < len(condition._known) <= KNOWN_MAX


def test_two_zeros_are_not_one():
    condition = compiled("1.0 / event.score > 0.0")

    assert [condition.holds({"event.score": score}) for score in (0.0, -0.0)] == [True, False]

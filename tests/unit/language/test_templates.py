"""Texts with places: what is filled in, and what is refused."""

import pytest

from events.kinds import FieldKind
from workflows.language.conditions import UNSET, ConditionRefused, Vocabulary
from workflows.language.templates import compile_template, plain

NAMES = Vocabulary(
    {
        "account.name": (FieldKind.STRING, lambda values: values.get("name", "")),
        "event.at": (FieldKind.TIMESTAMP, lambda values: values.get("at", UNSET)),
        "account.tier": (FieldKind.INT, lambda values: values.get("tier", UNSET)),
        "event.products": (FieldKind.STRINGS, lambda values: values.get("products", [])),
    }
)


def filled(text, **values):
    return compile_template(text, NAMES).fill(values, lambda form, value: f"<{form} {value:%Y-%m-%d}>")


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("nothing to fill", {}, "nothing to fill"),
        ("Call {account.name}", {"name": "Acme"}, "Call Acme"),
        ("{account.name}", {"name": "O'Brien & Söhne"}, "O'Brien & Söhne"),
        ("{account.name} is of tier {account.tier}.", {"name": "Acme", "tier": 1}, "Acme is of tier 1."),
        ("tier {account.tier}", {}, "tier unknown"),
        ("for {account.name}", {}, "for unknown"),
        ("{1 / account.tier}", {"tier": 0}, "unknown"),
        ("uses {event.products}", {"products": ["a", "b"]}, "uses a, b"),
        ('{account.tier == 1 ? "first" : "other"} tier', {"tier": 1}, "first tier"),
    ],
)
def test_places_are_filled_and_what_is_not_known_reads_as_unknown(text, values, expected):
    assert filled(text, **values) == expected


def test_a_time_is_written_in_the_form_that_is_asked_for(march):
    assert filled("by {event.at | date}", at=march) == "by <date 2026-03-03>"
    assert filled("by {event.at|bd}", at=march) == "by <bd 2026-03-03>"


def test_a_time_without_a_form_reads_as_people_write_it(march):
    assert filled("by {event.at}", at=march) == "by 2026-03-03 10:00 UTC"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{account.nam}", "unknown_name"),
        ("{account.name | money}", "unknown_form"),
        ("{account.name | date}", "wrong_type"),
        ("{account.name", "brace"),
        ("account.name}", "brace"),
        ("{}", "brace"),
        ('{account.name == "" || account.tier == 1}', "brace"),
    ],
)
def test_a_place_that_cannot_be_filled_is_refused_and_never_shown_to_a_customer(text, rule):
    with pytest.raises(ConditionRefused) as refused:
        compile_template(text, NAMES)

    assert refused.value.rule == rule


@pytest.mark.parametrize(("value", "words"), [("a", "a"), (3, "3"), (["a", "b"], "a, b"), ([], "")])
def test_a_value_reads_as_a_person_writes_it(value, words):
    assert plain(value) == words

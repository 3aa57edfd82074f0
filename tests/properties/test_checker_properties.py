"""Whatever stands in a definition file, the checker answers with findings (F47, F51)."""

from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflows.language.checker import check_text
from workflows.language.rules import RULES
from workflows.language.words import describe
from workflows.language.yaml_source import read_source

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [file.read_text() for file in sorted((ROOT / "workflows" / "definitions").rglob("*.yaml"))]
VALUES = [read_source(text).value for text in TEXTS]

WORDS = st.sampled_from(
    [
        "on",
        "T1",
        "A2",
        "T3'",
        "start",
        "1bd",
        "3",
        "csm",
        "event.x",
        "key",
        "{",
        "'",
        "",
        "true",
        "accepted",
        "2026-03-03",
    ]
)
TYPES = st.sampled_from(["sales.contract.signed", "task.completed", "product.incident.opened", "people.user.left"])
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**20)
    | st.floats(allow_nan=False)
    | WORDS
    | TYPES
    | st.text(max_size=12)
)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

patient = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def answer(text):
    """Check a text and look at the answer: it is one or the other, and each finding can be shown."""
    checked = check_text(text, "some/file.yaml")
    assert (checked.definition is None) == bool(checked.findings)
    assert checked.findings == sorted(checked.findings)
    for finding in checked.findings:
        assert finding.rule in RULES
        assert 1 <= finding.line <= text.count("\n") + 2
        assert finding.message
    return checked


@patient
@given(st.text(max_size=400))
def test_any_text_is_answered(text):
    answer(text)


@patient
@given(ANYTHING)
def test_any_yaml_is_answered(value):
    answer(yaml.safe_dump(value, allow_unicode=True))


@patient
@given(st.data())
def test_a_definition_in_which_anything_was_put_anywhere_is_answered(data):
    value = data.draw(st.sampled_from(VALUES).map(lambda one: yaml.safe_load(yaml.safe_dump(one))))
    for _ in range(data.draw(st.integers(1, 3))):
        _change(value, data)

    answer(yaml.safe_dump(value, allow_unicode=True))


@patient
@given(st.sampled_from(TEXTS), st.data())
def test_a_definition_with_a_slip_of_the_pen_is_answered(text, data):
    at = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 6))
    slip = data.draw(st.text(max_size=4) | WORDS)

    answer(text[:at] + slip + text[at + length :])


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TEXTS), st.data())
def test_what_may_run_can_be_told(text, data):
    lines = text.splitlines()
    gone = data.draw(st.integers(0, len(lines) - 1))
    checked = check_text("\n".join(lines[:gone] + lines[gone + 1 :]), "words")

    if checked.definition is not None:
        assert describe(checked.definition).timeline


def _change(value, data):
    """Put something else at a random place, take a part out, or copy one part over another."""
    holder, key = _place(value, data)
    match data.draw(st.sampled_from(["put", "take", "copy", "add"])):
        case "put":
            holder[key] = data.draw(ANYTHING)
        case "take":
            del holder[key]
        case "copy":
            other, from_key = _place(value, data)
            if from_key in other if isinstance(other, dict) else from_key < len(other):
                copied = yaml.safe_load(yaml.safe_dump(other[from_key]))
                if isinstance(holder, dict) or key < len(holder):
                    holder[key] = copied
        case _:
            if isinstance(holder, dict):
                holder[data.draw(WORDS)] = data.draw(ANYTHING)
            else:
                holder.append(data.draw(ANYTHING))


def _place(value, data):
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = data.draw(st.sampled_from(keys))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 3)) == 0:
            return value, key
        value = inner

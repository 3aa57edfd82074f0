"""What a backtest says: nothing where nothing is different, else the very difference of two runs of simulate."""

import json
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from events.parsing import parse_event
from nofumble.backtest.backtest import Given, Question, answer
from nofumble.backtest.histories import FileHistory
from nofumble.sample import quarter
from nofumble.wiring import (
    SHIPPED,
    check_definitions,
    definition_files,
    load_definitions,
    read_definitions,
)
from workflows.backtesting.course import OPENED
from workflows.backtesting.in_force import always
from workflows.backtesting.result import Result
from workflows.directory import Directory, directory_from
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.simulation import Arrival, OutLine, World, simulate

NOW = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 4, 5, tzinfo=UTC)
EVERYBODY = Directory()


def arrivals(seed: int = 7, accounts: int = 40) -> list[Arrival]:
    events = (parse_event(json.dumps(one), now=NOW) for one in quarter(seed=seed, accounts=accounts))
    return [Arrival(one, one.recorded_at or one.time) for one in events]


@pytest.fixture(scope="module")
def events() -> list[Arrival]:
    return arrivals()


@pytest.fixture(scope="module")
def few() -> list[Arrival]:
    return arrivals(seed=8, accounts=12)


@pytest.fixture(scope="module")
def changed(events: list[Arrival], shipped: list[Definition], shorter: list[Definition]) -> Result:
    return asked(Question(FileHistory(events, EVERYBODY, END), given(shipped), given(shorter)))


@pytest.fixture(scope="module")
def shipped() -> list[Definition]:
    return load_definitions()


def rewritten(name: str, old: str, new: str) -> list[Definition]:
    """Return the shipped definitions, one of them with other words."""
    texts = [
        (text.replace(old, new, 1) if file.endswith(f"/{name}.yaml") else text, file)
        for text, file in read_definitions(definition_files([SHIPPED]))
    ]
    changed = check_definitions(texts)
    assert Library(changed).hash != Library(load_definitions()).hash
    return changed


@pytest.fixture(scope="module")
def shorter() -> list[Definition]:
    return rewritten("signature_to_kickoff", "within: 3bd", "within: 2bd")


def given(definitions: list[Definition], directory: Directory = EVERYBODY) -> Given:
    return Given(always(definitions), "these", directory, "org.yaml", "0")


@contextmanager
def silent(_what: str, _count: int) -> Iterable[Callable[[int], None]]:
    yield lambda _: None


def asked(question: Question) -> Result:
    return answer(question, name="t", now=NOW, processes=1, progress=silent)


def told_by_simulate(events: list[Arrival], definitions: list[Definition]) -> dict[str, tuple[object, ...]]:
    """Return what comes to people and when, as `simulate` tells it: by id, the first line of each."""
    found: dict[str, tuple[object, ...]] = {}
    for out in simulate(events, World(Library(definitions), EVERYBODY), END):
        if out.line.type in OPENED:
            found.setdefault(_name_of(out), (out.line.at, out.line.data.get("due"), str(out.line.data.get("to"))))
    return found


def _name_of(out: OutLine) -> str:
    data = out.line.data
    return f"{data['of']}/{data['rung']}" if out.line.type == "escalation.raised" else data["id"]


def test_the_active_definitions_against_themselves_are_no_difference(events, shipped):
    result = asked(Question(FileHistory(events, EVERYBODY, END), given(shipped), given(shipped)))

    assert result.rows.differences == []
    assert result.before.work == result.after.work > 1_000
    assert all(one.before == one.after for one in result.rows.workflows)
    assert all(one.before == one.after for one in (*result.rows.people, *result.rows.overlaps, *result.rows.days))


def test_a_changed_deadline_gives_the_very_difference_of_two_runs_of_simulate(changed, events, shipped, shorter):
    former, latter = told_by_simulate(events, shipped), told_by_simulate(events, shorter)
    by_how: dict[str, set[str]] = {how: set() for how in ("gained", "lost", "moved", "changed")}
    for one in changed.rows.differences:
        by_how[one.how].add(one.piece.id)
    assert by_how["gained"] == latter.keys() - former.keys() != set()
    assert by_how["lost"] == former.keys() - latter.keys()
    assert by_how["moved"] == {name for name in former.keys() & latter.keys() if former[name] != latter[name]} != set()
    assert {one.workflow for one in changed.rows.differences} == {"signature_to_kickoff"}
    for one in changed.rows.differences:
        piece = one.piece
        assert latter[piece.id][0] == piece.told_at
        assert one.before is None or former[piece.id][0] == one.before.told_at


def test_the_figures_add_up_to_the_differences(changed):
    rows = changed.rows

    counts = [sum(one.how == how for one in rows.differences) for how in ("gained", "lost", "moved", "changed")]
    assert counts[0] > 0
    for part in (rows.workflows, rows.weeks):
        assert [sum(getattr(one, how) for one in part) for how in ("gained", "lost", "moved", "changed")] == counts
    before, after = (sum(getattr(one, side).alerts for one in rows.workflows) for side in ("before", "after"))
    assert after - before == counts[0]  # what a shorter deadline adds are alerts


def test_a_period_has_what_went_out_in_it_on_either_side(few, shipped, shorter):
    history = FileHistory(few, EVERYBODY, END)
    everything = asked(Question(history, given(shipped), given(shorter))).rows.differences
    since = sorted(one.piece.told_at for one in everything)[1]

    part = asked(Question(history, given(shipped), given(shorter), since)).rows.differences

    assert part == [
        one for one in everything if any(piece and piece.told_at >= since for piece in (one.before, one.after))
    ]
    assert 0 < len(part) < len(everything)


def test_a_smaller_budget_is_more_days_over_it_and_no_other_work(few, shipped):
    poor = directory_from({"budgets": {"notices_per_day": 1}})

    result = asked(Question(FileHistory(few, EVERYBODY, END), given(shipped), given(shipped, poor)))

    over = [(one.over_before, one.over_after) for one in result.rows.days]
    assert result.rows.differences == []
    assert sum(after for _, after in over) > sum(before for before, _ in over)
    assert all(one.day.weekday() < 5 for one in result.rows.days)
    assert all(isinstance(one.day, date) for one in result.rows.days)


def test_a_holiday_more_moves_what_would_fall_on_it(few, shipped):
    closed = directory_from({"holidays": ["2026-01-21"]})

    found = asked(Question(FileHistory(few, EVERYBODY, END), given(shipped), given(shipped, closed))).rows.differences

    due = [one for one in found if "due" in one.what and one.before and one.before.due]
    assert due
    assert {one.how for one in due} == {"moved"}
    assert not any(one.after and one.after.due and one.after.due.date() == date(2026, 1, 21) for one in due)


def test_a_workflow_that_is_off_loses_all_its_work(few, shipped):
    off = [
        replace(one, source=one.source.model_copy(update={"mode": "off"})) if one.name == "culture_note" else one
        for one in shipped
    ]

    result = asked(Question(FileHistory(few, EVERYBODY, END), given(shipped), given(off)))

    lost = [one for one in result.rows.differences if one.workflow == "culture_note"]
    row = next(one for one in result.rows.workflows if one.workflow == "culture_note")
    assert lost
    assert {one.how for one in lost} == {"lost"}
    assert (row.after.fires, row.lost) == (0, len(lost))
    assert row.before.fires > 0

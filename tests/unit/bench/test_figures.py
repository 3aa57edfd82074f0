"""Given what was measured, then figures are shown and written in the shape that checks rely on."""

import json

import pytest

from bench.__main__ import MEASUREMENTS, WRONG_ANSWER, WRONG_USE, exit_code, main
from bench.figures import ABSENT, FIGURES, Check, Figure, Findings, Measured, Target, chosen
from bench.results import line, notes, results, rounded, write

FOLD = FIGURES[0]
FOUND = Findings(
    figures=[
        Measured("fold_events_per_s", [61_000.4, 80_123.0, 79_000.0], "on a core"),
        Measured("restart_seconds", [1.234]),
    ],
    checks=[Check("fold", 146_716, 146_716)],
    absent={"kafka_events_per_s": "comes with the Kafka runtime"},
)


def written(found=FOUND):
    return results(found, machine={"cores": 2}, versions={"python": "3.11"}, is_quick=True, took_s=12.34)


def test_the_results_have_machine_figures_and_absent_by_name():
    said = written()

    assert said["machine"] == {"cores": 2, "versions": {"python": "3.11"}}
    assert said["figures"] == {"fold_events_per_s": 79_000, "restart_seconds": 1.23}
    assert said["absent"] == {"kafka_events_per_s": "comes with the Kafka runtime"}


def test_the_details_tell_every_run_and_whether_the_target_holds():
    said = written()["details"]["fold_events_per_s"]

    assert said == {
        "unit": "events/s",
        "target": ">= 75,000",
        "holds": True,
        "runs": [61_000, 80_123, 79_000],
        "note": "on a core",
    }


def test_what_is_written_can_be_read_back(tmp_path):
    write(written(), tmp_path / "results.json")

    assert json.loads((tmp_path / "results.json").read_text()) == written()


def test_a_line_names_value_unit_target_and_whether_it_holds():
    assert line(FOLD, Measured(FOLD.name, [70_000.0])).split() == [
        *("fold_events_per_s", "70,000", "events/s", ">=", "75,000", "missed"),
    ]
    assert line(FOLD, Measured(FOLD.name, [75_000.0])).endswith("holds")


def test_a_figure_without_a_target_has_no_verdict():
    assert line(Figure("intake_events_per_s", "events/s", "embedded"), Measured("x", [20_000.0])).endswith("events/s")


@pytest.mark.parametrize("figure", FIGURES, ids=lambda one: one.name)
def test_a_line_fits_into_eighty_columns(figure):
    assert len(line(figure, Measured(figure.name, [123_456.0]))) <= 80


def test_a_note_tells_how_far_the_runs_lie_apart():
    assert list(notes(FOUND)) == ["fold_events_per_s: 3 runs, 61,000 to 80,123, the median counts; on a core"]


@pytest.mark.parametrize(
    ("bound", "found", "holds"), [(">=", 5, True), (">=", 4.99, False), ("<=", 5, True), ("<=", 5.01, False)]
)
def test_a_target_is_at_least_or_at_most(bound, found, holds):
    assert Target(bound, 5).holds(found) is holds


@pytest.mark.parametrize(("value", "shown"), [(123_456.7, 123_457), (100.4, 100), (99.994, 99.99), (0.0123, 0.01)])
def test_a_value_is_rounded_to_what_can_be_trusted(value, shown):
    assert rounded(value) == shown


def test_findings_cross_from_one_process_to_another_as_json():
    assert Findings.from_json(json.loads(json.dumps(FOUND.as_json()))) == FOUND


def test_a_missed_target_is_no_failure_and_a_wrong_answer_is_one():
    slow = Findings([Measured("fold_events_per_s", [1.0])], [Check("fold", 3, 3)])
    wrong = Findings([Measured("fold_events_per_s", [1e6])], [Check("fold", 3, 4)])

    assert exit_code(slow) == 0
    assert exit_code(wrong) == WRONG_ANSWER
    assert wrong.checks[0].sentence == "fold: outputs 3 IS NOT reference 4"


def test_figures_are_chosen_by_their_name_or_by_that_of_their_measurement():
    assert [one.name for one in chosen(["restart_seconds"])] == ["restart_seconds"]
    assert [one.name for one in chosen(["late"])] == ["late_event_cost_ratio", "late_event_cost_ratio_5"]
    assert chosen([]) == list(FIGURES)


def test_a_name_that_is_none_is_wrong_use(capsys):
    assert main(["--only", "fold_events"]) == WRONG_USE
    assert "no figure is called fold_events" in capsys.readouterr().err


def test_every_figure_has_a_measurement_and_none_is_both_measured_and_absent():
    names = [one.name for one in FIGURES]

    assert {one.measurement for one in FIGURES} == set(MEASUREMENTS)
    assert len(set(names)) == len(names)
    assert not set(names) & set(ABSENT)

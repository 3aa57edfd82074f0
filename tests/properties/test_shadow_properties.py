"""What is in shadow changes nothing of what is active, and does what it would do if it were (R17)."""

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.folding import FEW, essences, run, said
from tests.properties.strategies import IN_TIME, TOO_LATE, company, happenings, library, world
from workflows.library import Library
from workflows.shadow import trial_of
from workflows.simulation import World

NAMES = st.sampled_from(sorted(library().definitions))
STORY = happenings(accounts=2, actions=True, lags=IN_TIME + TOO_LATE, most=24)


def others(name):
    return [one for one in library().definitions.values() if one.name != name]


@FEW
@given(STORY, NAMES, st.booleans())
def test_what_is_active_says_the_same_with_and_without_a_version_in_shadow(drawn, name, has_active):
    active = [*others(name), *([library().definitions[name]] if has_active else [])]
    shadow = library().definitions[name].in_mode("shadow")

    without = run(world(2, definitions=Library(active)), drawn)
    beside = run(world(2, definitions=Library([*active, shadow])), drawn)

    assert said(beside) == said(without)
    assert essences(beside) == essences(without)


@FEW
@given(STORY, NAMES)
def test_a_version_in_shadow_that_says_the_same_is_found_to_do_the_same(drawn, name):
    definitions = Library([*others(name), library().definitions[name], library().definitions[name].in_mode("shadow")])
    went = [(one.account, one.line) for one in run(world(2, definitions=definitions), drawn).lines()]
    instead = [
        (one.account, one.line) for one in run(world(2, definitions=definitions.with_shadow(name)), drawn).lines()
    ]

    trial = trial_of(definitions.shadows[name], went, instead)

    assert {one.kind for one in trial.differences} <= {"same"}
    assert all(line.data["shadow"] == trial.definition.source.version for _, line in trial.lines)


def test_what_runs_in_shadow_only_brings_no_world_to_life():
    only = Library([one.in_mode("shadow") for one in library().definitions.values()])

    assert not only.definitions
    assert list(World(only, company()).lines()) == []

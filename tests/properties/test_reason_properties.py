"""Whatever happens to an account, its past folds to it, and what `why` and `why-not` say of it comes true."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties.folding import FEW, essence, run
from tests.properties.random_definitions import definitions
from tests.properties.strategies import IN_TIME, MONDAY, TOO_LATE, happenings, world
from tests.properties.test_random_definitions import STORIES
from workflows.library import Library
from workflows.reasons.changes import changed_past
from workflows.reasons.past import past_of
from workflows.reasons.why import why
from workflows.reasons.why_not import why_not

pytestmark = pytest.mark.usefixtures("snapshots")

LAGS = IN_TIME + TOO_LATE
DAYS = st.integers(0, 40)


def past(definition, drawn, days, *, declares_sources=False):
    """Fold what was drawn, and take the past out of the account."""
    until = MONDAY + timedelta(days=days)
    found = run(world(definitions=Library([definition]), declares_sources=declares_sources), drawn, until=until)
    history = found.histories["acme"]
    return past_of(history, max(until, found.now)), history


@FEW
@given(definitions(), happenings(stories=STORIES, actions=True, lags=LAGS, most=25), DAYS, st.booleans())
def test_the_past_of_an_account_folds_to_the_account(definition, drawn, days, declares_sources):
    found, history = past(definition, drawn, days, declares_sources=declares_sources)
    history.advance(found.until)

    assert essence(found.fold().state) == essence(history.state)


@FEW
@given(definitions(), happenings(stories=STORIES, actions=True, lags=IN_TIME, most=25), DAYS, st.data())
def test_work_is_gone_without_what_its_counterfactual_leaves_out(definition, drawn, days, data):
    found, _ = past(definition, drawn, days)
    folded = found.fold()
    assume(folded.work)
    name = data.draw(st.sampled_from(sorted(folded.work)))

    reason = why(found, name, folded)

    left = found.without((one.source, one.event) for one in reason.counterfactual.without).fold()
    assert reason.steps
    assert (name not in left.work) == reason.counterfactual.gone


@FEW
@given(definitions(), happenings(stories=STORIES, actions=True, lags=LAGS, most=12), DAYS, st.booleans())
def test_what_did_not_begin_begins_with_the_change_that_is_named(definition, drawn, days, declares_sources):
    found, _ = past(definition, drawn, days, declares_sources=declares_sources)

    reason = why_not(found, definition)

    begun = {run.workflow for run in found.fold().state.runs.values()}
    assert reason.fired == bool(begun)
    assert reason.fired or reason.stop is not None
    if reason.changes:
        changed = changed_past(found, reason.changes).fold()
        assert definition.name in {run.workflow for run in changed.state.runs.values()}

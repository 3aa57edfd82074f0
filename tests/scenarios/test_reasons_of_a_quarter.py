"""Given the made-up quarter, then all of its work says why it exists, and whatever did not begin says why not.

Each answer is put to the proof: the event that is named is left out, and the work is gone; the change that is named is
applied as `simulate --change` does, and the workflow begins. All work is asked. Of what did not begin, a drawn part is:
`make test ARGS="tests/scenarios/test_reasons_of_a_quarter.py --whole-quarter"` asks all of it.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from random import Random

import msgspec
import pytest

from events.parsing import parse_event
from nofumble.cli.simulate import fold, with_changes
from nofumble.sample import quarter
from nofumble.wiring import load_definitions, load_directory
from workflows.account import evidence_of_item
from workflows.library import Library
from workflows.reasons.changes import end_of, read_changes
from workflows.reasons.past import past_of
from workflows.reasons.why import ESCALATION, line_id, why
from workflows.reasons.why_not import why_not
from workflows.simulation import Arrival, World

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SEED = 14
DRAWN = 20
"""Pairs of account and workflow that are asked unless all are; the whole has more than eight hundred."""

BEGUN_AS_WELL = {
    "loyalty_bank": "its key is the state of the balance: any later posting below zero would have opened the same run",
    "advocacy_moment": "its key is the quarter: the next good word in it would have opened the same run",
    "account_nps": "its key is the wave: the next answer in it would have opened the same run",
    "contact_balance": "its key is the month: the silence would have counted from the word before",
    "adoption_drop": "its key is the product: the drop would have counted from another day",
    "expansion_together": "its key is the half year: the seats would have counted from another day",
    "promo_suppression": "its key is campaign and contact: the mail alone would have opened the same run",
}
"""Where leaving out the first event alone leaves the same run, on other evidence: workflow → why that is right."""

NO_SMALL_CHANGE = {
    "adoption_drop": "use falls over weeks; where the contract lapses meanwhile, the drop is folded into that (R16)",
    "owner_return": "her delegate must still have something open when she returns, hers or begun meanwhile",
    "expansion_together": "several guards on how the account stands must turn at once: value, promoters and the ledger",
}
"""Where no change is named, at no more than a few accounts: workflow → why."""


@pytest.fixture(scope="module")
def arrivals():
    events = [parse_event(json.dumps(envelope), now=NOW) for envelope in quarter()]
    return [Arrival(event, event.recorded_at or event.time) for event in events]


@pytest.fixture(scope="module")
def world(arrivals):
    found = World(Library(load_definitions()), load_directory())
    fold(arrivals, found, None)
    return found


@pytest.fixture(scope="module")
def pasts(world):
    return {account: past_of(history, world.now) for account, history in world.histories.items()}


@pytest.fixture(scope="module")
def folds(pasts):
    return {account: past.fold() for account, past in pasts.items()}


def test_a_past_folds_to_the_very_work_of_its_account(world, folds):
    for account, history in world.histories.items():
        assert folds[account].state == history.state


def test_all_work_names_events_that_exist_and_is_gone_without_the_first_of_them(pasts, folds):
    left_out = {}
    remains = Counter()
    for account, folded in folds.items():
        past = pasts[account]
        for item in folded.work.values():
            evidence = evidence_of_item(item)
            assert evidence.pattern, f"{item.id} of {item.workflow} names no event"
            assert all(past.find(step.event, step.source) for step in evidence.pattern)
            first = evidence.pattern[0]
            named = (account, first.source, first.event)
            if named not in left_out:
                left_out[named] = past.without([named[1:]]).fold().work
            there = left_out[named].get(item.id)
            if there is not None:
                assert evidence_of_item(there).events != evidence.events
                remains[item.workflow] += 1

    assert sum(len(folded.work) for folded in folds.values()) > 1000
    assert set(remains) <= set(BEGUN_AS_WELL), f"work of {remains} is there without its first event"
    assert sum(remains.values()) < 60


def test_where_another_event_would_have_begun_the_same_the_counterfactual_names_that_one_too(pasts, folds):
    asked = [
        (account, item)
        for account, folded in folds.items()
        for item in folded.work.values()
        if item.workflow in BEGUN_AS_WELL
    ]
    for account, item in Random(SEED).sample(asked, 25):
        past = pasts[account]
        prevented = why(past, item.id, folds[account]).counterfactual

        assert prevented.gone
        assert item.id not in past.without((one.source, one.event) for one in prevented.without).fold().work


def test_a_rung_of_a_ladder_is_gone_without_what_began_its_task(pasts, folds):
    rungs = [(account, line) for account, folded in folds.items() for line in folded.lines if line.type == ESCALATION]
    for account, line in Random(SEED).sample(rungs, 10):
        past = pasts[account]
        found = why(past, line_id(past, line), folds[account])

        assert (found.kind, found.of, found.opened_at) == ("escalation", line.data["of"], line.at)
        left = past.without((one.source, one.event) for one in found.counterfactual.without).fold()
        assert found.id not in {line_id(past, one) for one in left.lines if one.type == ESCALATION}


def test_whatever_did_not_begin_says_why_and_begins_with_the_change_that_is_named(world, arrivals, pasts, pytestconfig):
    definitions = {one.name: one for one in load_definitions()}
    pairs = [
        (account, name)
        for account, history in sorted(world.histories.items())
        for name in definitions
        if name not in {run.workflow for run in history.state.runs.values()}
    ]
    assert len(pairs) > 800
    if not pytestconfig.getoption("--whole-quarter"):
        pairs = Random(SEED).sample(pairs, DRAWN)
    unchanged = Counter()
    for account, name in pairs:
        found = why_not(pasts[account], definitions[name])

        assert not found.fired
        assert found.stop is not None
        assert found.sentence
        if not found.changes:
            unchanged[name] += 1
            continue
        changes = read_changes(msgspec.json.encode(found))
        assert begins(account, name, of_account(arrivals, account, world), changes), (
            f"{name} at {account}: {found.words}"
        )

    assert set(unchanged) <= set(NO_SMALL_CHANGE)
    assert sum(unchanged.values()) <= 3


def of_account(arrivals, account, world):
    """Give the events of one account, and those that concern no single one."""
    return [one for one in arrivals if one.event.subject == account or one.event.subject not in world.histories]


def begins(account, name, arrivals, changes):
    """Simulate with the changes, and tell whether the workflow begins at the account."""
    world = World(Library(load_definitions()), load_directory())
    folded = fold(with_changes(arrivals, changes, now=NOW), world, end_of(changes))
    started = [one for one in folded.lines if one.line.type == "workflow.started"]
    return any(one.account == account and one.line.data["workflow"] == name for one in started)

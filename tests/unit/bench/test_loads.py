"""Given the loads of the bench, then they are the same each time, valid, and the engine's answer is the reference's."""

import json
from datetime import timedelta

import pytest

from bench.measure_fold import PEERS, arrivals_of, four_workflows
from bench.measure_late import LATE_MAX, make_late
from bench.memory_fold import MemoryFold, people_of
from bench.peers_work import peers_work, reference_counts, registrations
from bench.sizes import FULL, QUICK
from bench.standard_mix import FOUR_WORKFLOWS, standard_mix
from bench.stored_accounts import DUE_AT, WAITING, account_name, signature, waiting_state
from events.parsing import LATEST, parse_event
from nofumble.wiring import load_definitions, load_directory
from workflows.account import decode
from workflows.people import DIRECTORY_EVENTS


@pytest.fixture(scope="module")
def mix():
    return [json.loads(raw) for raw in standard_mix(2)]


def test_the_fold_gives_as_many_outputs_as_the_reference_loop():
    raws = list(peers_work(3_000, accounts=30))
    world = MemoryFold(load_definitions(PEERS), load_directory())

    world.fold(arrivals_of(registrations(30)))
    world.fold(arrivals_of(raws))
    world.finish(list(arrivals_of(raws[-1:])))

    assert world.outputs == reference_counts(raws).outputs


def test_the_standard_mix_comes_in_order_of_arrival_with_ids_of_its_own(mix):
    arrivals = [told["recordedtime"] for told in mix]
    keys = {(told["source"], told["id"]) for told in mix}

    assert arrivals == sorted(arrivals)
    assert len(keys) == len(mix)


def test_the_copies_of_the_standard_mix_share_their_people_and_no_account(mix):
    people = [told["subject"] for told in mix if told["type"] == "people.person.registered"]
    accounts = {told["subject"] for told in mix if told["type"] == "account.registered"}

    assert len(set(people)) == len(people)
    assert len(accounts) == 2 * 40
    assert {account.rpartition("-")[2] for account in accounts} == {"0", "1"}


def test_the_standard_mix_is_valid_and_gives_work(mix):
    raws = [json.dumps(told).encode() for told in mix]
    people, arrivals = people_of(arrivals_of(raws))
    world = MemoryFold(four_workflows(), load_directory(), people)

    world.fold(arrivals)

    assert all(one.event.type in DIRECTORY_EVENTS for one in people)
    assert len(people) + len(arrivals) == len(mix)
    assert world.outputs > 0


def test_the_four_workflows_are_there():
    assert tuple(one.name for one in four_workflows()) == FOUR_WORKFLOWS


def test_late_events_come_up_to_two_days_later_and_all_in_order_of_arrival():
    arrivals = list(arrivals_of(peers_work(4_000, accounts=50)))

    mixed = make_late(arrivals, 5)

    late = [one for one in mixed if one.arrived_at != one.event.time]
    assert [one.arrived_at for one in mixed] == sorted(one.arrived_at for one in mixed)
    assert all(timedelta() <= one.arrived_at - one.event.time <= LATE_MAX for one in late)
    assert 0.04 < len(late) / len(mixed) < 0.06
    assert make_late(arrivals, 5) == mixed


def test_the_waiting_state_has_one_contract_due_and_fits_any_account():
    state = decode(waiting_state(3).state)
    timers = sorted(due for instance in state.instances.values() for due in instance.timers.values())

    assert timers == [DUE_AT, DUE_AT + timedelta(hours=1), DUE_AT + timedelta(hours=2)]
    assert len(account_name(0)) == len(account_name(9_999_999))


def test_the_definition_that_waits_is_checked_like_any_other():
    assert [one.name for one in load_definitions(WAITING)] == ["long_wait"]


def test_a_signature_is_a_valid_event():
    event = parse_event(signature(account_name(1), "C-1", DUE_AT), now=LATEST)

    assert (event.type, event.subject, event.time) == ("sales.contract.signed", "acct-0000001", DUE_AT)


def test_the_quick_sizes_are_smaller_and_the_full_ones_are_those_of_the_targets():
    assert (FULL.events, FULL.accounts, FULL.waiting_accounts, FULL.stored_accounts) == (
        400_000,
        5_000,
        100_000,
        1_000_000,
    )
    assert QUICK.events < FULL.events
    assert QUICK.repeats == 1

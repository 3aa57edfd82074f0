"""Given the made-up quarter, then it is the same for the same seed, valid event for event, and has its stories."""

import json
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from events.parsing import parse_event
from nofumble.sample import STORIES, quarter
from nofumble.wiring import load_definitions, load_directory
from workflows.library import Library
from workflows.simulation import Arrival, World, simulate

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def envelopes():
    return quarter()


def world_of(definitions):
    return World(Library(definitions), load_directory())


def at(envelopes, account, event_type):
    return [e["time"] for e in envelopes if e["subject"] == account and e["type"] == event_type]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(envelopes):
    assert json.dumps(quarter()) == json.dumps(envelopes)
    assert json.dumps(quarter(seed=8)) != json.dumps(envelopes)


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_every_event_is_valid_and_has_an_id_of_its_own(seed):
    envelopes = quarter(seed=seed)

    events = [parse_event(json.dumps(envelope), now=NOW) for envelope in envelopes]

    assert len({(event.source, event.id) for event in events}) == len(events)
    assert 2_200 <= len(events) <= 3_200


def test_events_come_in_order_of_arrival_and_none_arrives_before_it_happens(envelopes):
    arrivals = [envelope["recordedtime"] for envelope in envelopes]

    assert arrivals == sorted(arrivals)
    assert all(envelope["time"] <= envelope["recordedtime"] for envelope in envelopes)


def test_some_events_arrive_a_day_late_and_none_after_the_allowed_three(envelopes):
    lags = [datetime.fromisoformat(e["recordedtime"]) - datetime.fromisoformat(e["time"]) for e in envelopes]

    assert 3 <= sum(lag.days >= 1 for lag in lags) <= 60
    assert max(lags).total_seconds() < 72 * 3600


def test_all_seven_teams_and_many_types_are_in_it(envelopes):
    teams = Counter(e["data"].get("actor", {}).get("team") for e in envelopes)
    types = {envelope["type"] for envelope in envelopes}

    assert {"sales", "cs", "support", "product", "marketing", "finance", "exec"} <= set(teams)
    assert len(types) >= 55
    assert len({e["subject"] for e in envelopes if e["type"] == "account.registered"}) == 40


def test_everybody_named_in_a_role_is_registered(envelopes):
    people = {e["subject"] for e in envelopes if e["type"] == "people.person.registered"}
    accounts = [e["data"] for e in envelopes if e["type"] == "account.registered"]
    roles = [role for e in envelopes if e["type"] == "people.person.registered" for role in e["data"]["roles"]]

    assert {person for account in accounts for person in account["roles"].values()} <= people
    assert len(roles) == len(set(roles))
    assert {"cco", "ceo", "cs_manager", "sales_manager", "product_lead", "marketing_lead", "exec_sponsor"} <= set(roles)


@pytest.mark.parametrize("seed", [7, 1, 99])
def test_northwind_waits_twelve_working_days_for_its_kickoff_and_alpine_six(seed):
    envelopes = quarter(seed=seed)

    assert at(envelopes, "northwind", "sales.contract.signed") == ["2026-01-20T10:00:00Z"]
    assert at(envelopes, "northwind", "sales.handoff.submitted") == ["2026-01-21T09:00:00Z"]
    assert at(envelopes, "northwind", "cs.kickoff.scheduled") == ["2026-02-04T09:20:00Z"]
    assert at(envelopes, "northwind", "cs.kickoff.held") == ["2026-02-05T11:00:00Z"]  # Tue 20 Jan + 12 working days
    assert at(envelopes, "alpine", "sales.contract.signed") == ["2026-01-13T10:00:00Z"]
    assert at(envelopes, "alpine", "cs.kickoff.held") == ["2026-01-21T13:00:00Z"]  # + 6


def test_harbour_is_offered_an_upsell_without_its_csm_and_at_lumen_the_copy_is_synced_late(envelopes):
    csm = {e["subject"]: e["data"]["roles"]["csm"] for e in envelopes if e["type"] == "account.registered"}
    harbour = [e for e in envelopes if e["subject"] == "harbour" and e["type"] == "sales.upsell.attempted"]
    lumen = [e for e in envelopes if e["subject"] == "lumen" and e["type"] == "sales.contact.logged"]

    assert csm["harbour"] not in harbour[0]["data"]["participants"]
    assert len(harbour) == 1
    assert [csm["lumen"] in e["data"]["participants"] for e in lumen] == [False, True]
    assert (lumen[1]["time"], lumen[1]["recordedtime"]) == ("2026-02-17T09:58:00Z", "2026-02-17T15:00:00Z")
    assert lumen[0]["data"]["thread_id"] == lumen[1]["data"]["thread_id"]
    assert lumen[1]["data"]["cc"] == [csm["lumen"]]


def test_the_request_of_quarry_is_acknowledged_late_and_lies_undecided(envelopes):
    tier = [e["data"]["tier"] for e in envelopes if e["type"] == "account.registered" and e["subject"] == "quarry"]

    assert tier == [1]
    assert at(envelopes, "quarry", "product.request.submitted") == ["2026-02-03T10:00:00Z"]
    assert at(envelopes, "quarry", "product.request.acknowledged") == ["2026-02-11T09:00:00Z"]  # + 6 working days
    assert at(envelopes, "quarry", "product.request.triaged") == ["2026-03-06T11:00:00Z"]  # + 23


def test_mistral_has_one_ticket_of_severity_one_that_is_mended_the_next_day(envelopes):
    opened = [e for e in envelopes if e["subject"] == "mistral" and e["type"] == "support.ticket.opened"]

    assert [e["data"]["severity"] for e in opened] == [1]
    assert at(envelopes, "mistral", "support.ticket.opened") == ["2026-03-03T10:00:00Z"]
    assert at(envelopes, "mistral", "support.ticket.resolved") == ["2026-03-04T15:00:00Z"]


def test_the_stories_are_told_of_accounts_that_are_there(envelopes):
    subjects = {envelope["subject"] for envelope in envelopes}

    assert {account for story in STORIES for account in story.accounts} <= subjects


def test_each_shipped_workflow_has_a_reason_to_begin():
    events = [parse_event(json.dumps(envelope), now=NOW) for envelope in quarter()]
    definitions = load_definitions()

    told = simulate((Arrival(event, event.recorded_at or event.time) for event in events), world_of(definitions))

    begun = {out.line.data["workflow"] for out in told if out.line.type == "workflow.started"}
    assert {one.name for one in definitions} - begun == set()


@pytest.mark.parametrize("seed", [7, 8])
def test_what_people_do_to_work_is_possible_when_they_do_it(seed):
    events = [parse_event(json.dumps(envelope), now=NOW) for envelope in quarter(seed=seed)]
    world = world_of(load_definitions())

    list(simulate((Arrival(event, event.recorded_at or event.time) for event in events), world))

    assert sum(event.type == "task.completed" for event in events) >= 10
    assert world.refused == []


@pytest.mark.parametrize(("accounts", "registered"), [(0, 6), (12, 12), (50, 50)])
def test_there_are_as_many_accounts_as_wanted_and_always_those_of_the_stories(accounts, registered):
    envelopes = quarter(accounts=accounts)

    assert sum(e["type"] == "account.registered" for e in envelopes) == registered


def test_another_start_moves_the_working_days_and_keeps_the_hours():
    envelopes = quarter(start=date(2025, 11, 1))  # a Saturday: day 0 is Monday 3 November

    assert at(envelopes, "northwind", "sales.contract.signed") == ["2025-11-18T10:00:00Z"]

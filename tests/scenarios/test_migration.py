"""What becomes of what runs and of what waits when another version comes into force, case by case (R17, F52)."""

from datetime import datetime

import pytest

from events.envelope import Event
from workflows.directory import directory_from
from workflows.language.compiler import compile_definition
from workflows.language.grammar import DefinitionSource
from workflows.language.yaml_source import read_source
from workflows.library import Library
from workflows.simulation import Arrival, World
from workflows.versions import Activation, Change, dropped_patterns

FIRST = """
name: call_back
title: Who signs is called
team: cs
version: 1.0.0
purpose: Who signs is called, and asked again.
start: {on: sales.contract.signed}
key: event.contract_id
steps:
  - {ref: T1, task: Call, to: csm, due: 2bd, done_by: {on: cs.contact.logged}}
  - {ref: T2, task: Ask, to: csm, due: 2bd, after: [T1], clock: trigger}
  - {ref: A1, alert: Nobody called, to: csm, severity: warn, absent: {on: cs.contact.logged, within: 3bd}}
pause: {from: {on: cs.kickoff.deferred}, until: {on: cs.kickoff.held}}
"""

QUIET = """
name: quiet
title: Who is silent is asked
team: cs
version: 1.0.0
purpose: Who is silent is asked.
start: {absent: {on: cs.contact.logged, within: 10d}}
key: event.id
steps:
  - {ref: T1, task: Ask, to: csm, due: 2bd}
"""


def version(text, *changes):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return compile_definition(DefinitionSource.model_validate(read_source(text).value))


def at(text):
    return datetime.fromisoformat(f"2026-03-{text}:00+00:00")


class Company:
    """One account, and a version that comes into force at noon of Tuesday the third."""

    def __init__(self, before, after=None, *, migrate=True, steps=None):
        change = Change(
            before.name,
            (after or before).source.version,
            (after or before).hash,
            "active" if after else "off",
            (before.hash, "active"),
            migrate=migrate,
            steps=steps or {},
            dropped=dropped_patterns(before, after),
        )
        later = Library([after] if after else [], former=[before])
        former = Library([before], former=[after] if after else [])
        self.world = World(former, directory_from({}), [(Activation(1, at("03T12:00"), changes=(change,)), later)])

    def hears(self, when, event_type, **data):
        event = Event(f"{event_type}-{when}", "/test", event_type, "acme", at(when), None, data)
        self.world.receive(Arrival(event, at(when)))

    def waits_until(self, when):
        self.world.advance(at(when))
        return self.state

    @property
    def state(self):
        return self.world.histories["acme"].state

    @property
    def said(self):
        return [(one.line.type, one.line.data) for one in self.world.lines()]

    def work(self, ref):
        return [f"{one.status} {one.due:%d}" for one in self.state.work.values() if one.ref == ref]

    @property
    def running_on(self):
        library = self.world.histories["acme"].moment.library
        return [library.by_hash[one.definition].source.version for one in self.state.instances.values()]


def signed(after, **more):
    company = Company(version(FIRST), after, **more)
    company.hears("03T10:00", "sales.contract.signed", contract_id="C-1")
    return company


SECOND = (("version: 1.0.0", "version: 2.0.0"),)


def test_what_is_out_stays_as_it_is_and_what_is_to_come_is_of_the_new_version():
    company = signed(version(FIRST, *SECOND, ("due: 2bd", "due: 4bd"), ("within: 3bd", "within: 5bd")))
    company.hears("04T10:00", "cs.contact.logged")

    assert company.running_on == ["2.0.0"]
    assert company.work("T1") == ["done 05"]
    assert company.work("T2") == ["proposed 10"]
    assert [data["to"] for line_type, data in company.said if line_type == "workflow.migrated"] == ["2.0.0"]


def test_without_migration_what_runs_goes_on_as_it_began():
    company = signed(version(FIRST, *SECOND, ("due: 2bd", "due: 4bd")), migrate=False)
    company.hears("04T10:00", "cs.contact.logged")

    assert company.running_on == ["1.0.0"]
    assert company.work("T2") == ["proposed 06"]


@pytest.mark.parametrize(("within", "until"), [("1d", "04T10:00"), ("5bd", "10T17:00")])
def test_a_clock_that_is_changed_counts_anew_from_where_it_counted(within, until):
    company = signed(version(FIRST, *SECOND, ("within: 3bd", f"within: {within}")))
    company.waits_until("03T13:00")

    (instance,) = company.state.instances.values()
    assert instance.timers["A1"] == at(until)


def test_a_clock_whose_new_time_is_past_runs_out_at_once():
    company = signed(version(FIRST, *SECOND, ("within: 3bd", "within: 1h")))
    company.waits_until("03T12:00")

    assert [one.opened_at for one in company.state.work.values() if one.ref == "A1"] == [at("03T12:00")]


def test_a_new_step_or_clock_begins_only_if_what_begins_it_is_still_to_come():
    more = """  - {ref: T3, task: Write, to: csm, due: 2bd}
  - {ref: T4, task: Thank, to: csm, due: 2bd, after: [T1], clock: trigger}
  - {ref: A2, alert: Nobody called for an hour, to: csm, severity: warn, absent: {on: cs.contact.logged, within: 1h}}
  - {ref: A3, alert: Nobody called for a week, to: csm, severity: warn, absent: {on: cs.contact.logged, within: 7d}}
"""
    company = signed(version(FIRST, *SECOND, ("pause:", f"{more}pause:")))
    company.waits_until("03T13:00")
    (instance,) = company.state.instances.values()
    assert {"A1", "A3"} <= instance.timers.keys()
    assert "A2" not in instance.timers

    company.hears("04T10:00", "cs.contact.logged")
    assert company.work("T3") == []
    assert company.work("T4") == ["proposed 06"]


def test_a_step_that_is_at_work_and_has_no_place_keeps_its_instance_where_it_is():
    company = signed(version(FIRST, *SECOND, ("T1", "T9")))
    company.hears("04T10:00", "cs.contact.logged")

    assert company.running_on == ["1.0.0"]
    assert company.work("T2") == ["proposed 06"]
    list(company.world.lines())
    (problem,) = company.world.refused
    assert "call_back/acme/C-1 keeps its version 1.0.0: T1 is at work and the new version has no such step" in (
        problem.reason
    )


def test_a_step_of_another_name_takes_its_work_over_and_nothing_is_doubled():
    company = signed(version(FIRST, *SECOND, ("T1", "T9")), steps={"T1": "T9"})
    company.hears("04T10:00", "cs.contact.logged")

    assert company.running_on == ["2.0.0"]
    assert company.work("T9") == ["done 05"]
    assert company.work("T1") == []
    assert company.work("T2") == ["proposed 06"]
    assert [line_type for line_type, _ in company.said].count("task.completed") == 1


def test_a_step_that_is_over_may_be_gone():
    company = Company(version(FIRST), version(FIRST, *SECOND, ("after: [T1]", "after: [T9]"), ("ref: T1", "ref: T9")))
    company.hears("03T10:00", "sales.contract.signed", contract_id="C-1")
    company.hears("03T11:00", "cs.contact.logged")
    company.waits_until("03T13:00")

    assert company.running_on == ["2.0.0"]
    assert company.work("T2") == ["proposed 05"]


def test_clocks_that_stand_still_go_on_as_the_version_says_that_stopped_them():
    company = Company(version(FIRST), version(FIRST, *SECOND))
    company.hears("03T10:00", "sales.contract.signed", contract_id="C-1")
    company.hears("03T11:00", "cs.kickoff.deferred")
    company.waits_until("03T13:00")

    assert company.running_on == ["1.0.0"]


def test_a_value_that_only_a_start_works_out_keeps_an_instance_where_it_is():
    company = signed(
        version(
            FIRST,
            *SECOND,
            ("steps:", "values: {who: start.contract_id}\nsteps:"),
            ("task: Ask", 'task: "Ask {value.who}"'),
        )
    )
    company.waits_until("03T13:00")

    assert company.running_on == ["1.0.0"]


def test_another_ladder_climbs_from_the_rung_that_was_reached():
    ladder = "due: 2bd, ladder: [{at: due, to: holder, severity: warn}], done_by"
    company = signed(version(FIRST, *SECOND, ("due: 2bd, done_by", ladder)))
    company.waits_until("20T13:00")

    rungs = [data["at"] for line_type, data in company.said if line_type == "escalation.raised"]
    assert rungs[0] == "due"


@pytest.mark.parametrize(
    ("after", "tasks"),
    [
        (version(QUIET, *SECOND, ("due: 2bd", "due: 4bd")), ["proposed 17"]),
        (version(QUIET, *SECOND, ("within: 10d", "within: 30d")), ["proposed 13"]),
        (version(QUIET, *SECOND, ("{absent: {on: cs.contact.logged, within: 10d}}", "{on: cs.contact.logged}")), []),
        (None, []),
    ],
    ids=["the same start", "another time", "another kind of start", "off"],
)
def test_what_waits_for_a_start_waits_on_where_there_is_one_of_its_kind(after, tasks):
    company = Company(version(QUIET), after)
    company.hears("01T10:00", "cs.contact.logged")
    company.waits_until("12T10:00")

    assert company.work("T1") == tasks
    assert after is None or company.running_on in ([], ["2.0.0"])

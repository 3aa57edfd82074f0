"""What a start pattern counts, undoes, waits for, and what the values make of it; each by a small definition."""

import pytest

from tests.scenarios.scenario import Story
from workflows.language.compiler import compile_definition
from workflows.language.grammar import DefinitionSource

CALLED, CHARGED = "cs.contact.logged", "finance.charge.added"
ALERT = {"ref": "A1", "alert": "{counted.by}|{value.sum}|{value.whom}", "to": "csm", "severity": "info"}
COMPANY = {"sources": {"/calls": {"produces": ["cs.contact.*"], "every": "15m"}}}


def story(start, organisation=None, **more):
    """A company whose only workflow starts so, and says in an alert what was found."""
    plain = {
        "name": "pattern",
        "title": "A start pattern",
        "team": "cs",
        "version": "1.0.0",
        "purpose": "See what it finds.",
        "start": start,
        "key": "event.id",
        "steps": [{"ref": "A1", "alert": "it is so", "to": "csm", "severity": "info"}],
        "done": {"begun": "A1"},
        "examples": [{"name": "none", "when": [{}], "never": [{"type": "alert.raised"}]}],
        **more,
    }
    definition = compile_definition(DefinitionSource.model_validate(plain))
    return Story(roles={"csm": "dana"}, organisation=organisation, definitions={"pattern": definition})


def calls(of, *moments, **data):
    for moment in moments:
        of.on(moment, CALLED, direction="out", **data)
    return of


def charges(of, *amounts):
    for day, (charge, amount) in enumerate(amounts, start=2):
        money = {"amount": amount, "currency": "EUR"}
        of.on(
            f"{['Mon', 'Tue', 'Wed', 'Thu', 'Fri'][day - 2]} 03-0{day} 10:00", CHARGED, charge_id=charge, amount=money
        )
    return of


# ------------------------------------------------------------ count


def test_one_event_counts_for_each_text_of_a_list():
    start = {"count": {"on": CALLED, "at_least": 2, "within": "10bd", "by": "event.contact_ids"}}
    told = {"ref": "A1", "alert": "{counted.by}", "to": "csm", "severity": "info"}
    found = story(start, key="counted.by", steps=[told])
    calls(found, "Tue 03-03 10:00", contact_ids=["jo", "al"])
    calls(found, "Wed 03-04 10:00", contact_ids=["jo", "vi"])
    calls(found, "Thu 03-05 10:00", contact_ids=["al", "vi"])

    assert [one.key for one in found.work("A1")] == ["jo", "al", "vi"]


def test_what_is_different_counts_once():
    start = {"count": {"on": CALLED, "at_least": 2, "within": "10bd", "distinct": "event.actor.team"}}
    found = calls(story(start), "Tue 03-03 10:00", "Wed 03-04 10:00", actor={"person": "dana", "team": "cs"})
    assert found.raised() == []

    found.on("Thu 03-05 10:00", CALLED, actor={"person": "sam", "team": "sales"})
    assert len(found.raised()) == 1


def test_a_thing_that_has_no_name_does_not_count_as_a_different_one():
    start = {"count": {"on": CALLED, "at_least": 2, "within": "10bd", "distinct": "event.actor.team"}}
    found = calls(story(start), "Tue 03-03 10:00", actor={"person": "dana", "team": "cs"})

    assert calls(found, "Wed 03-04 10:00").raised() == []


def test_a_sum_takes_the_latest_amount_of_each_different_thing():
    start = {
        "count": {
            "on": ["cs.meeting.requested", "cs.meeting.scheduled"],
            "at_least": 181,
            "within": "10bd",
            "distinct": "event.meeting_id",
            "sum": "event.minutes",
        }
    }
    found = story(start).on("Tue 03-03 10:00", "cs.meeting.requested", meeting_id="M-1", minutes=120)
    found.on("Wed 03-04 10:00", "cs.meeting.scheduled", meeting_id="M-1", minutes=90)
    found.on("Thu 03-05 10:00", "cs.meeting.scheduled", meeting_id="M-2", minutes=90)
    assert found.raised() == []  # 90 + 90

    found.on("Fri 03-06 10:00", "cs.meeting.scheduled", meeting_id="M-3", minutes=1)
    assert len(found.raised()) == 1


def test_what_is_undone_no_longer_counts():
    undone = {"on": "finance.charge.reversed", "where": "past.charge_id == event.charge_id"}
    found = story({"count": {"on": CHARGED, "at_least": 2, "within": "90d", "undone_by": undone}})
    found.on("Mon 03-02 10:00", CHARGED, charge_id="X-1").on(
        "Tue 03-03 10:00", "finance.charge.reversed", charge_id="X-1"
    )
    assert found.on("Wed 03-04 10:00", CHARGED, charge_id="X-2").raised() == []

    assert len(found.on("Thu 03-05 10:00", CHARGED, charge_id="X-3").raised()) == 1


def test_the_values_add_and_list_what_was_counted_and_the_evidence_names_it():
    values = {
        "sum": {"sum": "counted", "is": "past.amount.amount"},
        "whom": {"every": "counted", "is": "past.charge_id"},
    }
    steps = [{**ALERT, "alert": "{value.sum} for {value.whom}"}]
    found = story({"count": {"on": CHARGED, "at_least": 3, "within": "90d"}}, values=values, steps=steps)
    charges(found, ("X-1", 1000), ("X-2", 250), ("X-3", 5))

    said = found.last("alert.raised")
    assert said["because"] == "1255 for X-1, X-2, X-3"
    assert len(said["evidence"]["events"]) == 3


def test_a_look_back_lists_and_adds_the_events_of_its_time():
    asked = {"on": CHARGED, "within": "10d"}
    values = {
        "sum": {"sum": asked, "is": "past.amount.amount"},
        "whom": {"every": asked, "is": "past.charge_id"},
    }
    steps = [{**ALERT, "alert": "{value.sum} for {value.whom}"}]
    found = story({"on": "sales.contract.cancelled"}, values=values, steps=steps)
    found.on("Fri 01-09 10:00", CHARGED, charge_id="X-0", amount={"amount": 7, "currency": "EUR"})
    charges(found, ("X-1", 1000), ("X-2", 250)).on("Fri 03-06 10:00", "sales.contract.cancelled", contract_id="C-1")

    assert found.last("alert.raised")["because"] == "1250 for X-1, X-2"


# ------------------------------------------------------------ held


def test_a_state_may_be_held_since_a_time_that_its_event_names():
    held = {
        "enter": {"on": "sales.contract.review_round"},
        "leave": {"on": "sales.contract.signed"},
        "by": "event.contract_id",
        "since": "event.opened_at",
        "for": "5d",
    }
    found = story({"held": held}).on(
        "Wed 03-04 10:00", "sales.contract.review_round", contract_id="C-1", opened_at="2026-03-02T12:00:00Z"
    )

    assert found.until("Sat 03-07 12:00").raised() == ["Sat 03-07 12:00 alert.raised A1 info dana"]


# ------------------------------------------------------------ absent


def silence(**more):
    return {"absent": {"on": CALLED, "within": "10d"}, **more}


def test_a_silence_is_over_so_long_after_the_last_such_event():
    found = calls(story(silence()), "Tue 03-03 10:00", "Thu 03-05 11:00").until("Mon 03-30 10:00")

    assert found.raised() == ["Sun 03-15 11:00 alert.raised A1 info dana"]


def test_where_nothing_was_ever_heard_there_is_no_silence():
    assert story(silence()).until("Mon 03-30 10:00").raised() == []


def test_a_late_word_takes_the_silence_back():
    found = calls(story(silence(), done={"on": "cs.kickoff.held"}), "Tue 03-03 10:00").until("Fri 03-13 12:00")
    assert len(found.raised()) == 1

    found.on("Thu 03-12 10:00", CALLED, arrived="Fri 03-13 13:00", direction="in")
    assert [one.split()[3] for one in found.told("A1")] == ["alert.raised", "alert.retracted"]


def test_a_word_that_came_too_late_begins_no_silence_and_may_end_one():
    late = story(silence()).on("Tue 03-03 10:00", CALLED, arrived="Mon 03-09 10:00").until("Mon 03-30 10:00")
    assert late.raised() == []

    ended = calls(story(silence()), "Tue 03-03 10:00").on("Wed 03-04 10:00", CALLED, arrived="Mon 03-09 10:00")
    assert ended.until("Mon 03-30 10:00").raised() == ["Sat 03-14 10:00 alert.raised A1 info dana"]


@pytest.mark.parametrize(("tier", "told"), [(1, "Fri 03-13 10:00"), (2, "Mon 03-23 10:00")])
def test_the_length_of_a_silence_follows_the_account_while_it_lasts(tier, told):
    within = [{"when": "account.tier == 1", "is": "10d"}, {"is": "20d"}]
    found = calls(story({"absent": {"on": CALLED, "within": within}}), "Tue 03-03 10:00")
    found.on("Wed 03-04 10:00", "cs.tier.changed", to=3).on("Thu 03-05 10:00", "cs.tier.changed", to=tier)

    assert found.until("Mon 03-30 10:00").raised() == [f"{told} alert.raised A1 info dana"]


def test_a_silence_that_a_guard_keeps_back_is_looked_at_again_where_it_says_so():
    red = {"if": 'account.health == "red"', "reason": "they are unhappy"}
    for guard, expected in (({**red, "recheck": "1d"}, 1), (red, 0)):
        found = calls(story(silence(), unless=[guard]), "Tue 03-03 10:00")
        found.on("Wed 03-04 10:00", "cs.health.changed", to="red").until("Mon 03-16 11:00")
        assert found.raised() == []

        found.on("Mon 03-16 12:00", "cs.health.changed", to="green").until("Fri 03-20 10:00")
        assert found.raised() == ["Tue 03-17 10:00 alert.raised A1 info dana"][:expected]


def test_a_silence_waits_until_its_source_is_known_to_be_alive():
    found = calls(story(silence(), COMPANY), "Tue 03-03 10:00").until("Fri 03-13 10:30")
    assert found.raised() == []

    mark = found.time("Fri 03-13 10:20").isoformat()
    found.on("Fri 03-13 10:40", "source.heartbeat", subject="", sender="/m", source="/calls", watermark=mark)
    found.until("Fri 03-13 11:00")

    assert found.raised() == ["Fri 03-13 10:40 alert.raised A1 info dana"]
    assert found.last("alert.raised")["confirmed"] is True


def test_a_silence_that_is_proven_may_begin_a_step_that_acts_only_so_often():
    step = {"ref": "A1", "alert": "it is so", "to": "csm", "severity": "info", "at_most": {"times": 1, "within": "7d"}}
    found = calls(story(silence(), COMPANY, steps=[step]), "Tue 03-03 10:00").until("Fri 03-13 10:30")

    mark = found.time("Fri 03-13 10:20").isoformat()
    found.on("Fri 03-13 10:40", "source.heartbeat", subject="", sender="/m", source="/calls", watermark=mark)

    assert found.until("Fri 03-13 11:00").raised() == ["Fri 03-13 10:40 alert.raised A1 info dana"]


def test_a_silence_whose_source_stays_dumb_is_told_unconfirmed():
    found = calls(story(silence(), COMPANY), "Tue 03-03 10:00").until("Mon 03-16 10:00")

    assert found.last("alert.raised")["confirmed"] is False
    assert found.raised() == ["Fri 03-13 14:00 alert.raised A1 info dana+cs.unassigned unconfirmed"]


def test_a_word_that_comes_while_the_proof_is_waited_for_ends_the_silence():
    found = calls(story(silence(), COMPANY), "Tue 03-03 10:00", "Fri 03-13 11:00").until("Mon 03-16 10:00")

    assert found.raised() == []


# ------------------------------------------------------------ what the patterns share


def test_a_state_that_must_run_out_twice_counts_each_time_from_the_moment_that_its_event_names():
    held = {
        "enter": {"on": CALLED, "where": 'event.direction == "out"'},
        "leave": {"on": CALLED, "where": 'event.direction == "in"'},
        "by": '"silence"',
        "since": 'event.time + duration("24h")',
        "for": "3d",
        "times": 2,
    }
    found = calls(story({"held": held}), "Mon 03-02 10:00", "Wed 03-04 10:00")

    assert found.until("Mon 03-16 10:00").raised() == ["Sun 03-08 10:00 alert.raised A1 info dana"]


@pytest.mark.parametrize(
    ("charged", "expected"), [("Mon 03-02 10:00", ["charged"]), ("Wed 03-04 10:00", [])], ids=["before", "between"]
)
def test_the_causes_of_a_count_are_looked_for_before_the_first_event_that_was_counted(charged, expected):
    cause = {"on": CHARGED, "within": "2d", "text": "a charge"}
    start = {"count": {"on": CALLED, "at_least": 2, "within": "10bd"}}
    found = story(start, causes={"charged": cause})
    events = sorted(
        [("Tue 03-03 10:00", CALLED), ("Thu 03-05 10:00", CALLED), (charged, CHARGED)], key=lambda one: one[0][4:]
    )
    for moment, kind in events:
        found.on(moment, kind, charge_id="X", direction="out")

    assert [one["reason"] for one in found.last("alert.raised")["evidence"]["reasons"]] == expected


def test_what_a_sequence_found_was_not_counted():
    starts = [
        {"count": {"on": CALLED, "at_least": 2, "within": "10bd"}},
        {"seq": {"first": {"on": CALLED}, "then": {"on": CHARGED}, "within": "10bd"}},
    ]
    told = {"ref": "A1", "alert": "{value.whom}", "to": "csm", "severity": "info"}
    found = story(starts, values={"whom": {"every": "counted", "is": "past.contact_ids"}}, steps=[told])
    calls(found, "Tue 03-03 10:00", contact_ids=["jo"])
    found.on("Wed 03-04 10:00", CHARGED, charge_id="X", amount={"amount": 1, "currency": "EUR"})
    calls(found, "Thu 03-05 10:00", contact_ids=["al"])

    assert [one.because for one in found.work("A1")] == ["none", "jo, al"]

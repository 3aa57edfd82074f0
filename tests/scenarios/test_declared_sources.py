"""What did not happen is only said when the sources that would have told were heard from since (R7).

A1 of W01 asks for `cs.kickoff.scheduled` by Fri 03-06 17:00; 4bh after that is Mon 03-09 13:00.
"""

import pytest

from tests.scenarios.scenario import Story

CRM = "/crm"
COMPANY = {
    "people": {"ops": {"roles": ["cs_ops"]}},
    "sources": {CRM: {"produces": ["cs.kickoff.*"], "every": "15m"}},
}


def signed(organisation=COMPANY):
    story = Story(
        "signature_to_kickoff", roles={"ae": "sam", "csm": "dana"}, organisation=organisation, lifecycle="prospect"
    )
    story.on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C-1", kind="new", actor="sam")
    return story.on("Wed 03-04 10:00", "sales.contact.logged", direction="out", purpose="intro", actor="sam")


def beat(story, when, watermark=None, source=CRM):
    """A heartbeat: the source has told everything up to its watermark."""
    mark = story.time(watermark or when).isoformat()
    return story.on(when, "source.heartbeat", subject="", sender="/monitor", source=source, watermark=mark)


def kickoff(story, when, arrived=None, source=CRM):
    return story.on(
        when, "cs.kickoff.scheduled", arrived=arrived, sender=source, contract_id="C-1", at="2026-03-10T10:00:00Z"
    )


def test_an_undeclared_source_counts_as_alive():
    assert signed({}).until("Fri 03-06 17:00").told("A1") == ["Fri 03-06 17:00 alert.raised A1 warn dana+sam"]


def test_another_declared_source_is_not_asked():
    company = {"sources": {"/support": {"produces": ["support.*"], "every": "15m"}}}

    assert signed(company).until("Fri 03-06 17:00").told("A1") == ["Fri 03-06 17:00 alert.raised A1 warn dana+sam"]


def test_a_source_that_is_heard_from_a_little_later_confirms_the_absence_then():
    story = beat(signed(), "Fri 03-06 17:10", watermark="Fri 03-06 17:05").until("Fri 03-06 18:00")

    assert story.told("A1") == ["Fri 03-06 17:10 alert.raised A1 warn dana+sam"]
    assert story.last("A1")["evidence"]["confidence"] == "confirmed"


def test_before_that_nothing_is_said():
    assert signed().until("Fri 03-06 17:09").told("A1") == []


@pytest.mark.parametrize("watermark", ["Fri 03-06 16:55", "Fri 03-06 17:00"])
def test_a_source_that_was_heard_from_up_to_the_deadline_only_proves_nothing(watermark):
    assert beat(signed(), "Fri 03-06 17:10", watermark=watermark).until("Fri 03-06 18:00").told("A1") == []


def test_any_later_event_of_the_source_proves_it_too():
    story = signed().on("Fri 03-06 17:30", "cs.health.changed", sender=CRM, to="green").until("Fri 03-06 18:00")

    assert story.told("A1") == ["Fri 03-06 17:30 alert.raised A1 warn dana+sam"]


def test_an_event_of_the_source_at_another_account_proves_it():
    story = signed().on("Fri 03-06 17:30", "cs.health.changed", subject="other", sender=CRM, to="green")
    story.until("Fri 03-06 18:00")

    assert story.told("A1") == ["Fri 03-06 17:30 alert.raised A1 warn dana+sam"]


def test_a_source_that_stays_silent_leaves_the_absence_unconfirmed_after_four_hours():
    story = signed().until("Mon 03-09 13:00")

    assert story.told("A1") == ["Mon 03-09 13:00 alert.raised A1 warn dana+sam+ops unconfirmed"]
    assert story.last("A1")["evidence"]["confidence"] == "unconfirmed: not heard past the deadline from /crm"


def test_the_wait_for_proof_is_a_setting():
    story = signed({**COMPANY, "proof_wait": "1bh"}).until("Mon 03-09 13:00")

    assert story.told("A1") == ["Mon 03-09 10:00 alert.raised A1 warn dana+sam+ops unconfirmed"]


def test_evidence_that_comes_during_the_wait_says_that_nothing_is_missing():
    story = kickoff(signed(), "Fri 03-06 16:00", arrived="Mon 03-09 10:00").until("Mon 03-09 18:00")

    assert story.told("A1") == []


def test_evidence_that_comes_after_the_wait_takes_the_alert_back():
    story = kickoff(signed(), "Fri 03-06 16:00", arrived="Mon 03-09 14:00").until("Mon 03-09 18:00")

    assert story.told("A1")[1:] == ["Mon 03-09 14:00 alert.retracted A1 late_evidence"]


def test_every_source_that_could_tell_must_be_heard_from():
    company = {"sources": {**COMPANY["sources"], "/calendar": {"produces": ["cs.kickoff.*"], "every": "1h"}}}
    story = beat(signed(company), "Fri 03-06 17:10").until("Fri 03-06 17:30")
    assert story.told("A1") == []

    beat(story, "Fri 03-06 17:40", source="/calendar").until("Fri 03-06 18:00")
    assert story.told("A1") == ["Fri 03-06 17:40 alert.raised A1 warn dana+sam"]


def test_a_quiet_source_keeps_no_task_waiting():
    story = signed().until("Thu 03-05 09:00")

    assert "Wed 03-04 17:00 escalation.raised T1 rung 2 sam" in story.told("escalation.raised")


def test_what_was_concluded_stands_when_the_history_is_folded_again():
    story = beat(signed(), "Fri 03-06 17:10", watermark="Fri 03-06 17:05").until("Mon 03-09 09:00")
    story.on("Thu 03-05 12:00", "cs.health.changed", arrived="Mon 03-09 10:00", to="green").until("Mon 03-09 18:00")

    assert story.told("A1") == ["Fri 03-06 17:10 alert.raised A1 warn dana+sam"]
    assert story.open("A1") == ["A1 raised warn"]


def test_a_proof_that_comes_as_the_wait_for_it_ends_fires_nothing_before_its_time():
    story = beat(signed(), "Mon 03-09 13:00").until("Mon 03-09 17:00")

    assert story.told("A1") == ["Mon 03-09 13:00 alert.raised A1 warn dana+sam"]
    # T1 was due Wed 03-04 17:00; its last rung is 3bd after that
    assert story.told("T1", "rung", "4") == ["Mon 03-09 17:00 escalation.raised T1 rung 4 exec.unassigned"]

"""A definition in words: a newcomer reads what happens, in the order in which it happens."""

import pytest

from workflows.language.plans import REACTION_ORDER
from workflows.language.words import _REACTION, describe, explain


def rows(definition):
    return {row.ref: row for row in describe(definition).timeline}


def test_a_workflow_is_told_as_a_timeline(shipped):
    told = describe(shipped("signature_to_kickoff"))

    assert told.title == "No pause after the signature"
    assert told.starts == [
        'on sales.contract.signed where event.kind in ["new", "new_product"] && !account.test',
    ]
    assert "completed on cs.kickoff.held" in told.endings
    assert (
        'its clocks begin again on cs.kickoff.deferred where event.by == "customer", from event.until' in told.endings
    )
    assert told.examples


def test_the_timeline_is_in_the_order_of_time(shipped):
    refs = [row.ref for row in describe(shipped("signature_to_kickoff")).timeline]

    assert [ref for ref in refs if ref in ("T1", "A4", "A1", "A2", "A3")] == ["T1", "A4", "A1", "A2", "A3"]
    assert refs.index("T3'") < refs.index("T4") < refs.index("T5")


def test_each_step_says_when_who_until_when_and_what_ends_it(shipped):
    found = rows(shipped("signature_to_kickoff"))

    assert (found["T1"].when, found["T1"].who, found["T1"].until) == ("at once", "ae or actor", "1bd")
    assert found["T1"].ends == "sales.handoff.submitted; comes again on cs.handoff.returned"
    assert found["A1"].when == "3bd after the start without cs.kickoff.scheduled or cs.kickoff.held"
    assert (found["A1"].who, found["A1"].severity) == ("csm and ae", "warn")
    assert found["T3'"].until == "1bd after it begins"
    assert found["T3'"].ends == 'accepted, which passes L1; cs.handoff.accepted where event.change_id == ""'
    assert found["L1"].what == "open the loop onboarding"


def test_a_crisis_is_told_with_its_holds_and_their_end(shipped):
    found = rows(shipped("crisis_hold_and_recovery"))

    assert found["H1"].ends == "lifted by H2; lifted by H3"
    assert found["H3"].when.startswith("5bd after T5")
    assert "; then again; comes again on support.ticket.opened" in found["T3"].ends
    assert (found["X1"].when, found["X1"].until) == ("after T5", "10bd after it begins")


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("on: sales.contract.signed", "on sales.contract.signed"),
        (
            "count: {on: sales.contract.signed, at_least: 3, within: 7d, by: event.kind}",
            "on sales.contract.signed, 3 times for the same event.kind within 7d",
        ),
        (
            "seq: {first: {on: cs.kickoff.held}, then: {on: sales.contract.signed}, within: 5bd}",
            "on cs.kickoff.held, then on sales.contract.signed within 5bd",
        ),
        (
            "held: {enter: {on: sales.contract.signed}, leave: {on: cs.kickoff.held}, by: event.contract_id, for: 2bd}",
            "on sales.contract.signed, and for 2bd not cs.kickoff.held",
        ),
    ],
)
def test_each_way_to_start_is_told(definition, start, words):
    assert describe(definition(("{on: sales.contract.signed}", f"{{{start}}}"))).starts == [words]


@pytest.mark.parametrize(
    ("step", "field", "words"),
    [
        ("{ref: T2, task: a, delay: 2bd, to: csm, due: 1bd}", "when", "2bd after the start"),
        ("{ref: T2, task: a, after: T1, delay: 2bd, to: csm, due: 1bd}", "when", "2bd after T1"),
        (
            "{ref: T2, task: a, on: cs.kickoff.held, delay: 2bd, to: csm, due: 1bd}",
            "when",
            "2bd after: on cs.kickoff.held",
        ),
        ("{ref: T2, task: a, when: account.tier == 1, to: csm, due: 1bd}", "when", "at once, if account.tier == 1"),
        (
            "{ref: T2, task: a, to: csm, due: [{when: account.tier == 1, is: 4bh}, {is: 1bd}]}",
            "until",
            "4bh when account.tier == 1; else 1bd",
        ),
        ("{ref: H1, hold: [ask, upsell], reason: wait}", "what", "hold ask and upsell: wait"),
        ("{ref: A1, alert: a, to: [csm, am, cco], severity: info}", "who", "csm, am and cco"),
    ],
)
def test_each_kind_of_step_is_told(definition, step, field, words):
    found = rows(definition(("done: {after: T1}", f"  - {step}\ndone: {{after: T1}}")))

    assert getattr(next(row for ref, row in found.items() if ref != "T1"), field) == words


def test_an_event_is_explained_over_all_workflows(shipped):
    definitions = [shipped("signature_to_kickoff"), shipped("crisis_hold_and_recovery")]

    signed = explain("sales.contract.signed", definitions)
    held = explain("cs.kickoff.held", definitions)

    assert [(one.workflow, one.what) for one in signed] == [
        ("signature_to_kickoff", "starts: No pause after the signature")
    ]
    assert "completes T5, Hold the kickoff with {account.name}" in [one.what for one in held]
    assert [one.what for one in held][-1] == "completes it"
    assert {one.ref for one in held} >= {"T5", "A1", "A2", "A3", "A4", ""}


def test_what_an_event_does_only_under_a_condition_says_so(shipped):
    (signed,) = explain("sales.contract.signed", [shipped("signature_to_kickoff")])

    assert signed.condition == 'event.kind in ["new", "new_product"] && !account.test'


def test_an_event_that_keeps_a_workflow_from_starting_says_why(shipped):
    announced = explain("sales.intent.announced", [shipped("sales_contact_without_csm")])

    assert [one.what for one in announced] == ["may keep it from starting: sales announced this to the CSM"]


def test_an_event_that_concerns_nobody_explains_as_nothing(shipped):
    assert explain("market.news.mentioned", [shipped("signature_to_kickoff")]) == []


def test_every_kind_of_reaction_has_its_words():
    assert set(_REACTION) == set(REACTION_ORDER)

"""Where the steps of a workflow stand, if everything takes the time that it may take."""

from nofumble.pages.course import ENGINE, course_of

TASK = "{ref: T1, task: Call, to: csm, due: 1bd}"


def places(definition):
    """Give where each step begins and ends, as words."""
    return {
        one.ref: (one.place.begins.label, one.place.ends.label if one.place.ends else None)
        for one in course_of(definition)
    }


def item(definition, ref):
    return next(one for one in course_of(definition) if one.ref == ref)


def test_a_task_lasts_from_its_offer_to_when_it_is_due(written):
    assert places(written(TASK)) == {"T1": ("", "1bd")}


def test_what_comes_after_a_task_begins_when_that_is_due(written):
    from_trigger = written(TASK, "{ref: T2, task: Visit, to: ae, due: 2bd, clock: trigger, after: T1}")
    from_start = written(TASK, "{ref: T2, task: Visit, to: ae, due: 2bd, after: T1}")

    assert places(from_trigger)["T2"] == ("1bd", "3bd")  # 1 + 2
    assert places(from_start)["T2"] == ("1bd", "2bd")
    assert item(from_start, "T2").leads_from == ("T1",)


def test_a_step_that_needs_both_waits_for_the_later(written):
    other = "{ref: T2, task: Write, to: ae, due: 3bd}"
    first = written(TASK, other, "{ref: T3, task: Visit, to: ae, due: 5bd, after: [T1, T2]}")
    both = written(TASK, other, "{ref: T3, task: Visit, to: ae, due: 5bd, after: [T1, T2], when: done.T1 && done.T2}")

    assert places(first)["T3"][0] == "1bd"
    assert places(both)["T3"][0] == "3bd"


def test_an_alert_of_absence_stands_at_its_time_with_its_gravest_severity(written):
    alert = (
        "{ref: A1, alert: nothing, to: [csm, ae], absent: {on: cs.kickoff.held, within: 3bd}, "
        "severity: [{when: account.tier == 1, is: urgent}, {is: warn}]}"
    )

    found = item(written(alert), "A1")

    assert (found.place.begins.label, found.place.ends) == ("3bd", None)
    assert (found.lane, found.also, found.severity) == ("csm", "(also ae)", "urgent")


def test_a_step_that_waits_for_an_event_has_a_time_of_its_own(written):
    waiting = "{ref: T2, task: Ask, to: csm, due: 1bd, clock: trigger, on: cs.kickoff.held}"
    after_it = "{ref: T3, task: Ask again, to: csm, due: 2bd, clock: trigger, after: T2}"

    course = course_of(written(TASK, waiting, after_it))

    assert [(one.ref, one.place.waits) for one in course] == [("T1", False), ("T2", True), ("T3", True)]
    assert (course[1].note, course[2].note) == ("on cs.kickoff.held", "")
    assert course[2].place.ends.label == "3bd"


def test_a_due_time_that_depends_on_the_case_has_two_ends(written):
    task = "{ref: T1, task: Call, to: csm, due: [{when: account.tier == 1, is: 4bh}, {is: 1bd}]}"

    place = item(written(task), "T1").place

    assert (place.ends.label, place.latest.label) == ("4bh", "1bd")


def test_a_due_time_that_is_a_time_is_open(written):
    assert item(written("{ref: T1, task: Call, to: csm, due: {at: start.time}}"), "T1").place.is_open


def test_a_hold_lasts_until_it_is_lifted_and_else_to_the_end(written):
    hold = "{ref: H1, hold: [ask], reason: not now}"
    lift = "{ref: H2, lift: {hold: H1}, delay: 10bd}"

    lifted, kept = written(TASK, hold, lift), written(TASK, hold)

    assert places(lifted)["H1"] == ("", "10bd")
    assert item(kept, "H1").place.is_open
    assert item(kept, "H1").lane == ENGINE


def test_what_an_expectation_brings_may_come_at_once_and_what_it_misses_at_its_end(written):
    wait = "{ref: X1, expect: {on: cs.kickoff.held, within: 10d}}"
    came = "{ref: T1, task: Thank, to: csm, due: 1bd, clock: trigger, after: X1}"
    missed = "{ref: T2, task: Ask, to: csm, due: 1d, clock: trigger, missed: X1}"

    found = places(written(wait, came, missed))

    assert found == {"X1": ("", "10d"), "T1": ("", "1bd"), "T2": ("10d", "11d")}


def test_a_task_that_stands_open_is_told_at_a_share_of_its_time(written):
    half = "{ref: A1, alert: half of it is over, to: csm, severity: info, overdue: {of: T1, at: 50%}}"
    late = "{ref: A2, alert: it is late, to: csm, severity: warn, overdue: {of: T1, at: due + 1bd}}"

    found = places(written("{ref: T1, task: Call, to: csm, due: 4bh}", half, late))

    assert found["A1"] == ("2bh", None)
    assert found["A2"] == ("1bd + 4bh", None)


def test_an_arrow_never_leads_back(shipped):
    for definition in shipped.values():
        course = {one.ref: one for one in course_of(definition)}
        for one in course.values():
            for source in one.leads_from:
                assert course[source].place.begins < one.place.begins, f"{definition.name}: {source} to {one.ref}"

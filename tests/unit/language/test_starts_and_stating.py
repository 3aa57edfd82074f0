"""Starts by a date, pauses and stated events: what the checker says of those that cannot work."""

import pytest

from workflows.language.checker import check_text

DATED = "start: {date: {on: account.updated, of: account.renewal_date, before: 5d}}"
START = "start: {on: sales.contract.signed}"
TASK = "  - ref: T1\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (None, DATED.replace("before: 5d", "before: 5d, after: 5d"), "either so long `before` it or `after` it"),
        (None, DATED.replace("account.renewal_date", "account.name"), "gives STRING"),
        ("key: event", "pause: {while: event.kind}\nkey: event", "event.kind"),
        (
            "key: event",
            "pause: {from: {on: cs.kickoff.held}}\nkey: event",
            "either `from` and `until` (events), or `while`",
        ),
        (TASK, "  - {ref: R1, record: {type: sales.intent}}\n" + TASK, "unknown event type 'sales.intent'"),
        (TASK, "  - {ref: R1, record: {type: alert.raised}}\n" + TASK, "state what a team could have said"),
        (TASK, "  - {ref: R1, record: {type: people.user.left}}\n" + TASK, "state what a team could have said"),
        (
            TASK,
            "  - {ref: R1, record: {type: cs.note.logged, fields: {texd: key}}}\n" + TASK,
            "cs.note.logged has no field 'texd'; did you mean text",
        ),
    ],
)
def test_what_cannot_work_is_told_with_its_remedy(small, old, new, message):
    text = small((START if old is None else old, new))

    assert [one.message for one in check_text(text, "small").findings if message in one.message] != []


HELD = "start: {held: {enter: {on: account.updated}, leave: {on: account.updated}, by: event.name, for: 1d, %s}}"
CAUSE = "causes:\n  offer: {on: sales.upsell.attempted, text: an offer, %s}\nkey: event"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (START, HELD % "again: 1d, times: 2", "either lasts (`again`) or is begun anew by each event (`times`)"),
        ("key: event", CAUSE % "by: past.offer", "`over` and `by` stand together"),
        ("key: event", CAUSE % "where: event.kind", "event.kind"),
        ("due: 1bd", "due: {at: event.time, within: 1bd}", "is no due time; write a duration, or `at` with a time"),
        ("key: event", CAUSE % "over: sales.lost, by: past.offer", "unknown event type 'sales.lost'"),
    ],
)
def test_what_cannot_be_looked_for_is_told_with_its_remedy(small, old, new, message):
    assert [one.message for one in check_text(small((old, new)), "small").findings if message in one.message] != []

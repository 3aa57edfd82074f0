"""Given the peers' work, then its mix is that of design.md and the reference loop counts by the letter of the rules."""

import json
from collections import Counter
from datetime import datetime, timedelta

import pytest

from bench.peers_work import (
    START,
    TYPES,
    Counts,
    csm_of,
    peers_work,
    reference_counts,
    registrations,
)
from events.parsing import parse_event

ACCOUNT = "acct-00001"
CSM = csm_of(ACCOUNT)


def event(event_type, hours, **data):
    at = (START + timedelta(hours=hours)).isoformat()
    return json.dumps({"type": event_type, "subject": ACCOUNT, "time": at, "data": data}).encode()


def signed(hours):
    return event("sales.contract.signed", hours)


def kickoff(hours):
    return event("cs.kickoff.scheduled", hours)


def ticket(hours):
    return event("support.ticket.opened", hours)


def upsell(hours, *participants, purpose="upsell"):
    return event("sales.contact.logged", hours, participants=["am", *participants], purpose=purpose)


def test_the_same_seed_gives_the_same_bytes_in_order_of_time():
    events = list(peers_work(2_000, accounts=50))

    assert events == list(peers_work(2_000, accounts=50))
    assert events != list(peers_work(2_000, accounts=50, seed=8))
    times = [datetime.fromisoformat(json.loads(raw)["time"]) for raw in events]
    assert times == sorted(times)
    assert times[-1] - times[0] < timedelta(days=60)


def test_five_types_come_evenly_at_about_350_bytes_and_half_of_the_contacts_have_the_csm():
    events = list(peers_work(20_000, accounts=500))

    read = [json.loads(raw) for raw in events]
    types = Counter(envelope["type"] for envelope in read)
    contacts = [envelope for envelope in read if envelope["type"] == "sales.contact.logged"]
    copied = sum(csm_of(envelope["subject"]) in envelope["data"]["participants"] for envelope in contacts)
    assert set(types) == set(TYPES)
    assert all(0.19 < count / 20_000 < 0.21 for count in types.values())
    assert 330 < sum(map(len, events)) / 20_000 < 380
    assert 0.46 < copied / len(contacts) < 0.54


def test_all_events_and_registrations_are_valid():
    for raw in [*registrations(5), *peers_work(500, accounts=5)]:
        parse_event(raw, now=START + timedelta(days=90))


@pytest.mark.parametrize(
    ("events", "until_hours", "expected"),
    [
        # 5 d = 120 h: the wait ends at 120; an event at that very moment is in time
        ([signed(0)], 119, Counts(handoff_tasks=1)),
        ([signed(0)], 120, Counts(handoff_tasks=1, kickoff_alerts=1)),
        ([signed(0), kickoff(120)], 200, Counts(handoff_tasks=1)),
        ([signed(0), kickoff(121)], 200, Counts(handoff_tasks=1, kickoff_alerts=1)),
        ([signed(0), signed(10), kickoff(20)], 200, Counts(handoff_tasks=2)),
        ([kickoff(0), signed(1)], 200, Counts(handoff_tasks=1, kickoff_alerts=1)),
        # one alert an hour; a suppressed contact does not move the hour
        ([upsell(0), upsell(0.5), upsell(0.99), upsell(1)], None, Counts(upsell_alerts=2)),
        ([upsell(0, CSM), upsell(0, purpose="support")], None, Counts()),
        # three within 168 h, then from none
        ([ticket(0), ticket(1), ticket(168)], None, Counts(ticket_alerts=1)),
        ([ticket(0), ticket(1), ticket(168.1)], None, Counts()),
        ([ticket(0), ticket(1), ticket(168.1), ticket(168.9)], None, Counts(ticket_alerts=1)),
        ([ticket(0), ticket(1), ticket(2), ticket(3), ticket(4)], None, Counts(ticket_alerts=1)),
        ([ticket(hour) for hour in range(6)], None, Counts(ticket_alerts=2)),
    ],
)
def test_the_reference_loop_counts_by_the_letter(events, until_hours, expected):
    until = None if until_hours is None else START + timedelta(hours=until_hours)

    assert reference_counts(events, until=until) == expected

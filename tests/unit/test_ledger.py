"""The loyalty ledger: what is posted once, what it is worth later, and what it takes back."""

from datetime import UTC, datetime, timedelta

import pytest

from events.envelope import Event
from workflows.account import AccountState
from workflows.facts import learn
from workflows.ledger import balance_of, balance_of_contact, is_drained, post, reverse
from workflows.standing import Entry, Ledger

DAY = timedelta(days=1)
BEGIN = datetime(2026, 2, 1, 9, tzinfo=UTC)


def ledger(*entries):
    """Make a ledger of entries given as (points, day)."""
    found = Ledger()
    for number, (points, day) in enumerate(entries):
        post(found, f"{number}", Entry("x", points, BEGIN + day * DAY, f"e-{number}", "jo"))
    return found


def folded(*events):
    """Fold events, given as (type, data), into an account."""
    state = AccountState("acme", arr=1_200_000)
    for number, (name, data) in enumerate(events):
        event = Event(
            id=f"e-{number}", source="s", type=name, subject="acme", time=BEGIN + number * DAY / 24, data=data
        )
        learn(state, event)
    return state


def test_deposits_have_faded_a_little_when_a_favour_is_taken():
    found = ledger((5, 0), (5, 0), (-5, 30))

    assert round(balance_of(found, BEGIN + 30 * DAY), 2) == 4.45  # 10 x 0.5^(30/365) - 5
    assert round(balance_of_contact(found, "jo", BEGIN + 30 * DAY), 2) == 4.45


def test_half_of_it_is_left_after_a_year():
    assert balance_of(ledger((8, 0)), BEGIN + 365 * DAY) == 4


def test_a_thing_is_posted_once():
    found = ledger((5, 0))

    assert not post(found, "0", Entry("x", 5, BEGIN, "again"))
    assert balance_of(found, BEGIN) == 5


def test_a_reversal_takes_back_what_the_entry_is_worth_by_then_and_only_once():
    found = ledger((-10, 0))

    assert reverse(found, "0", BEGIN + 365 * DAY, "e-9")
    assert not reverse(found, "0", BEGIN + 366 * DAY, "e-10")
    assert balance_of(found, BEGIN + 365 * DAY) == 0


@pytest.mark.parametrize(
    ("entries", "drained"),
    [
        ([(-1, 0), (-1, 10), (-1, 89)], True),
        ([(-1, 0), (-1, 10), (-1, 101)], False),
        ([(-1, 0), (1, 5), (-1, 10), (-1, 20)], False),
    ],
    ids=["three in 90 days", "the first is too old", "something was given"],
)
def test_three_withdrawals_without_a_deposit_drain(entries, drained):
    assert is_drained(ledger(*entries), BEGIN + entries[-1][1] * DAY) is drained


@pytest.mark.parametrize(
    ("name", "data", "points"),
    [
        ("marketing.content.opened", {"content_id": "c", "contact_id": "jo"}, 1),
        ("marketing.event.attended", {"event_id": "x", "contact_id": "jo"}, 3),
        ("product.request.shipped", {"request_id": "R"}, 5),
        ("cs.contact.logged", {"purpose": "intro", "direction": "out"}, 5),
        ("sales.contact.logged", {"purpose": "intro", "direction": "out"}, 0),
        ("cs.time.logged", {"activity": "unpaid_help", "minutes": 481}, 10),
        ("marketing.content.shared", {"kind": "benchmark"}, 3),
        ("finance.credit.granted", {"amount": {"amount": 100_000, "currency": "EUR"}}, 8),
        ("finance.credit.granted", {}, 3),
        ("customer.advocacy.performed", {"act_id": "A", "kind": "review", "asked": True}, -3),
        ("customer.advocacy.performed", {"act_id": "A", "kind": "review"}, 0),
        ("marketing.ask.completed", {"ask_id": "Q", "kind": "case_study"}, -10),
        ("marketing.ask.completed", {"ask_id": "Q", "kind": "case_study", "weight": 4}, -4),
        ("survey.nps.responded", {"score": 9, "contact_id": "jo"}, -1),
        ("survey.nps.sent", {"duplicate_of": "x"}, -1),
        ("cs.commitment.broken", {"commitment_id": "c"}, -5),
        ("sales.contract.amended", {"contract_id": "C", "reason": "price rise"}, -6),
        ("support.ticket.opened", {"ticket_id": "T", "severity": 1}, -8),
        ("support.ticket.opened", {"ticket_id": "T", "severity": 2}, 0),
        ("ledger.posted", {"kind": "award"}, 4),
        ("ledger.posted", {"kind": "gift", "points": 2.5}, 2.5),
    ],
)
def test_an_event_has_its_price(name, data, points):
    standing = folded((name, data)).standing

    assert (balance_of(standing.ledger, BEGIN) if standing else 0) == points


def test_one_favour_is_one_entry_whoever_tells_of_it_first():
    state = folded(
        ("marketing.ask.accepted", {"ask_id": "Q", "kind": "review"}),
        ("customer.advocacy.performed", {"act_id": "A", "kind": "review", "asked": "Q"}),
        ("marketing.ask.completed", {"ask_id": "Q", "kind": "review"}),
    )

    assert [one.points for one in state.standing.ledger.entries.values()] == [-3]


def test_a_severity_that_was_wrong_gives_its_penalty_back():
    ticket = {"ticket_id": "T"}
    state = folded(
        ("support.ticket.opened", {**ticket, "severity": 1}),
        ("support.ticket.severity_changed", {**ticket, "severity": 3}),
    )

    assert balance_of(state.standing.ledger, BEGIN + DAY) == pytest.approx(0)

"""No sentence of a reason tells a value that the reader's role does not see."""

from datetime import UTC, datetime

from nofumble.web.roles import ROLES, masked
from nofumble.web.views.hidden import visible_reason
from workflows.reasons.changes import AddEvent, ChangeField, LeaveOut
from workflows.reasons.stops import ClauseSaid, EventNamed, Stop
from workflows.reasons.why_not import WhyNot

AT = datetime(2026, 3, 6, tzinfo=UTC)
CLAUSE = ClauseSaid("event.data.amount > 5", value=False, read={"event.data.amount": 4711, "account.tier": 2})
WORDS = "`event.data.amount > 5` did not hold: event.data.amount was 4711, account.tier was 2"
EVENT = {"type": "sales.upsell.proposed", "data": {"amount": 4712}}


def answer() -> WhyNot:
    event = EventNamed("e-1", "/crm", "sales.upsell.proposed", AT, AT)
    stop = Stop("condition", WORDS, "on a proposal", 0, event, CLAUSE)
    changes = [
        ChangeField("e-1", "/crm", "data.amount", 4713, 4711, "it had said 4713 as amount, in place of 4711"),
        AddEvent(EVENT, "sales.upsell.proposed with amount 4712"),
        LeaveOut("e-2", "/crm", "e-2 had not happened"),
    ]
    words = "it would begin if " + ", and ".join(one.words for one in changes)
    return WhyNot(
        workflow="w",
        account="acme",
        at=AT,
        key=None,
        version="1.0.0",
        hash="h",
        mode="active",
        fired=False,
        runs=[],
        sentence=f"it did not begin: {WORDS}",
        stop=stop,
        others=[],
        changes=changes,
        words=words,
    )


def test_who_sees_no_money_reads_which_clause_failed_and_not_the_amount():
    found = visible_reason(answer(), ROLES["marketing"])

    said = repr(
        masked(
            [found.sentence, found.words, repr(found.stop), *(one.words for one in found.changes)], ROLES["marketing"]
        )
    )
    assert "4711" not in said
    assert "4712" not in said
    assert "4713" not in said
    assert "`event.data.amount > 5` did not hold" in found.sentence
    assert found.stop is not None
    assert found.stop.clause is not None
    assert found.stop.clause.read == {"account.tier": 2}
    assert "e-2 had not happened" in found.words


def test_who_sees_everything_reads_everything():
    assert visible_reason(answer(), ROLES["cs_ops"]) == answer()


def test_an_address_in_a_sentence_is_somebody_to_who_sees_none():
    said = {"sentence": "it began with a mail by jo@acme.example", "actor": "jo@acme.example", "id": "e-1"}

    assert masked(said, ROLES["product"]) == {"sentence": "it began with a mail by somebody", "id": "e-1"}
    assert masked(said, ROLES["cs"]) == said

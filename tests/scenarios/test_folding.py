"""What a root cause explains is folded into its thread (R16)."""

from tests.scenarios.scenario import Story, shipped

OPENED, DECLINED = "support.ticket.opened", "cs.meeting.declined"


def test_each_workflow_that_is_folded_is_there():
    lists = [one.source.folds for one in shipped().values() if isinstance(one.source.folds, list)]

    assert {name for names in lists for name in names} <= set(shipped())


def customer():
    return Story(roles={"csm": "dana", "am": "sam", "support_owner": "kim"}, lifecycle="live")


def test_a_review_that_is_put_off_in_a_crisis_is_a_part_of_the_crisis():
    story = customer().on("Mon 03-02 10:00", OPENED, name="t-1", ticket_id="T", severity=1)
    story.on("Tue 03-03 10:00", DECLINED, type="review", by="customer")
    story.on("Wed 03-04 10:00", DECLINED, type="review", by="customer")

    assert story.last("alert.suppressed")["into"] == {
        "workflow": "crisis_hold_and_recovery",
        "key": "crisis",
        "event": "t-1",
    }
    assert [one for one in story.running() if one.startswith("review_avoidance")] == []


def test_an_alert_of_a_run_that_goes_on_is_told_in_the_thread_of_the_loss():
    story = customer().on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C", kind="new")
    story.on("Wed 03-04 10:00", "sales.contract.cancelled", contract_id="D").until("Thu 03-05 18:00")

    assert [one for one in story.told("alert.suppressed") if "A4" in one] == ["Thu 03-05 17:00 alert.suppressed A4"]
    assert [one for one in story.raised() if "A4" in one] == []


def test_a_crisis_that_never_was_takes_nothing_away():
    story = customer().on("Mon 03-02 10:00", OPENED, ticket_id="T", severity=1)
    story.on("Tue 03-03 10:00", DECLINED, type="review", by="customer")
    story.on("Tue 03-03 12:00", DECLINED, type="review", by="customer")
    changed = "support.ticket.severity_changed"
    story.on("Mon 03-02 11:00", changed, arrived="Tue 03-03 15:00", ticket_id="T", severity=4)

    assert story.open("A1") == ["A1 raised warn"]


def test_a_campaign_that_asks_is_answered_also_at_an_account_that_leaves():
    story = Story(roles={"marketer": "mo"}, lifecycle="prospect")
    story.on("Mon 01-05 10:00", "account.registered", subject="beta", lifecycle="live", roles={"csm": "dana"})
    story.on("Mon 01-05 11:00", "customer.contact.joined", subject="beta", contact_id="b1")
    story.on("Mon 03-02 10:00", "sales.contract.cancelled", subject="beta", contract_id="C")
    asked = {"campaign_id": "M-1", "kind": "promo", "stage": "prospect", "contact_ids": ["b1", "p1"]}

    story.on("Tue 03-03 10:00", "marketing.campaign.scheduled", **asked)

    assert story.last("preflight.answered")["cleaned"] == ["p1"]

"""Who asked for it hears from us that it is there (W08)."""

from tests.scenarios.scenario import Story

SHIPPED, RELEASED, BACK = "product.request.shipped", "product.release.published", "product.release.rolled_back"


def company(*others):
    story = Story("you_asked_we_did", roles={"csm": "dana", "marketer": "mo"})
    for one in others:
        story.on("Mon 01-05 10:00", "account.registered", subject=one, name=one, roles={"csm": "lou"})
    return story


def sent_to(story, account):
    story.told()
    return [one.line.data["ref"] for one in story.lines if one.account == account and one.line.type.startswith("task.")]


def test_a_shipped_request_is_told_to_each_account_that_is_listed():
    story = company("beta").on("Tue 03-03 10:00", SHIPPED, request_id="R", accounts=["acme", "beta"], asker="jo")

    assert story.told("T1") == ["Tue 03-03 10:00 task.proposed T1 dana due Thu 03-05 17:00"]
    assert sent_to(story, "beta") == ["T1", "T2"]


def test_a_release_goes_to_who_asked_for_one_of_its_requests_with_a_run_for_each():
    story = company("beta", "gamma")
    story.on("Mon 02-02 10:00", "product.request.submitted", request_id="R-1")
    story.on("Mon 02-02 11:00", "product.request.submitted", request_id="R-2")
    story.on("Mon 02-02 12:00", "product.request.submitted", subject="beta", request_id="R-3")
    story.on("Mon 02-09 12:00", "product.request.merged", subject="beta", request_id="R-3", into="R-2")
    story.on("Tue 03-03 10:00", RELEASED, subject="", release_id="V", request_ids=["R-1", "R-2"])

    assert [one.split("/")[-1] for one in story.running()] == ["R-1", "R-2"]
    assert sent_to(story, "beta") == ["T1", "T2"]
    assert sent_to(story, "gamma") == []


def test_a_release_that_names_a_request_that_was_shipped_tells_it_once():
    story = company().on("Tue 03-03 10:00", SHIPPED, request_id="R")
    story.on("Wed 03-04 10:00", RELEASED, release_id="V", request_ids=["R"])

    assert len(story.told("T1")) == 1


def test_nobody_is_told_during_a_hold_on_all_contact_and_the_time_begins_at_its_end():
    story = company().on("Mon 03-02 10:00", "hold.placed", scope="all_outbound", until="2026-03-06T12:00:00Z")
    story.on("Tue 03-03 10:00", SHIPPED, request_id="R").until("Fri 03-06 11:00")
    assert story.told("task.proposed") == []

    story.until("Fri 03-06 12:00")
    assert story.told("T1") == ["Fri 03-06 12:00 task.proposed T1 dana due Tue 03-10 17:00"]


def test_what_was_told_by_hand_is_corrected_when_it_is_taken_back():
    story = company().on("Tue 03-03 10:00", SHIPPED, request_id="R")
    story.on("Tue 03-03 12:00", "task.completed", workflow="you_asked_we_did", ref="T1")
    story.on("Thu 03-05 10:00", BACK, release_id="V", request_ids=["R"])

    assert story.told("T3") == ["Thu 03-05 10:00 task.proposed T3 dana due Thu 03-05 14:00"]


def test_long_after_the_end_there_is_nothing_to_correct():
    story = company().on("Tue 03-03 10:00", SHIPPED, request_id="R")
    for ref in ("T2", "T1"):
        story.on("Tue 03-03 12:00", "task.completed", workflow="you_asked_we_did", ref=ref)
    story.until("Mon 06-01 10:00").on("Mon 06-01 11:00", BACK, release_id="V", request_ids=["R"])

    assert story.told("T3") == []
    assert story.history.state.instances == {}


def test_the_champion_is_told_when_the_asker_has_left():
    story = company().on("Mon 02-02 10:00", "product.request.submitted", request_id="R", asker="jo")
    story.on("Mon 02-02 11:00", "customer.contact.joined", contact_id="vi", role_to="champion")
    story.on("Mon 02-09 10:00", "customer.contact.left", contact_id="jo").on("Tue 03-03 10:00", SHIPPED, request_id="R")

    assert story.last("T1")["title"].startswith("Tell vi (jo has left; there only if you choose to)")

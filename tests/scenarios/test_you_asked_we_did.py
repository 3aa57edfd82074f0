"""Who asked for it hears from us that it is there (W08)."""

from tests.scenarios.scenario import Story

SHIPPED, RELEASED, BACK = "product.request.shipped", "product.release.published", "product.release.rolled_back"
REQUESTED, MERGED = "product.request.submitted", "product.request.merged"


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
    story.on("Mon 02-02 10:00", REQUESTED, request_id="R-1")
    story.on("Mon 02-02 11:00", REQUESTED, request_id="R-2")
    story.on("Mon 02-02 12:00", REQUESTED, subject="beta", request_id="R-3")
    story.on("Mon 02-09 12:00", MERGED, subject="beta", request_id="R-3", into="R-2")
    story.on("Tue 03-03 10:00", RELEASED, subject="", release_id="V", request_ids=["R-1", "R-2"])

    assert [one.split("/")[-1] for one in story.running()] == ["R-1", "R-2"]
    assert sent_to(story, "beta") == ["T1", "T2"]
    assert sent_to(story, "gamma") == []


def test_a_release_that_names_a_request_that_was_shipped_tells_it_once():
    story = company().on("Tue 03-03 10:00", SHIPPED, request_id="R")
    story.on("Wed 03-04 10:00", RELEASED, release_id="V", request_ids=["R"])

    assert len(story.told("T1")) == 1


def test_what_was_taken_back_before_it_was_told_is_told_when_it_is_released_again():
    story = company().on("Tue 03-03 10:00", RELEASED, release_id="V", request_ids=["R"])
    story.on("Wed 03-04 14:00", BACK, release_id="V")
    story.on("Mon 03-09 10:00", RELEASED, release_id="V2", request_ids=["R"])

    assert story.told("task.proposed", "T1")[1:] == ["Mon 03-09 10:00 task.proposed T1 dana due Wed 03-11 17:00"]


def test_a_release_concerns_the_accounts_that_it_lists_beside_its_own():
    story = company("beta").on("Tue 03-03 10:00", RELEASED, release_id="V", request_ids=["R"], accounts=["beta"])

    assert sent_to(story, "acme") == sent_to(story, "beta") == ["T1", "T2"]


def test_who_is_known_to_have_asked_only_after_it_was_shipped_is_told_all_the_same():
    story = company("beta").on("Tue 03-03 10:00", SHIPPED, request_id="R")
    story.on("Mon 03-02 12:00", REQUESTED, subject="beta", request_id="R", arrived="Tue 03-03 11:00")

    assert sent_to(story, "beta") == ["T1", "T2"]


def test_who_asked_for_a_request_that_is_known_to_be_merged_only_after_a_release_is_told_of_it():
    story = company("beta").on("Mon 02-02 10:00", REQUESTED, subject="beta", request_id="R-3")
    story.on("Tue 03-03 10:00", RELEASED, release_id="V", request_ids=["R-2"])
    story.on("Mon 03-02 12:00", MERGED, subject="beta", request_id="R-3", into="R-2", arrived="Tue 03-03 11:00")

    assert sent_to(story, "beta") == ["T1", "T2"]


def test_who_asks_after_it_was_shipped_is_not_told_even_when_the_shipping_is_known_later():
    story = company("beta").on("Wed 03-04 10:00", REQUESTED, subject="beta", request_id="R")
    story.on("Tue 03-03 10:00", SHIPPED, request_id="R", arrived="Wed 03-04 12:00")

    assert sent_to(story, "beta") == []


def test_what_is_taken_back_by_the_name_of_its_release_is_taken_back_at_who_asked_and_is_known_later():
    story = company("beta").on("Tue 03-03 10:00", RELEASED, subject="", release_id="V", request_ids=["R"])
    story.on("Tue 03-03 12:00", BACK, subject="", release_id="V")
    story.on("Mon 03-02 12:00", REQUESTED, subject="beta", request_id="R", arrived="Wed 03-04 11:00")

    assert "you_asked_we_did/beta/R" not in story.world.histories["beta"].state.instances
    assert story.world.histories["beta"].state.runs["you_asked_we_did/R"].reason == "rolled_back"


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
    story = company().on("Mon 02-02 10:00", REQUESTED, request_id="R", asker="jo")
    story.on("Mon 02-02 11:00", "customer.contact.joined", contact_id="vi", role_to="champion")
    story.on("Mon 02-09 10:00", "customer.contact.left", contact_id="jo").on("Tue 03-03 10:00", SHIPPED, request_id="R")

    assert story.last("T1")["title"].startswith("Tell vi (jo has left; there only if you choose to)")

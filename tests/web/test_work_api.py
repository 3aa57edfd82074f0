"""What waits for somebody, why, and what she does about it; two people do not overwrite each other."""

from typing import Any

import pytest

from agents.rows import WorkFilter
from nofumble.cli.stored_work import item_of
from nofumble.web import sending
from tests.web.application import NOW, Site
from workflows.account import Loop


@pytest.fixture(autouse=True)
def _nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sending, "WAIT_MAX_S", 0)


def refs(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["ref"] for one in answer.json()["items"]]


def test_who_holds_a_loop_says_that_the_customer_was_told(company: Site):
    loop = next(row for row in company.store.work(WorkFilter("loop")))
    holder, stranger = company.signed_in(str(loop.person), "sales"), company.signed_in("leo", "product")

    assert "Customer was told" in holder.get(f"/work/{loop.id}").text
    assert stranger.post(f"/api/v1/work/{loop.id}/told", headers={"If-Match": "*"}).status_code == 403
    task = company.item("T2")
    assert holder.post(f"/api/v1/work/{task.id}/told", headers={"If-Match": "*"}).status_code == 404

    answer = holder.post(f"/work/{loop.id}", data={"deed": "told", "text": "we are on it"})
    company.work()

    assert answer.status_code == 303
    (now,) = [item_of(row) for row in company.store.work(WorkFilter("loop")) if row.id == loop.id]
    assert isinstance(now, Loop)
    assert now.told_at == NOW


def test_what_is_parked_is_listed_and_let_go_by_a_link(company: Site):
    yuki = company.signed_in("yuki", "cs_ops")
    said = {"specversion": "1.0", "source": "/crm", "type": "cs.contact.logged", "time": "2026-03-06T15:00:00Z"}
    events = [{**said, "id": f"p-{n}", "subject": ref, "data": {}} for n, ref in enumerate(["crm:1", "crm:1", "crm:2"])]
    assert yuki.post("/api/v1/events", json=events).json()["parked"] == 3

    first = yuki.get("/api/v1/parked?limit=2").json()
    rest = yuki.get(f"/api/v1/parked?limit=2&cursor={first['next']}").json()
    (narrow,) = yuki.get("/api/v1/parked?ref=crm:2").json()["items"]
    linked = yuki.post("/api/v1/parked/link", json={"ref": "crm:1", "account": "acme"})

    assert [one["event"] for one in (*first["items"], *rest["items"])] == ["p-0", "p-1", "p-2"]
    assert narrow["type"] == "cs.contact.logged"
    assert (linked.status_code, linked.json()["released"]) == (202, 2)
    assert [one["ref"] for one in yuki.get("/api/v1/parked").json()["items"]] == ["crm:2"]
    assert yuki.post("/api/v1/parked/link", json={"ref": "crm:2", "account": "nobody"}).status_code == 404
    assert yuki.post("/api/v1/parked/link", json={"ref": "crm:", "account": "acme"}).status_code == 422
    assert yuki.get("/api/v1/audit").status_code == 403
    acts = [(line.act, line.object) for line in company.store.audit(before=None, limit=20)]
    assert ("parked.linked", "crm:1") in acts


def test_the_inbox_has_what_waits_for_me_the_most_urgent_first(company: Site):
    found = company.signed_in("dana").get("/api/v1/inbox").json()["items"]

    assert {one["kind"] for one in found} == {"alert", "task"}
    assert found[0]["kind"] == "alert"
    assert all(one["kind"] == "alert" or one["person"] == "dana" for one in found)


def test_the_inbox_of_the_team_has_what_waits_for_all_of_it(company: Site):
    answer = company.signed_in("cleo").get("/api/v1/inbox?of=team")

    assert "dana" in {one["person"] for one in answer.json()["items"]}


def test_a_list_is_read_by_pages_and_nothing_is_missed_or_doubled(company: Site):
    browser = company.signed_in("dana")
    whole = [one["id"] for one in browser.get("/api/v1/tasks?closed=true").json()["items"]]

    found, cursor = [], ""
    while True:
        page = browser.get(f"/api/v1/tasks?closed=true&limit=1{cursor}").json()
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert len(whole) > 2
    assert found == whole


def test_the_timeline_is_read_by_pages_and_nothing_is_missed_or_doubled(company: Site):
    browser = company.signed_in("dana")
    whole = browser.get("/api/v1/accounts/acme/timeline?limit=500").json()["items"]

    found, cursor = [], ""
    while True:
        page = browser.get(f"/api/v1/accounts/acme/timeline?limit=2{cursor}").json()
        found += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert len(whole) > 6
    assert found == whole


def test_a_task_is_taken_over_and_the_event_names_who_did_it(company: Site):
    browser, row = company.signed_in("mia"), company.item("T6")
    seen = browser.get(f"/api/v1/work/{row.id}")

    answer = browser.post(f"/api/v1/work/{row.id}/accept", headers={"If-Match": seen.headers["ETag"]})
    company.work()

    assert answer.status_code == 202
    assert browser.get(f"/api/v1/work/{row.id}").json()["status"] == "accepted"


def test_who_saw_an_older_state_is_told_that_somebody_was_faster(company: Site):
    browser, row = company.signed_in("dana"), company.item("T3'")
    seen = browser.get(f"/api/v1/work/{row.id}").headers["ETag"]
    browser.post(f"/api/v1/work/{row.id}/accept", headers={"If-Match": seen})
    company.work()

    late = browser.post(f"/api/v1/work/{row.id}/decline", json={"reason": "no"}, headers={"If-Match": seen})
    without = browser.post(f"/api/v1/work/{row.id}/start")

    assert (late.status_code, without.status_code) == (412, 428)
    assert late.json()["remedy"] == "read it again"


def test_an_action_that_the_state_does_not_allow_names_the_rule(company: Site):
    browser, row = company.signed_in("dana"), company.item("T3'")
    match = {"If-Match": "*"}

    assert browser.post(f"/api/v1/work/{row.id}/ack", headers=match).status_code == 404
    assert browser.post(f"/api/v1/work/{row.id}/decline", headers=match).json()["path"] == "reason"
    assert browser.post(f"/api/v1/work/{row.id}/snooze", json={"until": "2026-03-01"}, headers=match).status_code == 422
    assert browser.post(f"/api/v1/work/{row.id}/accept", json={"owner": "eve"}, headers=match).status_code == 422


def test_the_work_of_others_is_acted_on_by_who_may_and_that_is_written_down(company: Site):
    row, match = company.item("T3'"), {"If-Match": "*"}

    assert company.signed_in("mia").post(f"/api/v1/work/{row.id}/accept", headers=match).status_code == 403
    given = company.signed_in("yuki", "cs_ops").post(
        f"/api/v1/work/{row.id}/reassign", json={"to": "cleo", "reason": "dana is ill"}, headers=match
    )

    assert given.status_code == 202
    (line, *_) = company.store.audit(before=None, limit=1)
    assert (line.person, line.act, line.object, line.reason) == ("yuki", "work.overridden", row.id, "dana is ill")


def test_somebody_asks_before_she_writes_and_her_question_is_on_the_timeline(company: Site):
    mia = company.signed_in("mia")

    answer = mia.post("/api/v1/accounts/acme/may-i", json={"purpose": "upsell"})
    unknown = mia.post("/api/v1/accounts/acme/may-i", json={"purpose": "spam"})
    company.work()

    assert answer.json()["decision"] in {"allow", "allow_with_notice", "hold", "deny"}
    assert unknown.status_code == 422
    assert any(
        one.get("type") == "preflight.answered" for one in mia.get("/api/v1/accounts/acme/timeline").json()["items"]
    )

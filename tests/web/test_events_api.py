"""Events come in by the API as they do from a file: each is accounted for, and the same again changes nothing."""

from typing import Any

import pytest

from tests.web.application import Site

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "t-1",
    "source": "/helpdesk",
    "type": "support.ticket.opened",
    "subject": "acme",
    "time": "2026-03-06T10:00:00Z",
    "data": {"ticket_id": "4711", "summary": "it is down"},
}


def fates(answer: Any) -> list[str]:
    assert answer.status_code == 202, answer.text
    return [one["fate"] for one in answer.json()["events"]]


def test_an_event_is_accepted_and_the_second_time_it_is_a_duplicate(company: Site):
    browser = company.signed_in("yuki", "cs_ops")

    assert fates(browser.post("/api/v1/events", json=EVENT)) == ["accepted"]
    assert fates(browser.post("/api/v1/events", json=EVENT)) == ["duplicate"]


def test_a_batch_says_of_each_event_what_became_of_it_in_the_order_of_the_batch(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    stranger = EVENT | {"id": "t-2", "subject": "zendesk:999"}
    wrong = EVENT | {"id": "t-3", "data": {"ticket_id": 5}}
    batch = [wrong, EVENT, stranger, EVENT]

    answer = browser.post("/api/v1/events", json=batch, headers={"Content-Type": "application/cloudevents-batch+json"})

    assert fates(answer) == ["quarantined", "accepted", "parked", "duplicate"]
    assert answer.json()["events"][0]["path"] == "data.ticket_id"
    assert {name: answer.json()[name] for name in ("rows", "accepted", "duplicate", "parked", "quarantined")} == {
        "rows": 4,
        "accepted": 1,
        "duplicate": 1,
        "parked": 1,
        "quarantined": 1,
    }


def test_an_event_in_the_binary_mode_is_the_same_event(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    headers = {f"ce-{name}": value for name, value in EVENT.items() if name != "data"}

    assert fates(browser.post("/api/v1/events", json=EVENT["data"], headers=headers)) == ["accepted"]
    assert fates(browser.post("/api/v1/events", json=EVENT)) == ["duplicate"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"[", "application/cloudevents-batch+json", 400),
        (b"{}", "text/plain", 415),
        (b'{"a": 1}', "application/x-www-form-urlencoded", 415),
        (b"[" * 100_000, "application/json", 400),
        (b"[" + b"{}," * 5_000 + b"{}]", "application/cloudevents-batch+json", 413),
    ],
)
def test_what_is_no_event_is_refused_with_the_rule(company: Site, body: bytes, kind: str, status: int):
    answer = company.signed_in("yuki", "cs_ops").post("/api/v1/events", content=body, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(company: Site):
    browser = company.signed_in("yuki", "cs_ops")

    declared = browser.post("/api/v1/events", content=b"x" * (8 * 1024 * 1024 + 1))
    streamed = browser.post("/api/v1/events", content=(b"x" * 1024 * 1024 for _ in range(9)))
    packed = browser.post("/api/v1/events", content=b"x", headers={"Content-Encoding": "gzip"})

    assert (declared.status_code, streamed.status_code, packed.status_code) == (413, 413, 415)


def test_a_team_sends_its_own_events_and_nobody_elses_deeds(company: Site):
    sam = company.signed_in("sam")
    signed = EVENT | {"type": "sales.contract.signed", "data": {"contract_id": "C-9", "kind": "new"}}
    forged = signed | {"data": {**signed["data"], "actor": {"person": "dana"}}}

    assert sam.post("/api/v1/events", json=EVENT).status_code == 403
    assert sam.post("/api/v1/events", json=forged).status_code == 403
    assert fates(sam.post("/api/v1/events", json=signed)) == ["accepted"]


def test_what_was_sent_is_applied_by_the_agents_and_stands_on_the_timeline(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    browser.post("/api/v1/events", json=EVENT)

    company.work()

    said = browser.get("/api/v1/accounts/acme/timeline").json()["items"]
    assert any(one.get("id") == "t-1" for one in said)

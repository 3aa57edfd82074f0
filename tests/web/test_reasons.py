"""Why, why not, and how it was then: the same answers as on the command line, and nothing that a role may not see."""

from datetime import timedelta
from typing import Any

import msgspec

from agents.rows import WorkFilter
from nofumble.cli.pasts import StoredPasts
from nofumble.cli.session import Session
from nofumble.cli.why import as_object, reason_of
from tests.web.application import NOW, Site
from workflows.reasons.why_not import why_not as reason_against


def command(site: Site, work_id: str) -> Any:
    """Return what `nofumble why --json` says of work."""
    pasts = StoredPasts(Session(site.store, site.settings, site.clock.now()))
    named = pasts.work(work_id)
    return as_json(as_object(named, reason_of(named)))


def as_json(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=str))


def test_why_is_the_same_object_as_that_of_the_command(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    for row in company.store.work(WorkFilter(is_open=None)):
        said = browser.get(f"/api/v1/work/{row.id}/why").json()

        assert said.pop("told") is not None
        assert said == command(company, row.id)


def test_why_tells_the_events_with_their_arrival_and_what_would_have_prevented_it(company: Site):
    said = company.signed_in("dana").get(f"/api/v1/work/{company.item('A1').id}/why").json()

    (signed, *_) = said["steps"]
    assert (signed["type"], signed["actor"], bool(signed["arrived_at"])) == ("sales.contract.signed", "sam", True)
    assert said["clock"]["duration"] == "3bd"
    assert len(said["rule"]["hash"]) > 9
    assert said["counterfactual"]["gone"]


def test_why_of_an_escalation_is_found_by_the_id_that_its_task_lists(company: Site):
    company.clock.advance_to(NOW + timedelta(days=9))
    company.work()
    browser = company.signed_in("dana")
    whole = [browser.get(f"/api/v1/work/{row.id}/why").json() for row in company.store.work(WorkFilter("task"))]
    rung, task = next((rung["id"], one["id"]) for one in whole for rung in one["escalations"])

    said = browser.get(f"/api/v1/work/{rung}/why").json()

    assert (said["kind"], said["of"]) == ("escalation", task)
    assert browser.get(f"/work/{rung}").headers["location"] == f"/work/{task}"
    assert company.signed_in("nina", "sales").get(f"/api/v1/work/{rung}/why").status_code == 404


def test_why_not_is_the_same_object_as_that_of_the_command(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    pasts = StoredPasts(Session(company.store, company.settings, company.clock.now()))

    for name in ("review_avoidance", "signature_to_kickoff"):
        said = browser.get(f"/api/v1/accounts/acme/why-not?workflow={name}").json()

        found = reason_against(pasts.past("acme"), pasts.definitions[name])
        assert isinstance(said.pop("told"), list)
        assert said == as_json(found)


def test_why_not_is_asked_of_a_time_and_answers_by_what_was_known_then(company: Site):
    browser, path = company.signed_in("dana"), "/api/v1/accounts/acme/why-not?workflow=signature_to_kickoff"

    before, after = browser.get(f"{path}&at=2026-03-02").json(), browser.get(path).json()

    assert (before["fired"], before["stop"]["kind"]) == (False, "no_event")
    assert before["changes"]
    assert after["fired"]
    for wrong in ("at=soon", "at=2026-04-01"):
        assert browser.get(f"{path}&{wrong}").status_code == 422
    assert browser.get("/api/v1/accounts/acme/why-not?workflow=nothing").status_code == 404


def test_the_page_of_why_not_tells_what_stopped_it_and_the_smallest_change(company: Site):
    page = company.signed_in("dana").get("/why-not?account=acme&workflow=signature_to_kickoff&at=2026-03-02").text

    assert "It did not begin" in page
    assert "Nothing of the kind was heard" in page
    assert "sales.contract.signed" in page[page.index("It would begin if") :]


def test_a_page_of_why_not_that_cannot_be_answered_says_so_in_its_form(company: Site):
    browser = company.signed_in("dana")

    for query in (
        "account=nobody&workflow=review_avoidance",
        "account=acme&workflow=x",
        "account=acme&workflow=x&at=y",
    ):
        answer = browser.get(f"/why-not?{query}")
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True), query


def test_an_account_is_shown_as_it_was_known_at_a_time(company: Site):
    browser = company.signed_in("dana")
    then, now = (browser.get(f"/api/v1/accounts/acme{query}").json() for query in ("?as_of=2026-03-03T09:00Z", ""))

    assert then["tasks"] == []
    assert then["alerts"] == []
    assert now["alerts"]
    page = browser.get("/accounts/acme?as_of=2026-03-05").text
    assert "This is what was known" in page
    assert 'name="deed"' not in page
    assert company.item("A1").id not in page
    assert company.item("A1").id in browser.get("/accounts/acme").text
    assert browser.get("/accounts/acme?as_of=tomorrow", headers={"Accept": "text/html"}).status_code == 422


def test_the_timeline_by_arrival_tells_a_late_event_when_we_knew_of_it(company: Site):
    browser, late = company.signed_in("dana"), LATE_TICKET | {"time": "2026-03-04T08:00:00Z"}
    company.play(late)

    by_time, by_arrival = (
        [one["type"] for one in browser.get(f"/api/v1/accounts/acme/timeline?by={by}").json()["items"] if "type" in one]
        for by in ("time", "arrival")
    )

    assert by_time[0] != late["type"]
    assert by_arrival[0] == late["type"]
    assert "happened Wed 4 Mar" in browser.get("/accounts/acme?by=arrival").text
    assert late["type"] not in browser.get("/api/v1/accounts/acme/timeline?as_of=2026-03-05").text


LATE_TICKET: dict[str, Any] = {
    "specversion": "1.0",
    "id": "late-1",
    "source": "/helpdesk",
    "type": "support.ticket.opened",
    "subject": "acme",
    "recordedtime": "2026-03-06T17:30:00Z",
    "data": {"ticket_id": "9"},
}

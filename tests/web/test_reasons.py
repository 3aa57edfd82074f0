"""Why, why not, and how it was then: the same answers as on the command line, and nothing that a role may not see."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from agents.rows import WorkFilter
from nofumble.cli.pasts import StoredPasts
from nofumble.cli.session import Session
from nofumble.cli.why import as_object, reason_of
from tests.web.application import NOW, Site

def command(site: Site, work_id: str) -> Any:
    """Return what `nofumble why --json` says of work."""
    pasts = StoredPasts(Session(site.store, site.settings, site.clock.now()))
    named = pasts.work(work_id)
    return msgspec.json.decode(msgspec.json.encode(as_object(named, reason_of(named)), enc_hook=str))


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

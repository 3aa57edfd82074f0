"""A definition is written, tried and put in force by its team, and nobody overwrites somebody else's."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from agents.rows import WorkFilter
from nofumble.authoring.drafts import begun
from nofumble.authoring.examiner import Examiner
from nofumble.authoring.examining import Asked
from nofumble.authoring.trials import Trials
from nofumble.erasing.erasing import erase_person
from nofumble.errors import ServiceUnavailable
from nofumble.wiring import SHIPPED
from tests.web.application import NOW, Site
from tests.web.test_pages import CANARY, Markup, event
from workflows.language.grammar import TEAMS

NAME = "signature_to_kickoff"
FLOW = f"/api/v1/workflows/{NAME}"
SHIPPED_TEXT = (SHIPPED / "cs" / f"{NAME}.yaml").read_text(encoding="utf-8")
NEW = "trial_follow_up"
ANY = {"If-Match": "*"}


def raised(text: str, version: str = "9.0.0") -> str:
    """Give a text the number of another version."""
    return "\n".join(f"version: {version}" if line.startswith("version:") else line for line in text.splitlines())


def write(browser: TestClient, text: str, name: str = NAME) -> Any:
    answer = browser.put(f"/api/v1/workflows/{name}/draft", json={"definition": text}, headers=ANY)
    assert answer.status_code == 200, answer.text
    return answer


def begin(browser: TestClient, team: str, name: str = NEW) -> Any:
    return browser.post("/api/v1/workflows", json={"name": name, "title": "A call", "team": team})


@pytest.fixture
def examiner() -> Iterator[Examiner]:
    one = Examiner()
    yield one
    one.close()


# ------------------------------------------------------------------------------------------------------ the text


@pytest.mark.parametrize("team", TEAMS)
def test_the_template_of_every_team_holds_and_its_example_comes_true(examiner: Examiner, team: str):
    found = examiner.examine(Asked(begun(NEW, 'A "call" \\ {name}: #1', team), NEW, {}))

    assert (found.is_good, len(found.played)) == (True, 1)


def test_examples_that_take_for_ever_are_stopped_and_the_next_text_is_examined_all_the_same():
    state = """
  held:
    enter: {on: cs.health.changed, where: event.to == "red"}
    leave: {on: cs.health.changed, where: event.to == "green"}
    by: '"x"'
    for: 1m
    again: 1m
"""
    text = begun(NEW, "A call", "cs").replace("\n  on: sales.contract.signed\n", state)
    text = text.replace("key: event.contract_id", "key: string(event.time)").partition("examples:")[0] + "examples:\n"
    red = "{at: 2026-03-03T10:00:00Z, type: cs.health.changed, data: {from: green, to: red}}"
    never = "[{type: loop.opened}]"
    text += "".join(
        f"  - {{name: n{one}, when: [{red}], until: 9999-01-01T00:00:00Z, never: {never}}}\n" for one in range(50)
    )
    examiner = Examiner(1, limit_s=2)

    found = examiner.examine(Asked(text, NEW, {}))
    next_ = examiner.examine(Asked(begun(NEW, "A call", "cs"), NEW, {}))
    examiner.close()

    assert (found.checked.messages, found.is_whole, found.is_good) == ([], False, False)
    assert len(found.played) + len(found.open_examples) == 50
    assert next_.is_good


def test_a_process_that_was_ended_while_it_waited_is_replaced():
    examiner, asked = Examiner(1), Asked(begun(NEW, "A call", "cs"), NEW, {})
    examiner.examine(asked)
    waiting = examiner._places.queue[0]
    assert waiting is not None
    waiting.kill()
    with waiting:
        waiting.wait()

    found = examiner.examine(asked)
    examiner.close()

    assert found.is_good


def test_more_than_may_wait_are_told_to_come_back():
    examiner = Examiner(0, limit_s=0.01)

    with pytest.raises(ServiceUnavailable, match="too many"):
        examiner.examine(Asked("", NEW, {}))


def test_a_finding_stands_at_its_line_and_what_holds_gives_its_picture(company: Site):
    browser = company.signed_in("dana", "cs")
    line = SHIPPED_TEXT.splitlines().index("team: cs") + 1

    broken = browser.post(f"{FLOW}/check", json={"definition": SHIPPED_TEXT.replace("team: cs", "team: moon")}).json()
    good = browser.post(f"{FLOW}/check", json={"definition": raised(SHIPPED_TEXT)}).json()
    page = Markup(browser.post(f"/workflows/{NAME}/check", data={"definition": raised(SHIPPED_TEXT)}).text)

    assert [one["line"] for one in broken["findings"]] == [line]
    assert (good["good"], good["findings"]) == (True, [])
    assert len(good["examples"]) == SHIPPED_TEXT.count("- name:")
    assert page.all("img").__next__()["src"].startswith("data:image/svg+xml;base64,")


def test_an_example_that_does_not_come_true_says_what_came_instead(company: Site):
    text = begun(NEW, "A call", "cs").replace("due: 2026-03-05T17:00:00Z", "due: 2026-03-09T17:00:00Z")
    browser = company.signed_in("dana", "cs")
    begin(browser, "cs")

    found = browser.post(f"/api/v1/workflows/{NEW}/check", json={"definition": text}).json()

    assert found["good"] is False
    assert "due 2026-03-05T17:00:00Z" in found["examples"][0]["misses"][0]


def test_examples_run_beside_the_versions_that_are_in_force(company: Site):
    text = (SHIPPED / "cs" / "adoption_drop.yaml").read_text(encoding="utf-8")

    found = company.signed_in("dana", "cs").post(
        "/api/v1/workflows/adoption_drop/check", json={"definition": raised(text)}
    )

    assert found.json()["good"] is True, found.json()


def test_a_number_that_was_in_force_with_other_words_is_a_finding_at_its_line(company: Site):
    text = SHIPPED_TEXT.replace("purpose: >", "purpose: >\n  Other words.", 1)
    assert text != SHIPPED_TEXT

    found = company.signed_in("dana", "cs").post(f"{FLOW}/check", json={"definition": text}).json()

    assert [one["rule"] for one in found["findings"]] == ["version"]
    assert text.splitlines()[found["findings"][0]["line"] - 1].startswith("version:")


# ------------------------------------------------------------------------------------------------------- drafts


def test_a_draft_is_kept_as_it_is_whether_or_not_it_holds(company: Site):
    browser = company.signed_in("dana", "cs")

    write(browser, "name: [half a")
    found = browser.get(f"{FLOW}/draft").json()

    assert (found["definition"], found["author"]) == ("name: [half a", "dana")
    assert company.signed_in("ada", "admin").get(f"/workflows/{NAME}/edit").text.count("name: [half a") == 1


def test_of_two_who_saw_the_same_draft_the_second_is_told_and_nothing_of_hers_is_lost(company: Site):
    dana, mia = company.signed_in("dana", "cs"), company.signed_in("mia", "cs")
    seen = write(dana, "one").headers["ETag"]

    first = dana.put(f"{FLOW}/draft", json={"definition": "two"}, headers={"If-Match": seen})
    late = mia.put(f"{FLOW}/draft", json={"definition": "three"}, headers={"If-Match": seen})
    page = mia.post(f"/workflows/{NAME}/edit", data={"definition": "three <mine>", "seen": seen})
    without = mia.put(f"{FLOW}/draft", json={"definition": "three"})

    assert (first.status_code, late.status_code, without.status_code) == (200, 412, 428)
    assert page.status_code == 412
    assert "three &lt;mine&gt;" in page.text
    assert "two" in Markup(page.text).text
    assert mia.get(f"{FLOW}/draft").json()["definition"] == "two"


@pytest.mark.parametrize("text", ["a\0b", "x" * 300_000])
def test_what_no_text_is_cannot_be_kept(company: Site, text: str):
    browser = company.signed_in("dana", "cs")

    answer = browser.put(f"{FLOW}/draft", json={"definition": text}, headers=ANY)

    assert answer.status_code in {409, 422}
    assert browser.get(f"{FLOW}/draft").status_code == 404


def test_a_name_that_is_taken_or_none_is_refused(company: Site):
    browser = company.signed_in("dana", "cs")

    assert begin(browser, "cs").status_code == 201
    assert begin(browser, "cs").status_code == 409
    assert begin(browser, "cs", NAME).status_code == 409
    assert begin(browser, "cs", "../etc").status_code in {409, 422}
    assert begin(browser, "moon").status_code in {403, 409}


def test_a_person_who_is_erased_is_in_no_draft(company: Site):
    company.play(event("customer.contact.joined", {"contact_id": "jo@acme.example", "name": "Jo Canary"}, name="j-1"))
    write(company.signed_in("dana", "cs"), "# as Jo Canary <jo@acme.example> asked")

    home = company.settings.home
    erase_person(company.store, "jo@acme.example", home=home, reason="her request", by="ada", how="cookie", now=NOW)

    (draft,) = company.store.drafts()
    assert "canary" not in draft.text.lower()
    assert "jo@acme.example" not in draft.text


# --------------------------------------------------------------------------------------------------- whose it is


def test_who_writes_for_another_team_can_neither_see_nor_change_a_draft(company: Site):
    mia = company.signed_in("mia", "marketing")
    write(company.signed_in("dana", "cs"), raised(SHIPPED_TEXT))
    begin(company.signed_in("dana", "cs"), "cs")

    answers = [
        mia.get(f"{FLOW}/draft"),
        mia.put(f"{FLOW}/draft", json={"definition": "x"}, headers=ANY),
        mia.delete(f"{FLOW}/draft", headers=ANY),
        mia.post(f"{FLOW}/check", json={"definition": "x"}),
        mia.get(f"{FLOW}/shadow"),
        mia.post(f"{FLOW}/activate", json={"note": "mine now"}, headers=ANY),
        mia.get(f"/workflows/{NAME}/edit"),
        mia.post(f"/workflows/{NAME}/versions", data={"deed": "deactivate", "seen": "*", "note": "x", "sure": "yes"}),
    ]

    assert {one.status_code for one in answers} == {403}
    assert mia.get(f"/api/v1/workflows/{NEW}/versions").status_code == 404
    assert mia.get(f"{FLOW}/versions").json()["draft"] is None
    assert mia.get(f"{FLOW}/diff?before=draft&after=1.0.0").status_code == 404
    assert begin(mia, "cs", "another_one").status_code == 403


def test_nobody_makes_a_definition_of_another_team_her_own_by_writing_so(company: Site):
    mia = company.signed_in("mia", "marketing")
    begin(mia, "marketing")
    write(mia, begun(NEW, "A call", "cs"), NEW)

    found = mia.post(f"/api/v1/workflows/{NEW}/check", json={"definition": begun(NEW, "A call", "cs")}).json()
    put = mia.post(f"/api/v1/workflows/{NEW}/activate", json={"note": "x"}, headers=ANY)

    assert [one["rule"] for one in found["findings"]] == ["team"]
    assert put.status_code in {403, 422}
    assert all(one.name != NEW for one in _in_force(company))


def test_a_name_in_the_text_that_is_not_the_drafts_is_a_finding(company: Site):
    mia = company.signed_in("mia", "marketing")
    begin(mia, "marketing")
    other = begun("promo_suppression", "Theirs", "marketing")

    found = mia.post(f"/api/v1/workflows/{NEW}/check", json={"definition": other}).json()

    assert [one["rule"] for one in found["findings"]] == ["file_name"]


def _in_force(company: Site) -> Any:
    from nofumble.catalogue import stored_definitions

    return stored_definitions(company.store)


# ----------------------------------------------------------------------------------------------- what is in force


def signed(number: int) -> Any:
    data = {"contract_id": f"C-{number}", "kind": "new", "actor": {"person": "sam", "team": "sales"}}
    return event("sales.contract.signed", data, name=f"sign-{number}")


def due_of(company: Site, key: str, ref: str = "T1") -> Any:
    rows = company.store.work(WorkFilter(is_open=None))
    return next(row.due_at for row in rows if (row.workflow, row.key, row.ref) == (NEW, key, ref))


def test_a_draft_comes_into_force_and_the_next_event_has_its_deadline(company: Site):
    browser = company.signed_in("dana", "cs")
    begin(browser, "cs")
    first = browser.post(f"/api/v1/workflows/{NEW}/activate", json={"note": "a try"}, headers=ANY)
    company.play(signed(71))
    text = begun(NEW, "A call", "cs").replace("due: 2bd", "due: 4bd").replace("version: 1.0.0", "version: 1.1.0")
    write(browser, text.replace("2026-03-05T17", "2026-03-09T17"), NEW)

    tried = browser.post(f"/api/v1/workflows/{NEW}/activate", json={"note": "x", "dry_run": True}, headers=ANY).json()
    before = browser.get(f"/api/v1/workflows/{NEW}/versions").json()
    done = browser.post(f"/api/v1/workflows/{NEW}/activate", json={"note": "two days are not enough"}, headers=ANY)
    company.play(signed(72))

    assert first.status_code == 200, first.text
    assert tried["dry_run"] is True
    assert tried["differences"] == ["T1: until was 2bd, and is 4bd"]
    assert before["in_force"]["version"] == "1.0.0"
    assert done.status_code == 200, done.text
    known = browser.get(f"/api/v1/workflows/{NEW}/versions").json()
    assert (known["in_force"]["version"], known["draft"]) == ("1.1.0", None)
    assert known["history"][0]["by"] == "dana"
    assert known["history"][0]["note"] == "two days are not enough"
    assert (due_of(company, "C-72") - due_of(company, "C-71")).days > 1
    assert f"{NEW} 1.1.0" in Markup(browser.get(f"/workflows/{NEW}").text).text


def one_runs_and_a_slower_one_is_written(company: Site, browser: TestClient, team: str) -> None:
    begin(browser, team)
    browser.post(f"/api/v1/workflows/{NEW}/activate", json={"note": "a try"}, headers=ANY)
    company.play(signed(71))
    text = begun(NEW, "A call", team).replace("due: 2bd", "due: 4bd").replace("version: 1.0.0", "version: 1.1.0")
    write(browser, text.replace("2026-03-05T17", "2026-03-09T17"), NEW)


def test_what_runs_goes_over_when_that_is_wished_and_is_told_before(company: Site):
    browser = company.signed_in("dana", "cs")
    one_runs_and_a_slower_one_is_written(company, browser, "cs")
    wish = {"note": "for all", "migrate": True}

    tried = browser.post(f"/api/v1/workflows/{NEW}/activate", json=wish | {"dry_run": True}, headers=ANY).json()
    page = browser.post(
        f"/workflows/{NEW}/versions", data={"deed": "activate", "seen": "*", "migrate": "yes", "note": "x"}
    )
    done = browser.post(f"/api/v1/workflows/{NEW}/activate", json=wish, headers=ANY).json()

    (one,) = tried["instances"]
    assert (one["key"], one["migrates"], one["from"], one["to"]) == ("C-71", True, "1.0.0", "1.1.0")
    assert done["instances"] == tried["instances"]
    assert "1 running would go over to it" in Markup(page.text).text


def test_who_does_not_see_a_customer_is_told_how_many_run_and_not_where(company: Site):
    nina = company.signed_in("nina", "sales")
    one_runs_and_a_slower_one_is_written(company, nina, "sales")

    said = nina.post(
        f"/api/v1/workflows/{NEW}/activate", json={"note": "x", "migrate": True, "dry_run": True}, headers=ANY
    ).json()

    assert (said["migrating"], said["keeping"], said["instances"]) == (1, 0, [])
    assert "acme" not in str(said)


def test_a_draft_that_does_not_hold_or_whose_example_fails_comes_into_force_nowhere(company: Site):
    browser = company.signed_in("dana", "cs")
    begin(browser, "cs")
    good = begun(NEW, "A call", "cs")

    for text in (good.replace("due: 2bd", "due: soon"), good.replace("due: 2bd", "due: 4bd")):
        write(browser, text, NEW)
        for deed in ("activate", "shadow"):
            answer = browser.post(f"/api/v1/workflows/{NEW}/{deed}", json={"note": "x"}, headers=ANY)
            assert answer.status_code == 422, answer.text
    assert all(one.name != NEW for one in _in_force(company))


def test_a_version_is_tried_in_shadow_seen_by_its_authors_only_and_rolled_back(company: Site):
    dana, mia = company.signed_in("dana", "cs"), company.signed_in("mia", "marketing")
    text = raised(SHIPPED_TEXT).replace("within: 3bd", "within: 2bd")
    examples, kept = text.partition("examples:")[0], "examples:\n" + _first_example(SHIPPED_TEXT)
    write(dana, examples + kept)

    put = dana.post(f"{FLOW}/shadow", json={"note": "two days?"}, headers=ANY)

    assert put.status_code == 200, put.text
    known = dana.get(f"{FLOW}/versions").json()
    assert (known["in_force"]["version"] != "9.0.0", known["beside"]["version"]) == (True, "9.0.0")
    trial = dana.get(f"{FLOW}/shadow")
    assert set(trial.json()["counts"]) == {"added", "gone", "changed", "same"}
    assert dana.get(f"/workflows/{NAME}/shadow").status_code == 200
    assert mia.get(f"{FLOW}/versions").json()["beside"] is None
    assert "9.0.0" not in mia.get(f"{FLOW}/versions").text + mia.get(f"/workflows/{NAME}/versions").text

    active = dana.post(f"{FLOW}/activate", json={"note": "better"}, headers=ANY)
    off = dana.post(f"{FLOW}/deactivate", json={"note": "too much noise"}, headers=ANY)
    back = dana.post(f"{FLOW}/rollback", json={"note": "as it was"}, headers=ANY)

    assert [one.status_code for one in (active, off, back)] == [200, 200, 200], (active.text, off.text, back.text)
    modes = [one["mode"] for one in dana.get(f"{FLOW}/versions").json()["history"]]
    assert modes[:4] == ["active", "off", "active", "shadow"]


def _first_example(text: str) -> str:
    """Give one example that holds under any deadline: one that expects the start alone."""
    example = text.partition("examples:")[2].lstrip("\n").split("\n  - name:")[0]
    head, _, _ = example.partition("    then:")
    lines = [line for line in head.splitlines() if not line.strip().startswith("until:")]
    return "\n".join([*lines, "    then:", "      - {type: workflow.started}"]) + "\n"


def test_who_saw_an_older_state_puts_nothing_in_force(company: Site):
    browser = company.signed_in("dana", "cs")
    begin(browser, "cs")
    path = f"/api/v1/workflows/{NEW}"
    seen = browser.get(f"{path}/versions").headers["ETag"]
    write(browser, begun(NEW, "Another call", "cs"), NEW)

    late = browser.post(f"{path}/activate", json={"note": "x"}, headers={"If-Match": seen})
    without = browser.post(f"{path}/activate", json={"note": "x"})
    silent = browser.post(f"{path}/activate", json={"note": " "}, headers=ANY)

    assert (late.status_code, without.status_code, silent.status_code) == (412, 428, 422)


def test_what_takes_too_long_for_a_page_names_the_command_that_does_not(company: Site):
    from dataclasses import replace

    shared = company.app.state.shared
    company.app.state.shared = replace(shared, trials=Trials(limit_s=0))
    browser = company.signed_in("dana", "cs")
    write(browser, raised(SHIPPED_TEXT))

    answer = browser.post(f"{FLOW}/activate", json={"note": "x", "migrate": True, "dry_run": True}, headers=ANY)

    assert answer.status_code == 409
    assert f"nofumble workflows activate {NAME} --migrate --dry-run" in answer.json()["remedy"]


def test_what_was_done_is_in_the_audit_with_its_reason(company: Site):
    browser = company.signed_in("dana", "cs")
    begin(browser, "cs")

    browser.post(f"/api/v1/workflows/{NEW}/activate", json={"note": "a try"}, headers=ANY)

    line = next(one for one in company.store.audit(before=None, limit=9) if one.act == "workflow.put")
    assert (line.person, line.object, line.reason, line.detail["mode"]) == ("dana", NEW, "a try", "active")


# -------------------------------------------------------------------------------------------------------- pages


def test_a_deed_on_the_page_is_done_only_by_who_has_seen_what_would_come_of_it(company: Site):
    browser = company.signed_in("dana", "cs")
    begin(browser, "cs")
    said = {"deed": "activate", "seen": "*", "note": "a try"}

    shown = browser.post(f"/workflows/{NEW}/versions", data=said)
    known = [one.name for one in _in_force(company)]
    done = browser.post(f"/workflows/{NEW}/versions", data=said | {"sure": "yes"})

    assert (shown.status_code, NEW in known) == (200, False)
    assert Markup(shown.text).has("input", name="sure", value="yes")
    assert (done.status_code, done.headers["location"]) == (303, f"/workflows/{NEW}/versions?done=put")
    assert NEW in {one.name for one in _in_force(company)}


def test_no_text_of_a_definition_becomes_markup_on_any_page(company: Site):
    browser = company.signed_in("dana", "admin")
    browser.headers["Accept"] = "text/html"
    hostile = CANARY.replace('"', "&quot;")
    text = begun(NEW, "A call", "cs").replace('title: "A call"', f"title: '{CANARY.replace(chr(39), chr(39) * 2)}'")
    text = text.replace("task: Call {account.name}", f"task: Call {hostile}").replace(
        "name: a contract is signed", f"name: 'x {hostile.replace(chr(39), chr(39) * 2)}'"
    )
    begin(browser, "cs")
    note = {"definition": text, "note": CANARY}
    assert browser.put(f"/api/v1/workflows/{NEW}/draft", json=note, headers=ANY).status_code == 200
    broken = text.replace("due: 2bd", f"due: '{hostile.replace(chr(39), chr(39) * 2)}'").replace("</textarea>", "")
    pages = [
        browser.post(f"/workflows/{NEW}/check", data={"definition": text}),
        browser.post(f"/workflows/{NEW}/check", data={"definition": broken}),
        browser.post(f"/workflows/{NEW}/edit", data={"definition": f"</textarea>{CANARY}", "seen": "no"}),
        browser.post("/new-workflow", data={"name": CANARY[:60], "title": CANARY, "team": CANARY[:40]}),
        browser.post(f"/workflows/{NEW}/versions", data={"deed": CANARY[:20], "seen": "*", "note": CANARY}),
        browser.post(f"/workflows/{NEW}/versions", data={"deed": "activate", "seen": "*", "note": CANARY}),
    ]
    done = browser.post(f"/api/v1/workflows/{NEW}/activate", json={"note": CANARY}, headers=ANY)
    assert done.status_code == 200, done.text
    pages += [browser.get(f"/workflows{path}") for path in ("", f"/{NEW}", f"/{NEW}/edit", f"/{NEW}/versions")]

    seen = 0
    for answer in pages:
        page = Markup(answer.text)
        seen += "onerror" in page.text
        assert answer.status_code < 500
        for one in page.all("img"):
            assert str(one["src"]).startswith(("/workflows/", "data:image/svg+xml;base64,"))
        assert all(str(one.get("src")).startswith("/static/") for one in page.all("script"))
        assert not [tag for tag, said in page.tags if any(name.startswith("on") for name in said)]
    assert seen > 6

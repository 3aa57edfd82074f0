"""The page of a workflow: everything that its definition says, each thing once."""

import re
from dataclasses import replace

from nofumble.pages.library import library_pages
from nofumble.pages.markdown import bullets, code, listed, page, section, table
from nofumble.pages.stories import story
from nofumble.pages.wording import Wording, spoken
from nofumble.pages.workflow import workflow_page
from workflows.language.grammar import Example

TASK = "{ref: T1, task: 'Call {account.name}', to: csm, due: 1bd}"


def sections(text):
    """Give the parts of a page by heading."""
    return dict(re.findall(r"^## (.+?)\n\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def test_a_page_has_what_its_definition_has_and_no_empty_parts(written):
    text = workflow_page(written(TASK))

    assert text.startswith("# Nobody is left alone\n")
    assert "`trial` 1.0.0, owned by cs, active." in text
    assert "(trial.svg)" in text
    assert list(sections(text)) == [
        "What starts it", "What happens when", "The steps", "How it ends", "Evidence", "Examples",
    ]  # fmt: skip


def test_a_step_is_told_when_it_begins_and_shown_with_what_it_asks(written):
    later = "{ref: T2, task: Write, to: [ae, am], due: 2bd, clock: trigger, after: T1, ladder: none, stays: true}"

    found = sections(workflow_page(written(TASK, later)))

    assert found["What happens when"].strip() == "- **at once**: T1 given to csm\n- **after T1**: T2 given to ae"
    assert "| T1 | Call the customer | csm | 1bd | usual |" in found["The steps"]
    assert "| T2 | Write (stays open at the end) | ae or am | 2bd after it begins | none |" in found["The steps"]


def test_the_events_of_an_absence_are_named_once(written):
    alert = "{ref: A1, alert: nothing, to: csm, severity: warn, absent: {on: cs.kickoff.held, within: 3bd}}"

    text = workflow_page(written(alert))

    assert text.count("`cs.kickoff.held`") == 1
    assert "it comes after all" in text
    assert "- Something that did not happen: A1." in text


def test_a_hold_and_a_loop_say_how_they_end_and_move(written):
    text = workflow_page(
        written(
            "{ref: L1, loop: {name: news, holder: ae, told: {on: cs.contact.logged}}}",
            "{ref: H1, hold: [ask, promo], reason: not now, code: quiet}",
            "{ref: H2, lift: {hold: H1, scopes: [ask]}, delay: 5bd}",
            "{ref: T1, task: Take it, to: csm, due: 1bd, handoff: {loop: L1}}",
        )
    )

    found = sections(text)["Holds and loops"]
    assert "Hold H1 of the account, known as `quiet`: lifted by H2 (ask)." in found
    assert "Loop L1, news: passes on when T1 is accepted; the customer is told by `cs.contact.logged`." in found


def test_every_check_of_a_gate_is_on_the_page(shipped):
    definition = shipped["advocacy_ask_gate"]

    found = sections(workflow_page(definition))["What the gate asks"]

    assert all(f"| `{check.code}` |" in found for check in definition.steps["G1"].checks if check.code)
    assert "| `no_consent` | `contact.consents` |  | nobody: no date changes it |" in found


def test_every_step_guard_value_and_example_of_the_library_is_on_its_page(shipped):
    for name, definition in shipped.items():
        text, source = workflow_page(definition), definition.source
        wanted = [f"| {ref} |" for ref in definition.steps]
        wanted += [f"`value.{one}`" for one in source.values]
        wanted += [f"### {one.name[:1].upper()}{one.name[1:]}" for one in source.examples]
        missing = [one for one in wanted if one not in text]
        assert not missing, f"{name}: {missing}"
        assert "{account.name}" not in text, name


def test_the_page_of_all_lists_each_under_its_team_with_its_mode(shipped, written):
    active = written(TASK)
    shadow = replace(active, source=active.source.model_copy(update={"mode": "shadow"}))

    pages = library_pages([*shipped.values(), shadow])

    assert {f"{name}.{kind}" for name in (*shipped, "trial") for kind in ("md", "svg")} | {"README.md"} == set(pages)
    assert "| [trial](trial.md) | Nobody is left alone | shadow |" in sections(pages["README.md"])["cs"]


def test_conditions_and_event_types_are_code_and_longest_first(written):
    words = Wording(written(TASK.replace("due: 1bd", "due: 1bd, when: account.tier == 1 || account.tier == 2")))

    marked = words.marked("on cs.kickoff.held, if account.tier == 1 || account.tier == 2, {account.name} is told.")
    named = words.marked("thank {account.tier == 1} and {event.by}")

    assert marked == "on `cs.kickoff.held`, if `account.tier == 1 || account.tier == 2`, the customer is told."
    assert named == "thank {account.tier == 1} and {event.by}"


def test_a_text_that_begins_with_the_account_begins_with_a_capital():
    assert spoken("{account.name} asked {account.name}") == "The customer asked the customer"
    assert spoken("tell {account.name}") == "tell the customer"


def test_an_example_is_a_story_in_order_of_time():
    example = Example(
        name="nobody calls",
        given=[{"at": "2026-03-02T09:00:00Z", "type": "account.registered", "data": {"roles": {"ae": "sam"}}}],
        when=[
            {"at": "2026-03-03T10:00:00Z", "type": "sales.contract.signed", "data": {"actor": {"person": "sam"}}},
            {"at": "2026-03-05T10:00:00Z", "arrived": "2026-03-06T10:00:00Z", "type": "cs.kickoff.held"},
        ],
        until="2026-03-10T00:00:00Z",
        then=[{"at": "2026-03-03T10:00:00Z", "type": "task.offered", "ref": "T1", "due": "2026-03-04T17:00:00Z"}],
        never=[{"type": "alert.raised"}],
        beside=["other"],
    )

    assert story(example).splitlines() == [
        "### Nobody calls",
        "",
        "Beside other.",
        "",
        "```text",
        "given  Mon 2026-03-02 09:00  account.registered  roles (ae sam)",
        "when   Tue 2026-03-03 10:00  sales.contract.signed  by sam",
        "then   Tue 2026-03-03 10:00  task.offered T1  due Wed 2026-03-04 17:00",
        "when   Thu 2026-03-05 10:00  cs.kickoff.held  arrived Fri 2026-03-06 10:00",
        "never                        alert.raised",
        "until  Tue 2026-03-10 00:00",
        "```",
    ]


def test_a_table_leaves_out_what_nothing_is_in():
    assert table(("a", "b", "c"), [("1", "", "x | y"), ("2", "", "")]) == (
        "| a | c |\n| --- | --- |\n| 1 | x \\| y |\n| 2 |  |"
    )
    assert table(("a",), []) == ""


def test_a_page_leaves_out_the_sections_that_say_nothing():
    text = page("T", section("One", bullets(["a", "b"])), section("Two", ""))

    assert "## One\n\n- a\n- b\n" in text
    assert "## Two" not in text
    assert (code("a`b"), listed([]), listed(["x"])) == ("``a`b``", "", "x")

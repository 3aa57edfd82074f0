"""The rules of the whole definition: what waits in vain, what has no effect, what examples may say."""

from pathlib import Path

import pytest

from workflows.language.checker import check_files, check_text

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "workflows" / "definitions").rglob("*.yaml"))

EVENT = "type: sales.contract.signed, data: {contract_id: C-1, kind: new}"
HOLD = "  - ref: H1\n    hold: [upsell]\n    reason: a new customer\n"
LOOP = "  - ref: L1\n    loop: {name: onboarding, holder: ae}\n"
TASK = "  - ref: T2\n    task: Write\n    to: csm\n    due: 1bd\n"
ALERT = "  - ref: A1\n    alert: nobody called\n    to: csm\n    severity: warn\n"
ABSENT = "    absent: {on: cs.contact.logged, within: 2bd}\n"
TRACK = """\
track:
  open:
    add: {on: support.ticket.opened}
    remove: {on: support.ticket.closed}
    by: event.ticket_id
"""
EXPECT = "  - ref: X1\n    expect: {on: cs.contact.logged, within: 5bd}\n"


@pytest.fixture
def findings(small):
    def of(*changes):
        return check_text(small(*changes), "call_after_signature.yaml").findings

    return of


@pytest.fixture
def rules_with(findings):
    """Give the rules that are broken when steps are added."""

    def of(*steps, done="done: {after: T1}"):
        return [one.rule for one in findings(("done: {after: T1}\n", "".join(steps) + done + "\n"))]

    return of


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_definition_has_no_findings(file):
    assert check_text(file.read_text(), str(file)).findings == []


def test_the_shipped_library_is_one():
    checked = check_files((file.read_text(), str(file)) for file in SHIPPED)

    assert [one.findings for one in checked] == [[]] * len(SHIPPED)
    assert len({one.definition.name for one in checked}) == len(SHIPPED)


def test_a_finding_reads_as_compilers_write_it(findings):
    (found,) = findings(("to: csm", "to: cms"))

    assert str(found) == "call_after_signature.yaml:11: unknown role 'cms'; did you mean csm?"


def test_findings_of_all_kinds_come_in_one_go_sorted_by_line(findings):
    found = findings(
        ("key: event.contract_id", "key: event.contract"),
        ("due: 1bd", "due: 1bd\n    where: event.kind == 'new'"),
        ("type: task.proposed, ref: T1", "type: task.proposed, ref: T9"),
    )

    assert [one.rule for one in found] == ["unknown_name", "no_effect", "example_ref"]
    assert [one.line for one in found] == sorted(one.line for one in found)


# ------------------------------------------------------------ what waits


@pytest.mark.parametrize(
    ("waiting", "for_what", "rules"),
    [
        ("    after: X1\n", EXPECT, []),
        ("    missed: X1\n", EXPECT, []),
        ("    after: A1\n", ALERT + ABSENT, []),
        ("    after: A1\n", ALERT, ["never_done"]),
        ("    after: H1\n", HOLD, ["never_done"]),
        ("    after: L1\n", LOOP, ["never_done"]),
        ("    missed: T1\n", "", ["never_missed"]),
        ("    missed: A1\n", ALERT + ABSENT, ["never_missed"]),
        ("    absent: {on: cs.kickoff.held, within: 1bd, since: T1}\n", "", []),
        ("    absent: {on: cs.kickoff.held, within: 1bd, since: L1}\n", LOOP, ["never_done"]),
        ("    absent: {on: cs.kickoff.held, within: 1bd, since: T2}\n", "", ["waits_for_itself"]),
        ("    after: [T1, T2]\n", "", ["waits_for_itself"]),
    ],
)
def test_a_step_may_wait_only_for_what_can_come(rules_with, waiting, for_what, rules):
    assert rules_with(for_what, TASK + waiting) == rules


def test_a_circle_is_told_once_with_all_of_its_steps(findings):
    steps = (
        "  - ref: T2\n    task: a\n    after: T4\n    to: csm\n    due: 1bd\n"
        "  - ref: T3\n    task: b\n    after: T2\n    to: csm\n    due: 1bd\n"
        "  - ref: T4\n    task: c\n    absent: {on: cs.kickoff.held, within: 1bd, since: T3}\n"
        "    to: csm\n    due: 1bd\n"
    )

    (found,) = findings(("done: {after: T1}\n", steps + "done: {after: T1}\n"))

    assert found.rule == "cycle"
    assert "T2 → T4 → T3 → T2" in found.message


def test_two_ways_to_the_same_step_are_no_circle(rules_with):
    assert rules_with(TASK + "    after: T1\n", TASK.replace("T2", "T3") + "    after: [T1, T2]\n") == []


@pytest.mark.parametrize(
    ("lift", "rules"),
    [
        ("  - ref: H2\n    lift: {hold: H1}\n    after: T2\n", []),
        ("  - ref: H2\n    lift: {hold: H1}\n    delay: 5bd\n", []),
        ("  - ref: H2\n    lift: {hold: H1}\n", ["lift_too_early"]),
        ("  - ref: H2\n    lift: {hold: H1}\n    after: T1\n", ["lift_too_early"]),
        ("  - ref: H2\n    lift: {hold: H1}\n    after: T1\n    delay: 5bd\n", []),
        ("  - ref: H2\n    lift: {hold: H1, scopes: [upsell, ask]}\n    after: T2\n", ["unknown_part"]),
    ],
)
def test_a_hold_is_lifted_only_after_it_was_placed(rules_with, lift, rules):
    assert rules_with(TASK, HOLD + "    after: T1\n", lift) == rules


@pytest.mark.parametrize(
    ("done", "rules"),
    [
        ("done: {after: [T1, X1]}", []),
        ("done: {after: T1, missed: X1}", []),
        ("done: {missed: T1}", ["never_missed"]),
        ("done: {after: L1}", ["never_done"]),
        ("done: {after: A1}", ["never_done"]),
        ("done: {on: cs.kickoff.held}", []),
        ("cancel: {on: sales.contract.cancelled}", []),
        ("done: {on: alert.raised}", ["engine_event"]),
    ],
)
def test_an_ending_can_be_reached(rules_with, done, rules):
    assert rules_with(EXPECT, LOOP, ALERT, done=done) == rules


def test_an_alert_that_a_step_settles_can_be_waited_for_at_the_end(rules_with):
    assert rules_with(ALERT + ABSENT + "    settled_by: T1\n", done="done: {after: A1}") == []


# ------------------------------------------------------------ what does nothing


@pytest.mark.parametrize(
    ("steps", "word"),
    [
        (TASK + "    where: event.kind == 'new'\n", "where"),
        (TASK + "    absent: {on: cs.kickoff.held, within: 1bd}\n    delay: 1bd\n", "delay"),
        (TASK + "    recheck: 1bd\n    when: account.tier == 1\n", "recheck"),
        (ALERT + ABSENT + "    recheck: 1bd\n", "recheck"),
        (ALERT + "    early: {on: cs.kickoff.held, severity: warn, because: early}\n", "early"),
        (ALERT + ABSENT + "    voided_by: {on: cs.kickoff.held}\n", "voided_by"),
        (ALERT + "    clock: trigger\n", "clock"),
        (EXPECT + "    to: csm\n", "to"),
        (EXPECT + "    after: T1\n", "after"),
        (EXPECT + "    when: account.tier == 1\n", "when"),
        (LOOP + "    to: csm\n", "to"),
    ],
)
def test_a_word_that_would_do_nothing_is_refused(findings, steps, word):
    (found,) = findings(("done: {after: T1}\n", steps + "done: {after: T1}\n"))

    assert found.rule == "no_effect"
    assert f"`{word}` has no effect here" in found.message


@pytest.mark.parametrize(
    ("ending", "word"),
    [
        ("cancel: {after: T1}", "after"),
        ("cancel: {missed: X1}", "missed"),
        ("done: {after: T1, where: event.kind == 'new'}", "where"),
        ("done: {on: cs.kickoff.held, if: account.tier == 1}", "if"),
        ("done: {on: cs.kickoff.held, within: 1d}", "within"),
        ("done: {after: T1, within: 1d}", "within"),
        ("lookback: 30d\ndone: {after: T1}", "lookback"),
    ],
)
def test_a_word_of_an_ending_that_would_do_nothing_is_refused(findings, ending, word):
    (found,) = findings(("done: {after: T1}\n", f"{EXPECT}{ending}\n"))

    assert found.rule == "no_effect"
    assert f"`{word}` has no effect here" in found.message


@pytest.mark.parametrize(
    ("block", "use"),
    [
        ("marks:\n  called: {on: cs.contact.logged}\n", "    when: marked.called\n"),
        ("marks:\n  called: {on: cs.contact.logged}\n", "    done_by: called\n"),
        ("marks:\n  called: {on: cs.contact.logged}\n", "    held: {mark: called, for: 3d}\n"),
        (
            "marks:\n  called: {on: cs.contact.logged}\n",
            "    absent: {on: cs.kickoff.held, within: 3d, since: called}\n",
        ),
        ("values: {big: start.term_months > 12}\n", "    when: value.big\n"),
        ("values: {big: start.term_months > 12}\n", "    outcomes: [big]\n"),
        (
            TRACK,
            "    filled: open\n",
        ),
        (
            TRACK,
            "    when: size(tracked.open) > 0\n",
        ),
    ],
)
def test_a_name_is_unused_until_it_is_used(findings, block, use):
    without = findings(("steps:\n", block + "steps:\n"))
    used = findings(("steps:\n", block + "steps:\n"), ("    due: 1bd\n", "    due: 1bd\n" + use))

    assert [one.rule for one in without] == ["unused"]
    assert [one.rule for one in used] == (["unused"] if "outcomes" in use else [])


@pytest.mark.parametrize("name", ["start", "accepted"])
def test_a_mark_may_not_have_the_name_of_something_else(findings, name):
    found = findings(
        ("steps:\n", f"marks:\n  {name}: {{on: cs.contact.logged}}\nsteps:\n"),
        ("due: 1bd\n", f"due: 1bd\n    when: marked.{name}\n"),
    )

    assert [one.rule for one in found] == ["unused"]
    assert "cannot be named" in found[0].message


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("alert.raised", "sent by the engine"),
        ("workflow.completed", "sent by the engine"),
        ("people.user.returned", "tells of no account"),
        ("source.heartbeat", "tells of no account"),
    ],
)
def test_an_event_that_never_comes_in_is_refused_wherever_it_is_waited_for(findings, name, part):
    for key in ("done_by: {on: %s}", "voided_by: {on: %s}", "reopen: {on: %s, due: 1bd}"):
        (found,) = findings(("due: 1bd\n", f"due: 1bd\n    {key % name}\n"))
        assert found.rule == "engine_event"
        assert part in found.message
        assert found.line == 13


def test_what_a_person_does_to_work_may_be_waited_for(findings):
    assert findings(("due: 1bd\n", "due: 1bd\n    done_by: {on: task.completed, where: event.ref == 'T1'}\n")) == []


# ------------------------------------------------------------ examples


@pytest.mark.parametrize(
    ("old", "new", "rule", "part"),
    [
        ("{at: 2026-03-03T10:00:00Z, type", "{type", "example_time", "`at` is missing"),
        ("at: 2026-03-03T10:00:00Z", "at: 2026-03-03T10:00:00", "example_time", "a time is YYYY-MM-DDThh:mm:ss"),
        ("at: 2026-03-03T10:00:00Z", "time: 2026-03-03T10:00:00Z", "example_key", "keys: at, type, data"),
        ("type: sales.contract.signed, data", "type: sales.contract.singed, data", "unknown_event", "did you mean"),
        ("contract_id: C-1, kind", "kind", "example_event", "`data.contract_id` of sales.contract.signed"),
        ("kind: new}", "kind: brandnew}", "example_event", "`data.kind`"),
        ("data: {contract_id: C-1, kind: new}", "data: [1]", "example_event", "data"),
        ("kind: new}", "kind: new}, id: [1]", "example_event", "`id`"),
        ("kind: new}", "kind: new}, arrived: later", "example_time", "`arrived` is 'later'"),
        (EVENT, "type: people.user.left, data: {person: a}", "example_event", "needs `subject`"),
        (EVENT, "type: task.completed, data: {ref: T7}", "example_ref", "no step 'T7'"),
        ("    then:", "    until: soon\n    then:", "example_time", "`until` is 'soon'"),
        ("type: task.proposed, ref: T1", "ref: T1", "example_type", "no line of type None"),
        ("type: task.proposed, ref: T1", "type: sales.contract.signed", "example_type", "the engine sends no line"),
        ("type: task.proposed, ref: T1", "type: task.proposed, reff: T1", "example_key", "did you mean ref"),
        ("type: task.proposed, ref: T1", "type: task.proposed, due: 1bd", "example_time", "`due` is '1bd'"),
        ("type: task.proposed, ref: T1", "type: task.proposed, ref: T1, at: noon", "example_time", "`at` is 'noon'"),
    ],
)  # fmt: skip
def test_an_example_that_could_not_be_run_is_refused(findings, old, new, rule, part):
    (found,) = findings((old, new))

    assert found.rule == rule
    assert part in found.message


def test_an_example_may_name_a_step_of_another_workflow(findings):
    assert findings(("type: task.proposed, ref: T1", "type: task.proposed, workflow: other, ref: T9")) == []


# ------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("call_after_signature.yaml", []),
        ("my-workflows/call_after_signature.yaml", []),
        ("definitions/cs/call_after_signature.yaml", []),
        ("<text>", []),
        ("-", []),
        ("other.yaml", ["file_name"]),
        ("sales/call_after_signature.yml", ["folder"]),
        ("definitions/elsewhere/call_after_signature.yaml", ["folder"]),
    ],
)
def test_a_file_has_the_name_of_its_definition_and_the_folder_of_its_team(small, file, rules):
    assert [one.rule for one in check_text(small(), file).findings] == rules


@pytest.mark.parametrize(
    ("modes", "refused"),
    [
        (("active", "shadow"), 0),
        (("off", "draft"), 0),
        (("active", "active"), 1),
        (("active", "off"), 1),
        (("shadow", "draft"), 1),
        (("active", "shadow", "draft"), 1),
    ],
)
def test_one_version_in_shadow_or_draft_may_stand_beside_the_one_in_force(small, modes, refused):
    texts = [(f"{small()}\nmode: {mode}\n", f"{n}/call_after_signature.{mode}.yaml") for n, mode in enumerate(modes)]

    findings = [finding for one in check_files(texts) for finding in one.findings]

    assert [one.rule for one in findings] == ["duplicate_name"] * refused


def test_the_mode_is_no_part_of_what_a_version_says(small):
    found = [check_text(f"{small()}\nmode: {mode}\n", "a text").definition for mode in ("active", "shadow", "off")]

    assert len({one.hash for one in found}) == 1


def test_files_are_answered_in_the_order_of_their_names(small):
    checked = check_files([("", "b.yaml"), (small(), "a/call_after_signature.yaml")])

    assert [one.file for one in checked] == ["a/call_after_signature.yaml", "b.yaml"]
    assert checked[0].definition is not None
    assert checked[1].findings[0].rule == "empty"


FIRST = "values:\n  hers:\n    first: {on: customer.message.received, %swithin: 30d}\n    is: %s\nsteps:\n"
"""A look back in the values; read by the condition of T1."""


def with_first(where, asked):
    return ("steps:\n", FIRST % (where, asked)), ("to: csm", "to: csm\n    when: value.hers")


def test_a_value_may_ask_the_earliest_event_of_a_look_back(findings):
    assert findings(*with_first("where: past.thread_id != start.contract_id, ", "past.expects_reply")) == []


@pytest.mark.parametrize(
    ("where", "asked", "line_of", "rule"),
    [
        ("", "past.tags", "is:", "wrong_type"),
        ("", "past.expects_answer", "is:", "unknown_name"),
        ("", "event.expects_reply", "is:", "unknown_name"),
        ("where: past.thread == start.contract_id, ", "past.expects_reply", "first:", "unknown_name"),
    ],
)
def test_what_a_look_back_asks_is_a_plain_value_over_known_names(findings, small, where, asked, line_of, rule):
    changes = with_first(where, asked)
    lines = small(*changes).splitlines()

    (found,) = findings(*changes)
    assert found.rule == rule
    assert line_of in lines[found.line - 1]

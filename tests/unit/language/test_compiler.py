"""What a definition compiles to, and how what must not run is refused."""

import pytest

from workflows.language.compiler import compile_definition, content_hash, try_compile
from workflows.language.grammar import DefinitionSource
from workflows.language.plans import REACTION_ORDER
from workflows.language.terms import DefinitionRefused
from workflows.language.yaml_source import read_source


def source_of(text):
    return DefinitionSource.model_validate(read_source(text).value)


@pytest.fixture
def refusals(small):
    def of(*changes):
        found, refused = try_compile(source_of(small(*changes)))
        assert (found is None) == bool(refused)
        return refused

    return of


def test_reactions_are_indexed_by_type_in_the_fixed_order(shipped):
    reactions = shipped("signature_to_kickoff").reactions["cs.kickoff.held"]

    kinds = [reaction[0] for reaction in reactions]

    assert kinds == sorted(kinds, key=REACTION_ORDER.index)
    assert kinds[-1] == "done"


def test_the_hash_does_not_depend_on_the_examples(small):
    once = source_of(small())
    other = source_of(small(("name: signed", "name: another name"), ("contract_id: C-1", "contract_id: C-2")))
    changed = source_of(small(("due: 1bd", "due: 2bd")))

    assert content_hash(once) == content_hash(other)
    assert content_hash(once) != content_hash(changed)


def test_a_start_has_its_own_key_or_that_of_the_definition(definition):
    two = definition(
        (
            "start: {on: sales.contract.signed}",
            "start:\n  - on: sales.contract.signed\n  - {on: sales.contract.renewed, key: event.id}",
        )
    )

    assert [start.key.source for start in two.starts] == ["event.contract_id", "event.id"]


def test_a_mark_stands_for_its_events_in_done_by(definition):
    marked = definition(
        ("steps:", "marks:\n  called: {on: [cs.contact.logged, sales.contact.logged]}\nsteps:"),
        ("due: 1bd", "due: 1bd\n    done_by: called"),
    )

    assert [one[0] for one in marked.reactions["sales.contact.logged"]] == ["mark", "done_by"]


def test_what_conditions_read_of_the_account_is_part_of_the_evidence(definition):
    reading = definition(("due: 1bd", "due: 1bd\n    when: account.tier == 1 || account.health == 'red'"))

    assert [name for name, _ in reading.reads] == ["health", "name", "tier"]


def test_what_is_looked_back_at_is_remembered_for_the_longest_time_asked_for(definition):
    guards = """unless:
  - {recent: {on: cs.contact.logged, within: 5bd}, reason: spoke}
  - {recent: {on: cs.contact.logged, within: 30d}, reason: spoke lately}
"""

    guarded = definition(("steps:", guards + "steps:"))

    assert str(guarded.remembers["cs.contact.logged"]) == "30d"


@pytest.mark.parametrize(
    ("old", "new", "where", "rule"),
    [
        ("sales.contract.signed}", "sales.contract.singed}", ("start", 0, "on", 0), "unknown_event"),
        ("key: event.contract_id", "key: event.contract", ("key",), "unknown_name"),
        ("key: event.contract_id", "key: event.term_months", ("key",), "wrong_type"),
        ("to: csm", "to: [csm, boss]", ("steps", 0, "to"), "unknown_role"),
        ("to: csm", "to: actor", ("steps", 0, "to"), "unknown_role"),
        ("to: csm", "to: []", ("steps", 0, "to"), "unknown_role"),
        ("to: csm", "to: {role: csm}", ("steps", 0, "to"), "unknown_role"),
        ("to: csm", "to: [{is: csm, when: account.tier == 1}]", ("steps", 0, "to"), "last_case"),
        ("to: csm", "to: [{is: csm}, {is: am}]", ("steps", 0, "to"), "last_case"),
        ("to: csm", "to: [{is: csm, if: x}]", ("steps", 0, "to", 0), "last_case"),
        ("to: csm", "to: [{is: cms}]", ("steps", 0, "to", 0, "is"), "unknown_role"),
        ("due: 1bd", "due: 1", ("steps", 0, "due"), "duration"),
        ("due: 1bd", "due: soon", ("steps", 0, "due"), "duration"),
        ("due: 1bd", "due: [1bd]", ("steps", 0, "due"), "duration"),
        ("due: 1bd", "due: [{is: 3}]", ("steps", 0, "due", 0, "is"), "duration"),
        ("due: 1bd", "due: 1bd\n    when: event.kind == 'new'", ("steps", 0, "when"), "unknown_name"),
        ("due: 1bd", "due: 1bd\n    when: start.kind == 'new' && done.T2", ("steps", 0, "when"), "unknown_name"),
        ("due: 1bd", "due: 1bd\n    done_by: called", ("steps", 0, "done_by", 0), "unknown_part"),
        ("due: 1bd", "due: 1bd\n    handoff: {loop: L1}", ("steps", 0, "handoff"), "unknown_part"),
        ("due: 1bd", "due: 1bd\n    filled: signals", ("steps", 0, "filled"), "unknown_part"),
        ("due: 1bd", "due: 1bd\n    held: {mark: called, for: 3d}", ("steps", 0, "held", 0, "mark"), "unknown_part"),
        ("due: 1bd", "due: 1bd\n    after: T2", ("steps", 0, "after", 0), "unknown_part"),
        ("done: {after: T1}", "done: {missed: [X1]}", ("done", 0, "missed", 0), "unknown_part"),
        ("done: {after: T1}", "done: {on: cs.kickoff.hold}", ("done", 0, "on", 0), "unknown_event"),
        (
            "done: {after: T1}",
            "restart: {on: cs.kickoff.deferred, from: event.by}\ndone: {after: T1}",
            ("restart", "from"),
            "wrong_type",
        ),
        ("steps:", "values: {kinds: event.kind}\nsteps:", ("values", "kinds"), "unknown_name"),
        ("steps:", "values: {kinds: start.products}\nsteps:", ("values", "kinds"), "wrong_type"),
    ],
)
def test_what_must_not_run_is_refused_at_its_place(refusals, old, new, where, rule):
    (refused,) = refusals((old, new))

    assert (refused.where, refused.rule) == (where, rule)


def test_the_compiler_goes_on_after_a_refusal(refusals):
    found = refusals(("due: 1bd", "due: 1bd\n    when: nothing"), ("done: {after: T1}", "done: {on: cs.kickoff.hold}"))

    assert [one.where for one in found] == [("steps", 0, "when"), ("done", 0, "on", 0)]


def test_to_compile_what_is_refused_raises_the_first_refusal(small):
    with pytest.raises(DefinitionRefused) as refused:
        compile_definition(source_of(small(("to: csm", "to: cms"))))

    assert refused.value.where == ("steps", 0, "to")


def test_a_ref_with_a_prime_is_read_as_prime(definition):
    steps = """\
  - {ref: T1', task: Write, to: csm, due: 1bd}
  - {ref: T2, task: Call again, after: [T1, T1'], when: done.T1 && done.T1_prime, to: csm, due: 2bd}
done: {after: T2}"""

    primed = definition(("done: {after: T1}", steps))

    assert primed.steps["T2"].when.reads == ("done.T1", "done.T1_prime")

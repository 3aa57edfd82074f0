"""Small valid definitions, drawn: every action and trigger of the language, put together as nobody would.

The shipped workflows use the language sensibly; what is drawn here finds what they leave out. A drawn definition is
compiled as any other, and thrown away when the compiler refuses it.
"""

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from workflows.language.compiler import try_compile
from workflows.language.grammar import DefinitionSource
from workflows.language.plans import Definition

EVENTS = (
    "cs.kickoff.scheduled",
    "cs.kickoff.held",
    "sales.contact.logged",
    "cs.contact.logged",
    "support.ticket.opened",
    "support.ticket.resolved",
    "support.ticket.reopened",
    "product.request.acknowledged",
)
TICKET = {"on": "support.ticket.opened", "where": "event.severity == 1"}
STARTS: tuple[dict[str, Any], ...] = (
    {"on": "sales.contract.signed"},
    TICKET,
    {"on": ["sales.contact.logged", "cs.contact.logged"], "where": 'event.direction == "out"'},
    {"count": {"on": "support.ticket.opened", "at_least": 2, "within": "7d"}},
    {"count": {"on": "support.ticket.reopened", "at_least": 2, "by": "event.ticket_id"}},
    {"seq": {"first": TICKET, "then": {"on": "sales.upsell.attempted"}, "within": "5bd"}},
    {
        "held": {
            "enter": TICKET,
            "leave": {"on": "support.ticket.resolved"},
            "by": "event.ticket_id",
            "for": "1bd",
        }
    },
    {
        "held": {
            "enter": TICKET,
            "leave": {"on": "support.ticket.resolved"},
            "by": "event.ticket_id",
            "for": "2d",
            "again": "1d",
        }
    },
    {
        "held": {
            "enter": TICKET,
            "leave": {"on": "support.ticket.resolved"},
            "by": "event.severity == 1 ? 'severe' : ''",
            "since": "event.time + duration('1h')",
            "for": "1bd",
            "times": 2,
        }
    },
    {"absent": {"on": ["sales.contact.logged", "cs.contact.logged"], "within": "2d"}},
    {
        "count": {
            "on": ["support.ticket.opened", "support.ticket.reopened"],
            "at_least": 2,
            "distinct": "event.ticket_id",
            "undone_by": {"on": "support.ticket.resolved", "where": "past.ticket_id == event.ticket_id"},
        }
    },
    {"date": {"on": "cs.kickoff.scheduled", "of": "event.at", "before": "1d", "leave": {"on": "cs.kickoff.cancelled"}}},
)
spans = st.sampled_from(("30m", "4bh", "1d", "1bd", "3bd", "2d"))
events = st.lists(st.sampled_from(EVENTS), min_size=1, max_size=2, unique=True)
roles = st.sampled_from(("csm", "ae", "pm", "cs_manager", "finance_owner", "exec_sponsor"))


@st.composite
def triggers(draw: st.DrawFn, earlier: list[str], expected: list[str]) -> dict[str, Any]:
    """Draw when a step begins."""
    kinds = ["start", "on", "filled", "emptied", *(["after"] if earlier else []), *(["missed"] if expected else [])]
    match draw(st.sampled_from(kinds)):
        case "on":
            return {"on": draw(events)}
        case "after":
            return {"after": draw(st.sampled_from(earlier))}
        case "missed":
            return {"missed": draw(st.sampled_from(expected))}
        case "filled":
            return {"filled": "open"}
        case "emptied":
            return {"emptied": "open"}
        case _:
            return {}


@st.composite
def tasks(draw: st.DrawFn, ref: str, earlier: list[str], expected: list[str]) -> dict[str, Any]:
    """Draw a task."""
    step: dict[str, Any] = {"ref": ref, "task": f"Do {ref}", "to": draw(roles), "due": draw(spans)}
    step |= draw(triggers(earlier, expected))
    step |= draw(st.sampled_from(({}, {"clock": "trigger"}, {"stays": True}, {"ladder": "none"}, {"repeats": True})))
    if draw(st.booleans()):
        step["done_by"] = {"on": draw(events)}
    if draw(st.integers(0, 3)) == 0:
        step["reopen"] = {"on": draw(events), "due": draw(spans)}
    if draw(st.integers(0, 3)) == 0:
        step["delay"] = draw(spans)
    if draw(st.integers(0, 3)) == 0:
        step["handoff"] = {"loop": "L1"}
    return step


@st.composite
def alerts(draw: st.DrawFn, ref: str, earlier: list[str], expected: list[str]) -> dict[str, Any]:
    """Draw an alert."""
    severity = draw(st.sampled_from(("info", "warn", "urgent", "critical")))
    step: dict[str, Any] = {"ref": ref, "alert": f"look at {ref}", "to": draw(roles), "severity": severity}
    match draw(st.sampled_from(("absent", "held", "other"))):
        case "absent":
            since = draw(st.sampled_from(["start", "touched", *earlier]))
            return step | {"absent": {"on": draw(events), "within": draw(spans), "since": since}}
        case "held":
            return step | {"held": {"mark": "touched", "for": draw(spans)}}
        case _:
            return step | draw(triggers(earlier, expected))


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Draw a definition that compiles."""
    task_refs = [f"T{number}" for number in range(1, draw(st.integers(1, 4)) + 1)]
    expected = ["X1"]
    steps: list[dict[str, Any]] = [
        {"ref": "L1", "loop": {"name": "care", "holder": draw(roles), "told": "touched"}},
        {"ref": "X1", "expect": {"on": draw(events), "within": draw(spans)}},
        {"ref": "H1", "hold": ["upsell", "ask"], "reason": "wait", **draw(triggers(task_refs, expected))},
        {"ref": "H2", "lift": {"hold": "H1"}, **draw(triggers(task_refs, expected)), "delay": draw(spans)},
        {"ref": "P1", "pass": {"loop": "L1", "to": draw(roles)}, **draw(triggers(task_refs, expected))},
    ]
    for number, ref in enumerate(task_refs):
        steps.append(draw(tasks(ref, task_refs[:number], expected)))
    count = draw(st.integers(0, 3))
    steps.extend(draw(alerts(f"A{number}", task_refs, expected)) for number in range(1, count + 1))
    plain = {
        "name": "drawn_by_chance",
        "title": "Drawn by chance",
        "team": "cs",
        "version": "1.0.0",
        "purpose": "Find what nobody would write.",
        "start": draw(st.sampled_from(STARTS)),
        "key": draw(st.sampled_from(('"one"', "event.id"))),
        "reentry": draw(st.sampled_from(("once", "when_ended", "when_cancelled", {"after": "2bd"}))),
        "marks": {"touched": {"on": draw(events)}},
        "track": {
            "open": {
                "add": {"on": ["support.ticket.opened", "support.ticket.reopened"]},
                "remove": {"on": "support.ticket.resolved"},
                "by": "event.ticket_id",
            }
        },
        "steps": steps,
        "done": draw(st.sampled_from(({"after": task_refs[-1]}, {"on": "cs.kickoff.held"}, {"missed": "X1"}))),
        "examples": [{"name": "none", "when": [{}], "never": [{"type": "alert.raised"}]}],
    }
    if draw(st.booleans()):
        plain["cancel"] = {"on": draw(events), "within": "2bd", "retracts": draw(st.booleans())}
    try:
        source = DefinitionSource.model_validate(plain)
    except ValueError as error:  # a step that the grammar does not take, such as a task that begins twice
        assume(condition=False)
        raise AssertionError from error
    found, refusals = try_compile(source)
    assume(found is not None)
    assert found is not None, refusals
    return found

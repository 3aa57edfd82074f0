"""Which pages does a library have? One of each workflow with its picture, and one of all."""

from collections.abc import Iterable, Mapping, Sequence

from nofumble.pages.course import course_of
from nofumble.pages.drawing import drawn
from nofumble.pages.markdown import bullets, page, section, table
from nofumble.pages.steps import usual_ladder
from nofumble.pages.workflow import workflow_page
from workflows.language.grammar import TEAMS
from workflows.language.plans import Definition

INDEX = "README.md"

_READING = {
    "The customer": "stands for the name of the account; other words in braces are filled in when the text goes out",
    "Durations": "are `3bd` business days, `4bh` business hours, `15bm` business minutes, `30d` days, `72h` hours",
    "The picture": "has a lane for each holder and a row for each step. Times are in order and not to scale; each step "
    "is drawn as if it took all the time that it has. Steps that wait for an event of their own are drawn apart, from "
    "that event on",
    "Who": "is a role on the account; of several for a task the first that somebody holds. Any task may be finished by "
    "its holder, besides what it is over with",
    "The usual ladder": f"of a task that is not done: {usual_ladder()}",
    "Evidence": "is in every item: the event that started the run, those that led to the step, its clock, the facts of "
    "the account, the version, and what would have kept it from coming into being. That something did not happen is "
    "said when the sources that would know were heard from since, and taken back when it comes to light",
    "The clock of the examples": "is UTC, for people who work from Monday to Friday, 09:00 to 17:00",
}
"""What holds for all pages, said once."""


def library_pages(definitions: Sequence[Definition]) -> Mapping[str, str]:
    """Return the text of each file by its name: a page and a picture of each workflow, and the page of all."""
    files = {INDEX: _index(definitions)}
    for one in definitions:
        files[f"{one.name}.md"] = workflow_page(one)
        files[f"{one.name}.svg"] = drawn(one.name, one.source.title, course_of(one))
    return files


def _index(definitions: Iterable[Definition]) -> str:
    known = sorted(definitions, key=lambda one: one.name)
    teams = [(team, [one for one in known if one.source.team == team]) for team in TEAMS]
    return page(
        "The workflows",
        "Each has a page that says what starts it, what it asks of whom and until when, and what ends it. All of them "
        "are YAML; [write one of your own](../how-to/write-a-workflow.md).",
        *(section(team, table(("workflow", "what for", "mode"), [_line(one) for one in own])) for team, own in teams),
        section("How to read a page", bullets(f"**{what}** {told}." for what, told in _READING.items())),
    )


def _line(definition: Definition) -> tuple[str, str, str]:
    source = definition.source
    return f"[{source.name}]({source.name}.md)", source.title, "" if source.mode == "active" else source.mode

"""What happens on an event? The timeline of it over all workflows."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer

from events.catalogue import EVENT_TYPES
from nofumble.cli.options import AsJson, Workflows, nearest
from nofumble.cli.output import heading, paint, say, write, write_folded, write_json
from nofumble.cli.workflows import write_timeline
from nofumble.wiring import by_name, load_definitions
from workflows.language.plans import Definition
from workflows.language.words import Effect, describe
from workflows.language.words import explain as effects_of

STARTS = "starts"
"""How the words of an effect begin that opens a workflow."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble explain sales.contract.signed")(explain)


def explain(
    event_type: Annotated[str, typer.Argument(metavar="EVENT_TYPE", help="A type of the catalogue.")],
    workflows: Workflows = None,
    as_json: AsJson = False,
) -> None:
    """Tell what happens on an event, over all workflows."""
    if event_type not in EVENT_TYPES:
        raise nearest(event_type, EVENT_TYPES, what="event type", see="docs/reference/events.md")
    known = {
        name: one
        for name, one in by_name(load_definitions(workflows)).items()
        if one.source.mode in ("active", "shadow")
    }
    effects = effects_of(event_type, known.values())
    if as_json:
        write_json(asdict(effect) | {"type": event_type} for effect in effects)
        return
    write(f"{paint(event_type, 'strong')}: {EVENT_TYPES[event_type].summary}")
    if not effects:
        say("no workflow asks for it: it is kept on the timeline")
    for workflow, group in groupby(effects, key=lambda effect: effect.workflow):
        _write(known[workflow], list(group))


def _write(definition: Definition, effects: Sequence[Effect]) -> None:
    """Write what the event does in one workflow; where it starts it, with all that follows."""
    heading(definition.name)
    for effect in effects:
        condition = f" if {effect.condition}" if effect.condition else ""
        write_folded(f"{effect.what}{condition}", indent=2)
    if any(effect.what.startswith(STARTS) for effect in effects):
        write()
        write_timeline(describe(definition).timeline, indent=4)

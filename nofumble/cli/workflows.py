"""The library of workflows: listed, told as a timeline, checked with file and line, their examples run."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from nofumble.cli import versions
from nofumble.cli.options import AsJson, Workflows, nearest
from nofumble.cli.output import (
    Cell,
    clean,
    heading,
    number_of,
    paint,
    progress,
    say,
    weight_of,
    write,
    write_folded,
    write_json,
    write_table,
)
from nofumble.errors import ExitCode
from nofumble.wiring import by_name, definition_files, definitions_folder, load_definitions, read_definitions
from workflows.directory import Directory
from workflows.language.checker import check_files
from workflows.language.examples import ExampleResult, run_example
from workflows.language.plans import Definition
from workflows.language.words import Description, Row, describe
from workflows.library import types_of


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="workflows", help="The library of workflows.")
    group.command("list", epilog="Example: nofumble workflows list --json")(list_workflows)
    group.command(epilog="Example: nofumble workflows show signature_to_kickoff")(show)
    group.command(epilog="Example: nofumble workflows check my-workflows")(check)
    group.command("test", epilog="Example: nofumble workflows test signature_to_kickoff")(run_examples)
    group.command(epilog="Example: nofumble workflows schema > workflow.schema.json")(schema)
    versions.register(group)
    app.add_typer(group)


def list_workflows(workflows: Workflows = None, as_json: AsJson = False) -> None:
    """List the workflows and who owns them."""
    definitions = load_definitions(workflows)
    if as_json:
        write_json(summary(one) for one in definitions)
        return
    columns = ("name", "team", "version", "mode", "title")
    write_table(columns, (_listed(one) for one in definitions))


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a workflow.")],
    workflows: Workflows = None,
    as_json: AsJson = False,
) -> None:
    """Tell one workflow as a timeline in words."""
    definition = find(load_definitions(workflows), name)
    if as_json:
        write_json([summary(definition) | asdict(describe(definition))])
        return
    write_description(describe(definition))


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Files or folders; the shipped definitions without any."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check definitions: file:line, what, and the remedy.

    Exit code 1 when there is a finding.
    """
    files = definition_files(paths or [definitions_folder(None)])
    with progress("checking"):
        checked = check_files(read_definitions(files))
    findings = [finding for one in checked for finding in one.findings]
    if as_json:
        write_json({"file": one.file, "line": one.line, "message": one.message, "rule": one.rule} for one in findings)
    else:
        for one in findings:
            write(f"{paint(clean(f'{one.file}:{one.line}:'), 'strong')} {clean(one.message)}")
    told = number_of(len(findings), "finding") if findings else "no findings"
    say(f"{number_of(len(checked), 'definition')}, {told}")
    if findings:
        raise typer.Exit(ExitCode.FOUND)


def run_examples(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Names of workflows; all without any.")
    ] = None,
    workflows: Workflows = None,
    as_json: AsJson = False,
) -> None:
    """Run the examples inside the definitions.

    On a virtual clock, without a database. Exit code 1 when one does not come true.
    """
    definitions = load_definitions(workflows)
    chosen = [find(definitions, name) for name in dict.fromkeys(names)] if names else definitions
    results = _run(chosen, definitions)
    failed = sum(not one.passed for one in results)
    if as_json:
        write_json(_result(one) for one in results)
    else:
        _write_results(results)
    say(f"{number_of(len(results), 'example')} of {number_of(len(chosen), 'workflow')}, {failed or 'none'} failed")
    if failed:
        raise typer.Exit(ExitCode.FOUND)


def schema() -> None:
    """Print the JSON Schema of a definition, for editors."""
    from workflows.language.schema import definition_schema

    write(json.dumps(definition_schema(), indent=2))


def find(definitions: Iterable[Definition], name: str) -> Definition:
    """Return the definition of a name; raise WrongUse with the nearest ones when there is none."""
    known = by_name(definitions)
    if name not in known:
        raise nearest(name, known, what="workflow", see="nofumble workflows list")
    return known[name]


def summary(definition: Definition) -> dict[str, Any]:
    """Return what a list tells of a definition."""
    source = definition.source
    return {
        "name": source.name,
        "title": source.title,
        "team": source.team,
        "version": source.version,
        "mode": source.mode,
        "starts_on": sorted(frozenset[str]().union(*(types_of(start) for start in definition.starts))),
        "steps": [step.ref for step in source.steps],
        "examples": len(source.examples),
        "hash": definition.hash,
    }


def write_description(told: Description) -> None:
    """Write a workflow as a timeline in words."""
    write(f"{paint(told.name, 'strong')} {told.version}, owned by {told.team}, {told.mode}")
    write_folded(told.title)
    write()
    write_folded(told.purpose, indent=2)
    write()
    for label, texts in (("starts", told.starts), ("not if", told.guards), ("ends", told.endings)):
        for place, text in enumerate(texts):
            write_folded(text, indent=9, first="" if place else label)
    write()
    write_timeline(told.timeline)
    heading("examples")
    for name in told.examples:
        write_folded(name, indent=4, first="  -")


def write_timeline(rows: Iterable[Row], indent: int = 0) -> None:
    """Write the steps of a workflow under the moment at which each begins."""
    moment = ""
    for row in rows:
        if row.when != moment:
            write_folded(row.when, indent=indent, weight="info")
            moment = row.when
        write_folded(row.what, indent=indent + 7, first=f"{'':{indent}}  {row.ref}", weight=weight_of(row.severity))
        until = f"until {row.until}" if row.until else ""
        ends = f"ends on {row.ends}" if row.ends else ""
        told = "; ".join(part for part in (row.severity, row.who, until, ends) if part)
        if told:
            write_folded(told, indent=indent + 7, weight="quiet")


def _listed(definition: Definition) -> Sequence[str | Cell]:
    source = definition.source
    mode = Cell(source.mode, "good" if source.mode == "active" else "quiet")
    return source.name, source.team, source.version, mode, source.title


def _run(definitions: Sequence[Definition], library: Sequence[Definition]) -> list[ExampleResult]:
    directory = Directory()
    with progress("running", sum(len(one.source.examples) for one in definitions)) as step:
        results = []
        for one in definitions:
            for example in one.source.examples:
                beside = [other for other in library if other.name in example.beside]
                results.append(run_example(one, example, directory, beside))
                step(1)
    return results


def _result(result: ExampleResult) -> dict[str, Any]:
    return {"workflow": result.workflow, "example": result.name, "passed": result.passed, "misses": result.misses}


def _write_results(results: Iterable[ExampleResult]) -> None:
    workflow = ""
    for one in results:
        if one.workflow != workflow:
            write(("\n" if workflow else "") + paint(one.workflow, "strong"))
            workflow = one.workflow
        write(f"  {paint('ok  ', 'good') if one.passed else paint('FAIL', 'critical')}  {clean(one.name)}")
        for miss in one.misses:
            write(f"        {clean(miss)}")

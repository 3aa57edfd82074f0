"""Which version of a workflow is in force, since when and why? Put in force, rolled back, compared, tried in shadow."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.catalogues import Catalogue
from nofumble.activation import Fate, Proposal, Version, fates, former_version, members_of, propose, put, texts_of
from nofumble.catalogue import begin, catalogues_of, definitions_in, open_world, read_members
from nofumble.cli.options import AsJson, Workflows, nearest
from nofumble.cli.output import Cell, clean, number_of, paint, progress, say, write, write_json, write_table
from nofumble.cli.run import apply_now
from nofumble.cli.session import Session, open_session
from nofumble.cli.shadows import verdict_on, write_differences
from nofumble.cli.when import exact
from nofumble.errors import WrongUse
from nofumble.shadowing import trial_in
from nofumble.wiring import definition_files
from workflows.language.differences import differences
from workflows.language.grammar import BESIDE, Mode
from workflows.language.plans import Definition
from workflows.moment import iso
from workflows.versions import Activation, Change

Targets = Annotated[
    list[str],
    typer.Argument(metavar="NAME|FILE", help="A workflow, or a file or folder of definitions; several may be."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a workflow.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, in a few words; kept with the activation.")]
By = Annotated[str, typer.Option("--as", metavar="PERSON", envvar="NOFUMBLE_PERSON", help="Who does it: a person id.")]
Migrate = Annotated[
    bool, typer.Option("--migrate", help="Running instances go over to the new version, as far as that is safe.")
]
Steps = Annotated[
    list[str] | None,
    typer.Option("--step", metavar="OLD=NEW", help="With --migrate: a step that is called otherwise now; repeatable."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]

_DONE: dict[str, str] = {"active": "is in force", "shadow": "runs in shadow", "draft": "is a draft", "off": "is off"}


def register(group: typer.Typer) -> None:
    """Add the commands to those of the library."""
    group.command(epilog="Example: nofumble workflows activate signature_to_kickoff --note 'T1 gets two days'")(
        activate
    )
    group.command(epilog="Example: nofumble workflows deactivate news_watch --note 'too much noise'")(deactivate)
    group.command(epilog="Example: nofumble workflows mode signature_to_kickoff shadow --note 'tried until May'")(mode)
    group.command(epilog="Example: nofumble workflows rollback signature_to_kickoff --note 'T1 was late'")(rollback)
    group.command(epilog="Example: nofumble workflows history signature_to_kickoff")(history)
    group.command(
        epilog="Example: nofumble workflows diff signature_to_kickoff my-workflows/signature_to_kickoff.yaml"
    )(diff)
    group.command(epilog="Example: nofumble workflows shadow signature_to_kickoff")(shadow)


def activate(
    targets: Targets,
    note: Note,
    by: By = "",
    migrate: Migrate = False,
    step: Steps = None,
    dry_run: DryRun = False,
    workflows: Workflows = None,
    as_json: AsJson = False,
) -> None:
    """Put versions in force, from now on.

    Of a NAME that is the version in shadow or draft, else the one that was switched off, else the one on the disk.
    Running instances keep theirs, or migrate.
    """
    with open_session() as session:
        catalogues = _catalogues(session)
        versions = [one for target in targets for one in _wanted(target, "active", catalogues, workflows)]
        proposal = propose(catalogues, versions, "active", migrate=migrate, steps=steps_of(step, migrate=migrate))
        _settle(session, proposal, note, by, dry_run=dry_run, as_json=as_json)


def deactivate(targets: Targets, note: Note, by: By = "", dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Switch workflows off: nothing new begins; what runs goes on to its end."""
    with open_session() as session:
        catalogues = _catalogues(session)
        versions = [one for target in targets for one in _wanted(target, "off", catalogues, None)]
        _settle(session, propose(catalogues, versions, "off"), note, by, dry_run=dry_run, as_json=as_json)


def mode(
    target: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A workflow, or a file of a definition.")],
    wanted: Annotated[Mode, typer.Argument(metavar="MODE", help="active, shadow, draft or off.")],
    note: Note,
    by: By = "",
    dry_run: DryRun = False,
    workflows: Workflows = None,
    as_json: AsJson = False,
) -> None:
    """Give a version a mode.

    In shadow or draft it stands beside the version that is in force, if that says something else.
    """
    with open_session() as session:
        catalogues = _catalogues(session)
        versions = _wanted(target, wanted, catalogues, workflows)
        _settle(session, propose(catalogues, versions, wanted), note, by, dry_run=dry_run, as_json=as_json)


def rollback(
    name: Name,
    note: Note,
    by: By = "",
    migrate: Migrate = False,
    step: Steps = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put the version in force again that was active before this one."""
    with open_session() as session:
        catalogues = _catalogues(session)
        _known(name, catalogues)
        steps = steps_of(step, migrate=migrate)
        proposal = propose(catalogues, [former_version(catalogues, name)], "active", migrate=migrate, steps=steps)
        _settle(session, proposal, note, by, dry_run=dry_run, as_json=as_json)


def history(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The name of a workflow; all without any.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what came into force when, by whom and why; the newest first."""
    with open_session() as session:
        catalogues = _catalogues(session)
    if name is not None:
        _known(name, catalogues)
    rows = [
        (one.activation, change)
        for one in reversed(catalogues)
        for change in one.activation.changes
        if name in (None, change.workflow)
    ]
    if as_json:
        write_json(activated_as_json(activation, change) for activation, change in rows)
        return
    columns = ("when", "workflow", "version", "mode", "by", "why")
    write_table(columns, (_told(activation, change) for activation, change in rows))


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="NAME, NAME@VERSION, a hash, or a file.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The same; what A is compared with.")],
    as_json: AsJson = False,
) -> None:
    """Tell in words what is different between two versions.

    Exit code 1 when something is.
    """
    if all(Path(one).is_file() for one in (first, second)):
        before, after = _of_file(first), _of_file(second)
    else:
        with open_session() as session:
            catalogues = _catalogues(session)
        before, after = _one(first, catalogues), _one(second, catalogues)
    found = differences(before, after) if before.hash != after.hash else []
    if as_json:
        write_json(asdict(one) for one in found)
    else:
        for one in found:
            write(clean(str(one)))
    told = number_of(len(found), "difference") if found else "no difference"
    say(f"{_called(before)} and {_called(after)}: {told}")
    if found:
        raise typer.Exit(1)


def shadow(
    name: Name,
    account: Annotated[str | None, typer.Option("--account", metavar="ID", help="Only this account.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a version in shadow would have done, beside what the active one did.

    The recorded history is folded again, with the version in shadow in force for as long as it is in shadow.
    Nothing of it goes out or is kept.
    """
    with open_session() as session:
        catalogues = _catalogues(session)
        _known(name, catalogues)
        if catalogues[-1].find(name, "shadow") is None:
            raise WrongUse(
                f"{name} has no version in shadow; `nofumble workflows mode {name} shadow --note TEXT` gives it one"
            )
        world = open_world(session.store, session.organisation, now=session.now)
        with progress("folding") as step_on:
            trial = trial_in(session.store, world, name, session.now, account=account, on_account=step_on)
    if as_json:
        source = {"workflow": name, "version": trial.definition.source.version, "shadow": True}
        write_json(source | one.as_json() for one in trial.differences)
    else:
        write_differences(trial)
    say(verdict_on(trial))


# ------------------------------------------------------------ what is meant


def _catalogues(session: Session) -> list[Catalogue]:
    begin(session.store, now=session.now)
    return catalogues_of(session.store)


def _known(name: str, catalogues: Sequence[Catalogue]) -> None:
    known = {one.name for catalogue in catalogues for one in catalogue.definitions}
    if name not in known:
        raise nearest(name, known, what="workflow", see="nofumble workflows history")


def _wanted(target: str, mode: Mode, catalogues: Sequence[Catalogue], folder: Path | None) -> list[Version]:
    """Find the versions that a target means for a mode."""
    if Path(target).exists():
        return read_members(definition_files([Path(target)]))
    stored = [one for one in members_of(catalogues) if one[0].name == target]
    beside = [one for one in stored if one[0].source.mode in BESIDE]
    in_place = [one for one in stored if one[0].source.mode not in BESIDE]
    is_off = [one for one in in_place if one[0].source.mode == "off"]
    found = {"off": in_place or beside, "active": beside or is_off}.get(mode, beside or in_place)
    if not found:
        found = [one for one in definitions_in(folder) if one[0].name == target] or in_place
    if not found:
        known = {one.name for one in catalogues[-1].definitions}
        raise nearest(target, known, what="workflow or file", see="nofumble workflows list")
    return found[:1]


def steps_of(given: Iterable[str] | None, *, migrate: bool) -> dict[str, str]:
    """Read which steps are called otherwise, each as OLD=NEW; raise WrongUse for what is none."""
    steps = {}
    for text in given or ():
        former, found, now = text.partition("=")
        if not found or not former or not now:
            raise WrongUse(f"--step: {text!r} is no OLD=NEW; write the former label, an equals sign and the new one")
        steps[former] = now
    if steps and not migrate:
        raise WrongUse("--step says how running instances migrate: add --migrate")
    return steps


def _one(wanted: str, catalogues: Sequence[Catalogue]) -> Definition:
    """Find the one version that a word means: of a file, by hash, or by name, with its number or as it is in force."""
    if Path(wanted).is_file():
        return _of_file(wanted)
    everything = [one for catalogue in reversed(catalogues) for one in catalogue.definitions]
    name, _, version = wanted.partition("@")
    found = [one for one in everything if one.hash == wanted or (one.name == name and one.source.version == version)]
    if not version:
        found += [one for one in catalogues[-1].definitions if one.name == name and one.source.mode not in BESIDE]
        found += [one for one in catalogues[-1].definitions if one.name == name]
    if not found:
        known = {f"{one.name}@{one.source.version}" for one in everything} | {one.name for one in everything}
        raise nearest(wanted, known, what="version", see="nofumble workflows history")
    return found[0]


def _of_file(path: str) -> Definition:
    return read_members([Path(path)])[0][0]


# ------------------------------------------------------------ what comes of it


def _settle(session: Session, proposal: Proposal, note: str, by: str, *, dry_run: bool, as_json: bool) -> None:
    """Say what a proposal would do, or do it."""
    if not note.strip():
        raise WrongUse("--note is empty: say in a few words why, for who looks at the history later")
    if not proposal.changes:
        say("nothing to change: that is how it is")
        return
    world = open_world(session.store, session.organisation, now=session.now)
    with progress("looking at what runs"):
        known = list(fates(session.store, world, proposal, session.now))
    activation = proposal.activation(session.now, by, note)
    if not dry_run:
        migrating = [one.account for one in known if one.migrates]
        activation = put(session.store, proposal, by=by, note=note, now=session.now, migrating=migrating)
        if migrating:
            apply_now(session)
    if as_json:
        rows = [activated_as_json(activation, one) | {"dry_run": dry_run} for one in activation.changes]
        write_json([*rows, *(fate_as_json(one) for one in known)])
        return
    _write(activation, proposal, known, dry_run=dry_run)


def _write(activation: Activation, proposal: Proposal, known: Sequence[Fate], *, dry_run: bool) -> None:
    texts = texts_of(proposal.catalogues)
    for change in activation.changes:
        would = "would be: " if dry_run else ""
        write(f"{paint(change.workflow, 'strong')} {change.version} {would}{_DONE[change.mode]} (hash {change.hash})")
        was = next((one for one in proposal.catalogues[-1].definitions if one.hash == change.was[0]), None)
        now = next(one for one, _ in proposal.members if one.hash == change.hash)
        if was is not None and was.hash != now.hash and was.hash in texts:
            for one in differences(was, now):
                write(f"  {clean(str(one))}")
    if known:
        write_table(("account", "instance", "", "what"), (_row(one) for one in known))
        going = sum(one.migrates for one in known)
        verb = "would migrate" if dry_run else "migrate"
        say(f"{number_of(going, 'running instance')} {verb}, {len(known) - going:,} keep their version")


def _row(one: Fate) -> tuple[str | Cell, ...]:
    moves = "; ".join(_moves(one))
    if one.migrates:
        return one.account, f"{one.workflow} {one.key}", Cell("migrates", "good"), moves or "no clock moves"
    return one.account, f"{one.workflow} {one.key}", Cell("keeps", "warn"), one.reason


def _moves(one: Fate) -> Iterator[str]:
    for name, (before, after) in one.clocks.items():
        yield f"{name} {_time(before)} -> {_time(after)}"


def _time(at: datetime | None) -> str:
    return "none" if at is None else exact(at)


def fate_as_json(one: Fate) -> dict[str, Any]:
    """Write what becomes of a running instance as the interfaces do."""
    clocks = {name: [None if at is None else iso(at) for at in times] for name, times in one.clocks.items()}
    said = {"account": one.account, "workflow": one.workflow, "key": one.key, "from": one.former, "to": one.version}
    return {**said, "migrates": one.migrates, "reason": one.reason, "clocks": clocks}


def activated_as_json(activation: Activation, change: Change) -> dict[str, Any]:
    """Write what came into force as the interfaces do."""
    said = {"number": activation.number, "at": iso(activation.at), "by": activation.by, "note": activation.note}
    what = {"workflow": change.workflow, "version": change.version, "hash": change.hash, "mode": change.mode}
    return {**said, **what, "was": change.was[0] or None, "migrate": change.migrate}


def _told(activation: Activation, change: Change) -> tuple[str | Cell, ...]:
    shown = Cell(change.mode, "good" if change.mode == "active" else "quiet")
    return exact(activation.at), change.workflow, change.version, shown, activation.by, activation.note


def _called(one: Definition) -> str:
    return f"{one.name} {one.source.version} ({one.hash})"

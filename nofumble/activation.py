"""How does another version come into force? A change is proposed, tried without effect, and then put in force (R17).

An activation is a catalogue of its own with who, when and why. What is in force is changed by nothing else, least of
all by what lies on the disk of a worker (F53).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.catalogues import Catalogue, Text, libraries_of, put_in_force, read_catalogues, write_catalogue
from agents.ports import Store
from agents.rows import IntakeChunk, IntakeRecord, StoredCatalogue
from agents.world import World
from events.parsing import event_to_json
from nofumble.errors import ServiceUnavailable, WrongUse
from nofumble.reading import every_account, history_of_account
from workflows.account import Instance
from workflows.activations import Activations
from workflows.language.grammar import BESIDE, Mode
from workflows.language.plans import Definition
from workflows.migration import faults_of
from workflows.versions import Activation, Change, dropped_patterns, part_for

Version = tuple[Definition, Text]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A catalogue that may come into force after those that are known, and what it changes."""

    catalogues: Sequence[Catalogue]
    members: Sequence[Version]
    changes: tuple[Change, ...]

    @property
    def number(self) -> int:
        """The number that it gets."""
        return self.catalogues[-1].number + 1

    def body(self, by: str, note: str) -> bytes:
        """Write it as it is stored."""
        known = {one for catalogue in self.catalogues for one in catalogue.texts}
        return write_catalogue(self.members, known, by=by, note=note, changes=self.changes)

    def activation(self, now: datetime, by: str = "", note: str = "") -> Activation:
        """Give its activation at a time; no activation comes before the one that it follows."""
        at = max(now, self.catalogues[-1].activation.at)
        return Activation(self.number, at, by, note, self.changes)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one running instance: the versions, why it keeps its own, and which of its clocks move."""

    account: str
    workflow: str
    key: str
    instance: str
    former: str
    version: str
    reason: str = ""
    clocks: Mapping[str, tuple[datetime | None, datetime | None]] = field(default_factory=dict)

    @property
    def migrates(self) -> bool:
        """Whether it goes over to the new version."""
        return not self.reason


def propose(
    catalogues: Sequence[Catalogue],
    versions: Iterable[Version],
    mode: Mode,
    *,
    migrate: bool = False,
    steps: Mapping[str, str] | None = None,
) -> Proposal:
    """Propose that versions get a mode; those that have it already are left as they are.

    Raises:
        WrongUse: the words of a version that was in force were changed without raising its number, or the steps of a
            migration do not go over.
    """
    members, changes = list(members_of(catalogues)), []
    for definition, text in versions:
        wanted = definition.in_mode(mode)
        former = _in_place(members, wanted.name, mode)
        if former is not None and (former.hash, former.source.mode) == (wanted.hash, mode):
            continue
        check_number(catalogues, wanted.name, wanted.source.version, wanted.hash)
        running = _in_place(members, wanted.name, "active")
        members = [one for one in members if not _gives_way(one[0], wanted)]
        members.append((wanted, text))
        changes.append(_change(running if mode not in BESIDE else former, wanted, migrate=migrate, steps=steps or {}))
    return Proposal(catalogues, members, tuple(changes))


def check_number(catalogues: Iterable[Catalogue], name: str, version: str, hash_: str) -> None:
    """Raise WrongUse for a version that was in force already and said something else."""
    for catalogue in catalogues:
        was = catalogue.find(name, "active")
        if was is not None and was.source.version == version and was.hash != hash_:
            raise WrongUse(
                f"{name} {version} was in force with other words (hash {was.hash}, this one {hash_}): "
                "an activated version never changes; raise its `version`"
            )


def former_version(catalogues: Sequence[Catalogue], name: str) -> Version:
    """Return the version of a workflow that was active before the one that is in force; raise WrongUse without one."""
    texts = texts_of(catalogues)
    now = catalogues[-1].find(name, "active")
    for catalogue in reversed(catalogues[:-1]):
        was = catalogue.find(name, "active")
        if was is not None and (now is None or was.hash != now.hash):
            return was, texts[was.hash]
    raise WrongUse(f"no other version of {name} was ever active; `nofumble workflows history {name}` tells what was")


def members_of(catalogues: Sequence[Catalogue]) -> Iterator[Version]:
    """Give the versions of the latest catalogue with their texts."""
    texts = texts_of(catalogues)
    return ((one, texts[one.hash]) for one in catalogues[-1].definitions)


def texts_of(catalogues: Iterable[Catalogue]) -> dict[str, Text]:
    """Return every text that the catalogues hold, by the hash of what it says."""
    return {hash_: text for catalogue in catalogues for hash_, text in catalogue.texts.items()}


def fates(
    store: Store,
    world: World,
    proposal: Proposal,
    now: datetime,
    *,
    on_account: Callable[[int], None] = lambda _: None,
) -> Iterator[Fate]:
    """Tell of each running instance what a proposal with a migration would do to it; nothing is kept.

    Each account is folded as the agents would, with the activation at its place: what comes out is what would happen.
    """
    wanted = {change.workflow for change in proposal.changes if change.migrate}
    if not wanted:
        return
    activation = proposal.activation(now)
    row = StoredCatalogue(proposal.number, "", activation.at, proposal.body("", ""))
    tried = World(
        libraries_of(read_catalogues([row], proposal.catalogues)), proposal.number, world.directories, world.watermarks
    )
    tried.activations = Activations([*(one.activation for one in proposal.catalogues), activation])
    for account in every_account(store):
        yield from _fates_at(store, tried, account, activation, wanted)
        on_account(1)


def put(
    store: Store, proposal: Proposal, *, by: str, note: str, now: datetime, migrating: Iterable[str] = ()
) -> Activation:
    """Put a proposal in force, and wake the accounts at which instances migrate.

    Raises:
        ServiceUnavailable: somebody else put another version in force meanwhile; nothing was changed.
    """
    activation = proposal.activation(now, by, note)
    if not put_in_force(store, proposal.number, proposal.body(by, note), activation.at):
        raise ServiceUnavailable("somebody else changed what is in force at the same time: look, and try again")
    wake(store, activation, migrating)
    return activation


def wake(store: Store, activation: Activation, accounts: Iterable[str]) -> None:
    """Put an activation into the log of accounts, for those at rest; one that has folded it already is not changed."""
    parts = [part_for(activation, account, activation.at) for account in dict.fromkeys(accounts)]
    records = [IntakeRecord(one.subject, activation.at, one.source, one.id, event_to_json(one)) for one in parts]
    if records:
        store.take(IntakeChunk(records=records))


# ------------------------------------------------------------ what changes


def _in_place(members: Iterable[Version], name: str, mode: Mode) -> Definition | None:
    """Find the version whose place one of this mode takes: beside the one in force, or in force."""
    return next(
        (one for one, _ in members if one.name == name and (one.source.mode in BESIDE) == (mode in BESIDE)), None
    )


def _gives_way(one: Definition, wanted: Definition) -> bool:
    """Tell whether a version leaves the catalogue for another: it has its place, or says the same."""
    same_place = (one.source.mode in BESIDE) == (wanted.source.mode in BESIDE)
    return one.name == wanted.name and (same_place or one.hash == wanted.hash)


def _change(former: Definition | None, wanted: Definition, *, migrate: bool, steps: Mapping[str, str]) -> Change:
    mode = wanted.source.mode
    is_active = mode == "active"
    if migrate and former is not None:
        for fault in faults_of(former, wanted, steps):
            raise WrongUse(f"--step: {fault}; nothing was changed")
    was = (former.hash, former.source.mode) if former is not None else ("", "")
    return Change(
        wanted.name,
        wanted.source.version,
        wanted.hash,
        mode,
        was,
        migrate=migrate and is_active,
        steps=dict(steps),
        dropped=dropped_patterns(former, wanted if is_active else None) if mode not in BESIDE else (),
    )


# ------------------------------------------------------------ what runs


def _fates_at(
    store: Store, world: World, account: str, activation: Activation, wanted: frozenset[str] | set[str]
) -> Iterator[Fate]:
    history = history_of_account(store, world, account)
    if history is None:
        return
    for part, arrived_at, number in list(world.activations.parts_for(history, activation.at)):
        if number == activation.number:
            history.advance(arrived_at, including=False)
            before = {name: (one.definition, dict(one.timers)) for name, one in history.state.instances.items()}
            history.drain()
        history.receive(part, arrived_at, number)
        if number == activation.number:
            refused = {one.reason.partition(" keeps its version")[0]: one.reason for one in history.drain().problems}
            for instance in history.state.instances.values():
                is_running = instance.status == "running" and instance.id in before
                if instance.workflow in wanted and is_running:
                    yield _fate(world, account, instance, before[instance.id], refused.get(instance.id, ""))


def _fate(
    world: World,
    account: str,
    instance: Instance,
    before: tuple[str, Mapping[str, datetime]],
    refused: str,
) -> Fate:
    by_hash = world.library.by_hash
    former, now = by_hash.get(before[0]), by_hash[instance.definition]
    reason = refused.partition(": ")[2] if refused else "" if former is not now else "it runs on this version already"
    clocks = {
        name: (before[1].get(name), instance.timers.get(name))
        for name in sorted({*before[1], *instance.timers})
        if before[1].get(name) != instance.timers.get(name)
    }
    return Fate(
        account,
        instance.workflow,
        instance.key,
        instance.id,
        former.source.version if former is not None else before[0],
        now.source.version,
        reason,
        clocks,
    )

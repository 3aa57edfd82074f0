"""How does a person put a version in force, in shadow, off, or back? Tried first, and with a note (R17)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nofumble.activation import Fate, Proposal, Version, former_version, members_of, propose, put
from nofumble.catalogue import open_world
from nofumble.errors import WrongUse
from nofumble.web.authoring import Flow, check_author, good_version
from nofumble.web.context import Context
from nofumble.web.etags import changed, is_match
from nofumble.web.problems import Problem
from workflows.language.differences import differences
from workflows.language.grammar import Mode
from workflows.language.plans import Definition
from workflows.shadow import Trial
from workflows.versions import Activation


@dataclass(frozen=True, slots=True)
class Wish:
    """What goes with a deed: why; whether what runs goes over, and which steps are called otherwise (former, new)."""

    note: str
    migrate: bool = False
    steps: Mapping[str, str] = field(default_factory=dict)
    is_dry: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a deed, or would come of it: the activation, what is different in words, and what runs.

    `fates` are those of the accounts that the person sees; `going` and `staying` count all of them.
    """

    activation: Activation
    words: tuple[str, ...]
    fates: tuple[Fate, ...]
    going: int
    staying: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to do with a workflow: the mode that a version gets, which one that is, and how a button says it."""

    mode: Mode
    find: Callable[[Context, Flow], Version]
    words: str


def settle(context: Context, flow: Flow, name: str, wish: Wish, seen: str) -> Settled:
    """Do something with a workflow, or say what would come of it; `seen` is the ETag of its versions.

    Raises:
        Problem: 412 when it is no longer as it was seen, 422 without a note or for a draft that does not hold, 409
            where there is nothing to do it with.
        WrongUse: the version's number was used already, the steps do not go over, or trying it takes too long.
        ServiceUnavailable: somebody else put something in force at the same time.
    """
    deed = DEEDS[name]
    if not is_match(seen, flow.etag):
        raise changed(flow.etag)
    if not wish.note.strip():
        raise Problem(422, "why is missing", "say it in a few words, for who looks at the history later", path="note")
    version = deed.find(context, flow)
    check_author(context, {*flow.teams, version[0].source.team})
    proposal = propose(flow.catalogues, [version], deed.mode, migrate=wish.migrate, steps=wish.steps)
    if not proposal.changes:
        raise Problem(409, "nothing is to be changed: that is how it is", "change the draft first")
    return _settled(context, flow, proposal, wish)


def trial_of(context: Context, flow: Flow) -> Trial:
    """Tell what the version in shadow would have done; raise Problem 409 without one, and as `Trials.shadow`."""
    if flow.catalogues[-1].find(flow.name, "shadow") is None:
        raise Problem(409, f"{flow.name} has no version in shadow", "put its draft in shadow first")
    world = open_world(context.store, context.organisation, now=context.now)
    return context.shared.trials.shadow(context.store, world, flow.name, context.now)


def deeds_of(flow: Flow) -> list[str]:
    """Return what can be done with a workflow now."""
    latest = flow.catalogues[-1]
    is_active = latest.find(flow.name, "active") is not None
    is_off = latest.find(flow.name, "off") is not None
    possible = {
        "activate": flow.draft is not None or flow.beside is not None or is_off,
        "shadow": flow.draft is not None,
        "rollback": _has_former(flow),
        "deactivate": is_active,
    }
    return [name for name in DEEDS if possible[name]]


def _settled(context: Context, flow: Flow, proposal: Proposal, wish: Wish) -> Settled:
    (change,) = proposal.changes
    fates: list[Fate] = []
    if change.migrate:
        world = open_world(context.store, context.organisation, now=context.now)
        fates = context.shared.trials.fates(context.store, world, proposal, context.now)
    words = tuple(map(str, _differences(flow, change.was[0], change.hash, proposal)))
    going = [one.account for one in fates if one.migrates]
    seen = tuple(one for one in fates if context.sees(one.account))
    note = " ".join(wish.note.split())
    if wish.is_dry:
        would = proposal.activation(context.now, context.person, note)
        return Settled(would, words, seen, len(going), len(fates) - len(going), is_done=False)
    done = put(context.store, proposal, by=context.person, note=note, now=context.now, migrating=going)
    if flow.draft is not None and _is_of_draft(flow, change.hash, proposal):
        context.store.drop_draft(flow.name, seen=flow.draft.text)
    context.note("workflow.put", about=flow.name, reason=note, mode=change.mode, hash=change.hash, number=done.number)
    return Settled(done, words, seen, len(going), len(fates) - len(going), is_done=True)


def _differences(flow: Flow, before: str, after: str, proposal: Proposal) -> list[object]:
    was = flow.versions.get(before) or flow.in_place
    now = next(one for one, _ in proposal.members if one.hash == after)
    return [] if was is None or was.hash == now.hash else list(differences(was, now))


def _is_of_draft(flow: Flow, hash_: str, proposal: Proposal) -> bool:
    """Tell whether what came into force is what the draft says."""
    texts = {one.hash: text.text for one, text in proposal.members}
    return flow.draft is not None and texts.get(hash_) == flow.draft.text


# ------------------------------------------------------------ which version a deed is about


def _to_activate(context: Context, flow: Flow) -> Version:
    """Take the draft, else what stands beside the version in force, else what was switched off."""
    if flow.draft is not None:
        return good_version(context, flow)
    off = flow.catalogues[-1].find(flow.name, "off")
    return _member(flow, flow.beside or off, "no draft, no version in shadow, and none that was switched off")


def _to_shadow(context: Context, flow: Flow) -> Version:
    if flow.draft is None:
        raise Problem(409, f"{flow.name} has no draft", "write one first")
    return good_version(context, flow)


def _to_switch_off(_context: Context, flow: Flow) -> Version:
    return _member(flow, flow.catalogues[-1].find(flow.name, "active"), "no version in force")


def _former(_context: Context, flow: Flow) -> Version:
    return former_version(flow.catalogues, flow.name)


def _has_former(flow: Flow) -> bool:
    try:
        former_version(flow.catalogues, flow.name)
    except WrongUse:
        return False
    return True


def _member(flow: Flow, wanted: Definition | None, lack: str) -> Version:
    if wanted is None:
        raise Problem(409, f"{flow.name} has {lack}", "write a draft first")
    return next((one, text) for one, text in members_of(flow.catalogues) if one.hash == wanted.hash)


DEEDS: Mapping[str, Deed] = {
    "shadow": Deed("shadow", _to_shadow, "Put in shadow"),
    "activate": Deed("active", _to_activate, "Put in force"),
    "rollback": Deed("active", _former, "Roll back"),
    "deactivate": Deed("off", _to_switch_off, "Switch off"),
}
"""Everything that can be done with the versions of a workflow, by its name in addresses."""

"""What may a person see of the versions of a workflow, and write? The rules that the API and the pages share.

Everybody may read what is in force and what came into force when. A draft, a version in shadow and what it would have
done are for those who write the definitions of its team; so is everything that changes something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import msgspec

from agents.catalogues import Catalogue, Text, definition_of
from nofumble.activation import Version, check_number, members_of
from nofumble.authoring.drafts import begun, hash_of_text, storable
from nofumble.authoring.examiner import Examined
from nofumble.authoring.examining import Asked, Checked, Message, file_of
from nofumble.authoring.worker import EXAMINED_S_MAX
from nofumble.catalogue import begin, catalogues_of, stored_definitions
from nofumble.errors import WrongUse
from nofumble.store.web_store import DraftRow
from nofumble.web.context import Context
from nofumble.web.etags import changed, is_match
from nofumble.web.problems import Problem
from nofumble.web.roles import may_write
from nofumble.wiring import by_name
from workflows.language.grammar import Mode
from workflows.language.plans import Definition
from workflows.versions import Activation, Change

DRAFT = "draft"
"""What the draft is called where a version is named by its hash."""

IN_PLACE: tuple[Mode, ...] = ("active", "off")
NEXT_TO_IT: tuple[Mode, ...] = ("shadow", "draft")


@dataclass(frozen=True, slots=True)
class Flow:
    """One workflow with everything that there is of it: what came into force when, and its draft."""

    name: str
    catalogues: Sequence[Catalogue]
    draft: DraftRow | None

    @property
    def in_place(self) -> Definition | None:
        """The version that is in force, or was before it was switched off."""
        return self.catalogues[-1].find(self.name, *IN_PLACE)

    @property
    def beside(self) -> Definition | None:
        """The version that stands beside it, in shadow or as a draft of the command line."""
        return self.catalogues[-1].find(self.name, *NEXT_TO_IT)

    @property
    def versions(self) -> dict[str, Definition]:
        """Every version that a catalogue ever had, by its hash; the newest first."""
        found: dict[str, Definition] = {}
        for catalogue in reversed(self.catalogues):
            for one in catalogue.definitions:
                if one.name == self.name:
                    found.setdefault(one.hash, one)
        return found

    @property
    def teams(self) -> frozenset[str]:
        """Whose it is: the team of what is in the catalogue, and of the draft."""
        known = {one.source.team for one in (self.in_place, self.beside) if one is not None}
        return frozenset(known | ({self.draft.team} if self.draft else set()))

    @property
    def text(self) -> str:
        """The text that one goes on writing: of the draft, else of what stands beside, else of what is in force."""
        if self.draft is not None:
            return self.draft.text
        texts = {one.hash: text for one, text in members_of(self.catalogues)}
        return next((texts[one.hash].text for one in (self.beside, self.in_place) if one is not None), "")

    @property
    def etag(self) -> str:
        """What tells two states of its versions apart."""
        known = [(one.hash, one.source.mode) for one in (self.in_place, self.beside) if one is not None]
        said = repr((known, self.draft and self.draft.text)).encode()
        return f'"{sha256(said).hexdigest()[:32]}"'

    @property
    def draft_etag(self) -> str:
        """What tells two states of its draft apart; also of there being none."""
        return f'"{hash_of_text(self.draft.text) if self.draft else "none"}"'

    def history(self) -> list[tuple[Activation, Change]]:
        """Return what came into force when, by whom and why; the newest first."""
        changes = ((one.activation, change) for one in reversed(self.catalogues) for change in one.activation.changes)
        return [(activation, change) for activation, change in changes if change.workflow == self.name]


# ------------------------------------------------------------ what is seen


def shown(context: Context) -> list[Definition]:
    """Return the definitions that a person sees, one for each workflow, in order of name."""
    begin(context.store, now=context.now)
    found = by_name(stored_definitions(context.store)).values()
    seen = (one for one in found if one.source.mode in IN_PLACE or is_author(context, {one.source.team}))
    return sorted(seen, key=lambda one: one.name)


def drafts_of(context: Context) -> list[DraftRow]:
    """Return the drafts that a person may go on writing."""
    return [one for one in context.store.drafts() if is_author(context, {one.team})]


def flow_of(context: Context, name: str) -> Flow:
    """Return a workflow of which a person sees something; raise Problem 404 where there is none."""
    begin(context.store, now=context.now)
    flow = Flow(name, catalogues_of(context.store), context.store.draft(name))
    is_seen = flow.in_place is not None or (flow.teams and is_author(context, flow.teams))
    if not is_seen:
        raise Problem(404, f"no workflow is called {name!r}", "the list of workflows has those that there are")
    return flow


def own_flow(context: Context, name: str) -> Flow:
    """Return a workflow that a person may write; raise Problem 404 or 403."""
    flow = flow_of(context, name)
    check_author(context, flow.teams)
    return flow


def is_author(context: Context, teams: Iterable[str]) -> bool:
    """Tell whether the person writes the definitions of some teams."""
    return may_write(context.session.view, teams) and context.may("workflow.author")


def check_author(context: Context, teams: Iterable[str]) -> None:
    """Raise Problem 403 unless the person writes the definitions of some teams."""
    if not is_author(context, teams):
        own = ", ".join(context.session.view.writes) or "no team"
        rule = f"this is a definition of {', '.join(sorted(teams))}, and you write those of {own}"
        raise Problem(403, rule, "ask somebody of that team, or CS operations")


def visible_history(context: Context, flow: Flow) -> list[tuple[Activation, Change]]:
    """Return the history without what others than its authors do not see: what was tried beside."""
    is_ours = is_author(context, flow.teams)
    return [one for one in flow.history() if is_ours or one[1].mode in IN_PLACE]


def version_of(context: Context, flow: Flow, wanted: str) -> Definition:
    """Return a version by its hash or number, or the draft; raise Problem 404 for one that is not there or not seen."""
    if wanted == DRAFT and flow.draft is not None and is_author(context, flow.teams):
        return good_version(context, flow)[0]
    seen = flow.versions if is_author(context, flow.teams) else _once_in_place(flow)
    for one in seen.values():
        if wanted in {one.hash, one.source.version}:
            return one
    raise Problem(404, f"no version of {flow.name} is called {wanted!r}", "its versions are listed, each with its hash")


def _once_in_place(flow: Flow) -> dict[str, Definition]:
    found = (catalogue.find(flow.name, *IN_PLACE) for catalogue in reversed(flow.catalogues))
    return {one.hash: one for one in found if one is not None}


# ------------------------------------------------------------ writing


def begin_draft(context: Context, name: str, title: str, team: str) -> DraftRow:
    """Begin a new workflow with the template; raise Problem 403, 409 for a name that is taken, and as `begun`."""
    check_author(context, {team})
    text = begun(name, title, team)
    begin(context.store, now=context.now)
    row = DraftRow(name, team, text, context.person, "begun", context.now)
    is_known = any(one.name == name for catalogue in catalogues_of(context.store) for one in catalogue.definitions)
    if is_known or not context.store.save_draft(row, seen=None):
        raise Problem(409, f"a workflow is called {name!r} already", "take another name", path="name")
    context.note("workflow.drafted", about=name, reason=row.note, hash=hash_of_text(text))
    return row


def save(context: Context, flow: Flow, text: str, note: str, seen: str) -> DraftRow:
    """Keep a text as the draft; `seen` is the ETag of the draft in whose place it goes.

    Raises:
        Problem: 412 when somebody else saved meanwhile.
        WrongUse: it is no text that can be kept.
    """
    kept = storable(text)
    team = flow.draft.team if flow.draft else min(flow.teams)
    row = DraftRow(flow.name, team, kept, context.person, " ".join(note.split()), context.now)
    before = flow.draft.text if flow.draft else None
    if not is_match(seen, flow.draft_etag) or not context.store.save_draft(row, seen=before):
        raise changed(flow.draft_etag)
    context.note("workflow.drafted", about=flow.name, reason=row.note, hash=hash_of_text(kept))
    return row


def discard(context: Context, flow: Flow, seen: str) -> None:
    """Throw the draft away; raises as `save`, and Problem 404 where there is none."""
    if flow.draft is None:
        raise Problem(404, f"{flow.name} has no draft", "nothing is to be thrown away")
    if not is_match(seen, flow.draft_etag) or not context.store.drop_draft(flow.name, seen=flow.draft.text):
        raise changed(flow.draft_etag)
    context.note("workflow.draft_discarded", about=flow.name, hash=hash_of_text(flow.draft.text))


def examined(context: Context, flow: Flow, text: str) -> Examined:
    """Return what is to be said of a text: by the checker, by its examples, and by whose it is and its number."""
    members = members_of(flow.catalogues)
    others = {one.name: member.text for one, member in members if one.source.mode in IN_PLACE and one.name != flow.name}
    found = context.shared.examiner.examine(Asked(storable(text), flow.name, others))
    checked = found.checked
    if not checked.hash:
        return found
    return replace(
        found, checked=msgspec.structs.replace(checked, messages=list(_of_ours(context, flow, text, checked)))
    )


def good_version(context: Context, flow: Flow) -> Version:
    """Return the draft as a version that may come into force.

    Raises Problem 422 for the first thing that stands against it: a finding with its line, an example with its miss.
    """
    assert flow.draft is not None, "the draft was asked for"
    text = flow.draft.text
    found = examined(context, flow, text)
    for message in found.checked.messages:
        raise Problem(422, f"the draft, line {message.line}: {message.message}", "mend it there", path="definition")
    for one in found.played:
        if not one.passed:
            raise Problem(422, f"the example {one.name!r}: {one.misses[0]}", "mend it or the draft", path="definition")
    if not found.is_whole:
        raise Problem(422, unfinished(found), "make its examples shorter", path="definition")
    kept = Text(text, file_of(flow.name))
    return definition_of(kept), kept


def unfinished(found: Examined) -> str:
    """Say what of a text could not be examined in the time that there is."""
    what = f"the example {found.open_examples[0]!r}" if found.open_examples else "the text"
    return f"{what} needs more than {EXAMINED_S_MAX:g} s, or too much memory, and was stopped"


def _of_ours(context: Context, flow: Flow, text: str, checked: Checked) -> Iterator[Message]:
    """Give what stands against a definition that could run: whose it is, and a number that is taken."""
    if not is_author(context, {checked.team}):
        own = ", ".join(context.session.view.writes)
        words = f"the team is {checked.team}, and you write definitions of {own}; leave it to its own"
        yield Message(_line_of(text, "team"), words, "team")
    try:
        check_number(flow.catalogues, flow.name, checked.version, checked.hash)
    except WrongUse as taken:
        yield Message(_line_of(text, "version"), str(taken), "version")


def _line_of(text: str, key: str) -> int:
    """Return the line of a key of the whole; 1 where it is written otherwise."""
    found = re.search(rf"^{key}\s*:", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1

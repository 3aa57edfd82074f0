"""How is a definition written, tried and put in force? By those who write the definitions of its team."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from nofumble.authoring.drafts import hash_of_text
from nofumble.authoring.examiner import Examined
from nofumble.cli.versions import activated_as_json, fate_as_json
from nofumble.store.web_store import DraftRow
from nofumble.web.activating import DEEDS, Settled, Wish, deeds_of, settle, trial_of
from nofumble.web.api.replies import IfMatch, reply
from nofumble.web.authoring import (
    begin_draft,
    discard,
    examined,
    flow_of,
    is_author,
    own_flow,
    save,
    version_of,
    visible_history,
)
from nofumble.web.context import Context, needs
from nofumble.web.problems import Problem
from workflows.language.differences import differences
from workflows.language.plans import Definition
from workflows.language.yaml_source import SIZE_MAX

router = APIRouter(tags=["workflows"])
Reader = Annotated[Context, needs("workflow.read")]
Author = Annotated[Context, needs("workflow.author")]
Name = Annotated[str, Path(max_length=60, description="The name of a workflow.")]
Wanted = Annotated[str, Query(max_length=64, description="A hash, a number of a version, or `draft`.")]


class Written(BaseModel):
    """The text of a definition, in YAML."""

    model_config = ConfigDict(extra="forbid")

    definition: str = Field(max_length=SIZE_MAX)
    note: str = Field("", max_length=2000, description="what was changed, and why")


class Wished(BaseModel):
    """What goes with a change of what is in force."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(max_length=2000, description="why, for who looks at the history later")
    migrate: bool = Field(
        default=False, description="running instances go over to the new version, as far as that is safe"
    )
    steps: dict[str, str] = Field({}, max_length=40, description="steps that are called otherwise: former, new")
    dry_run: bool = Field(default=False, description="say what would happen, and change nothing")


class Begun(BaseModel):
    """What a new workflow is called, what it is for, and whose it is."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=60)
    title: str = Field(max_length=200)
    team: str = Field(max_length=40)


@router.post("/workflows", response_model=dict[str, Any], status_code=201)
def begin(context: Author, said: Begun) -> Response:
    """Begin a new workflow: a draft with the template, whose example comes true."""
    row = begin_draft(context, said.name, said.title, said.team)
    return reply(context, _draft(row, is_whole=True), status=201, etag=f'"{hash_of_text(row.text)}"')


@router.get("/workflows/{name}/versions", response_model=dict[str, Any])
def versions(context: Reader, name: Name) -> Response:
    """Tell which version is in force, which stands beside it, and what came into force when, by whom and why."""
    flow = flow_of(context, name)
    mine = is_author(context, flow.teams)
    said = {
        "workflow": name,
        "in_force": _version(flow.in_place),
        "beside": _version(flow.beside) if mine else None,
        "draft": _draft(flow.draft, is_whole=False) if mine else None,
        "can": deeds_of(flow) if mine else [],
        "history": [activated_as_json(*one) for one in visible_history(context, flow)],
    }
    return reply(context, said, etag=flow.etag)


@router.get("/workflows/{name}/diff", response_model=list[dict[str, Any]])
def diff(context: Reader, name: Name, before: Wanted, after: Wanted) -> Response:
    """Tell in words what is different between two versions of a workflow."""
    flow = flow_of(context, name)
    was, now = version_of(context, flow, before), version_of(context, flow, after)
    found = differences(was, now) if was.hash != now.hash else []
    said = [{"ref": one.ref, "what": one.what, "before": one.before, "after": one.after} for one in found]
    return reply(context, said)


@router.get("/workflows/{name}/draft", response_model=dict[str, Any])
def draft(context: Author, name: Name) -> Response:
    """Return the text that is being written; its ETag guards the next change."""
    flow = own_flow(context, name)
    if flow.draft is None:
        raise Problem(404, f"{name} has no draft", "write one with PUT", headers={"ETag": flow.draft_etag})
    return reply(context, _draft(flow.draft, is_whole=True), etag=flow.draft_etag)


@router.put("/workflows/{name}/draft", response_model=dict[str, Any])
def write_draft(context: Author, name: Name, said: Written, if_match: IfMatch = None) -> Response:
    """Keep a text as the draft, whether or not it holds."""
    flow = own_flow(context, name)
    row = save(context, flow, said.definition, said.note, _seen(if_match))
    return reply(context, _draft(row, is_whole=False), etag=f'"{hash_of_text(row.text)}"')


@router.delete("/workflows/{name}/draft", response_model=dict[str, Any])
def discard_draft(context: Author, name: Name, if_match: IfMatch = None) -> Response:
    """Throw the draft away."""
    discard(context, own_flow(context, name), _seen(if_match))
    return reply(context, {"workflow": name, "discarded": True})


@router.post("/workflows/{name}/check", response_model=dict[str, Any])
def check(context: Author, name: Name, said: Written) -> Response:
    """Say of a text what the checker finds, line by line, and whether its examples come true; nothing is kept."""
    flow = own_flow(context, name)
    return reply(context, _examined(examined(context, flow, said.definition)))


@router.get("/workflows/{name}/shadow", response_model=dict[str, Any])
def shadow(context: Author, name: Name) -> Response:
    """Tell what the version in shadow would have done, beside what the active one did; nothing of it went out."""
    trial = trial_of(context, own_flow(context, name))
    seen = [one for one in trial.differences if context.sees(one.account)]
    said = {"workflow": name, "version": trial.definition.source.version, "counts": trial.counts()}
    return reply(context, said | {"differences": [one.as_json() for one in seen]})


def _deed_of(name: str) -> Callable[..., Response]:
    @router.post(
        f"/workflows/{{name}}/{name}", response_model=dict[str, Any], name=name, operation_id=f"workflow_{name}"
    )
    def done(context: Author, name: Name, said: Wished, if_match: IfMatch = None) -> Response:
        flow = own_flow(context, name)
        wish = Wish(said.note, said.migrate, said.steps, is_dry=said.dry_run)
        return reply(context, _settled(settle(context, flow, deed, wish, _seen(if_match))))

    deed = name
    done.__doc__ = f"{DEEDS[name].words}, from now on; with `dry_run` only say what would come of it."
    return done


for _deed in DEEDS:
    _deed_of(_deed)


def _seen(if_match: str | None) -> str:
    if if_match is None:
        raise Problem(428, "a change says which state was seen, by If-Match", "send the ETag, or *")
    return if_match


def _version(one: Definition | None) -> dict[str, Any] | None:
    return None if one is None else {"version": one.source.version, "hash": one.hash, "mode": one.source.mode}


def _draft(row: DraftRow | None, *, is_whole: bool) -> dict[str, Any] | None:
    if row is None:
        return None
    said: dict[str, Any] = {"workflow": row.name, "team": row.team, "hash": hash_of_text(row.text)}
    said |= {"author": row.author, "note": row.note, "at": row.saved_at}
    return said | ({"definition": row.text} if is_whole else {})


def _examined(found: Examined) -> dict[str, Any]:
    return {
        "good": found.is_good,
        "whole": found.is_whole,
        "findings": [{"line": one.line, "message": one.message, "rule": one.rule} for one in found.checked.messages],
        "version": found.checked.version,
        "hash": found.checked.hash,
        "examples": [{"name": one.name, "passed": one.passed, "misses": one.misses} for one in found.played],
        "stopped": list(found.open_examples),
    }


def _settled(found: Settled) -> dict[str, Any]:
    (change,) = found.activation.changes
    said = activated_as_json(found.activation, change) | {"dry_run": not found.is_done}
    said |= {"differences": list(found.words), "migrating": found.going, "keeping": found.staying}
    return said | {"instances": [fate_as_json(one) for one in found.fates]}

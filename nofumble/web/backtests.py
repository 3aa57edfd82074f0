"""What would another definition have given? Started from a page or by the API, and shown as far as somebody may see.

The definition is the text of one workflow, as an author has it before her, or a version that the store has. Figures are
of the whole company; work is shown of accounts that one sees, and what people would get to who reads reports.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from agents.catalogues import Text, definition_of
from nofumble.backtest.kept import KeptBacktests, compared
from nofumble.backtest.runs import Order, Trace
from nofumble.catalogue import catalogues_of
from nofumble.web.context import Context
from nofumble.web.problems import Problem
from nofumble.web.reasons import time_of
from workflows.backtesting.comparison import Difference
from workflows.backtesting.result import Result
from workflows.language.checker import check_text
from workflows.language.plans import Definition

HASH_MIN = 6
"""Characters of an abbreviated hash."""

DRAFT = "the definition"


class Tried(NamedTuple):
    """A definition that is tried: its text, and what it is called."""

    text: str
    definition: Definition
    called: str


class Version(NamedTuple):
    """A version that the store has; `mode` is that of the latest catalogue, "former" where it is in it no more."""

    name: str
    version: str
    hash: str
    mode: str


def start(
    context: Context,
    *,
    definition: str | None,
    version: str | None,
    name: str | None,
    since: str | None,
    to: str | None,
) -> Trace:
    """Start a backtest against the active definitions.

    Raises Problem 422 for a definition that does not hold, a version that there is not, and a time that is none;
    WrongUse while another backtest runs, and for a name that is taken.
    """
    tried = _tried(context, definition, version)
    order = Order(
        name=name or f"{tried.definition.name[:40]}-{context.now:%m%d-%H%M%S}".lower(),
        dsn=context.shared.dsn,
        home=str(context.settings.home),
        organisation=str(context.settings.organisation),
        text=tried.text,
        called=tried.called,
        now=context.now,
        since=_time(context, since),
        until=_time(context, to),
    )
    trace = context.shared.runs.start(order, context.person)
    context.note("backtest.started", about=trace.name, tried=trace.tried)
    return trace


def cancel(context: Context, name: str) -> Trace:
    """End a backtest that runs; raise WrongUse for one that does not."""
    trace = context.shared.runs.cancel(name)
    context.note("backtest.cancelled", about=name)
    return trace


def kept(context: Context) -> KeptBacktests:
    """Return the backtests that are kept."""
    return KeptBacktests(context.settings.home)


def unfinished(context: Context) -> list[Trace]:
    """Return the backtests that run, failed or were cancelled, newest first."""
    return [one for one in context.shared.runs.all() if one.state != "done"]


def result_of(context: Context, name: str) -> tuple[Trace | None, Result | None]:
    """Return how far a backtest is, and its result once it has one; raise WrongUse where there is neither."""
    trace = context.shared.runs.get(name)
    if trace is not None and trace.state != "done":
        return trace, None
    return trace, kept(context).get(name)


def differences(context: Context, found: Iterable[Difference], account: str | None = None) -> list[Difference]:
    """Return the differences at accounts that the person sees, or at one of them."""
    wanted = [one for one in found if account is None or one.account == account]
    seen = {name for name in {one.account for one in wanted} if context.sees(name)}
    return [one for one in wanted if one.account in seen]


def comparison(context: Context, first: str, second: str) -> list[Difference]:
    """Return in what the new sides of two backtests differ; raise WrongUse where they cannot be compared."""
    found = kept(context)
    return differences(context, compared(found.get(first), found.get(second)))


def figures(context: Context, result: Result) -> dict[str, list[Any]]:
    """Return the figures of a backtest; what people would get is for who reads reports (W20)."""
    rows = result.rows
    found: dict[str, list[Any]] = {"workflows": rows.workflows, "weeks": rows.weeks, "overlaps": rows.overlaps}
    return found | {"people": rows.people, "days": rows.days} if context.may("report.read") else found


def versions(context: Context) -> list[Version]:
    """Return the versions that the store has, by name, the one that is active first."""
    catalogues = catalogues_of(context.store)
    modes = {one.hash: one.source.mode for one in catalogues[-1].definitions} if catalogues else {}
    known = {hash_: definition_of(text) for one in catalogues for hash_, text in one.texts.items()}
    found = [Version(one.name, one.source.version, hash_, modes.get(hash_, "former")) for hash_, one in known.items()]
    return sorted(found, key=lambda one: (one.name, one.mode != "active", one.version, one.hash))


def _tried(context: Context, definition: str | None, version: str | None) -> Tried:
    if (definition is None) == (version is None):
        raise Problem(422, "a backtest tries one definition, or one version", "give either definition or version")
    if definition is not None:
        return _draft(definition)
    assert version is not None, "one of them is given"
    texts: dict[str, Text] = {}
    for catalogue in catalogues_of(context.store):
        texts |= catalogue.texts
    found = [hash_ for hash_ in texts if len(version) >= HASH_MIN and hash_.startswith(version)]
    if len(found) != 1:
        remedy = f"give the hash of a version of the store, or its first {HASH_MIN} or more characters"
        raise Problem(422, f"{len(found)} versions have a hash that begins with {version!r}", remedy, path="version")
    known = definition_of(texts[found[0]])
    return Tried(texts[found[0]].text, known, f"{known.name} {known.source.version} ({known.hash[:8]})")


def _draft(text: str) -> Tried:
    checked = check_text(text, DRAFT)
    if checked.definition is None or checked.findings:
        first = checked.findings[0]
        raise Problem(422, f"line {first.line}: {first.message}", "mend the definition", path="definition")
    known = checked.definition
    return Tried(text, known, f"a draft of {known.name} {known.source.version} ({known.hash[:8]})")


def _time(context: Context, text: str | None) -> datetime | None:
    return time_of(context, text) if text else None

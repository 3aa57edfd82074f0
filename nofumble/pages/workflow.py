"""What is on the page of one workflow? All that its definition says, for who works with it and never opens the YAML."""

from collections.abc import Iterator

from nofumble.pages.markdown import bullets, code, listed, page, section, table
from nofumble.pages.steps import gates, holds_and_loops, steps_table, timeline
from nofumble.pages.stories import story
from nofumble.pages.wording import Wording
from workflows.language.grammar import DefinitionSource, EventMatch, LookBack, Reentry
from workflows.language.plans import Definition
from workflows.language.words import Description, describe


def workflow_page(definition: Definition) -> str:
    """Return the page of a definition."""
    source, told, words = definition.source, describe(definition), Wording(definition)
    return page(
        source.title,
        " ".join(source.purpose.split()),
        f"{code(source.name)} {source.version}, owned by {source.team}, {source.mode}. "
        f"[The definition](../../workflows/definitions/{source.team}/{source.name}.yaml). "
        f"[All workflows](README.md), with how to read this page.",
        f"![The course of {source.name}: its steps by holder and time]({source.name}.svg)",
        section("What starts it", *_starts(definition, told, words)),
        section("What happens when", timeline(definition, told, words)),
        section("The steps", steps_table(definition, told, words)),
        section("What the gate asks", gates(definition, words)),
        section("Holds and loops", holds_and_loops(definition, words)),
        section("How it ends", bullets(words.marked(_capital(one)) for one in told.endings)),
        section("Values and names", table(("name", "is"), list(_names(source, words)))),
        section("Evidence", bullets(_evidence(definition))),
        section("Examples", *(story(one) for one in source.examples)),
    )


# ------------------------------------------------------------ what starts it


def _starts(definition: Definition, told: Description, words: Wording) -> Iterator[str]:
    source = definition.source
    ways = zip(told.starts, source.start, strict=True)
    yield bullets(
        words.marked(_capital(text))
        + (f" (way {code(start.way)})" if start.way else "")
        + (f", once for each of {code(start.each)}" if start.each else "")
        + (f", with the key {code(start.key)}" if start.key else "")
        for text, start in ways
    )
    yield " ".join(_runs(source))
    if told.guards:
        yield "Not in these cases:\n\n" + bullets(words.marked(reason) for reason in told.guards)


def _runs(source: DefinitionSource) -> Iterator[str]:
    match source.reentry:
        case Reentry(after=after):
            again = f"again no sooner than {after} after its last start"
        case "once":
            again = "once and never again"
        case _:
            again = "again only when it has ended"
    has_own = all(start.key or start.each for start in source.start)
    yield f"For one key{'' if has_own else f', {_as_code(source.key)},'} it runs {again}."
    if source.correlate:
        fields = listed([code(name) for name in source.correlate], "or")
        yield f"An event concerns a run by its {fields}."
    if source.lookback:
        yield f"What came up to {source.lookback} before the start counts too."


# ------------------------------------------------------------ values, marks, sets


def _names(source: DefinitionSource, words: Wording) -> Iterator[tuple[str, str]]:
    for name, value in source.values.items():
        yield code(f"value.{name}"), _look_back(value, words) if isinstance(value, LookBack) else _as_code(value)
    for name, events in source.marks.items():
        yield f"mark {code(name)}", f"the last {_events(events, words)}"
    for name, track in source.track.items():
        told = f"{_events(track.add, words)} adds to it, {_events(track.remove, words)} takes from it"
        yield f"set {code(name)}", f"{told}; told apart by {_as_code(track.by)}"
    for name, needed in source.requirements.items():
        items = "; ".join(f"{item}: {_as_code(test)}" for item, test in needed.items.items())
        yield f"list {code(name)}", f"what {listed(map(code, needed.on), 'or')} must say: {items}"


def _look_back(value: LookBack, words: Wording) -> str:
    asked = value.asked
    which = "the counted events" if isinstance(asked, str) else f"{_match(asked, words)} within {asked.within}"
    said = {"first": "of the first of", "every": "each different one of", "sum": "the sum over"}[value.word]
    return f"{_as_code(value.is_)}, {said} {which}"


def _events(matches: list[EventMatch], words: Wording) -> str:
    return "; or ".join(_match(one, words) for one in matches)


def _match(match: EventMatch, words: Wording) -> str:
    return listed(map(code, match.on), "or") + (f" where {words.marked(match.where)}" if match.where else "")


def _as_code(expression: str) -> str:
    return code(" ".join(expression.split()))


# ------------------------------------------------------------ evidence


def _evidence(definition: Definition) -> Iterator[str]:
    """Tell what the evidence of this workflow has, besides what all evidence has."""
    facts = [code(f"account.{name}") for name, _ in definition.reads]
    if facts:
        yield f"Facts of the account, as they were then: {listed(facts)}."
    absences = [ref for ref, plan in definition.steps.items() if plan.step.absent is not None]
    if absences:
        yield f"Something that did not happen: {listed(absences)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""What is a piece of work, whom does it ask, and what can be done about it? Why it exists: `because.py`."""

from dataclasses import dataclass
from datetime import datetime

from agents.rows import WorkRow
from nofumble.cli.stored_work import item_of
from nofumble.web.views.deeds import Deed, deeds_for
from nofumble.web.views.reader import Reader, plain
from workflows.account import Alert, Hold, Loop, Recipient, Task, Work


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the page of a piece of work tells of it, but why it exists.

    `ended` says how it closed; `asked` whom it asks as which role; `checklist` and `outcomes` what finishing it needs.
    """

    row: WorkRow
    title: str
    asked: tuple[tuple[str, str], ...]
    ended: str
    checklist: tuple[str, ...]
    outcomes: tuple[str, ...]
    snoozed_until: datetime | None
    told_at: datetime | None
    deeds: tuple[Deed, ...]
    handed_over: tuple[str, ...] = ()


def story_of(row: WorkRow, reader: Reader) -> Story:
    """Return the story of a piece of work."""
    item = item_of(row)
    return Story(
        row=row,
        title=f"No {row.title}" if row.kind == "hold" else plain(row.title) if row.kind == "loop" else row.title,
        asked=tuple((reader.holder(one), how_asked(one, reader)) for one in receivers(item)),
        ended=reader.sentence(_ended(row, item)),
        checklist=tuple(item.checklist) if isinstance(item, Task) else (),
        outcomes=tuple(item.outcomes) if isinstance(item, Task) else (),
        snoozed_until=getattr(item, "snoozed_until", None),
        told_at=item.told_at if isinstance(item, Loop) else None,
        deeds=tuple(deeds_for(row, reader)),
        handed_over=tuple(reader.headline(one.title) for one in item.bundle) if isinstance(item, Task) else (),
    )


def receivers(item: Work) -> list[Recipient]:
    """Return those whom work asks: of a hold, whom to speak to first."""
    match item:
        case Alert():
            return item.to
        case Task():
            return [item.to]
        case Loop():
            return [item.holder]
        case Hold():
            return [item.speak_to] if item.speak_to else []


def how_asked(recipient: Recipient, reader: Reader) -> str:
    """Say as which role somebody is asked, and in whose place."""
    parts = [f"as {plain(recipient.role)}"] if recipient.role else []
    parts += [f"since {reader.name(recipient.away)} is away"] if recipient.away else []
    parts += [f"since nobody is {plain(', '.join(recipient.fallback))}"] if recipient.fallback else []
    return ", ".join(parts)


def _ended(row: WorkRow, item: Work) -> str:
    if row.closed_at is None:
        return ""
    outcome = getattr(item, "outcome", "")
    reason = plain(getattr(item, "reason", "")) if not isinstance(item, Hold) else ""
    return ", ".join(part for part in (row.status, plain(outcome), reason) if part)

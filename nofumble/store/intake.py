"""What does a chunk of intake come to, given what the store holds already?

Pure: the store reads what is known under its intake lock, asks here, and writes the answer. Both stores do, so that
they cannot differ in what counts as a duplicate, what waits for a link, and where a released event goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import NamedTuple

from agents.crossing_rows import InterestRow
from agents.ports import Outdated
from agents.rows import DirectoryRecord, Fate, IntakeChunk, IntakeRecord, IntakeResult, Link, ParkedRow

Key = tuple[str, str]
"""Source and event id: what makes an event one event (R3)."""


class Known(NamedTuple):
    """What the store held before: keys of the log and of what is parked, of the directory, links, and who waits."""

    keys: frozenset[Key] = frozenset()
    directory: frozenset[Key] = frozenset()
    links: Mapping[str, str] = {}
    waiting: Sequence[ParkedRow] = ()


class IntakePlan(NamedTuple):
    """What to write, and what to say.

    Records for the log in order, the references whose parked events are among them, rows to park, merged accounts
    whose references to repoint, and then links to set.
    """

    records: Sequence[IntakeRecord]
    unpark: Sequence[str]
    park: Sequence[ParkedRow]
    repoint: Sequence[tuple[str, str]]
    links: Sequence[Link]
    directory: Sequence[DirectoryRecord]
    result: IntakeResult


def check_is_current(chunk: IntakeChunk, seq: int) -> None:
    """Raise Outdated when the chunk follows from less than what the store knows of who is behind what."""
    known_to = chunk.crossing.known_to
    if known_to not in (None, seq):
        raise Outdated(f"another intake took in what names product requests: {seq} rows by now, not {known_to}")


def keys_of(rows: Iterable[IntakeRecord | ParkedRow | DirectoryRecord | InterestRow]) -> list[Key]:
    """Return the distinct keys of rows, in order."""
    return list(dict.fromkeys((row.source, row.event_id) for row in rows))


def refs_asked(chunk: IntakeChunk) -> list[str]:
    """Return what the plan needs to see resolved: what would be parked, and the accounts that links and merges name."""
    refs = [row.ref for row in chunk.parked] + [link.account_id for link in chunk.links]
    refs += [name for merge in chunk.merges for name in (merge.account_id, merge.into)]
    return list(dict.fromkeys(refs))


def refs_given(chunk: IntakeChunk) -> list[str]:
    """Return the references that the chunk gives a meaning: what was parked for them is to be seen by the plan."""
    return list(dict.fromkeys([link.ref for link in chunk.links] + [merge.account_id for merge in chunk.merges]))


def plan_intake(chunk: IntakeChunk, known: Known) -> IntakePlan:
    """Decide a chunk. Of an event that occurs twice in it the first counts."""
    links, repoint, refused = _links(chunk, known.links)
    first = _first_links(chunk, known.links)
    meaning = {**known.links, **{link.ref: link.account_id for link in links}}

    seen = set(known.keys)
    taken = [_is_new((record.source, record.event_id), seen) for record in chunk.records]
    parked_new = [_is_new((row.source, row.event_id), seen) for row in chunk.parked]
    parked = list(compress(chunk.parked, parked_new))
    directory_seen = set(known.directory)
    directory_taken = [_is_new((row.source, row.event_id), directory_seen) for row in chunk.directory]
    directory = list(compress(chunk.directory, directory_taken))

    park = [row for row in parked if row.ref not in meaning]
    resolved = [row for row in parked if row.ref in meaning]
    released = [row for row in known.waiting if row.ref in first]
    placed = [_placed(row._replace(position=0), first[row.ref]) for row in released]
    placed += [
        _placed(row, first.get(row.ref) or Link(row.ref, meaning[row.ref], row.arrived_at, row.position))
        for row in resolved
    ]
    accepted = sum(taken) + len(resolved) + len(directory)
    brought = len(chunk.records) + len(chunk.parked) + len(chunk.directory)
    result = IntakeResult(
        taken=taken,
        accepted=accepted,
        duplicate=brought - accepted - len(park),
        parked=len(park),
        quarantined=len(chunk.quarantined),
        released=len(released),
        refused_merges=refused,
        parked_as=[_fate(row, is_new, meaning) for row, is_new in zip(chunk.parked, parked_new, strict=True)],
        directory_taken=directory_taken,
    )
    return IntakePlan(_in_order(chunk.records, taken, placed), list(first), park, repoint, links, directory, result)


def _is_new(key: Key, seen: set[Key]) -> bool:
    if key in seen:
        return False
    seen.add(key)
    return True


def _fate(row: ParkedRow, is_new: bool, meaning: Mapping[str, str]) -> Fate:  # noqa: FBT001  a column of the table
    if not is_new:
        return "duplicate"
    return "accepted" if row.ref in meaning else "parked"


def _placed(row: ParkedRow, link: Link) -> tuple[int, IntakeRecord]:
    """Return a parked event as a record, and how many records come before it: it arrives with its link, if later."""
    arrived_at, position = max(row.arrived_at, link.since), max(row.position, link.position)
    return position, IntakeRecord(link.account_id, arrived_at, row.source, row.event_id, row.body)


def _first_links(chunk: IntakeChunk, stored: Mapping[str, str]) -> dict[str, Link]:
    """Return the link that frees what waits for each reference: the first, with the account that it means just then.

    What the chunk links or merges later concerns what comes later.
    """
    first: dict[str, Link] = {}
    for link in chunk.links:
        first.setdefault(link.ref, link._replace(account_id=stored.get(link.account_id, link.account_id)))
    for merge in chunk.merges:
        into = stored.get(merge.into, merge.into)
        first.setdefault(merge.account_id, Link(merge.account_id, into, merge.since))
    return first


def _in_order(
    records: Sequence[IntakeRecord], taken: Sequence[bool], placed: Sequence[tuple[int, IntakeRecord]]
) -> list[IntakeRecord]:
    new = [(position + 1, record) for position, record in enumerate(records) if taken[position]]
    if not placed:
        return [record for _, record in new]
    # The sort is stable: what is placed behind p records comes after the p-th of them.
    return [record for _, record in sorted([*new, *placed], key=lambda item: item[0])]


def _links(chunk: IntakeChunk, stored: Mapping[str, str]) -> tuple[list[Link], list[tuple[str, str]], list[str]]:
    """Return the links to set, which accounts' references to repoint, and the merges that were refused."""
    meaning = dict(stored)
    links: dict[str, Link] = {}
    repoint: list[tuple[str, str]] = []
    refused = []
    for link in chunk.links:
        links[link.ref] = link._replace(account_id=meaning.get(link.account_id, link.account_id))
    for merge in chunk.merges:
        into = meaning.get(merge.into, merge.into)
        if into == merge.account_id:
            refused.append(merge.account_id)
            continue
        for ref, account_id in meaning.items():
            if account_id == merge.account_id:
                meaning[ref] = into
        links = {
            ref: link._replace(account_id=into) if link.account_id == merge.account_id else link
            for ref, link in links.items()
        }
        meaning[merge.account_id] = into
        links[merge.account_id] = Link(merge.account_id, into, merge.since)
        repoint.append((merge.account_id, into))
    return list(links.values()), repoint, refused

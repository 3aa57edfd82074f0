"""What fell silent: read from the store what `workflows/watchdog.py` looks at, for CS ops (B10)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from agents.catalogues import Catalogue
from agents.ports import Store
from agents.rows import EntryRow
from events.catalogue import EVENT_TYPES
from nofumble.catalogue import catalogues_of
from nofumble.reports.measures import STARTED
from nofumble.reports.reading import Period, data_of, events_of, lines_of
from workflows.directory import Directory
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.receivers import CS_OPS
from workflows.routing import route
from workflows.watchdog import (
    Heard,
    LostField,
    Sighting,
    WatchedSource,
    WatchedWorkflow,
    lost_fields,
    watched_sources,
    watched_workflows,
)

OURS = "/nofumble/"
"""How sources begin that are nofumble itself: what people do on the command line is no source that may fall silent."""


class Watch(Struct, frozen=True):
    """Everything that is watched, and who is to be told of what fell silent: a person or a queue."""

    to: str
    workflows: Sequence[WatchedWorkflow]
    sources: Sequence[WatchedSource]
    fields: Sequence[LostField]

    @property
    def silent(self) -> int:
        """How much fell silent."""
        return sum(one.is_silent for one in (*self.workflows, *self.sources)) + len(self.fields)


class _Fields(Struct):
    data: dict[str, msgspec.Raw] | None = None


_fields_decoder = msgspec.json.Decoder(_Fields)


def watch(store: Store, directory: Directory, now: datetime, period: Period) -> Watch:
    """Look at the workflows in force, the sources, and the fields that they read, as they came in a period.

    Raises WrongUse when the period holds more events than a report may read.
    """
    catalogues = catalogues_of(store)
    active = _active(catalogues[-1]) if catalogues else []
    heard = Heard(
        now=min(now, period.until),
        sightings=_sightings(store, period, active),
        fires=_fires(store, period),
        changed_at=_changed_at(catalogues),
        declared=directory.sources,
        heard_up_to={one.source: one.watermark for one in store.watermarks() if one.arrived_at < period.until},
    )
    sources, lost = watched_sources(heard), lost_fields(active, heard)
    to = route(CS_OPS, {}, directory, now)
    return Watch(to.person or to.queue or CS_OPS, watched_workflows(active, heard, sources, lost), sources, lost)


def _sightings(store: Store, period: Period, active: Iterable[Definition]) -> list[Sighting]:
    types = sorted({*EVENT_TYPES, *Library(active).starts})
    rows = events_of(store, period, types)
    return [_sighting(row) for row in rows if not row.source.startswith(OURS)]


def _sighting(row: EntryRow) -> Sighting:
    return Sighting(row.at, row.source, row.type, frozenset(_fields_decoder.decode(row.body).data or ()))


def _fires(store: Store, period: Period) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for row in lines_of(store, period, [STARTED]):
        found.setdefault(str(data_of(row)["workflow"]), []).append(row.at)
    return found


def _active(catalogue: Catalogue) -> list[Definition]:
    return [one for one in catalogue.definitions if one.source.mode == "active"]


def _changed_at(catalogues: Iterable[Catalogue]) -> dict[str, datetime]:
    """Tell of each workflow when its definition was last put in force in place of another one."""
    hashes: dict[str, str] = {}
    found: dict[str, datetime] = {}
    for catalogue in catalogues:
        for one in _active(catalogue):
            if hashes.setdefault(one.name, one.hash) != one.hash:
                hashes[one.name] = one.hash
                found[one.name] = catalogue.activation.at
    return found

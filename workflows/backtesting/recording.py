"""Which event goes to which account? The world of `simulate` without its fold: what it hands out is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from events.envelope import Event
from workflows.audience import Split
from workflows.backtesting.record import Log, Recorded, Sign
from workflows.directory import Directory
from workflows.language.vocabulary import as_time
from workflows.library import Library
from workflows.simulation import HEARTBEAT, Arrival, World


class Recorder(World):
    """Records what each account gets, whatever the definitions are: links, parts and campaigns do not depend on them.

    What does depend on them is left to the replay: who is concerned by a departure, what a campaign's parts are
    answered, and what is noted of what people did elsewhere.
    """

    def __init__(self, directory: Directory) -> None:
        """Begin with nothing; `directory` says which events about our people are refused."""
        super().__init__(Library([]), directory)
        self.recorded: dict[str, list[Recorded]] = {}
        self.people: list[Recorded] = []
        self.signs: list[Sign] = []
        self.events = 0

    def logs(self) -> list[Log]:
        """Give the logs in order of account."""
        return [Log(account, recorded) for account, recorded in sorted(self.recorded.items())]

    def receive(self, arrival: Arrival) -> bool:
        """Take in the next event in order of arrival; tells whether it was new."""
        is_new = super().receive(arrival)
        self.events += is_new
        return is_new

    def _hear(self, arrival: Arrival) -> None:
        event, arrived_at = arrival.event, arrival.arrived_at
        if event.type == HEARTBEAT:
            heard_at = as_time(event.data.get("watermark")) or event.time
            self.signs.append(Sign(str(event.data.get("source") or event.source), arrived_at, heard_at, True))  # noqa: FBT003 - a field
        else:
            self.signs.append(Sign(event.source, arrived_at, event.time, False))  # noqa: FBT003 - a field

    def _tell_of_departure(self, arrival: Arrival) -> None:
        self.people.append(Recorded(arrival.event, arrival.arrived_at))

    def _deliver_whole(self, split: Split, arrived_at: datetime) -> None:
        account = split.whole.subject
        self.recorded.setdefault(account, []).append(Recorded(split.whole, arrived_at, split))

    def _fold(self, account: str, event: Event, arrived_at: datetime) -> None:
        self.recorded.setdefault(account, []).append(Recorded(event, arrived_at))


def record(arrivals: Iterable[Arrival], directory: Directory) -> Recorder:
    """Hand out events in order of arrival, and give what was recorded."""
    recorder = Recorder(directory)
    for arrival in sorted(arrivals, key=lambda one: one.arrived_at):
        recorder.receive(arrival)
    return recorder

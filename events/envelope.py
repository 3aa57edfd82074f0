"""What is an event, and what does it say when its bytes are refused?

An event is one past fact about one account. Its wire form is CloudEvents 1.0 in
JSON; `events.parsing` turns those bytes into an `Event` and back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, cast

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class Event:
    """Hold one past fact, checked.

    id, source: together unique for 400 days (rule R3).
    type: such as ``sales.contract.signed``; unknown types are events too.
    subject: the account's id, or a reference that its links resolve
        (``zendesk:8812``); a person's id for ``people.*``; empty where a type
        concerns no single account (``source.heartbeat``) and none was sent.
    time: when it happened, aware, UTC. Decisions use it (rule R2).
    recorded_at: when the source knew of it, UTC; None means at its arrival.
    data: as received; of a known type every known field has its type, unknown
        fields are kept. Two things are made uniform: no ``data`` is ``{}``, and a
        bare string as ``actor`` of a known type is ``{"person": …}``.
        Treat it as frozen: no part of the core writes to it.
    correlation_id, causation_id: what the engine's own events go back to.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    recorded_at: datetime | None = None
    data: dict[str, JSON] = field(default_factory=dict, hash=False)
    correlation_id: str | None = None
    causation_id: str | None = None


@dataclass(slots=True)
class Draft:
    """Have the slots of `Event` and none of its locks, until it is `frozen`."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    recorded_at: datetime | None
    data: dict[str, JSON]
    correlation_id: str | None
    causation_id: str | None

    def frozen(self) -> Event:
        """Become an `Event`, in a third of the time that its own constructor takes.

        A frozen dataclass sets each attribute through ``object.__setattr__``: 1.0 µs, a sixth of a whole parse.
        A class with the same slots may be given another's name for 0.05 µs.
        """
        self.__class__ = Event  # type: ignore[assignment]
        return cast("Event", self)


class Refused(Exception):
    """Say why bytes are no event: where, and what was found, the rule, the remedy.

    path: the field, such as ``data.arr.amount`` or ``data.participants[1]``;
    empty when the message as a whole is at fault.
    reason: one clause, lower case, no full stop; values in it are shortened.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason

"""Given a company and a customer, when this happens, then that goes out: stories on a virtual clock.

Times read as people say them, `Tue 03-03 10:00`, in the story's zone and in 2026; the weekday is checked, so that
the arithmetic of a test can be followed with a wall calendar. Every event goes through the real parser.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from events.parsing import parse_event
from workflows.account import Alert, Hold, Loop, Task, Work, is_open
from workflows.directory import directory_from
from workflows.history import History
from workflows.language.compiler import compile_definition
from workflows.language.grammar import DefinitionSource
from workflows.language.plans import Definition
from workflows.language.yaml_source import read_source
from workflows.library import Library
from workflows.moment import Line
from workflows.simulation import Arrival, OutLine, World

YEAR = 2026
LONG_AGO = "Mon 01-05 09:00"
"""When the account was registered, well before anything else."""


CHECKOUT = Path(__file__).resolve().parents[2]


@cache
def shipped(folder: str = "workflows/definitions") -> Mapping[str, Definition]:
    """Compile the definitions of a folder once; by the core alone, so that a story needs nothing around it."""
    return {one.name: one for one in map(compiled, sorted((CHECKOUT / folder).rglob("*.yaml")))}


def compiled(file: Path) -> Definition:
    """Compile one definition file."""
    return compile_definition(DefinitionSource.model_validate(read_source(file.read_text(encoding="utf-8")).value))


class Story:
    """One account of a company, what happens to it, and what went out because of it."""

    def __init__(
        self,
        workflow: str | None = None,
        *,
        roles: Mapping[str, str] | None = None,
        organisation: Mapping[str, Any] | None = None,
        zone: str = "UTC",
        definitions: Mapping[str, Definition] | None = None,
        **facts: Any,
    ) -> None:
        """Begin with a registered account; `workflow` keeps that definition only."""
        known = shipped() if definitions is None else definitions
        self.zone = ZoneInfo(zone)
        active = [one for one in known.values() if workflow in (None, one.name)]
        self.world = World(Library(active), directory_from({"time_zone": zone, **(organisation or {})}))
        self.lines: list[OutLine] = []
        self._numbers = count(1)
        self.on(LONG_AGO, "account.registered", **{"name": "Acme", "tier": 1, "roles": dict(roles or {}), **facts})

    # ------------------------------------------------------------ given, when

    def on(
        self,
        when: str,
        event_type: str,
        *,
        arrived: str | None = None,
        subject: str = "acme",
        name: str | None = None,
        sender: str = "/test",
        **data: Any,
    ) -> "Story":
        """Let an event happen; it arrives at once or later; `name` is its id, `sender` its source."""
        number = next(self._numbers)
        time = self.time(when)
        envelope = {
            "specversion": "1.0",
            "id": name or f"e-{number}",
            "source": sender,
            "type": event_type,
            "time": time.isoformat(),
            "data": data,
            **({"subject": subject} if subject else {}),
        }
        event = parse_event(msgspec.json.encode(envelope), now=time)
        self.world.receive(Arrival(event, self.time(arrived or when)))
        return self

    def until(self, when: str) -> "Story":
        """Let the clock run."""
        self.world.advance(self.time(when))
        return self

    def time(self, text: str) -> datetime:
        """Read `Tue 03-03 10:00` (or with `10:00:30`) in the story's zone."""
        weekday, day, clock = text.split()
        local = datetime.fromisoformat(f"{YEAR}-{day}T{clock}").replace(tzinfo=self.zone)
        assert f"{local:%a}" == weekday, f"{text}: {day} is a {local:%a}"
        return local.astimezone(UTC)

    # ------------------------------------------------------------ then

    def told(self, *words: str) -> list[str]:
        """List the lines that hold all the words, such as a ref or a type, each as one sentence."""
        self.lines += self.world.lines()
        said = [self._sentence(one.line) for one in self.lines if one.account == "acme"]
        return [one for one in said if all(f" {word} " in f" {one} " for word in words)]

    def raised(self) -> list[str]:
        """List the alerts as they were raised."""
        return self.told("alert.raised")

    def open(self, *refs: str) -> list[str]:
        """List the open work, such as `T1 offered sam`."""
        found = [_named(item) for item in self.work() if is_open(item)]
        return sorted(one for one in found if not refs or one.split()[0] in refs)

    def work(self, *refs: str) -> list[Work]:
        """List all the work of the account that is remembered, oldest first."""
        return [item for item in self.history.state.work.values() if not refs or item.ref in refs]

    def running(self) -> list[str]:
        """List the running instances."""
        return [one.id for one in self.history.state.instances.values() if one.status == "running"]

    def refused(self) -> list[str]:
        """List what could not be done, and why."""
        self.lines += self.world.lines()
        return [one.reason for one in self.world.refused]

    def last(self, *words: str) -> Any:
        """Give the data of the last line that holds the words, as it goes out."""
        self.told()
        found = [one.line.data for one in self.lines if all(f" {w} " in f" {self._sentence(one.line)} " for w in words)]
        return msgspec.json.decode(msgspec.json.encode(found[-1]))

    @property
    def history(self) -> History:
        """The history of the account."""
        return self.world.histories["acme"]

    def _sentence(self, line: Line) -> str:
        assert line.at is not None
        said = line.data
        return " ".join(filter(None, [self._when(line.at), line.type, str(said.get("ref", "")), self._rest(line)]))

    def _rest(self, line: Line) -> str:
        said = line.data
        note = str(said.get("note", "")).split(":")[0]
        match line.type.split("."):
            case ["task", "offered" | "proposed" | "reassigned" | "accepted" | "started" | "snoozed"]:
                return f"{_who(said['to'])} due {self._due(said)}"
            case ["task", "updated"]:
                return note or f"due {self._due(said)}"
            case ["alert", "raised" | "updated"] if "severity" in said:
                unconfirmed = "" if said.get("confirmed", True) else " unconfirmed"
                return f"{said['severity']} {'+'.join(_who(one) for one in said['to'])}{unconfirmed}"
            case ["task" | "alert" | "loop", "cancelled" | "retracted" | "declined" | "updated" | "closed"]:
                return note or str(said.get("reason", ""))
            case _:
                return _rest_of_others(line)

    def _due(self, said: Mapping[str, Any]) -> str:
        return self._when(datetime.fromisoformat(said["due"]))

    def _when(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%a %m-%d %H:%M}"


def _rest_of_others(line: Line) -> str:
    said = line.data
    match line.type.split("."):
        case ["hold", _]:
            return str(said["scope"])
        case ["loop", "passed"]:
            return f"{_who(said['from'])}>{_who(said['to'])}"
        case ["loop", "opened"]:
            return _who(said["holder"])
        case ["escalation", "raised"]:
            return f"rung {said['rung']} {'+'.join(_who(one) for one in said['to'])}"
        case ["preflight", "answered"]:
            return " ".join([said["decision"], *said["reasons"]])
        case ["workflow", _]:
            return " ".join(filter(None, [said["workflow"], said["key"], said.get("reason", "")]))
        case _:
            return ""


def _who(recipient: Mapping[str, Any]) -> str:
    return str(recipient.get("person") or recipient.get("queue"))


def _named(item: Work) -> str:
    match item:
        case Task():
            return f"{item.ref} {item.status} {item.to.person or item.to.queue}"
        case Alert():
            return f"{item.ref} {item.status} {item.severity}"
        case Hold():
            return f"{item.ref} {item.status} {item.scope}"
        case Loop():
            return f"{item.ref} {item.status} {item.holder.person or item.holder.queue}"

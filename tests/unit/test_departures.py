"""One of ours leaves: the agents tell the accounts that it concerns, as a simulation does (W21, D1)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.world import World
from events.parsing import parse_event
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import load_definitions
from workflows.directory import DirectoryTimeline, directory_from
from workflows.library import Library
from workflows.simulation import Arrival, simulate
from workflows.simulation import World as Simulated
from workflows.watermarks import Watermarks

FRIDAY = datetime(2026, 3, 6, 10, tzinfo=UTC)
LIBRARY = Library(load_definitions())


def event(number: int, event_type: str, at: datetime, subject: str = "acme", **data: object) -> bytes:
    envelope = {"specversion": "1.0", "id": f"e-{number}", "source": "/crm", "type": event_type, "subject": subject}
    return json.dumps(envelope | {"time": at.isoformat(), "data": data}).encode()


GIVEN = [
    event(1, "account.registered", FRIDAY - timedelta(days=9), lifecycle="live", roles={"csm": "dana"}),
    event(2, "account.registered", FRIDAY - timedelta(days=9), "birch", lifecycle="live", roles={"csm": "max"}),
    event(3, "customer.message.received", FRIDAY, thread_id="t", to=["dana"], expects_reply=True),
    event(4, "customer.message.received", FRIDAY, "birch", thread_id="u", to=["max"], expects_reply=True),
]
LEAVES = event(5, "people.user.left", FRIDAY + timedelta(hours=1), "dana", person="dana")
LATER = event(6, "cs.owner.changed", FRIDAY + timedelta(days=3), **{"from": "dana", "to": "lou"})


def folded(*deliveries: list[bytes], until: datetime) -> list[tuple[str, str, str]]:
    store = MemoryStore()
    store.ensure_partitions(2)
    world = World({0: LIBRARY}, 0, DirectoryTimeline(directory_from({})), Watermarks())
    agents = EmbeddedAgents(store, world, worker="ours")
    for rows in deliveries:
        Intake(store, directory_from({})).take([Incoming("file", n, raw) for n, raw in enumerate(rows)], now=until)
        agents.catch_up()
    agents.run_until_idle(until)
    lines = [(row.account_id, json.loads(row.body)) for row in store.unsent(999)]
    return sorted((account, line["time"], line["type"]) for account, line in lines)


def simulated(rows: list[bytes], until: datetime) -> list[tuple[str, str, str]]:
    world = Simulated(LIBRARY, directory_from({}))
    events = [parse_event(raw, now=until) for raw in rows]
    lines = simulate([Arrival(one, one.recorded_at or one.time) for one in events], world, until)
    return sorted((one.account, f"{one.line.at:%Y-%m-%dT%H:%M:%SZ}", one.line.type) for one in lines)


@pytest.mark.parametrize("until", [FRIDAY + timedelta(hours=2), FRIDAY + timedelta(days=9)])
@pytest.mark.parametrize(
    "deliveries",
    [
        ([*GIVEN, LEAVES, LATER],),
        ([*GIVEN, LEAVES],),
        (GIVEN, [LEAVES]),
        (GIVEN, [LEAVES], [LATER]),
        (GIVEN, [LEAVES, LATER]),
    ],
    ids=["at once", "nothing after it", "alone", "one by one", "with what comes after it"],
)
def test_the_agents_and_a_simulation_say_the_same(deliveries, until):
    rows = [row for one in deliveries for row in one if json.loads(row)["time"] <= until.isoformat()]
    kept = [[row for row in one if row in rows] for one in deliveries]

    assert folded(*kept, until=until) == simulated(rows, until)


def test_a_departure_goes_to_the_accounts_that_it_concerns_and_once():
    lines = folded(GIVEN, [LEAVES], [LEAVES], until=FRIDAY + timedelta(hours=2))

    assert [account for account, _, kind in lines if kind == "loop.passed"] == ["acme"]


AWAY = event(
    7,
    "people.user.away_set",
    FRIDAY + timedelta(hours=1),
    "dana",
    person="dana",
    delegate="lou",
    **{"from": "2026-03-09", "to": "2026-03-10"},
)
SCORE = event(8, "survey.nps.responded", FRIDAY, wave="w", response_id="r", contact_id="al", score=3)


@pytest.mark.parametrize("deliveries", [([*GIVEN, SCORE, AWAY],), ([*GIVEN, SCORE], [AWAY])])
def test_an_account_at_rest_hears_of_an_absence_and_gives_the_work_to_the_delegate_until_she_is_back(deliveries):
    until = FRIDAY + timedelta(days=9)
    lines = folded(*deliveries, until=until)

    assert lines == simulated([row for one in deliveries for row in one], until)
    moves = [at for _, at, kind in lines if kind == "task.reassigned"]
    assert {"2026-03-09T09:00:00Z", "2026-03-11T09:00:00Z"} <= set(moves)


ATTEMPT = {"opportunity_id": "O", "offer": "Premium", "participants": ["sam"], "actor": "sam", "contact_ids": ["jo"]}


def test_an_account_hears_who_left_before_it_hears_what_was_done_at_another_after_that():
    here = event(10, "sales.upsell.attempted", FRIDAY, **ATTEMPT)
    elsewhere = event(11, "sales.upsell.attempted", FRIDAY - timedelta(hours=1), "birch", **ATTEMPT)
    late = json.dumps(json.loads(elsewhere) | {"recordedtime": (FRIDAY + timedelta(hours=2)).isoformat()}).encode()
    until = FRIDAY + timedelta(hours=3)

    lines = folded([*GIVEN, here], [LEAVES, late], until=until)

    assert lines == simulated([*GIVEN, here, LEAVES, late], until)
    assert ("acme", "2026-03-06T11:00:00Z", "loop.passed") in lines

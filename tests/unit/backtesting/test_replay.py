"""The history folded again gives what was given: simulate, the store, one process or several, whatever was believed."""

import multiprocessing
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.rows import OutboxRow, WorkRow
from agents.written import outbox_row, work_row
from events.envelope import Event
from events.parsing import event_to_json
from nofumble.backtest.backtest import Given, Question, answer
from nofumble.backtest.crew import Job, folding
from nofumble.backtest.histories import FileHistory, StoreHistory
from nofumble.catalogue import open_world
from nofumble.errors import ServiceUnavailable
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import known_directory, load_definitions, load_directory
from tests.integration.eventful import UNTIL, Quarter, eventful_quarter, read_rows
from tests.integration.invariants import dump_of_memory
from workflows.backtesting.course import course_of
from workflows.backtesting.in_force import InForce, always
from workflows.backtesting.record import Surroundings
from workflows.backtesting.replay import Heard, Replayed, replay
from workflows.backtesting.rounds import settle
from workflows.directory import Directory
from workflows.library import Library
from workflows.simulation import Arrival, World, simulate

ACCOUNTS = 14
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module", params=[3])
def quarter(request: pytest.FixtureRequest) -> Quarter:
    return eventful_quarter(request.param, ACCOUNTS)


@pytest.fixture(scope="module")
def events(quarter: Quarter) -> list[Arrival]:
    return read_rows(quarter.rows).events


@pytest.fixture(scope="module")
def directory(quarter: Quarter, tmp_path_factory: pytest.TempPathFactory) -> Directory:
    folder = tmp_path_factory.mktemp("quarter")
    quarter.write(folder)
    return load_directory(folder / "organisation.yaml")


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(load_definitions())


@pytest.fixture(scope="module")
def world(events: list[Arrival], directory: Directory, library: Library) -> World:
    found = World(library, directory)
    for one in events:
        found.receive(one)
    found.advance(UNTIL)
    return found


@pytest.fixture(scope="module")
def history(events: list[Arrival], directory: Directory) -> FileHistory:
    return FileHistory(events, directory, UNTIL)


def settled(
    history: FileHistory | StoreHistory, in_force: InForce, around: Surroundings, believed: Mapping[str, Heard]
) -> tuple[list[Replayed], dict[str, Heard]]:
    def fold(wanted: Mapping[str, Heard]) -> Iterator[Replayed]:
        return (replay(history.log(account), in_force, around, heard) for account, heard in wanted.items())

    return settle(history.accounts, fold, believed)


def rows_of(found: Sequence[Replayed]) -> tuple[Counter[OutboxRow], dict[str, WorkRow]]:
    """Return everything that went out and all work, byte for byte."""
    lines = Counter(outbox_row(one.account, line) for one in found for line in one.lines)
    return lines, {item.id: work_row(one.account, item) for one in found for item in one.work.values()}


@pytest.fixture(scope="module")
def replayed(history: FileHistory, library: Library, directory: Directory) -> tuple[list[Replayed], dict[str, Heard]]:
    return settled(history, InForce({0: library}), history.surroundings(directory, UNTIL), {})


def test_accounts_folded_by_themselves_give_every_line_and_all_work_of_simulate(world, replayed):
    lines, work = rows_of(replayed[0])

    outs = {account: one.out for account, one in world.histories.items()}
    assert lines == Counter(outbox_row(account, line) for account, out in outs.items() for line in out.lines)
    assert work == {item.id: work_row(account, item) for account, out in outs.items() for item in out.work.values()}


def test_accounts_had_to_hear_of_each_other(replayed):
    found, heard = replayed

    assert any(one.starts for one in heard.values())
    assert sum(one.problems != [] for one in found) > 0


def test_whatever_was_believed_at_first_the_end_is_the_same(replayed, history, library, directory):
    found, heard = replayed
    accounts = list(heard)
    wrong = dict(zip(accounts, (heard[one] for one in reversed(accounts)), strict=True))

    again, heard_again = settled(history, InForce({0: library}), history.surroundings(directory, UNTIL), wrong)

    assert rows_of(again) == rows_of(found)
    assert heard_again == heard


def test_two_processes_give_what_one_gives(replayed, history, library, directory):
    found, heard = replayed
    steps: list[int] = []

    with folding(Job(history, InForce({0: library}), history.surroundings(directory, UNTIL)), 2) as fold:
        courses, heard_again = settle(history.accounts, lambda wanted: fold(wanted, steps.append), {})

    assert courses == [course_of(history.log(one.account), one) for one in found]
    assert heard_again == heard
    assert sum(steps) >= len(history.accounts)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_what_stops_a_backtest_ends_its_processes(history, library, directory, stop):
    job = Job(history, InForce({0: library}), history.surroundings(directory, UNTIL))
    wanted = dict.fromkeys(history.accounts, Heard())

    with pytest.raises(stop), folding(job, 2) as fold:  # noqa: PT012 - it is stopped half way
        next(fold(wanted, lambda _: None))
        raise stop

    assert multiprocessing.active_children() == []


def test_a_process_that_is_ended_from_outside_is_one_sentence(history, library, directory):
    job = Job(history, InForce({0: library}), history.surroundings(directory, UNTIL))
    wanted = dict.fromkeys(history.accounts, Heard())

    with pytest.raises(ServiceUnavailable, match="--processes 1"), folding(job, 2) as fold:  # noqa: PT012 - half way
        for child in multiprocessing.active_children():
            child.kill()
        list(fold(wanted, lambda _: None))


@pytest.fixture(scope="module")
def store(quarter: Quarter, directory: Directory) -> MemoryStore:
    """Return a store that has lived through the quarter."""
    store = MemoryStore()
    store.ensure_partitions(8)
    rows = [Incoming("quarter", number, raw) for number, raw in enumerate(quarter.rows)]
    Intake(store, known_directory(store, directory)).take(rows, now=UNTIL)
    EmbeddedAgents(store, open_world(store, directory, now=UNTIL), worker="w").run_until_idle(UNTIL)
    return store


def test_what_the_store_recorded_folds_to_the_work_that_it_has(store, directory, library):
    history = StoreHistory(store, None)

    found, _ = settled(history, InForce({0: library}), history.surroundings(directory, UNTIL), {})

    lines, work = rows_of(found)
    dump = dump_of_memory(store)
    assert history.until == UNTIL
    assert {row[0]: row for row in dump.work} == {name: tuple(row) for name, row in work.items()}
    assert Counter(row[1] for row in dump.lines) == Counter(line.id for line in lines.elements())


def test_the_active_definitions_against_what_the_store_recorded_are_no_difference(store, directory):
    active = Given(always(load_definitions()), "these", directory, "org.yaml", "0")
    question = Question(StoreHistory(store, None), active, active, recorded=store)

    result = answer(question, name="t", now=UNTIL, processes=1, progress=lambda *_: nullcontext(lambda _: None))

    assert result.rows.differences == []
    assert result.before.work == result.after.work > 300
    assert all(one.before == one.after for one in (*result.rows.workflows, *result.rows.people, *result.rows.days))


def happened(number: int, event_type: str, subject: str, **data: object) -> Arrival:
    at = MONDAY + timedelta(hours=number)
    return Arrival(Event(f"e{number}", "/crm", event_type, subject, at, at, data, None, None), at)  # type: ignore[arg-type]


@pytest.fixture
def campaign() -> list[Arrival]:
    """Return a campaign to the contacts of two other accounts, one of which is on hold."""
    joined = "customer.contact.joined"
    return [
        happened(0, "account.registered", "acme", lifecycle="prospect", roles={"marketer": "mo"}),
        *(happened(n, "account.registered", name, lifecycle="live") for n, name in enumerate(("beta", "gamma"), 1)),
        happened(3, joined, "beta", contact_id="b1", email="b1@beta.example"),
        happened(4, joined, "gamma", contact_id="g1", email="g1@gamma.example"),
        happened(5, "hold.placed", "beta", scope="promo", reason="merger", actor="dana"),
        happened(
            6, "marketing.campaign.scheduled", "acme", campaign_id="M-1", kind="promo", contact_ids=["b1", "g1", "p1"]
        ),
    ]


def test_the_accounts_that_a_campaign_asks_answer_as_in_simulate(campaign, library):
    world = World(library, Directory())
    history = FileHistory(campaign, Directory(), UNTIL)
    expected = list(simulate(campaign, world, UNTIL))

    found, heard = settled(history, InForce({0: library}), history.surroundings(Directory(), UNTIL), {})

    assert [part for part, _ in heard["acme"].answers] == ["e6/beta", "e6/gamma"]
    assert heard["acme"].answers[0][1] == {"hold": ["b1"]}
    assert rows_of(found)[0] == Counter(outbox_row(one.account, one.line) for one in expected)
    (said,) = [one.line.data for one in expected if one.line.type == "preflight.answered"]
    assert said["removed"]["hold"] == 1


def test_a_campaign_of_the_store_is_answered_anew(campaign, library):
    store = MemoryStore()
    store.ensure_partitions(8)
    rows = [Incoming("f", number, event_to_json(one.event)) for number, one in enumerate(campaign)]
    Intake(store, Directory()).take(rows, now=UNTIL)
    EmbeddedAgents(store, open_world(store, Directory(), now=UNTIL), worker="w").run_until_idle(UNTIL)
    history = StoreHistory(store, None)

    found, heard = settled(history, always(library.definitions.values()), history.surroundings(Directory(), UNTIL), {})
    _, nothing = settled(history, always([]), history.surroundings(Directory(), UNTIL), {})

    told = Counter(line.id for line in rows_of(found)[0].elements())
    assert told == Counter(row[1] for row in dump_of_memory(store).lines)
    assert heard["acme"].answers == (("e6/beta", {"hold": ["b1"]}), ("e6/gamma", {}))
    assert nothing["acme"].answers == (("e6/beta", {}), ("e6/gamma", {}))

"""A backtest is exact: whatever happened folds to what it gave, and two sides differ as two runs do (B5)."""

from collections.abc import Iterator, Mapping

import msgspec
import pytest
from hypothesis import given

from nofumble.backtest.histories import StoreHistory, in_force_in
from nofumble.catalogue import catalogues_of
from tests.properties.folding import FEW, run
from tests.properties.random_definitions import definitions
from tests.properties.strategies import END, IN_TIME, TOO_LATE, Happening, company, happenings, registrations, world
from tests.properties.test_random_definitions import STORIES
from tests.properties.test_version_properties import AT_TIMES, first, in_turn, other, said_in, same, worked, written
from workflows.account import Work
from workflows.backtesting.comparison import Period, compare
from workflows.backtesting.course import Course, course_of
from workflows.backtesting.in_force import InForce, always
from workflows.backtesting.record import surroundings
from workflows.backtesting.recording import Recorder
from workflows.backtesting.replay import Heard, Replayed, replay
from workflows.backtesting.rounds import settle
from workflows.library import Library
from workflows.moment import iso
from workflows.simulation import World

pytestmark = pytest.mark.usefixtures("snapshots")

ACCOUNTS = 3


def replayed(drawn: list[Happening], in_force: InForce) -> tuple[list[Replayed], list[Course]]:
    """Record what happens, and fold it again account by account."""
    recorder = Recorder(company())
    for arrival in [*registrations(ACCOUNTS), *(one.arrival for one in drawn)]:
        recorder.receive(arrival)
    around = surroundings(company(), recorder.people, recorder.signs, END)
    logs = {log.account: log for log in recorder.logs()}

    def fold(wanted: Mapping[str, Heard]) -> Iterator[Replayed]:
        return (replay(logs[account], in_force, around, heard) for account, heard in wanted.items())

    found, _ = settle(logs, fold, {})
    return found, [course_of(logs[one.account], one) for one in found]


def work_of(found: World) -> dict[str, Work]:
    return {name: item for history in found.histories.values() for name, item in history.out.work.items()}


@FEW
@given(happenings(accounts=ACCOUNTS, actions=True, lags=IN_TIME + TOO_LATE))
def test_accounts_folded_by_themselves_give_the_work_of_simulate(drawn):
    found = run(world(ACCOUNTS), drawn)

    again, _ = replayed(drawn, InForce(found._libraries))

    assert {name: item for one in again for name, item in one.work.items()} == work_of(found)


@FEW
@given(definitions(), definitions(), happenings(accounts=ACCOUNTS, stories=STORIES, actions=True, most=25))
def test_two_sides_differ_in_the_work_in_which_two_runs_differ(former, latter, drawn):
    sides = [always([former]), always([latter])]

    before, after = ([piece for one in replayed(drawn, side)[1] for piece in one.pieces] for side in sides)
    found = compare(before, after, Period(None, END))

    one, other = (work_of(run(world(ACCOUNTS, definitions=side.latest), drawn)) for side in sides)
    told = [{piece.id for piece in pieces if piece.kind != "escalation"} for pieces in (before, after)]
    assert told[0] <= one.keys()
    assert told[1] <= other.keys()
    of_work = [it for it in found if it.piece.kind != "escalation"]
    assert {it.piece.id for it in of_work if it.how == "gained"} == told[1] - told[0]
    assert {it.piece.id for it in of_work if it.how == "lost"} == told[0] - told[1]
    assert all(it.before.status == one[it.piece.id].status for it in of_work if it.before)
    assert all(it.after.status == other[it.piece.id].status for it in of_work if it.after)
    assert compare(before, before, Period(None, END)) == []


@FEW
@given(happenings(accounts=ACCOUNTS, actions=True, lags=IN_TIME + TOO_LATE), AT_TIMES)
def test_what_comes_into_force_reaches_each_account_as_in_simulate(drawn, times):
    later = in_turn(other(), times)
    libraries = {0: Library(first().values(), former=other().values())} | {one.number: it for one, it in later}
    in_force = InForce(libraries, [one for one, _ in later])
    found = World(libraries[0], company(), later)
    for arrival in registrations(ACCOUNTS):
        found.receive(arrival)
    run(found, drawn)

    again, _ = replayed(drawn, in_force)

    assert {name: item for one in again for name, item in one.work.items()} == work_of(found)
    assert {one.account: one.lines for one in again} == {
        account: history.out.lines for account, history in sorted(found.histories.items())
    }


@FEW
@given(happenings(accounts=2, actions=True, lags=IN_TIME + TOO_LATE, most=20), AT_TIMES)
def test_a_store_in_which_versions_came_into_force_folds_to_every_line_that_it_recorded(drawn, times):
    arrivals = [written(one) for one in (*registrations(2), *(happening.arrival for happening in drawn))]
    store = worked(arrivals, in_turn(same(), times))
    history = StoreHistory(store, None)
    around, in_force = history.surroundings(company(), END), in_force_in(catalogues_of(store))

    def fold(wanted: Mapping[str, Heard]) -> Iterator[Replayed]:
        return (replay(history.log(account), in_force, around, heard) for account, heard in wanted.items())

    again, _ = settle(history.accounts, fold, {})

    told = [
        (one.account, iso(it.at), it.type, msgspec.json.encode(it.data)) for one in again for it in one.lines if it.at
    ]
    assert sorted(told) == sorted(said_in(store))

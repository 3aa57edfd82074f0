"""What every store keeps of attention: lines until they are heard, desks, and what was told, each once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import pytest

from agents.desk_rows import DeskRow, NoticeRow, StoredDesks, Told
from agents.ports import Fenced, Store
from agents.rows import Batch, OutboxRow
from nofumble.store.memory_store import MemoryStore
from nofumble.store.postgres_store import PostgresStore

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.database)])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else PostgresStore(request.getfixturevalue("database"))
    made.ensure_partitions(2)
    yield made
    made.close()


def line(name: str, at: datetime = NOON, account: str = "acme", *, is_for_desks: bool = True) -> OutboxRow:
    return OutboxRow(id_of(name), account, at, "alert.raised", name.encode(), is_for_desks)


def notice(name: str, at: datetime = NOON, person: str = "dana") -> NoticeRow:
    return NoticeRow(id_of(name), at, person, "acme", "notice.sent", name.encode())


def id_of(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def send(store: Store, *rows: OutboxRow) -> None:
    store.save(Batch(0, store.cursor(0), store.cursor(0) + 1, "w", outbox=rows))


def unheard(store: Store, until: datetime = NOON + HOUR, limit: int = 100) -> list[str]:
    return [row.body.decode() for row in store.unheard(until, limit)]


def test_lines_are_heard_in_order_of_time_then_of_account_then_as_they_were_decided(store: Store) -> None:
    send(store, line("late", NOON + HOUR), line("other", account="birch"), line("second"), line("third"))
    send(store, line("first", NOON - HOUR))

    assert unheard(store) == ["first", "second", "third", "other", "late"]
    assert unheard(store, limit=2) == ["first", "second"]


def test_a_line_comes_back_as_it_was_given(store: Store) -> None:
    send(store, line("one"))

    assert store.unheard(NOON, 1) == [line("one")]


def test_what_goes_out_later_is_not_heard_yet(store: Store) -> None:
    send(store, line("now"), line("later", NOON + HOUR))

    assert unheard(store, NOON) == ["now"]


def test_what_concerns_no_desk_is_not_heard_and_goes_out_all_the_same(store: Store) -> None:
    send(store, line("a"), line("b", is_for_desks=False))

    assert unheard(store) == ["a"]
    assert len(store.unsent(10)) == 2


def test_a_line_is_heard_once_even_if_a_batch_brings_it_again(store: Store) -> None:
    send(store, line("a"), line("b"))
    store.save_told(Told(0, NOON, [id_of("a")]))

    send(store, line("a"))

    assert unheard(store) == ["b"]


def test_what_was_heard_goes_out_all_the_same(store: Store) -> None:
    send(store, line("a"))
    store.save_told(Told(0, NOON, [id_of("a")]))

    assert [row.id for row in store.unsent(10)] == [id_of("a")]


def test_before_anybody_was_told_there_are_no_desks_and_no_time(store: Store) -> None:
    assert store.desks() == StoredDesks(0, None, [])


def test_a_desk_is_as_it_was_last_put(store: Store) -> None:
    store.save_told(Told(0, NOON, desks=[DeskRow("kim", b"\x00\xff"), DeskRow("dana", b"1")]))
    store.save_told(Told(1, NOON + HOUR, desks=[DeskRow("dana", b"2")]))

    assert store.desks() == StoredDesks(2, NOON + HOUR, [DeskRow("dana", b"2"), DeskRow("kim", b"\x00\xff")])


def test_who_does_not_know_of_another_teller_is_fenced_and_leaves_nothing(store: Store) -> None:
    send(store, line("a"))
    store.save_told(Told(0, NOON))
    before = store.desks()

    with pytest.raises(Fenced):
        store.save_told(Told(0, NOON + HOUR, [id_of("a")], [DeskRow("dana", b"1")], [notice("n")]))

    assert (store.desks(), unheard(store), store.notices()) == (before, ["a"], [])


def test_notices_come_newest_first_and_of_one_moment_the_last_that_was_told(store: Store) -> None:
    store.save_told(Told(0, NOON, notices=[notice("later", NOON + HOUR), notice("a"), notice("b", person="kim")]))

    assert [row.body for row in store.notices()] == [b"later", b"b", b"a"]
    assert [row.body for row in store.notices("dana")] == [b"later", b"a"]
    assert [row.body for row in store.notices(limit=1)] == [b"later"]


def test_a_notice_comes_back_as_it_was_given_and_a_digest_is_about_no_account(store: Store) -> None:
    given = notice("n")._replace(account_id=None, type="digest.sent")

    store.save_told(Told(0, NOON, notices=[given]))

    assert store.notices() == [given]


def test_the_same_notice_again_is_the_same_row(store: Store) -> None:
    store.save_told(Told(0, NOON, notices=[notice("n")]))
    store.save_told(Told(1, NOON, notices=[notice("n")]))

    assert len(store.notices()) == 1


def test_time_has_passed_for_all_when_each_partition_has_said_so(store: Store) -> None:
    before = store.passed()
    store.pass_time({0: NOON})
    half = store.passed()
    store.pass_time({1: NOON + HOUR})

    assert (before, half, store.passed()) == (None, None, NOON)


def test_time_that_has_passed_never_goes_back(store: Store) -> None:
    store.pass_time({0: NOON, 1: NOON})
    store.pass_time({0: NOON - HOUR, 1: NOON + HOUR})
    store.pass_time({0: NOON + HOUR})

    assert store.passed() == NOON + HOUR

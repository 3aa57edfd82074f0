"""What pages ask of every store: the one on PostgreSQL and the one in memory are held to the same sentences."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec
import pytest

from agents.page_rows import Seen, WorkCounts, WorkPage
from agents.ports import Store
from agents.rows import AccountRow, Batch, WorkFilter, WorkRow, partition_of
from nofumble.store.memory_store import MemoryStore
from nofumble.store.postgres_store import PostgresStore
from tests.contracts.test_store_contract import HOUR, NOON, PARTITIONS, work_row

ALL = WorkPage(("task", "alert", "hold", "loop"))
WAITING = WorkPage(("task", "alert"))


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.database)])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else PostgresStore(request.getfixturevalue("database"))
    made.ensure_partitions(PARTITIONS)
    keep(made, ROWS, {"acme": {"csm": "dana", "ae": "sam"}, "globex": {"csm": "ben", "ae": None}})
    yield made
    made.close()


def alert(name: str, severity: str, *receivers: str, **changes: object) -> WorkRow:
    row = work_row(name, kind="alert", person=receivers[0], severity=severity, due_at=None, receivers=receivers)
    return row._replace(**changes)


ROWS = [
    work_row("later", due_at=NOON + 2 * HOUR),
    work_row("sooner", due_at=NOON - HOUR),
    work_row("of a queue", person=None, queue="cs", due_at=NOON + 30 * HOUR),
    work_row("of a role", person=None, role="pm", due_at=None),
    work_row("asleep", due_at=NOON + 3 * HOUR, snoozed_until=NOON + HOUR),
    work_row("awake again", due_at=NOON + 4 * HOUR, snoozed_until=NOON - HOUR),
    work_row("done", status="done", closed_at=NOON),
    work_row("a loop", kind="loop", person="ben", account_id="globex", due_at=None),
    work_row("at globex", account_id="globex", person="ben", workflow="renewal"),
    alert("grave", "critical", "sam", "dana"),
    alert("small", "info", "dana", "ben", account_id="globex"),
    alert("over", "critical", "dana", closed_at=NOON),
]
NAMES = {row.id: name for row, name in zip(ROWS, [
    "later", "sooner", "of a queue", "of a role", "asleep", "awake again", "done", "a loop", "at globex", "grave",
    "small", "over",
], strict=True)}  # fmt: skip


def keep(store: Store, rows: Sequence[WorkRow], roles: dict[str, dict[str, str | None]]) -> None:
    accounts = [
        AccountRow(name, partition_of(name, PARTITIONS), None, NOON, 1, facts=msgspec.json.encode({"roles": of}))
        for name, of in roles.items()
    ]
    store.save(Batch(0, 0, 0, "w", accounts=accounts, opened=rows))


def names(rows: Sequence[WorkRow]) -> list[str]:
    return [NAMES[row.id] for row in rows]


def test_what_waits_comes_by_severity_and_then_by_when_it_is_due_or_was_opened(store: Store) -> None:
    found = names(store.work_page(WAITING))

    assert found[:3] == ["grave", "small", "sooner"]
    assert found.index("of a role") < found.index("at globex") < found.index("later") < found.index("of a queue")
    assert {"done", "over", "a loop"}.isdisjoint(found)


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("dana", ["grave", "small", "sooner", "later", "asleep", "awake again"]),
        ("sam", ["grave"]),
        ("ben", ["small", "at globex"]),
        ("cs", ["of a queue"]),
        ("pm", ["of a role"]),
        ("nobody", []),
    ],
)
def test_work_asks_its_holder_and_everybody_that_an_alert_goes_to(store: Store, who: str, found: list[str]) -> None:
    assert names(store.work_page(WAITING._replace(names=[who]))) == found


def test_each_field_narrows(store: Store) -> None:
    assert names(store.work_page(ALL._replace(account_id="globex"))) == ["small", "a loop", "at globex"]
    assert names(store.work_page(ALL._replace(workflow="renewal"))) == ["at globex"]
    assert names(store.work_page(ALL._replace(severities=["critical", "urgent"]))) == ["grave"]
    assert names(store.work_page(ALL._replace(is_open=False))) == ["over", "done"]
    assert len(store.work_page(ALL._replace(is_open=None))) == len(ROWS)
    assert names(store.work_page(WAITING._replace(names=["dana", "ben"], now=NOON, is_asleep=True))) == ["asleep"]
    assert "asleep" not in names(store.work_page(WAITING._replace(now=NOON, is_asleep=False)))


def test_somebody_sees_the_work_of_her_accounts_and_whatever_asks_her(store: Store) -> None:
    seen = store.work_page(ALL._replace(seen=Seen("dana", ["globex"]), is_open=True))
    nothing = store.work_page(ALL._replace(seen=Seen("sam", [])))

    assert {"at globex", "a loop", "small", "grave", "sooner"} <= set(names(seen))
    assert "of a queue" not in names(seen)
    assert names(nothing) == ["grave"]


def test_pages_one_behind_the_other_are_the_whole_list(store: Store) -> None:
    whole, found = store.work_page(ALL), list[WorkRow]()
    wanted = ALL._replace(limit=2)
    while page := store.work_page(wanted):
        found += page
        last = page[-1]
        rank = ("critical", "urgent", "warn", "info", None).index(last.severity)
        wanted = wanted._replace(after=(rank, last.due_at or last.opened_at, last.id))

    assert found == whole
    assert len(whole) == len(ROWS) - 2


def test_the_counts_are_of_all_pages(store: Store) -> None:
    wanted = WAITING._replace(names=["dana"], now=NOON, is_asleep=False, limit=1)

    assert store.work_counts(wanted, NOON, NOON + timedelta(days=1)) == WorkCounts(tasks=3, alerts=2, late=1, soon=2)
    assert store.work_counts(wanted._replace(names=["nobody"]), NOON, NOON) == WorkCounts(0, 0, 0, 0)


def test_accounts_are_given_by_name_in_order_of_id(store: Store) -> None:
    assert [one.account_id for one in store.accounts_named(["globex", "initech", "acme"])] == ["acme", "globex"]
    assert store.accounts_named([]) == []
    assert store.accounts_named(["acme"]) == [store.account("acme")]


def test_an_account_concerns_who_has_a_role_there_or_holds_something_open(store: Store) -> None:
    assert store.accounts_of(["dana"]) == ["acme", "globex"]
    assert store.accounts_of(["ben", "sam"]) == ["acme", "globex"]
    assert store.accounts_of(["cs"]) == ["acme"]
    assert store.accounts_of(["pm", "nobody"]) == []
    assert store.holders_of(["acme", "globex", "initech"]) == {
        "acme": {"dana", "sam", "cs"},
        "globex": {"ben", "dana"},
        "initech": set(),
    }


def test_receivers_and_sleep_come_back_as_they_were_given_and_change(store: Store) -> None:
    row = next(row for row in ROWS if NAMES[row.id] == "grave")
    changed = row._replace(receivers=("kim",), snoozed_until=NOON + HOUR, person="kim")

    assert store.work_item(row.id) == row
    store.save(Batch(0, 0, 0, "w", work=[changed]))

    assert store.work_item(row.id) == changed
    assert names(store.work_page(WAITING._replace(names=["sam"]))) == []
    assert names(store.work_page(WAITING._replace(names=["kim"]))) == ["grave"]


def test_work_is_found_by_how_its_id_begins(store: Store) -> None:
    for row in ROWS:
        for length in (7, 8, 12, 35):
            (found,) = store.work(WorkFilter(is_open=None, id_prefix=row.id[:length]))
            assert found == row
    assert store.work(WorkFilter(is_open=None, id_prefix="0" * 8)) == []

"""The schema: how it comes about, and what is refused."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from psycopg import Connection

from nofumble.errors import WrongUse
from nofumble.postgres import Database
from nofumble.store.migrate import Migration, check, load_migrations, migrate
from tests.database import DatabaseServer

pytestmark = pytest.mark.database

ONE = Migration(1, "0001_one.sql", "CREATE TABLE one (id integer)", "c1")
TWO = Migration(2, "0002_two.sql", "CREATE TABLE two (id integer); INSERT INTO one VALUES (1)", "c2")
BROKEN = Migration(2, "0002_broken.sql", "CREATE TABLE two (id integer); SELECT 1 / 0", "c3")


@pytest.fixture
def empty(database_server: DatabaseServer) -> Iterator[Database]:
    with database_server.empty_database() as database:
        yield database


@pytest.fixture
def connection(empty: Database) -> Iterator[Connection]:
    with empty.connect(autocommit=True) as connection:
        yield connection
    connection.close()


def test_the_shipped_migrations_make_the_schema_and_the_second_time_there_is_nothing_to_do(
    connection: Connection,
) -> None:
    names = [migration.name for migration in load_migrations()]

    assert [finding.is_pending for finding in check(connection)] == [True] * len(names)
    assert migrate(connection) == names
    assert (migrate(connection), check(connection)) == ([], [])


def test_everything_is_in_a_schema_of_its_own(connection: Connection) -> None:
    migrate(connection)

    rows = connection.execute(
        "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'"
    )
    assert rows.fetchall() == [("nofumble",)]


def test_only_what_is_missing_is_applied(connection: Connection) -> None:
    migrate(connection, migrations=[ONE])

    assert [finding.sentence for finding in check(connection, migrations=[ONE, TWO])] == [
        "the migration 0002_two.sql is not applied yet: run `nofumble db migrate`"
    ]
    assert migrate(connection, migrations=[ONE, TWO]) == ["0002_two.sql"]


def test_a_migration_that_fails_leaves_nothing_of_itself(connection: Connection) -> None:
    with pytest.raises(Exception, match="division by zero"):
        migrate(connection, migrations=[ONE, BROKEN])

    names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'nofumble' ORDER BY 1").fetchall()
    assert names == [("migration",), ("one",)]
    assert migrate(connection, migrations=[ONE, TWO]) == ["0002_two.sql"]


def test_an_edited_migration_is_refused_with_its_name_and_the_remedy(connection: Connection) -> None:
    migrate(connection, migrations=[ONE, TWO])
    edited = [replace(ONE, checksum="other"), TWO]

    (finding,) = check(connection, migrations=edited)
    assert finding.sentence == (
        "the migration 0001_one.sql was edited after it was applied to this database: "
        "put the file back as it was, and make the change in a new file"
    )
    with pytest.raises(WrongUse, match=r"0001_one\.sql was edited"):
        migrate(connection, migrations=edited)


def test_a_schema_that_is_newer_than_the_code_is_refused(connection: Connection) -> None:
    migrate(connection, migrations=[ONE, TWO])

    assert (
        "newer than this nofumble: it has the migration 0002_two.sql" in check(connection, migrations=[ONE])[0].sentence
    )
    with pytest.raises(WrongUse, match="run the newer nofumble"):
        migrate(connection, migrations=[ONE])


def test_processes_that_migrate_at_the_same_time_wait_for_one_another(empty: Database) -> None:
    def one() -> list[str]:
        with empty.connect(autocommit=True) as connection:
            done = migrate(connection)
        connection.close()
        return done

    with ThreadPoolExecutor(4) as pool:
        applied = [names for names in pool.map(lambda _: one(), range(4)) if names]

    assert applied == [[migration.name for migration in load_migrations()]]


def test_who_asked_before_interest_was_kept_is_known_all_the_same(connection: Connection) -> None:
    # given: a store with requests in its log and among what is parked
    known = load_migrations()
    place = next(place for place, one in enumerate(known) if one.name.endswith("_interest.sql"))
    migrate(connection, migrations=known[:place])
    bodies = [envelope("product.request.merged", request_id="R-1", into="R-2"), envelope("cs.note.logged")]
    bodies += [envelope("product.request.shipped", request_id="R-1"), envelope("cs.commitment.made", kind="call")]
    for offset, body in enumerate(bodies):
        connection.execute(
            "INSERT INTO nofumble.log VALUES (0, %s, now(), 'acme', '/x', %s, %s)", [offset, f"e-{offset}", body]
        )
    connection.execute(
        "INSERT INTO nofumble.parked (ref, arrived_at, source, event_id, body) VALUES ('desk:7', now(), '/x', 'p', %s)",
        [envelope("customer.request.raised", request_id="R-3")],
    )

    # when
    migrate(connection)

    # then
    rows = connection.execute("SELECT seq, keys, event_id, accounts FROM nofumble.interest ORDER BY seq").fetchall()
    assert rows == [
        (1, ["request:R-1", "request:R-2"], "e-0", ["acme"]),
        (2, ["request:R-3"], "p", ["desk:7"]),
    ]


def envelope(event_type: str, **data: str) -> bytes:
    return json.dumps({"type": event_type, "time": "2026-03-02T09:00:00Z", "data": data}).encode()


def test_whose_the_contacts_are_is_known_from_what_was_taken_before(connection: Connection) -> None:
    known = load_migrations()
    place = next(place for place, one in enumerate(known) if one.name.endswith("_interest.sql"))
    migrate(connection, migrations=known[:place])
    joined, left = "customer.contact.joined", "customer.contact.left"
    said = [("acme", joined, "jo"), ("acme", joined, "al"), ("beta", joined, "jo"), ("acme", left, "al")]
    for offset, (account, event_type, contact) in enumerate(said):
        body = envelope(event_type, contact_id=contact, email=f"{contact}@x.example")
        at = f"2026-03-02 09:0{offset}+00"
        row = [offset, at, account, f"e-{offset}", body]
        connection.execute("INSERT INTO nofumble.log VALUES (0, %s, %s, %s, '/x', %s, %s)", row)

    migrate(connection)

    rows = connection.execute("SELECT name, account_id FROM nofumble.contacts ORDER BY name").fetchall()
    assert rows == [("jo", "beta"), ("jo@x.example", "beta")]

"""How does a command come to the store: the database that the settings name, with its schema as this code needs it?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import OperationalError

from agents.ports import OutcomeUnknown, Store, StoreError, StoreUnavailable
from config.settings import Settings
from nofumble.errors import ServiceUnavailable, WrongUse
from nofumble.postgres import Database, open_database
from nofumble.store.migrate import check, migrate
from nofumble.store.postgres_store import PostgresStore

Progress = Callable[[str], None]


@contextmanager
def open_store(settings: Settings, *, progress: Progress = lambda _: None) -> Iterator[Store]:
    """Give the store of the settings, and give it up again at the end.

    The embedded database is made, started and migrated when need be. One of the operator's own is migrated by its
    operator (`nofumble db migrate`), so that no other process changes it unasked. Raises ServiceUnavailable when it is
    not to be had, and WrongUse when its schema or its number of partitions is not as this process needs it.
    """
    with open_ready(settings, progress=progress) as database:
        store = PostgresStore(database)
        try:
            yield store
        except StoreUnavailable as error:
            raise ServiceUnavailable(f"the database does not answer: {error}") from error
        except OutcomeUnknown as error:
            raise ServiceUnavailable(
                f"the connection was lost during a write: {error}; run the same command again, twice does no harm"
            ) from error
        finally:
            store.close()


@contextmanager
def open_ready(settings: Settings, *, progress: Progress = lambda _: None) -> Iterator[Database]:
    """Give the database of the settings with its schema as this process needs it, as `open_store` does."""
    with open_database(settings, progress=progress) as database:
        bring_up(database)
        store = PostgresStore(database)
        try:
            _agree_on_partitions(store, settings)
        except StoreUnavailable as error:
            raise ServiceUnavailable(f"the database does not answer: {error}") from error
        finally:
            store.close()
        yield database


def bring_up(database: Database) -> None:
    """Migrate the embedded database; raise WrongUse when one of the operator's own is not up to date."""
    try:
        with database.connect(autocommit=True) as connection:
            if database.owner == "nofumble":
                migrate(connection)
                return
            for finding in check(connection):
                raise WrongUse(finding.sentence)
    except OperationalError as error:
        raise ServiceUnavailable("the database went away while its schema was looked at; run it again") from error


def _agree_on_partitions(store: Store, settings: Settings) -> None:
    try:
        store.ensure_partitions(settings.partitions)
    except (StoreUnavailable, OutcomeUnknown):
        raise
    except StoreError as error:
        raise WrongUse(
            f"{error}; set NOFUMBLE_PARTITIONS to it; on Kafka, `nofumble kafka repartition` raises it"
        ) from error

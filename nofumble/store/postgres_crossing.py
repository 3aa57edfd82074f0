"""How is what crosses accounts at intake written and read? In the transaction of the log, under the intake's lock."""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from agents.crossing_rows import CampaignRow, Crossing, InterestRow
from nofumble.store.intake import Key
from nofumble.store.queries import queries
from nofumble.store.transactions import Session


def add_crossing(connection: Connection[TupleRow], crossing: Crossing) -> None:
    """Write what a chunk brings of it, in order."""
    with connection.cursor() as cursor:
        if crossing.interest:
            rows = [row._replace(keys=list(row.keys), accounts=list(row.accounts)) for row in crossing.interest]
            cursor.executemany(queries()["add_interest"], [row._asdict() for row in rows])
        if crossing.contacts:
            last = {row.name: row.account_id for row in crossing.contacts}
            cursor.execute(queries()["forget_contacts"], {"names": list(last)})
            known = [(name, account) for name, account in last.items() if account is not None]
            cursor.executemany(queries()["add_contact"], known)
        if crossing.campaigns:
            plain = [row._replace(parts=list(row.parts), unknown=list(row.unknown)) for row in crossing.campaigns]
            cursor.executemany(queries()["add_campaign"], [row._asdict() for row in plain])


def interest_seq(connection: Connection[TupleRow]) -> int:
    """Return the number of the last row that names product requests; 0 when there is none."""
    row = connection.execute(queries()["interest_seq"]).fetchone()
    return 0 if row is None else int(row[0])


class PostgresCrossing:
    """The part of agents.ports.Store for what crosses accounts: requests, contacts, campaigns."""

    _session: Session

    def interest(self, keys: Sequence[str]) -> list[InterestRow]:
        """Return what was taken that names one of these requests or releases, in order of seq."""

        def work(connection: Connection[TupleRow]) -> list[InterestRow]:
            rows = connection.execute(queries()["interest_of"], {"keys": list(keys)})
            return [InterestRow(*row) for row in rows]

        return self._session.run(work)

    def interest_seq(self) -> int:
        """Return the number of the last row that names product requests."""
        return self._session.run(interest_seq)

    def contacts(self, names: Sequence[str]) -> dict[str, str]:
        """Return the account of each contact whose id or address is known."""
        return self._session.run(
            lambda connection: dict(connection.execute(queries()["contacts"], {"names": list(names)}).fetchall())
        )

    def campaign(self, key: Key) -> CampaignRow | None:
        """Return the campaign of this key."""
        source, event_id = key
        found = self._campaigns("campaign", {"source": source, "event_id": event_id})
        return found[0] if found else None

    def untold_campaigns(self, limit: int) -> list[CampaignRow]:
        """Return campaigns that the account which they name has not got yet."""
        return self._campaigns("untold_campaigns", {"limit": limit})

    def mark_campaigns_told(self, keys: Sequence[Key]) -> None:
        """Note that their accounts have them."""

        def work(connection: Connection[TupleRow]) -> None:
            with connection.cursor() as cursor:
                cursor.executemany(queries()["mark_campaign_told"], list(keys))

        self._session.run(work)

    def _campaigns(self, name: str, values: dict[str, object]) -> list[CampaignRow]:
        return self._session.run(
            lambda connection: [CampaignRow(*row) for row in connection.execute(queries()[name], values)]
        )

"""What is written when somebody is told? Lines that were heard, desks and notices, in one transaction (R13, R14).

The turn comes first: whoever is fenced learns it before it sent a row, and whoever is not holds it until the commit.
"""

from psycopg import Connection
from psycopg.rows import TupleRow

from agents.desk_rows import Told
from agents.ports import Fenced
from nofumble.faults import crash_point
from nofumble.store.queries import queries


def save_told(connection: Connection[TupleRow], told: Told) -> None:
    """Write what was heard and told within the caller's transaction; raise Fenced when somebody else was faster."""
    turn = connection.execute(queries()["move_attention"], {"turn": told.turn, "until": told.until})
    if turn.rowcount != 1:
        raise Fenced(
            f"desks were written more than {told.turn} times: another worker tells people, and nothing was kept"
        )
    connection.execute(queries()["mark_heard"], {"ids": list(told.heard)})
    crash_point("attention.after_heard")
    with connection.cursor() as cursor:
        if told.desks:
            cursor.executemany(queries()["put_desk"], told.desks)
        if told.notices:
            cursor.executemany(queries()["add_notice"], told.notices)
    crash_point("attention.before_commit")

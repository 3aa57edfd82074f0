"""How nofumble comes to a PostgreSQL: one that it starts itself, or one that it is told of (D5, D6)."""

from nofumble.postgres.supervisor import Database, open_database

__all__ = ["Database", "open_database"]

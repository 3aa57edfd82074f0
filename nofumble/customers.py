"""Who of those that have a log is a customer? Not our own people, whose loads stand in logs of theirs (W20)."""

from __future__ import annotations

from workflows.directory import Directory


def is_customer(account_id: str, directory: Directory) -> bool:
    """Tell whether a log is that of a customer; lists of customers leave out the others."""
    return account_id not in directory.people

"""How did it look at a time that has passed? Accounts and work as they were known then.

The account is folded from what had arrived by then, and its clock runs to then: what came later, or late, is not in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from agents.rows import EntryRow, WorkRow
from agents.written import entry_row, facts_of, work_row
from nofumble.cli.output import progress
from nofumble.cli.pasts import Pasts, open_pasts
from nofumble.cli.when import read_time
from nofumble.errors import WrongUse
from workflows.directory import Directory
from workflows.reasons.past import Folded

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="As it was known at this time; what arrived later is not in it."),
]


@dataclass(frozen=True)
class Earlier:
    """The accounts of a world as they were known at a time."""

    now: datetime
    directory: Directory
    folds: Mapping[str, Folded]

    def rows(self, *, is_open: bool | None = True) -> list[WorkRow]:
        """Return the work of the accounts: what was open then, what was closed by then, or both."""
        found = (work_row(account, item) for account, folded in self.folds.items() for item in folded.work.values())
        return [row for row in found if is_open is None or (row.closed_at is None) == is_open]

    def facts(self, account: str) -> dict[str, Any]:
        """Return what was known of an account."""
        return msgspec.json.decode(facts_of(self.folds[account].history), type=dict[str, Any])

    def entries(self, account: str) -> list[EntryRow]:
        """Return the log of an account up to then, newest first by (at, seq)."""
        log = self.folds[account].history.whole_log()
        return [
            entry_row(account, entry, {}) for entry in sorted(log, key=lambda one: (one.at, one.number), reverse=True)
        ]


@contextmanager
def open_earlier(as_of: str | None, events: list[str] | None, account: str | None = None) -> Iterator[Earlier]:
    """Give the accounts of the store, or of the world in files, at a time; all of them, or the one that is named.

    Raises WrongUse for a time that has not come yet, and for an account that there is not.
    """
    with open_pasts(events, None, None, None) as pasts:
        at = pasts.now if as_of is None else read_time(as_of, option="--as-of", now=pasts.now)
        if at > pasts.now:
            raise WrongUse(
                f"--as-of is {as_of!r}, which has not come yet; give a time up to {pasts.now:%Y-%m-%dT%H:%MZ}"
            )
        names = pasts.accounts() if account is None else [pasts.account(account)]
        yield Earlier(at, pasts.directory(at), dict(_folds(pasts, names, at)))


def _folds(pasts: Pasts, names: Iterable[str], at: datetime) -> Iterator[tuple[str, Folded]]:
    with progress("folding") as step:
        for name in names:
            yield name, pasts.past(name).as_of(at).fold()
            step(1)

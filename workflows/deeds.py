"""What did somebody of ours do, here or at another account, that counts for a while? (W03, `earlier.by_actor`).

Deeds at other accounts come as notes into the log of this one; `workflows/conduct.py` says when.
"""

from __future__ import annotations

from datetime import timedelta

from events.envelope import Event
from workflows.account import AccountState, Deed
from workflows.language.vocabulary import REPEATS_WITHIN, as_time, person_of

SOURCE = "/nofumble/conduct"
NOTED = "conduct.noted"

KEPT_FOR = REPEATS_WITHIN + timedelta(days=30)
"""How long a deed is kept: as long as it counts, for events that are late, too."""


def learn_deed(state: AccountState, event: Event) -> None:
    """Fold a note in: what its actor did elsewhere counts here from now on."""
    done_at = as_time(event.data.get("at"))
    if event.source == SOURCE and done_at is not None:
        deed = Deed(str(event.data["workflow"]), person_of(event.data), done_at, event.time)
        add_deed(state, str(event.data["of"]), deed)


def add_deed(state: AccountState, name: str, deed: Deed) -> None:
    """Keep what somebody did, from when it was known first, and forget what no longer counts."""
    state.deeds.setdefault(name, deed)
    old = [one for one, kept in state.deeds.items() if kept.at < deed.at - KEPT_FOR]
    for one in old:
        del state.deeds[one]

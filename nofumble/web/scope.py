"""Which accounts does a person see? All of them, or those where she, or who reports to her, has something to do."""

from collections.abc import Callable

from agents.ports import Store
from nofumble.web.sessions import Session
from workflows.directory import Directory


def who_sees(directory: Directory, session: Session) -> frozenset[str] | None:
    """Return for whom a person sees accounts: herself, who reports to her, her team's queue; None if she sees all."""
    if session.view.accounts == "all":
        return None
    team = directory.team_of(session.person)
    queues = {directory.queue_of_team(team)} if team else set[str]()
    return frozenset({session.person, *reports_of(directory, session.person)} | queues)


def sees_account(store: Store, names: frozenset[str] | None) -> Callable[[str], bool]:
    """Return the question whether these see an account; each is looked up once."""
    if names is None:
        return lambda _: True
    known: dict[str, bool] = {}

    def sees(account_id: str) -> bool:
        if account_id not in known:
            known[account_id] = not names.isdisjoint(store.holders_of([account_id])[account_id])
        return known[account_id]

    return sees


def reports_of(directory: Directory, person: str) -> set[str]:
    """Return everybody who reports to a person, however far down."""
    found: set[str] = set()
    wanted = {person}
    while wanted:
        wanted = {one for one in directory.people if directory.manager_of(one) in wanted} - found - {person}
        found |= wanted
    return found

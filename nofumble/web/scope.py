"""Which accounts does a person see? All of them, or those where she, or who reports to her, has something to do."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from agents.ports import Store
from agents.rows import WorkFilter
from nofumble.web.sessions import Session
from workflows.directory import Directory


def sees_account(store: Store, directory: Directory, session: Session) -> Callable[[str], bool]:
    """Return the question whether a person sees an account, for one request."""
    if session.view.accounts == "all":
        return lambda _: True
    people = {session.person, *reports_of(directory, session.person)}
    team = directory.team_of(session.person)
    names = people | ({directory.queue_of_team(team)} if team else set())

    def sees(account_id: str) -> bool:
        return not people.isdisjoint(_holders(store, account_id)) or any(
            names & {row.person, row.queue} for row in store.work(WorkFilter(account_id=account_id))
        )

    return sees


def reports_of(directory: Directory, person: str) -> set[str]:
    """Return everybody who reports to a person, however far down."""
    found: set[str] = set()
    wanted = {person}
    while wanted:
        wanted = {one for one in directory.people if directory.manager_of(one) in wanted} - found - {person}
        found |= wanted
    return found


def _holders(store: Store, account_id: str) -> set[str]:
    known = store.account(account_id)
    facts: Mapping[str, Any] = msgspec.json.decode(known.facts) if known is not None and known.facts else {}
    return {str(person) for person in (facts.get("roles") or {}).values() if person}

"""What does a person hold at an account, and what do others hold in her place while she is away? (R10, W21)."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.account import AccountState, Loop, Recipient, Task, is_open

TO_RETURN = "~work that comes back"
"""Where tasks wait in `pending` that go back by themselves when somebody is back (R10)."""


def holder_of(item: Task | Loop) -> Recipient:
    """Give who has a task or a loop."""
    return item.to if isinstance(item, Task) else item.holder


def held_by(state: AccountState, person: str) -> Iterator[Task | Loop]:
    """Give the open tasks and loops of a person, oldest first."""
    return (item for item in _open_items(state) if holder_of(item).person == person)


def held_in_place_of(state: AccountState, person: str) -> Iterator[Task | Loop]:
    """Give what others hold because a person is away, and what does not go back by itself, oldest first."""
    returning = state.pending.get(TO_RETURN, {})
    return (item for item in _open_items(state) if holder_of(item).away == person and item.id not in returning)


def _open_items(state: AccountState) -> Iterator[Task | Loop]:
    return (item for item in state.work.values() if isinstance(item, Task | Loop) and is_open(item))

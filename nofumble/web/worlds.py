"""What do all accounts share: definitions, people, sources? Read once, then learnt as it grows."""

from datetime import datetime
from threading import Lock

from agents.ports import Store
from agents.world import World
from nofumble.catalogue import open_world
from workflows.directory import Directory


class Worlds:
    """The world of one application, shared by its requests."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._world: World | None = None

    def latest(self, store: Store, organisation: Directory, *, now: datetime) -> World:
        """Return the world with everything that the store knows by now."""
        with self._lock:
            if self._world is None:
                self._world = open_world(store, organisation, now=now)
            else:
                self._world.learn(store)
            return self._world

"""What the store in memory keeps of who was erased."""

from collections.abc import Mapping
from types import MappingProxyType


class MemoryErased:
    """The part of agents.ports.Store that concerns who was erased."""

    _stones: Mapping[bytes, str] = MappingProxyType({})

    def forget(self, stones: Mapping[bytes, str]) -> None:
        """Keep tombstones by the hashes of what they stand for."""
        self._stones = {**stones, **self._stones}

    def erased(self) -> Mapping[bytes, str]:
        """Return every tombstone by the hash of what it stands for."""
        return self._stones

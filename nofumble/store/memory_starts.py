"""What the store in memory keeps of what people of ours did, at any account (W03)."""

from collections.abc import Iterable, Sequence

from agents.rows import StartRow


class MemoryStarts:
    """The part of agents.ports.Store that concerns starts by our people."""

    def __init__(self) -> None:
        self._starts: dict[str, StartRow] = {}

    def starts_since(self, seq: int) -> list[StartRow]:
        """Return the starts after a seq, in its order."""
        return list(self._starts.values())[seq:]

    def starts_of(self, workflow: str, actor: str) -> list[StartRow]:
        """Return every start of a workflow by a person."""
        return [row for row in self._starts.values() if (row.workflow, row.actor) == (workflow, actor)]

    def untold_starts(self, limit: int) -> list[StartRow]:
        """Return starts of which the other accounts of their actors have not been told yet."""
        return [row for row in self._starts.values() if not row.is_told][:limit]

    def mark_told(self, seqs: Sequence[int]) -> None:
        """Note that the other accounts were told of these starts."""
        for row in [row for row in self._starts.values() if row.seq in seqs]:
            self._starts[row.id] = row._replace(is_told=True)

    def _add_starts(self, rows: Iterable[StartRow]) -> None:
        for row in rows:
            self._starts.setdefault(row.id, row._replace(seq=len(self._starts) + 1))

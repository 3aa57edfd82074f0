"""How does a customer stand beside its peers, told so that nobody can read another customer's figure out of it?

Peers are customers of the same tier and industry. A cell of fewer than five has no benchmark.
"""

from collections.abc import Iterable, Mapping
from statistics import median

from msgspec import Struct

from nofumble.reports.reading import Customer

CELL_MIN = 5
"""Accounts of a cell: with fewer, who knows one of them could guess at another."""

NO_CUSTOMERS = frozenset({"prospect", "churned"})
"""Stages of life in which an account is no peer: nobody works for it."""

Cell = tuple[int, str]
"""A tier and an industry."""


class Benchmark(Struct, frozen=True, tag_field="row", tag="peer"):
    """A figure of one customer beside the median of its cell; where there is none, `why` says why."""

    account: str
    tier: int | None
    industry: str | None
    figure: str
    value: float
    accounts: int | None
    median: float | None
    why: str | None


def benchmarks(figure: str, values: Mapping[str, float], known: Iterable[Customer]) -> list[Benchmark]:
    """Put each customer's figure beside its cell's, in the order of the customers; who has none of it counts as 0."""
    peers = [one for one in known if one.lifecycle not in NO_CUSTOMERS]
    cells: dict[Cell, list[float]] = {}
    for one in peers:
        if one.tier is not None and one.industry is not None:
            cells.setdefault((one.tier, one.industry), []).append(values.get(one.id, 0))
    return [_benchmark(one, figure, values.get(one.id, 0), cells) for one in peers]


def _benchmark(customer: Customer, figure: str, value: float, cells: Mapping[Cell, list[float]]) -> Benchmark:
    middle, why, accounts = None, None, None
    if customer.tier is None or customer.industry is None:
        why = f"no cell: its {'tier' if customer.tier is None else 'industry'} is not known"
    else:
        cell = cells[customer.tier, customer.industry]
        accounts = len(cell)
        if accounts < CELL_MIN:
            why = f"the cell is too small: {accounts} of {CELL_MIN} accounts"
        else:
            middle = round(median(cell), 2)
    return Benchmark(customer.id, customer.tier, customer.industry, figure, value, accounts, middle, why)

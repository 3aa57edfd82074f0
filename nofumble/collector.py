"""How much may the cycle collector cost? States of accounts are trees: it would walk them for nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_MAX = 50_000
"""New objects before the collector looks at them; Python's own 700 has it walk a batch hundreds of times."""

ROUNDS = (20, 100)
"""How many young rounds make a middle one, and middle ones a full one."""


def spare_collector() -> None:
    """Leave what is there now to itself, and let the collector look seldom; for processes that fold for long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, *ROUNDS)


@contextmanager
def without_collector() -> Iterator[None]:
    """Run without the cycle collector: a fold makes millions of values that stay, and no rings of them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

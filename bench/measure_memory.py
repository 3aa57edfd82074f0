"""How much memory does a worker take with 100,000 active accounts in its cache?

Accounts of the peers' work are folded in a process of their own, ten events each, and stay in memory, as they do in the
cache of an agent. What is told is the resident memory of the whole process.
"""

from __future__ import annotations

import psutil

from bench.figures import Findings, Measured
from bench.measure_fold import PEERS, arrivals_of
from bench.measuring import tell, without_collector
from bench.memory_fold import MemoryFold
from bench.peers_work import peers_work, registrations
from bench.sizes import Sizes
from nofumble.wiring import load_definitions, load_directory

ACCOUNTS = 100_000
EVENTS_EACH = 10
"""What an active account has in memory beside its state: the events of the last days."""

_MIB = 2**20


def measure_memory(sizes: Sizes) -> Findings:
    """Fold accounts and keep them."""
    accounts, count = sizes.cached_accounts, sizes.cached_accounts * EVENTS_EACH
    tell(f"memory: folding {count:,} events at {accounts:,} accounts")
    world = MemoryFold(load_definitions(PEERS), load_directory())
    empty = _resident_mib()
    with without_collector():
        world.fold(arrivals_of(registrations(accounts)))
        world.fold(arrivals_of(peers_work(count, accounts=accounts)))
    full = _resident_mib()
    each_kib = (full - empty) * 1024 / accounts
    scaled = empty + (full - empty) * ACCOUNTS / accounts
    held = sum(len(history.entries) for history in world.histories.values()) / accounts
    note = f"{each_kib:.1f} KiB an account with {held:.0f} events in memory, {empty:.0f} MiB without any"
    if accounts != ACCOUNTS:
        note += f"; measured at {accounts:,} accounts and scaled"
    return Findings([Measured("memory_mib_100k_accounts", [scaled], note)])


def _resident_mib() -> float:
    return float(psutil.Process().memory_info().rss) / _MIB

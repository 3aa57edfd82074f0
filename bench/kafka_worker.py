"""A worker on Kafka with the definitions of the peers' work: `python -m bench.kafka_worker HOME BOOTSTRAP [UNTIL]`.

The same worker as `nofumble worker`, which takes the shipped definitions. With a time it lets the clock run so far, and
ends when everything is done.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from agents.owner import Owner
from agents.world import World
from bench.homes import open_bench_store, settings_of
from bench.measure_fold import PEERS
from nofumble.clock import SystemClock, new_id
from nofumble.collector import spare_collector
from nofumble.kafka.faust_worker import run_worker
from nofumble.kafka.following import follow_topic
from nofumble.wiring import load_definitions, load_directory
from workflows.directory import DirectoryTimeline
from workflows.library import Library
from workflows.watermarks import Watermarks


def main() -> None:
    """Work on the store of a home."""
    home, bootstrap, *rest = sys.argv[1:]
    until = datetime.fromisoformat(rest[0]) if rest else None
    settings = settings_of(Path(home)).model_copy(update={"kafka_bootstrap": bootstrap})
    with open_bench_store(settings) as (_, store):
        followed = follow_topic(store, settings)
        world = World({1: Library(load_definitions(PEERS))}, 1, DirectoryTimeline(load_directory()), Watermarks())
        spare_collector()
        owner = Owner(store, world, worker=new_id())
        clock = SystemClock().now if until is None else lambda: until
        run_worker(owner, followed, clock=clock, is_once=until is not None)


if __name__ == "__main__":
    main()

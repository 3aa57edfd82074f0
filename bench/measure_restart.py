"""How long from the start of a process to its first batch handled, with many accounts in the store?

The store is filled and its server stopped. Then a process of its own starts the server, checks the schema, loads the
shipped definitions, and folds what waits in the log; it says so on standard output, and its parent looks at the clock.
This module is that process, too: `python -m bench.measure_restart HOME`.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from agents.embedded import EmbeddedAgents, Progress
from bench.figures import Findings, Measured
from bench.homes import open_bench_store, settings_of, throwaway_home
from bench.measure_embedded import take_in
from bench.measure_timers import DUE_AT, waiting_state, write_accounts
from bench.measuring import tell
from bench.peers_work import START, account_id, peers_work
from bench.sizes import Sizes
from config.settings import Settings
from nofumble.catalogue import open_world
from nofumble.opening import open_store
from nofumble.wiring import known_directory, load_directory

HANDLED = "handled"
WAITING_EVENTS = 2_000
START_MAX_S = 60

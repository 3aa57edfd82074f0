"""A made-up company's quarter: 40 accounts, all of it through the store, and three stories of what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
import typer

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import SentRow, Store, WorkFilter, WorkRow
from config.settings import Settings
from nofumble.catalogue import open_world
from nofumble.cli.account import what_happened
from nofumble.cli.options import current_settings
from nofumble.cli.output import clean, number_of, paint, progress, say, write, write_folded
from nofumble.cli.run import work_once
from nofumble.cli.session import Session
from nofumble.cli.stored_work import ROWS_MAX, item_of
from nofumble.cli.telling import Spoken, told, write_lines
from nofumble.cli.why import write_story
from nofumble.clock import SystemClock
from nofumble.sample import STORIES, Story, quarter
from workflows.library import Library, types_of
from workflows.language.plans import Definition

STORIES_TOLD = 3
"""As many as a person reads at one go; the fourth is for who looks further."""

AFTERWARDS = timedelta(days=1)
"""How long the clock runs on after the last event of the quarter."""

LEFT_OUT = frozenset({"workflow.started", "workflow.completed", "workflow.cancelled", "loop.customer_told"})
"""Lines that the workflow needs and a reader does not."""

"""What is the standard mix? Quarters of the sample company, many side by side: its own life is no peers' work.

A quarter has about 2,400 events of 60 types at 40 accounts, with the lags of its sources, so that some events come
late. A few quarters are drawn, each from a seed of its own, and written down again and again under other names until
there are enough accounts. Our own people are the same in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from nofumble.sample.quarter import quarter
from workflows.people import DIRECTORY_EVENTS

QUARTERS_DRAWN = 8
"""Different quarters; drawing one takes longer than folding it."""

FOUR_WORKFLOWS = (
    "crisis_hold_and_recovery",
    "product_request_relay",
    "sales_contact_without_csm",
    "signature_to_kickoff",
)
"""The definitions that the figures of the standard mix are about, whatever else is shipped."""


def standard_mix(copies: int) -> Iterator[bytes]:
    """Give the envelopes of so many quarters in order of arrival, the same for the same number."""
    drawn = [quarter(seed=seed) for seed in range(1, min(copies, QUARTERS_DRAWN) + 1)]
    rows = []
    for copy in range(copies):
        for told in drawn[copy % len(drawn)]:
            if told["type"] not in DIRECTORY_EVENTS:
                rows.append((told["recordedtime"], _of_copy(told, copy)))
            elif copy == 0:
                rows.append((told["recordedtime"], told))
    for _, told in sorted(rows, key=itemgetter(0)):
        yield json.dumps(told, separators=(",", ":")).encode()


def _of_copy(told: dict[str, Any], copy: int) -> dict[str, Any]:
    """Write an event down for the account of another copy."""
    named = {**told, "id": f"{told['id']}-{copy}", "subject": f"{told['subject']}-{copy}"}
    data = told["data"]
    if "links" in data:
        named["data"] = {**data, "links": {name: f"{ref}-{copy}" for name, ref in data["links"].items()}}
    return named

# /// script
# requires-python = ">=3.11"
# # An environment of its own: Quix Streams asks for an older pydantic than we do.
# dependencies = ["quixstreams==3.28.0"]
# ///
"""What does Quix Streams do with the same topic, exactly once? `uv run --script kafka_quix.py BOOTSTRAP TOPIC COUNT`.

The three rules over its state by account, outputs to a topic of its own, in transactions. Prints the seconds from the
first event to the last.
"""

import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from quixstreams import Application

from bench.peers_work import Account, Counts, apply_rules, csm_of


class Rules:
    """The three rules, over a state that Quix Streams keeps."""

    def __init__(self, count: int, stop: Callable[[], None]) -> None:
        """Begin before the first event; `stop` is called at the last."""
        self.began = self.ended = 0.0
        self._left, self._stop = count, stop

    def take(self, event: dict[str, Any], state: Any) -> list[dict[str, Any]]:
        """Give what comes of one event."""
        self.began = self.began or time.perf_counter()
        account = _read(state.get("account"))
        counts = Counts()
        apply_rules(account, event, datetime.fromisoformat(event["time"]), csm_of(event["subject"]), counts)
        state.set("account", _written(account))
        self._left -= 1
        if not self._left:
            self.ended = time.perf_counter()
            self._stop()
        return [{"subject": event["subject"], "of": event["id"]}] * counts.outputs


def main() -> None:
    """Consume the topic from its beginning and stop at the last event."""
    bootstrap, topic, count = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="nofumble-bench-quix-") as folder:
        app = Application(
            broker_address=bootstrap,
            consumer_group=f"bench-{uuid.uuid4()}",
            auto_offset_reset="earliest",
            processing_guarantee="exactly-once",
            state_dir=folder,
            loglevel="ERROR",
        )
        rules = Rules(int(count), app.stop)
        events = app.dataframe(app.topic(topic, key_deserializer="str", value_deserializer="json"))
        outputs = app.topic(f"{topic}.quix", key_serializer="str", value_serializer="json")
        events.apply(rules.take, stateful=True, expand=True).to_topic(outputs)
        app.run()
    print(rules.ended - rules.began, flush=True)


def _read(kept: dict[str, Any] | None) -> Account:
    if kept is None:
        return Account()
    account = Account([datetime.fromisoformat(one) for one in kept["waiting"]])
    account.upsell_at = datetime.fromisoformat(kept["upsell_at"]) if kept["upsell_at"] else None
    account.tickets.extend(datetime.fromisoformat(one) for one in kept["tickets"])
    return account


def _written(account: Account) -> dict[str, Any]:
    return {
        "waiting": [one.isoformat() for one in account.waiting],
        "upsell_at": account.upsell_at and account.upsell_at.isoformat(),
        "tickets": [one.isoformat() for one in account.tickets],
    }


if __name__ == "__main__":
    main()

"""How does what a person tells become an event, and when does it count? As every other event (D8)."""

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from events.envelope import Refused
from events.parsing import parse_event
from nofumble.acting import actor_of, take_envelopes
from nofumble.clock import new_id
from nofumble.errors import WrongUse
from nofumble.web.context import Context
from nofumble.web.work import SOURCE
from workflows.moment import iso

WAIT_MAX_S = 2.0
"""How long an answer waits for the agents, so that the page after it shows what was done; what was taken in is safe."""

LOOK_EVERY_S = 0.02


def send(context: Context, event_type: str, account_id: str, data: Mapping[str, Any]) -> None:
    """Take in an event of the person who is signed in, and wait until the agents have worked on it.

    Raises WrongUse, with the field, when it does not hold; nothing is taken in then.
    """
    envelope = {
        "specversion": "1.0",
        "id": new_id(),
        "source": SOURCE,
        "type": event_type,
        "subject": account_id,
        "time": iso(context.now),
        "data": {"actor": actor_of(context.person, context.directory), **data},
    }
    try:
        parse_event(msgspec.json.encode(envelope), now=context.now)
    except Refused as refused:
        where = f"{refused.path}: " if refused.path else ""
        raise WrongUse(f"{where}{refused.reason}") from refused
    take_envelopes(context.store, context.directory, [envelope], source=SOURCE, now=context.now)
    wait_for(context, envelope)


def wait_for(context: Context, envelope: Mapping[str, Any]) -> bool:
    """Wait until the agents have put an event into its account's log, but not for long; tells whether they have."""
    ends = time.monotonic() + WAIT_MAX_S
    subject = str(envelope["subject"])
    account_id = context.store.resolve([subject]).get(subject, subject)
    while not context.store.known_events(account_id, [(str(envelope["source"]), str(envelope["id"]))]):
        if time.monotonic() > ends:
            return False
        time.sleep(LOOK_EVERY_S)
    return True

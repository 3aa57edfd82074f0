"""How does what goes out look? One line in the envelope of all events, with an id that only its content decides.

The same line, found again by a replay or another worker, has the same id; so a second delivery can be told from
a second event (D2, R3).
"""

from __future__ import annotations

import msgspec

from workflows.moment import Line, iso, work_id

_encoder = msgspec.json.Encoder()


def envelope_of(account: str, line: Line) -> tuple[str, bytes]:
    """Give the id and the bytes of a line: a CloudEvents envelope with `source` "nofumble".

    The line must have its time.
    """
    assert line.at is not None
    at, data = iso(line.at), _encoder.encode(line.data)
    line_id = work_id(f"{account}/{line.type}/{at}/{data.decode()}")
    head = f'{{"specversion":"1.0","id":"{line_id}","source":"nofumble","type":"{line.type}","subject":'
    subject = _encoder.encode(account)
    return line_id, b"".join((head.encode(), subject, b',"time":"', at.encode(), b'","data":', data, b"}"))

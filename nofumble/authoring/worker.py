"""The process in which definitions are examined: a line of JSON in, one for each answer out.

Whoever writes an example without an end ends this process, and nothing else: an alarm of the system, for which no code
of ours has to come round, and a bound on its memory.
"""

import resource
import signal
import sys

import msgspec

from nofumble.authoring.examining import Answer, Asked, examine

EXAMINED_S_MAX = 10.0
"""How long one text may take, by the wall; the longest of the library takes a tenth of it."""

MEMORY_MAX = 1024 * 1024 * 1024
"""Bytes of addresses."""

FAILED = 1


def main(limit_s: float) -> None:
    """Answer what is asked on standard input until it ends; each text within so many seconds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us by closing our input
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_REAL, limit_s)
        for one in examine(msgspec.json.decode(line, type=Asked)):
            _say(one)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main(float(sys.argv[1]))
    except (MemoryError, BrokenPipeError):
        sys.exit(FAILED)

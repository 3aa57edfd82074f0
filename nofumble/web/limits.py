"""How much may one caller ask? A bucket of permissions for each, which fills again with time."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from nofumble.web.problems import Problem

KNOWN_MAX = 10_000
"""Callers that are remembered; the one that was silent for longest is forgotten first."""


class Limit:
    """`burst` requests at once, and `per_s` a second for as long as one likes; for each caller."""

    def __init__(self, burst: int, per_s: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._per_s, self._monotonic = float(burst), per_s, monotonic
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: str) -> None:
        """Count a request; raise Problem 429, with when to come back, for one too many."""
        now = self._monotonic()
        with self._lock:
            left, at = self._left.pop(caller, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._per_s)
            self._left[caller] = (max(left - 1.0, 0.0) if left >= 1.0 else left, now)
            if len(self._left) > KNOWN_MAX:
                self._left.popitem(last=False)
        if left < 1.0:
            wait_s = int((1.0 - left) / self._per_s) + 1
            rule = f"at most {self._per_s:g} requests a second, and {self._burst:.0f} at once"
            raise Problem(429, rule, f"send it again in {wait_s} s", headers={"Retry-After": str(wait_s)})

"""The one clock, at the edge: everything else is told the time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, in microseconds UTC."""

    def now(self) -> int:
        """This instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000


class VirtualClock:
    """A clock that stands where it was put: for demonstrations and tests."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

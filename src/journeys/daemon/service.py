"""The daemon as a service: what stands in its way for a while is told, and left to a later tick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from journeys.daemon.clock import Clock
from journeys.daemon.daemon import ClockWentBack, Daemon, Tick
from journeys.store.problem import LOCKED, StoreProblem

Hindrance = ClockWentBack | StoreProblem


@dataclass(slots=True)
class Service:
    """Ticks of a daemon on a clock. `tell` hears of a hindrance once, however many ticks it lasts."""

    daemon: Daemon
    clock: Clock
    tell: Callable[[Hindrance], None]
    _took_over: bool = False
    _told: type[Exception] | None = field(default=None)

    def tick(self) -> Tick | None:
        """The tick that is due now; None where another program keeps the store busy or the clock has gone back.

        Raises what no waiting mends: any other StoreProblem, and mistakes of ours.
        """
        try:
            now = self.clock.now()
            if not self._took_over:
                self.daemon.take_over(now)
                self._took_over = True
            tick = self.daemon.tick(now)
        except (ClockWentBack, StoreProblem) as hindrance:
            if isinstance(hindrance, StoreProblem):
                if hindrance.code != LOCKED:
                    raise
                # The tick may have been cut off between a hand-off and its verdict, as by a kill.
                self._took_over = False
            if self._told is not type(hindrance):
                self.tell(hindrance)
            self._told = type(hindrance)
            return None
        self._told = None
        return tick

"""The heartbeat: a tick every few seconds, watched.

APScheduler only beats; every durable timer is a row of the store. Should a tick fail in an unforeseen way, or the
scheduler fall silent, the process ends rather than live on without a pulse: whoever runs it starts it again, and
nothing is lost.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

SILENCE = 20
"""How many missed beats count as silence."""


class NoPulse(Exception):
    """The scheduler has stopped beating."""


def beat(tick: Callable[[], None], seconds: float, stop: threading.Event | None = None) -> None:
    """Call `tick` now and every `seconds` until SIGTERM or SIGINT (or `stop`), never two at a time.

    Raises what a tick raises, and NoPulse when the beats stop coming while no tick is at work.
    """
    stopping = stop or threading.Event()
    pulse = threading.Event()
    working = threading.Lock()
    failures: list[BaseException] = []

    def guarded() -> None:
        with working:
            if stopping.is_set():
                return
            try:
                tick()
            except BaseException as error:
                failures.append(error)
                stopping.set()
        pulse.set()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    # A tick that takes longer than a beat is none of its business to warn about: the next one does the rest.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    previous = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        guarded, IntervalTrigger(seconds=seconds), max_instances=1, coalesce=True, misfire_grace_time=None
    )
    try:
        guarded()
        scheduler.start()
        while not stopping.wait(timeout=SILENCE * seconds):
            if not pulse.is_set() and not working.locked():
                raise NoPulse
            pulse.clear()
    finally:
        if scheduler.running:
            scheduler.shutdown(wait=True)
        for number, handler in previous.items():
            signal.signal(number, handler)
    if failures:
        raise failures[0]

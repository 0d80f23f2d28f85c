"""The heartbeat: ticks follow one another, a signal ends it within a tick, a failing tick ends the process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from journeys.daemon.clock import SystemClock, VirtualClock
from journeys.daemon.daemon import ClockWentBack, Daemon
from journeys.daemon.heartbeat import beat
from journeys.daemon.lock import AnotherDaemon, sole_daemon
from journeys.daemon.publishing import publish
from journeys.daemon.service import Hindrance, Service
from journeys.store.database import open_store
from journeys.store.problem import StoreProblem
from tests.daemon.shop import DAY, PROJECT, Shop, at
from tests.daemon.test_handing_off import bought
from tests.daemon.test_kill import journeys

BEAT = 0.01
INTO_FOLDERS = PROJECT.replace('kind = "console"', 'kind = "folder"\npath = "sent"')


def test_ticks_follow_one_another_and_never_two_at_a_time() -> None:
    stop = threading.Event()
    ticks: list[bool] = []
    working = threading.Lock()

    def tick() -> None:
        free = working.acquire(blocking=False)
        ticks.append(free)
        stop.wait(2.5 * BEAT)
        working.release()
        if len(ticks) == 5:
            stop.set()

    beat(tick, BEAT, stop)
    assert ticks == [True] * 5


@pytest.mark.parametrize("failing", [1, 3])
def test_a_tick_that_fails_ends_the_beat_with_its_error(failing: int) -> None:
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == failing:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        beat(tick, BEAT)
    assert len(ticks) == failing


def test_the_handlers_of_signals_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    stop = threading.Event()
    beat(stop.set, BEAT, stop)
    assert signal.getsignal(signal.SIGTERM) is before


# -- the service -------------------------------------------------------------------------------------------------------


def test_a_clock_that_goes_back_is_told_once_and_waited_for(shop: Shop) -> None:
    clock = VirtualClock(at("2026-03-01 12:00"))
    told: list[Hindrance] = []
    service = Service(shop.daemon, clock, told.append)
    assert service.tick() is not None
    clock.at -= DAY
    assert [service.tick(), service.tick()] == [None, None]
    assert [type(one) for one in told] == [ClockWentBack]
    clock.at += DAY
    assert service.tick() is not None
    clock.at -= DAY
    assert service.tick() is None
    assert len(told) == 2


def test_a_busy_store_is_waited_for_and_a_hand_off_cut_short_becomes_unknown(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(shop)
    told: list[Hindrance] = []
    service = Service(shop.daemon, VirtualClock(at("2026-03-01 12:00")), told.append)

    def busy(*_: Any) -> None:
        raise StoreProblem("J462", "journeys.db")

    with monkeypatch.context() as patch:
        patch.setattr(type(shop.daemon.outgoing), "_note", busy)
        assert service.tick() is None
    assert [row.state for row in shop.outbox("ann")] == ["handing_off"]
    assert service.tick() is not None
    assert [row.state for row in shop.outbox("ann")] == ["unknown"]
    assert len(shop.told) == len(told) == 1


def test_what_no_waiting_mends_ends_the_service(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise StoreProblem("J465", "journeys.db", {"reason": "disk I/O error"})

    monkeypatch.setattr(Daemon, "tick", broken)
    with pytest.raises(StoreProblem):
        Service(shop.daemon, VirtualClock(at("2026-03-01 12:00")), lambda _: None).tick()


def test_one_daemon_at_a_time(shop: Shop) -> None:
    with sole_daemon(shop.store):
        other = open_store(shop.folder / "journeys.db")
        with pytest.raises(AnotherDaemon), sole_daemon(other):
            pass
        other.close()
    with sole_daemon(shop.store):
        pass


# -- the process -------------------------------------------------------------------------------------------------------


def running(shop: Shop, *more: str) -> subprocess.Popen[str]:
    """The service, after its first tick: one message has left."""
    shop.person("ann")
    shop.does("ann", "sign_up", "2020-01-01")
    publish(shop.store, shop.graphs("if silent 30d then send coupon\n"), SystemClock())
    shop.store.close()
    process = journeys(shop.folder, "run", "--every", "1s", "--json", *more)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    assert (first["sent"], first["handed off: accepted"]) == (1, 1)
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(open_shop: Callable[[str], Shop], number: signal.Signals) -> None:
    process = running(open_shop(INTO_FOLDERS))
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_second_daemon_is_refused(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop(INTO_FOLDERS)
    process = running(shop)
    try:
        second = journeys(shop.folder, "run", "--once")
        _, err = second.communicate(timeout=20)
        assert second.returncode == 1
        assert err.startswith("error[J607]: another daemon works on this store\n"), err
        # ... and the first one ticks on: what happens now is seen within a beat or two.
        shop.person("bob")
        shop.does("bob", "sign_up", "2020-01-02")
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["customers"] == 1
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("StoreProblem('J465', 'journeys.db', {'reason': 'disk I/O error'})", "error[J465]: the store cannot be used"),
        ("ZeroDivisionError", "Traceback (most recent call last):"),
    ],
)
def test_a_tick_that_raises_ends_the_process(shop: Shop, error: str, says: str) -> None:
    """The third one; a mistake of ours with its traceback."""
    shop.store.close()
    program = (
        "from journeys.cli import main\n"
        "from journeys.daemon.daemon import Daemon\n"
        "from journeys.store.problem import StoreProblem\n"
        "ticks, real = [], Daemon.tick\n"
        "def tick(self, now):\n"
        "    ticks.append(now)\n"
        f"    if len(ticks) == 3: raise {error}\n"
        "    return real(self, now)\n"
        "Daemon.tick = tick\n"
        f"main(['--project', {str(shop.folder)!r}, 'run', '--every', '1s'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(says)
    assert done.stdout == "looking every 1 s who is due; Ctrl-C ends it\n"

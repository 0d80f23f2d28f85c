"""`kill -9` of the real daemon, again and again in the middle of its ticks: nothing is lost, and nothing happens twice.

JOURNEYS_KILL_SEED chooses the people and the moments of the kills, JOURNEYS_KILL_ROUNDS how many kills there are.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from journeys.daemon.clock import VirtualClock
from journeys.daemon.publishing import publish
from journeys.store import facts
from journeys.store.database import open_store
from journeys.store.schema import customers, decisions, outbox, runs
from tests.daemon.population import JOURNEYS, LIMITED, START, arrive, people
from tests.daemon.shop import DAY, Shop, written

PEOPLE, DAYS = 200, 25
SEED = int(os.environ.get("JOURNEYS_KILL_SEED", "1"))
ROUNDS = int(os.environ.get("JOURNEYS_KILL_ROUNDS", "25"))
RERUN = f"rerun: JOURNEYS_KILL_SEED={SEED} JOURNEYS_KILL_ROUNDS={ROUNDS} pytest {__file__}"

INTO_FOLDERS = LIMITED.replace('kind = "console"', 'kind = "folder"\npath = "sent"')


def journeys(folder: Path, *words: str) -> subprocess.Popen[str]:
    """The program, as its users start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "journeys", "--project", str(folder), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def daemon(folder: Path, start: int) -> subprocess.Popen[str]:
    instants = ("--as-of", f"{written(start)}+00:00", "--until", f"{written(START + DAYS * DAY)}+00:00")
    return journeys(folder, "run", *instants, "--every", "1d", "--json")


def ends(process: subprocess.Popen[str]) -> str:
    """What it printed; it must end well."""
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, ""), (err, RERUN)
    return out


def stands(folder: Path) -> tuple[int, int]:
    """The instant of the last tick that began, and of the last that was done."""
    store = open_store(folder / "journeys.db")
    with store.reading() as conn:
        began, done = facts.instant(conn, "highest instant"), facts.instant(conn, "advanced to")
    store.close()
    return began or START, done or 0


def kill_within_a_tick(folder: Path, dice: Random) -> None:
    """Start the daemon where it stood, and kill it a moment after it has begun to write."""
    wal = folder / "journeys.db-wal"

    def look() -> tuple[int, int]:
        return (wal.stat().st_mtime_ns, wal.stat().st_size) if wal.exists() else (0, 0)

    before = look()
    process = daemon(folder, stands(folder)[0])
    while look() == before and process.poll() is None:
        waits(process, 0.001)
    waits(process, dice.random() ** 2 * 0.4)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def waits(process: subprocess.Popen[str], seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def sent_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "sent").iterdir() if not path.name.startswith(".")}


def told(folder: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """What is decided, who stands where, and what became of every message, without what only counts attempts."""
    store = open_store(folder / "journeys.db")
    run, message = runs.c, outbox.c
    who = customers.c.external_id
    chosen = {
        "decisions": select(who, *[column for column in decisions.c if column.name not in ("customer_id", "seq")]).join(
            customers, customers.c.id == decisions.c.customer_id
        ),
        "runs": select(
            who, run.journey_name, run.number, run.node, run.entered_at, run.ended_at, run.exit_reason, run.due_at
        ).join(customers, customers.c.id == run.customer_id),
        "outbox": select(
            who,
            run.journey_name,
            run.number,
            message.step,
            message.visit,
            message.channel,
            message.due_at,
            message.state,
            message.variables,
        )
        .join(customers, customers.c.id == message.customer_id)
        .join(runs, run.id == message.run_id),
    }
    with store.reading() as conn:
        found = {name: Counter(tuple(one) for one in conn.execute(query)) for name, query in chosen.items()}
        places = conn.execute(
            select(func.count()).select_from(select(message.run_id, message.step, message.visit).distinct().subquery())
        ).scalar_one()
    store.close()
    assert places == found["outbox"].total(), ("two rows for one run, step and visit", RERUN)
    return found


def test_a_daemon_killed_again_and_again_does_what_an_undisturbed_one_does(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop(INTO_FOLDERS)
    arrive(shop.store, people(SEED, PEOPLE, DAYS))
    publish(shop.store, shop.graphs(*JOURNEYS), VirtualClock(START))
    shop.store.close()
    undisturbed = shop.folder.with_name("undisturbed")
    shutil.copytree(shop.folder, undisturbed)
    lines = ends(daemon(undisturbed, START)).splitlines()
    assert len(lines) > DAYS * 0.9

    dice = Random(SEED)
    within = 0
    for _ in range(ROUNDS):
        kill_within_a_tick(shop.folder, dice)
        began, done = stands(shop.folder)
        within += began > done
    assert within >= ROUNDS / 2, f"only {within} of {ROUNDS} kills came in the middle of a tick; {RERUN}"
    ends(daemon(shop.folder, stands(shop.folder)[0]))

    expected = sent_files(undisturbed)
    assert len(expected) > 500
    assert sent_files(shop.folder) == expected, RERUN
    for name, rows in told(undisturbed).items():
        assert told(shop.folder)[name] == rows, (name, RERUN)
    findings = {one["name"]: one for one in json.loads(ends(journeys(shop.folder, "doctor", "--json")))}
    assert findings["runs"]["state"] == "ok", (findings["runs"], RERUN)
    assert findings["integrity"]["detail"] == "ok", RERUN

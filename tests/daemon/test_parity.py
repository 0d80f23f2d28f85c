"""The daemon, ticking day by day on the store, decides what one walk over the whole history decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from journeys.daemon.clock import VirtualClock
from journeys.daemon.publishing import publish
from journeys.engine.advance import advance
from journeys.engine.policy import policy_of
from journeys.engine.program import compile_program
from journeys.store.history import load_history
from journeys.store.schema import customers, decisions, outbox, runs
from journeys.store.schema import journeys as versions
from tests.daemon.population import DAYS, JOURNEYS, LIMITED, START, arrive, people
from tests.daemon.shop import DAY, Shop

END = START + DAYS * DAY

Told = tuple[str, str, int, str, str, int, str, str]
"""Customer, journey, run, kind, step, instant, reason, channel."""


def simulated(shop: Shop) -> Counter[Told]:
    """Everything in one go, over the whole history; in this shop no daemon has set or tagged anything."""
    with shop.store.reading() as conn:
        history = load_history(conn, None, END).history
    program = compile_program(shop.graphs(*JOURNEYS), policy_of(shop.project))
    effects = advance(program, history, resume=START, until=END).effects
    return Counter(
        (history.ids[one.person], one.journey.name, one.run, one.kind, one.node, one.at, one.reason, one.detail)
        for one in effects
    )


def carried_out(shop: Shop) -> Counter[Told]:
    """What the daemon has decided."""
    row = decisions.c
    told = (
        select(
            customers.c.external_id, versions.c.name, row.run_number, row.kind, row.node, row.at, row.reason, row.detail
        )
        .join(customers, customers.c.id == row.customer_id)
        .join(versions, versions.c.id == row.journey_id)
    )
    with shop.store.reading() as conn:
        return Counter(tuple(one) for one in conn.execute(told))


def intended(shop: Shop) -> Counter[Told]:
    """The messages of the outbox, in the same words."""
    row = outbox.c
    told = (
        select(customers.c.external_id, runs.c.journey_name, runs.c.number, row.step, row.due_at, row.channel)
        .join(customers, customers.c.id == row.customer_id)
        .join(runs, runs.c.id == row.run_id)
        .where(row.kind == "message")
    )
    with shop.store.reading() as conn:
        return Counter(
            (who, journey, run, "sent", step, at, "", channel)
            for who, journey, run, step, at, channel in conn.execute(told)
        )


@pytest.mark.parametrize(("seed", "known_before"), [(0, False), (1, True)], ids=["as it happens", "known before"])
def test_daemon_and_simulation_decide_the_same(open_shop: Callable[[str], Shop], seed: int, known_before: bool) -> None:
    shop, simulated_shop = open_shop(LIMITED), open_shop(LIMITED)
    coming = people(seed, 60)
    arrive(simulated_shop.store, coming)
    past = [one for one in coming if known_before or one.at <= START]
    coming = coming[len(past) :]
    arrive(shop.store, past)
    publish(shop.store, shop.graphs(*JOURNEYS), VirtualClock(START))
    for day in range(DAYS + 1):
        now = START + day * DAY
        arriving = [one for one in coming if one.at <= now]
        coming = coming[len(arriving) :]
        arrive(shop.store, arriving)
        shop.daemon.tick(now)

    told, expected = carried_out(shop), simulated(simulated_shop)
    assert told == expected, sorted((told - expected) + (expected - told), key=lambda one: one[5])[:5]
    sent = Counter({one: count for one, count in expected.items() if one[3] == "sent"})
    assert intended(shop) == sent
    # ... and much of the language met.
    kinds = {(one[1], one[3], one[6]) for one in expected}
    assert sent.total() > 300
    assert {name for name, kind, _ in kinds if kind == "sent"} == {"welcome", "dormant", "big", "gold", "weekly"}
    assert {("welcome", "entered", "holdout"), ("big", "blocked", "limit"), ("welcome", "timed out", "")} <= kinds
    assert {"held", "goal", "tagged", "set", "task", "moved on"} <= {kind for _, kind, _ in kinds}
    assert {"consent", "suppressed", "unreachable"} <= {reason for _, _, reason in kinds}

"""Random people of the shop, what they do in sixty days, and journeys in which much of the language meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from journeys.store import attributes, consents, customers, events
from journeys.store.attributes import AttributeChange
from journeys.store.consents import Consent, Suppression
from journeys.store.database import Store
from journeys.store.events import NewEvent
from tests.daemon.shop import DAY, LONG_AGO, MINUTE, PROJECT, at

START = at("2026-03-05 12:00")
DAYS = 60
"""Over the night of 29 March, when clocks go forward in Europe."""

LIMITED = (
    PROJECT
    + """
[[limits]]
messages = 3
per = "7d"

[[limits]]
messages = 1
per = "1d"
calendar = true
channel = "sms"

[quiet]
from = "21:00"
to = "08:30"
"""
)

JOURNEYS = (
    """\
journey welcome
    start when sign_up
    enter once per 20d
    exit when did purchase at least 2 times in 7d
    goal did purchase within 14d
    holdout 20%
    send hello by sms or email
    wait until did purchase up to 3d
    if timed out then
        send coupon
    else
        tag vip for 10d
    split subject
        50% short
            wait until 09:00
            send hello by email
        30% long
            wait 1d12h
        20% none
            exit
    send coupon
        on limit wait up to 2d
""",
    """\
journey dormant
    start when silent 6d
    enter every time
    exit when not silent 6d
    priority 70
    send coupon
    repeat up to 3 times every 2d until opened coupon
        send hello by email
            on limit exit
""",
    """\
journey big
    start when purchase where total over €20
    only if tier is not gold or points over 50
    enter every time
    limit 2 messages per 5d
    quiet 18:00 to 19:30 their time
    if spent over €60 in 30d then
        set tier to gold
        send receipt as transactional
    wait until tuesday at 10:00
    send coupon
    task call for florist
""",
    """\
journey gold
    start when tier is gold
    enter new only
    wait 1h
    send coupon
    wait 30d
    set tier to basic
""",
    """\
journey weekly
    start every monday, thursday at 09:00
    only if tagged vip and reachable by email
    enter every time
    send hello by email
""",
)

ZONES = ("Europe/Berlin", "Asia/Shanghai", "Asia/Kathmandu", "Europe/Lisbon", None, None)
"""At noon UTC it is noon or later there, and not yet night."""


KINDS = ("attribute", "consent", "suppression", "event")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is said of a customer, or done by one, at an instant; `kind` is one of `KINDS`."""

    at: int
    who: str
    kind: str
    name: str
    value: Any


def people(seed: int, count: int, days: int = DAYS) -> list[Happening]:
    """What is known of so many people at the start, and what happens to them then, in order of time.

    Consents change just after a tick of the day: in between, a message may be decided that is not handed off any more,
    of which a simulation knows nothing.
    """
    dice = Random(seed)
    found: list[Happening] = []
    for number in range(count):
        who = f"c{number:03}"
        found += _known(dice, who)
        for _ in range(dice.randrange(1, 30)):
            moment = START - 20 * DAY + dice.randrange((days + 20) * 24 * 60) * MINUTE
            found.append(_done(dice, who, moment))
        for _ in range(dice.randrange(3)):
            moment = START + dice.randrange(days) * DAY + 1
            found.append(_said(dice, who, moment))
    return sorted(found, key=lambda one: one.at)


def _known(dice: Random, who: str) -> list[Happening]:
    values = {
        "email": f"{who}@example.com" if dice.random() < 0.9 else None,
        "phone": f"+4915{dice.randrange(10**8):08}" if dice.random() < 0.6 else None,
        "tier": dice.choice(["basic", "basic", "gold", None]),
        "points": dice.choice([0, 40, 60, None]),
        "zone": dice.choice(ZONES),
    }
    return [Happening(LONG_AGO, who, "attribute", name, value) for name, value in values.items() if value is not None]


def _done(dice: Random, who: str, moment: int) -> Happening:
    name = dice.choice(["purchase", "purchase", "sign_up", "opened"])
    properties = {"purchase": {"total": dice.randrange(500, 6000)}, "opened": {"message": "coupon"}}
    return Happening(moment, who, "event", name, properties.get(name, {}))


def _said(dice: Random, who: str, moment: int) -> Happening:
    if dice.random() < 0.3:
        return Happening(moment, who, "suppression", dice.choice(["email", "sms"]), moment + dice.randrange(1, 9) * DAY)
    if dice.random() < 0.3:
        return Happening(moment, who, "attribute", "points", dice.choice([10, 100]))
    return Happening(moment, who, "consent", dice.choice(["email", "sms"]), dice.random() < 0.5)


def arrive(store: Store, happenings: Sequence[Happening]) -> None:
    """All of it comes into the store."""
    with store.writing() as conn:
        ids = customers.ensure(conn, [one.who for one in happenings], 0)
        told = {kind: [one for one in happenings if one.kind == kind] for kind in KINDS}
        attributes.record(
            conn, [AttributeChange(ids[one.who], one.at, one.name, one.value, "test") for one in told["attribute"]]
        )
        consents.record(conn, [Consent(ids[one.who], one.name, one.at, one.value, "test") for one in told["consent"]])
        consents.suppress(
            conn,
            [Suppression(ids[one.who], one.name, one.at, "bounced", one.value) for one in told["suppression"]],
        )
        done = [NewEvent(ids[one.who], one.at, one.name, one.value, "test") for one in told["event"]]
        events.append(conn, done, START)

"""Readable node ids, made of the kind of a step and its main name: `send coupon`, `wait 3d`, `if opened coupon`.

Ids are part of a graph's hash. This file and nothing else decides them, so that better wording elsewhere never changes
the hash of a published journey. Names are canonical, so the twins of a journey in two languages get the same ids.
"""

from __future__ import annotations

from collections import Counter

from journeys.catalog import meaning
from journeys.catalog.durations import short
from journeys.catalog.meaning import Condition, Operand


class Ids:
    """Hands out ids; one that repeats is numbered: `send coupon`, `send coupon #2`."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def take(self, name: str) -> str:
        self._used[name] += 1
        return name if self._used[name] == 1 else f"{name} #{self._used[name]}"


def operand_key(operand: Operand) -> str:
    """The canonical name of a field: `tier`, `order.total`."""
    return f"{operand.event}.{operand.name}" if isinstance(operand, meaning.EntryProperty) else operand.name


def condition_key(condition: Condition) -> str:
    """A short name of a condition, after the first thing it asks.

    >>> condition_key(meaning.Not(term=meaning.Tagged(tag="vip")))
    'not tagged vip'
    """
    match condition:
        case meaning.All(terms=terms) | meaning.Any(terms=terms):
            return condition_key(terms[0])
        case meaning.Not(term=term):
            return f"not {condition_key(term)}"
        case meaning.Always(value=value):
            return "always" if value else "never"
        case (
            meaning.Compare(operand=operand)
            | meaning.OneOf(operand=operand)
            | meaning.Between(operand=operand)
            | meaning.Known(operand=operand)
        ):
            return operand_key(operand)
        case meaning.Silent(duration=duration):
            return f"silent {short(duration)}"
        case meaning.Occurred(counted=counted, message=message):
            if counted[0].measure is not None:
                return "spent"
            return counted[0].event if message is None else f"{counted[0].event} {message}"
        case meaning.Tagged(tag=tag):
            return f"tagged {tag}"
        case meaning.Reachable(channel=channel):
            return f"reachable by {channel}"
        case meaning.TimedOut():
            return "timed out"
        case meaning.GoalReached():
            return "goal reached"

"""Walking through conditions."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.catalog import meaning
from journeys.catalog.meaning import Condition


def parts(condition: Condition) -> Iterator[Condition]:
    """The condition and everything it is made of, outermost first; not the `where` of an event."""
    yield condition
    match condition:
        case meaning.All(terms=terms) | meaning.Any(terms=terms):
            for term in terms:
                yield from parts(term)
        case meaning.Not(term=term):
            yield from parts(term)

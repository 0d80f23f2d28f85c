"""Values as the tables hold them: compact JSON, and null for an instant that does not come."""

from __future__ import annotations

import json
from typing import Any

from journeys.engine.state import NEVER

_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"), sort_keys=True
).encode
_decode = json.JSONDecoder().decode


def to_text(value: Any) -> str:
    """A plain value, list or mapping as JSON; equal values give equal texts. ValueError for NaN and infinities.

    >>> to_text({"b": "é", "a": [1, None]})
    '{"a":[1,null],"b":"é"}'
    """
    return str(value) if type(value) is int else _encode(value)


def from_text(text: str) -> Any:
    """The value `to_text` was given."""
    return _decode(text)


def nullable(instant: int) -> int | None:
    """An instant for a column; NEVER is null."""
    return None if instant == NEVER else instant


def or_never(column: int | None) -> int:
    """An instant from a column; null is NEVER."""
    return NEVER if column is None else column

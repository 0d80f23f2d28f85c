"""Chance that is the same in every replay: a stable hash of declared keys.

`person_key` and `seed` come from BLAKE2b; `draw` mixes the two with multiplications that stay below 2**62, so that
Python's integers and 64-bit integers give the same numbers.
"""

from __future__ import annotations

from hashlib import blake2b

LOW = 0x7FFFFFFF  # 31 bits
FIRST, SECOND = 0x2C1B3C6D, 0x297A2D39  # odd multipliers of good 32-bit mixers (Wellons' "lowbias32" family)


def person_key(person: str) -> int:
    """62 bits of a person's id."""
    return int.from_bytes(blake2b(person.encode(), digest_size=8).digest(), "big") >> 2


def seed(journey: str, name: str) -> int:
    """62 bits of what is drawn for: `holdout`, or `split NAME:ARM`."""
    return int.from_bytes(blake2b(f"{journey}\x00{name}".encode(), digest_size=8).digest(), "big") >> 2


def draw(person: int, seed: int) -> float:
    """A number in (0, 1), even over persons for any seed and over seeds for any person."""
    low = (person ^ seed) & LOW
    high = ((person >> 31) ^ (seed >> 31)) & LOW
    for _ in range(3):
        low = (low + high * FIRST) & LOW
        low = ((low ^ (low >> 15)) * SECOND) & LOW
        high = (high + low * SECOND) & LOW
        high = ((high ^ (high >> 16)) * FIRST) & LOW
        low = low ^ (high >> 13)
    return (high * 4194304.0 + (low >> 9) + 0.5) / 9007199254740992.0


KERNELS = (draw,)
"""The functions that are compiled."""

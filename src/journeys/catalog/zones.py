"""The time zones a project may name: those of the `tzdata` package, so that every machine knows the same ones."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def zones() -> frozenset[str]:
    """All IANA zone names, such as `Asia/Shanghai`."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())


@cache
def place_zones() -> tuple[str, ...]:
    """The zones worth suggesting, named after places: `Etc/GMT+8` lies west of Greenwich, against all expectation."""
    return tuple(sorted(zone for zone in zones() if "/" in zone and not zone.startswith("Etc/")))

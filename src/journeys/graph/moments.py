"""Zones of written clock times."""

from __future__ import annotations

from journeys.catalog.folding import did_you_mean
from journeys.catalog.project import Project
from journeys.catalog.zones import place_zones, zones
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.language import nodes


def zone_of(clock: nodes.Clock | nodes.Quiet | None, project: Project, out: list[Diagnostic]) -> str | None:
    """None for the customer's own zone (also where none is written), otherwise an IANA zone."""
    if clock is None:
        return None
    zone = project.zone_of(clock.zone)
    if zone is not None and zone not in zones():
        out.append(Diagnostic("J137", clock.span, {"zone": zone, **did_you_mean(zone, place_zones())}))
    return zone

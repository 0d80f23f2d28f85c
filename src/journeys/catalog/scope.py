"""Where a condition stands, which decides what its names may be and from when its events count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from journeys.catalog.folding import fold
from journeys.catalog.meaning import Condition, Since
from journeys.catalog.project import Event, Project
from journeys.language import nodes

Place = Literal["start", "only if", "exit when", "goal", "branch", "wait until", "repeat until", "segment"]


class Counting(NamedTuple):
    """From when events count: of `did` and `spent`, of `opened` and its like, and of either with `in 30d`."""

    did: Since
    engaged: Since
    did_within: Since
    engaged_within: Since


COUNTING: dict[Place, Counting] = {
    "start": Counting("ever", "ever", "ever", "ever"),
    "only if": Counting("ever", "ever", "ever", "ever"),
    "segment": Counting("ever", "ever", "ever", "ever"),
    "branch": Counting("ever", "entry", "ever", "entry"),
    "exit when": Counting("entry", "entry", "entry", "entry"),
    "goal": Counting("entry", "entry", "entry", "entry"),
    "wait until": Counting("wait", "wait", "ever", "ever"),
    "repeat until": Counting("loop", "loop", "loop", "loop"),
}


@dataclass(slots=True)
class SegmentTable:
    """The segments of all files, by canonical name, and what those already resolved mean."""

    declared: Mapping[str, nodes.Segment] = field(default_factory=dict)
    meanings: dict[str, Condition | None] = field(default_factory=dict)
    resolving: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Record:
    """The event that a `where` looks at."""

    name: str
    event: Event


@dataclass(frozen=True, slots=True)
class Scope:
    """`entry_events` are those that can have started this run: their properties can be read by name."""

    project: Project
    segments: SegmentTable
    place: Place
    entry_events: tuple[str, ...] = ()
    has_goal: bool = False
    record: Record | None = None

    def at(self, place: Place) -> Scope:
        return replace(self, place=place)

    def within(self, record: Record) -> Scope:
        """The scope of a `where` about that event."""
        return replace(self, record=record)

    def segment(self, written: str) -> str | None:
        """The canonical name of a declared segment."""
        name = fold(self.project.catalog.segment(written))
        return name if name in self.segments.declared else None

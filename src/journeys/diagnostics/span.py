"""Where in a text something stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: `path` as the user named it, character offsets `[start, end)` into the text as written."""

    path: str
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.path, self.start, max(self.end, other.end))


NOWHERE = Span("", 0, 0)
"""The span of something that nobody wrote, such as a node built by a program."""

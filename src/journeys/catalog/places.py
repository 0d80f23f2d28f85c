"""Where in the project file something is said, for diagnostics."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.catalog.toml_places import Key, key_places
from journeys.diagnostics.span import Span


class Places:
    """The places of all keys of one project file."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self._places = key_places(text)

    def nearest(self, location: Sequence[str | int]) -> Key:
        """The deepest key of the file on the way to a location in the model.

        The model has names that the file has not or joins (`cart.value`): such parts
        are left out or taken apart.
        """
        key: Key = ()
        for part in location:
            if (*key, part) in self._places:
                key = (*key, part)
            elif isinstance(part, str) and (*key, *part.split(".")) in self._places:
                key = (*key, *part.split("."))
        return key

    def span(self, location: Sequence[str | int]) -> Span:
        """The text of the nearest key; the start of the file when there is none."""
        start, end = self._places.get(self.nearest(location), (0, 0))
        return Span(self.path, start, end)

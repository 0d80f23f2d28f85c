"""A file with a row per event."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import Connection

from journeys.catalog.folding import fold
from journeys.ingest.batch import Written
from journeys.ingest.columns import Column, Header, columns, constants, moment_column, no_value, nothing, read
from journeys.ingest.mapping import EventMapping
from journeys.ingest.rows import Mistake, Row, place
from journeys.ingest.values import Value
from journeys.store import customers, events
from journeys.store.events import NewEvent

OTHER_CONTENT = "J485"


class EventBatch:
    """The rows of the piece that is being read."""

    def __init__(self, mapping: EventMapping, received_at: int) -> None:
        self.mapping, self.received_at = mapping, received_at
        self.skipped = 0
        self._constants = constants(mapping)
        self._columns: list[Column] = []
        self._places: dict[str, int] = {}
        self._at = moment_column(mapping.at, mapping, 0)
        self._ids: dict[str, int] = {}
        self._contents = _Contents()
        self._taken: list[tuple[Row, str, int, dict[str, Value], str]] = []

    def begin(self, header: Header) -> list[Mistake]:
        mapping = self.mapping
        self._columns, mistakes = columns(mapping, header)
        for name in (mapping.id, mapping.at, mapping.event_id, mapping.event_column):
            if name is not None:
                index = header.find(name)
                if isinstance(index, Mistake):
                    mistakes.append(index)
                else:
                    self._places[name] = index
        self._at = moment_column(mapping.at, mapping, self._places.get(mapping.at, 0))
        return mistakes

    def take(self, row: Row) -> Mistake | None:
        mapping, fields, places = self.mapping, row.fields, self._places
        if mapping.event_column is not None and fold(fields[places[mapping.event_column]]) not in mapping.event_names:
            self.skipped += 1
            return None
        for name in (mapping.id, mapping.at, mapping.event_id):
            if name is not None and not fields[places[name]].strip():
                return nothing(row, name, places[name])
        at = self._at.convert(fields[self._at.index])
        if at is None:
            return no_value(row, self._at)
        values = dict(self._constants)
        mistake = read(row, self._columns, values)
        if mistake is not None:
            return mistake
        event_id = (
            self._contents.id_of(fields) if mapping.event_id is None else fields[places[mapping.event_id]].strip()
        )
        self._taken.append((row, fields[places[mapping.id]].strip(), int(at), values, event_id))
        return None

    def forget(self) -> None:
        self._taken.clear()

    def write(self, conn: Connection) -> Written:
        mapping, ids = self.mapping, self._ids
        unknown = {external for _, external, *_ in self._taken if external not in ids}
        ids.update(customers.ensure(conn, sorted(unknown), self.received_at))
        new = [
            NewEvent(ids[external], at, mapping.event, values, mapping.source, event_id)
            for _, external, at, values, event_id in self._taken
        ]
        appended = events.append(conn, new, self.received_at)
        conflicts = tuple(self._conflict(*self._taken[position]) for position in appended.conflicting)
        self._taken.clear()
        return Written(appended.applied, len(appended.duplicate), conflicts)

    def _conflict(self, row: Row, _external: str, _at: int, _values: dict[str, Value], event_id: str) -> Mistake:
        name = self.mapping.event_id
        text = row.lines[0].text.rstrip("\r\n")
        where = (0, len(text)) if name is None else place(row, self._places[name])
        return Mistake(OTHER_CONTENT, row.lines, *where, {"id": event_id if name is not None else text[:80]})


class _Contents:
    """Ids for rows that have none: a digest of what they say, and how often that has been said in this file.

    Two equal rows are two events; the same file once more is none. What has been seen takes some 60 bytes a row.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._repeats: dict[int, int] = {}

    def id_of(self, fields: list[str]) -> str:
        digest = blake2b("\x1f".join(fields).encode(), digest_size=16).digest()
        short = int.from_bytes(digest[:8], "big")
        if short not in self._seen:
            self._seen.add(short)
            return digest.hex()
        self._repeats[short] = self._repeats.get(short, 1) + 1
        return f"{digest.hex()} {self._repeats[short]}"

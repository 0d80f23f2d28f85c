"""A file with a row per customer."""

from __future__ import annotations

from sqlalchemy import Connection

from journeys.catalog.builtin import CONSENT
from journeys.ingest.batch import Written
from journeys.ingest.columns import Column, Header, columns, constants, moment_column, no_value, nothing, read
from journeys.ingest.mapping import CustomerMapping
from journeys.ingest.rows import Mistake, Row
from journeys.ingest.values import Value
from journeys.store import attributes, consents
from journeys.store import customers as known
from journeys.store.attributes import Said
from journeys.store.consents import Answer


class CustomerBatch:
    """The rows of the piece that is being read: customer, values, since when."""

    def __init__(self, mapping: CustomerMapping, received_at: int) -> None:
        self.mapping, self.received_at = mapping, received_at
        self.skipped = 0
        self._constants = constants(mapping)
        self._columns: list[Column] = []
        self._id = 0
        self._at: Column | None = None
        self._taken: list[tuple[str, dict[str, Value], int | None]] = []

    def begin(self, header: Header) -> list[Mistake]:
        self._columns, mistakes = columns(self.mapping, header)
        index = header.find(self.mapping.id)
        if isinstance(index, Mistake):
            mistakes.append(index)
        else:
            self._id = index
        if self.mapping.at is not None:
            index = header.find(self.mapping.at)
            if isinstance(index, Mistake):
                mistakes.append(index)
            else:
                self._at = moment_column(self.mapping.at, self.mapping, index)
        return mistakes

    def take(self, row: Row) -> Mistake | None:
        external = row.fields[self._id].strip()
        if not external:
            return nothing(row, self.mapping.id, self._id)
        at: int | None = None
        if self._at is not None and row.fields[self._at.index].strip():
            said = self._at.convert(row.fields[self._at.index])
            if said is None:
                return no_value(row, self._at)
            at = int(said)
        values = dict(self._constants)
        mistake = read(row, self._columns, values)
        if mistake is None:
            self._taken.append((external, values, at))
        return mistake

    def forget(self) -> None:
        self._taken.clear()

    def write(self, conn: Connection) -> Written:
        ids = known.ensure(conn, (external for external, _, _ in self._taken), self.received_at)
        said, answers = [], []
        for external, values, at in self._taken:
            for name, value in values.items():
                if name.startswith(f"{CONSENT}."):
                    answers.append(Answer(ids[external], name.removeprefix(f"{CONSENT}."), bool(value), at))
                else:
                    said.append(Said(ids[external], name, value, at))
        self._taken.clear()
        source = self.mapping.source
        new = attributes.learn(conn, said, source, self.received_at)
        new += consents.learn(conn, answers, source, self.received_at)
        return Written(new, len(said) + len(answers) - new, ())

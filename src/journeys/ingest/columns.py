"""The columns of one file: found in its header, read from its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from journeys.catalog.folding import did_you_mean
from journeys.catalog.meaning import ValueType
from journeys.catalog.project import FieldType
from journeys.ingest.mapping import CustomerMapping, EventMapping
from journeys.ingest.rows import Mistake, Row, place
from journeys.ingest.values import Value, converter, moments

TWICE, NO_COLUMN, MISSING, NOT_A_VALUE, NOT_DECLARED = "J477", "J478", "J479", "J483", "J484"


@dataclass(frozen=True, slots=True)
class Column:
    """A column in its place, what it fills and how it is read."""

    index: int
    name: str
    target: str
    holds: FieldType
    convert: Callable[[str], Value | None]


@dataclass(frozen=True, slots=True)
class Header:
    """The first row of a file."""

    row: Row
    places: Mapping[str, int]

    def find(self, name: str) -> int | Mistake:
        """The place of a column; a mistake, on the header, if the file has none of that name."""
        if name in self.places:
            return self.places[name]
        facts = {"column": name, "columns": ", ".join(self.places), **did_you_mean(name, self.places)}
        line = self.row.lines[0]
        return Mistake(NO_COLUMN, self.row.lines, 0, len(line.text.rstrip("\r\n")), facts)


def header(row: Row) -> Header | Mistake:
    """The columns of a file from its first row. Two of one name are refused: one would hide the other."""
    places: dict[str, int] = {}
    for index, written in enumerate(row.fields):
        name = written.strip()
        if name in places and name:
            return Mistake(TWICE, row.lines, *place(row, index), {"column": name})
        places[name] = index
    return Header(row, places)


def columns(mapping: CustomerMapping | EventMapping, found: Header) -> tuple[list[Column], list[Mistake]]:
    """The columns of a mapping in their places, and those the file does not have."""
    there, mistakes = [], []
    for wanted in mapping.columns:
        if wanted.optional and wanted.column not in found.places:
            continue
        index = found.find(wanted.column)
        if isinstance(index, Mistake):
            mistakes.append(index)
        else:
            convert = converter(wanted.holds, mapping.currency, mapping.zone, mapping.formats)
            there.append(Column(index, wanted.column, wanted.target, wanted.holds, convert))
    return there, mistakes


def moment_column(name: str, mapping: CustomerMapping | EventMapping, index: int) -> Column:
    """The column that says when."""
    return Column(index, name, "", FieldType(type="moment"), moments(mapping.zone, mapping.formats))


def constants(mapping: CustomerMapping | EventMapping) -> dict[str, Value]:
    """The values every row gets; those that are no values of their field are left out (the catalog checks them)."""
    values = {}
    for name, holds, written in mapping.constants:
        value = converter(holds, mapping.currency, mapping.zone, mapping.formats)(written)
        if value is not None:
            values[name] = value
    return values


def read(row: Row, there: Sequence[Column], values: dict[str, Value]) -> Mistake | None:
    """Adds the values of a row to `values`; the first field that holds none of its kind is a mistake. Empty ones say
    nothing.
    """
    fields = row.fields
    for column in there:
        written = fields[column.index]
        if not written or written.isspace():
            continue
        value = column.convert(written)
        if value is None:
            return no_value(row, column)
        values[column.target] = value
    return None


def no_value(row: Row, column: Column) -> Mistake:
    """A field that holds no value of its kind."""
    facts = {"value": row.fields[column.index][:80], "column": column.name, "holds": column.holds.type}
    where = place(row, column.index)
    if not column.holds.values:
        return Mistake(NOT_A_VALUE, row.lines, *where, {**facts, "example": _EXAMPLES[column.holds.type]})
    names = [declared.value for declared in column.holds.values]
    facts |= {"values": ", ".join(names), **did_you_mean(row.fields[column.index], names)}
    return Mistake(NOT_DECLARED, row.lines, *where, facts)


_EXAMPLES: Mapping[ValueType, str] = {
    "text": "VIP",
    "number": "12.5",
    "money": "19.90",
    "boolean": "true, false",
    "date": "2026-11-11",
    "moment": "2026-11-11 20:00, 2026-11-11T20:00:00+08:00",
}


def nothing(row: Row, column: str, index: int) -> Mistake:
    """A field that must say something and does not."""
    start, end = place(row, index)
    return Mistake(MISSING, row.lines, start, max(end, start + 1), {"column": column})

"""Bringing a file into the store, in one transaction: all of it, or the good rows, or nothing.

Killed at any point, the store is as it was before; brought in again, the same file changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.span import Span
from journeys.diagnostics.wording import Language
from journeys.ingest.batch import Batch
from journeys.ingest.columns import header
from journeys.ingest.customers import CustomerBatch
from journeys.ingest.events import EventBatch
from journeys.ingest.lines import Line, Lines, Unreadable, opened
from journeys.ingest.mapping import CustomerMapping, EventMapping
from journeys.ingest.rejects import Rejects
from journeys.ingest.rows import Mistake, Row, rows
from journeys.store.database import Store

AT_ONCE = 5_000
"""Rows that are converted and written together."""

UNREADABLE, EMPTY = "J470", "J471"

Progress = Callable[[int, int, int], None]
"""Told after every piece: rows done, bytes done, bytes in all."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `imported` is false when nothing was kept: a row was broken and `skip_bad` was not asked for.

    `rows` were read; `applied` were new (of customers: so many values), `duplicate` were known already, `skipped` were
    events of another name, `broken` rows are in the file `rejected`. `sources` are for the renderers of `diagnostics`,
    which tell the first of the broken rows.
    """

    path: Path
    imported: bool
    rows: int = 0
    applied: int = 0
    duplicate: int = 0
    skipped: int = 0
    broken: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, LineIndex] = field(default_factory=dict)
    rejected: Path | None = None


def import_customers(
    store: Store,
    path: Path,
    mapping: CustomerMapping,
    received_at: int,
    skip_bad: bool = False,
    progress: Progress | None = None,
    language: Language = "en",
) -> Imported:
    """Brings in a file with a row per customer. An empty field says nothing."""
    batch = CustomerBatch(mapping, received_at)
    return _import(store, path, mapping.delimiter, batch, skip_bad, progress, language)


def import_events(
    store: Store,
    path: Path,
    mapping: EventMapping,
    received_at: int,
    skip_bad: bool = False,
    progress: Progress | None = None,
    language: Language = "en",
) -> Imported:
    """Brings in a file with a row per event; customers that are not known yet are made."""
    batch = EventBatch(mapping, received_at)
    return _import(store, path, mapping.delimiter, batch, skip_bad, progress, language)


class _TakeBack(Exception):
    pass


@dataclass(slots=True)
class _Counts:
    rows: int = 0
    applied: int = 0
    duplicate: int = 0


def _import(
    store: Store,
    path: Path,
    delimiter: str,
    batch: Batch,
    skip_bad: bool,
    progress: Progress | None,
    language: Language,
) -> Imported:
    rejects = Rejects(path, store.folder, language)
    counts = _Counts()
    imported = False
    try:
        with opened(path) as lines, store.writing() as conn:
            found = _table(lines, delimiter, batch, rejects)
            while found is not None and (piece := list(islice(found, AT_ONCE))):
                counts.rows += len(piece)
                _take(piece, batch, rejects)
                if skip_bad or rejects.count == 0:
                    written = batch.write(conn)
                    counts.applied += written.applied
                    counts.duplicate += written.duplicate
                    for conflict in written.conflicts:
                        rejects.add(conflict)
                else:
                    batch.forget()
                if progress is not None:
                    progress(counts.rows, lines.bytes_done, lines.bytes_total)
            if found is None or (rejects.count and not skip_bad):
                raise _TakeBack
        imported = True
    except _TakeBack:
        counts.applied = counts.duplicate = 0
    except Unreadable as error:
        rejects.abandon()
        span = Span(str(path), 0, 0)
        return Imported(path, False, diagnostics=(Diagnostic(UNREADABLE, span, {"reason": error.reason}),))
    except BaseException:
        rejects.abandon()
        raise
    return Imported(
        path=path,
        imported=imported,
        rows=counts.rows,
        applied=counts.applied,
        duplicate=counts.duplicate,
        skipped=batch.skipped,
        broken=rejects.count,
        diagnostics=tuple(rejects.diagnostics),
        sources=rejects.sources,
        rejected=rejects.close(),
    )


def _table(lines: Lines, delimiter: str, batch: Batch, rejects: Rejects) -> Iterator[Row | Mistake] | None:
    """The rows below the header; None, and the reason in `rejects`, when the header makes them useless."""
    following = iter(lines)
    first = next(rows(following, delimiter, 0), None)
    if first is None:
        rejects.add(Mistake(EMPTY, (Line(1, 0, ""),), 0, 0, {}))
        return None
    found = first if isinstance(first, Mistake) else header(first)
    mistakes = [found] if isinstance(found, Mistake) else batch.begin(found)
    for mistake in mistakes:
        rejects.add(mistake)
    return None if mistakes or isinstance(first, Mistake) else rows(following, delimiter, len(first.fields))


def _take(piece: list[Row | Mistake], batch: Batch, rejects: Rejects) -> None:
    for row in piece:
        mistake = row if isinstance(row, Mistake) else batch.take(row)
        if mistake is not None:
            rejects.add(mistake)

"""One daemon at a time on an embedded store."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from journeys.store.database import Store


class AnotherDaemon(Exception):
    """A daemon already works on this store; `path` is the file it holds."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


@contextmanager
def sole_daemon(store: Store) -> Iterator[None]:
    """Hold the store's daemon lock; it ends with the process however that ends. Raises AnotherDaemon.

    Several daemons may share a database server, which locks by row.
    """
    if store.engine.dialect.name != "sqlite":
        yield
        return
    path = store.folder / f"{Path(store.name).name}.daemon"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AnotherDaemon(path) from error
        yield

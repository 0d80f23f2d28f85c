"""Opening a store, and transactions over it.

    store = open_store("shop.db", create=True)
    with store.reading() as conn: ...                  one snapshot
    with store.writing() as conn: ...                  one writer at a time; durable when the block has ended
    store.run_in_transaction(lambda conn: ...)         the same, begun again when another writer was in the way

A SQLite store is one file in WAL mode. Writers begin with BEGIN IMMEDIATE, because a reader that turns writer is
refused at once, whatever the time-out. `durable=False` is for what can be computed again: it survives a killed
process, and only a power cut may undo it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from journeys.store import problem, schema
from journeys.store.problem import StoreProblem

BUSY_MILLISECONDS = 5_000
ATTEMPTS = 5
SERIALIZATION_FAILURES = frozenset({"40001", "40P01"})
"""PostgreSQL: another transaction was in the way (a conflict, a deadlock), and this one has had no effect."""

_WAITING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BROKEN = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. `name` is how the user called it."""

    engine: Engine
    name: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot: what is read does not change until the block ends."""
        with self._connected("REPEATABLE READ", begin="BEGIN") as conn:
            yield conn

    @contextmanager
    def writing(self, durable: bool = True) -> Iterator[Connection]:
        """A transaction that is kept if the block ends, and leaves no trace if it raises.

        Raises StoreProblem J462 when other writers keep it waiting too long.
        """
        with self._connected("READ COMMITTED", begin="BEGIN IMMEDIATE", durable=durable) as conn:
            yield conn

    def run_in_transaction(self, work: Callable[[Connection], Result], durable: bool = True) -> Result:
        """`work` in a writing transaction, all of it again (up to five times) when another writer was in the way.

        `work` must do nothing but use its connection.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self.writing(durable) as conn:
                    return work(conn)
            except StoreProblem as trouble:
                if trouble.code != problem.LOCKED or attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    @property
    def folder(self) -> Path:
        """Where files that belong to the store are put: beside a SQLite file, else the working directory."""
        database = self.engine.url.database
        return Path(database).parent if database and self.engine.dialect.name == "sqlite" else Path()

    def close(self) -> None:
        """Lets go of all connections."""
        self.engine.dispose()

    @contextmanager
    def _connected(self, isolation: str, **options: Any) -> Iterator[Connection]:
        if self.engine.dialect.name != "sqlite":
            options = {"isolation_level": isolation}
        try:
            with self.engine.connect().execution_options(**options) as conn, conn.begin():
                yield conn
        except DBAPIError as error:
            told = _told(error, self.name)
            if told is None:
                raise
            raise told from error


def open_store(url_or_path: str | Path, create: bool = False, busy_milliseconds: int = BUSY_MILLISECONDS) -> Store:
    """The store at a path or a database URL, its tables brought up to date.

    `create` makes it if nothing is there yet. Raises StoreProblem: J461 not there, J462 locked, J463 a file or database
    of something else, J464 written by a newer version of this program, J465 damaged or unreadable.
    """
    url, name = _url(url_or_path)
    if url.get_backend_name() == "sqlite":
        _check_file(Path(url.database or ""), name, create)
    store = Store(_engine(url, name, busy_milliseconds), name)
    try:
        if _revision(store, create) != schema.REVISIONS[-1]:
            from journeys.store.migrations import create_or_upgrade

            create_or_upgrade(store)
    except BaseException:
        store.close()
        raise
    return store


def _url(url_or_path: str | Path) -> tuple[URL, str]:
    written = str(url_or_path)
    if "://" in written:
        url = make_url(written)
        return url, url.render_as_string(hide_password=True)
    return URL.create("sqlite", database=written), written


def _check_file(path: Path, name: str, create: bool) -> None:
    """A file that is not SQLite's is refused before the driver touches it."""
    try:
        if path.is_dir():
            raise StoreProblem(problem.FOREIGN, name)
        if path.exists() and path.stat().st_size > 0:
            with path.open("rb") as file:
                if not file.read(16).startswith(b"SQLite format 3"):
                    raise StoreProblem(problem.FOREIGN, name)
        elif not create:
            raise StoreProblem(problem.MISSING, name)
        elif not path.parent.is_dir():
            path.parent.mkdir(parents=True)
    except OSError as error:
        raise StoreProblem(problem.UNREADABLE, name, {"reason": error.strerror or str(error)}) from error


def _revision(store: Store, create: bool) -> str | None:
    """The migration the store stands at, None for an empty one; refuses what is not ours to touch."""
    with store.reading() as conn:
        tables = set(inspect(conn).get_table_names())
        if not tables:
            if not create:
                raise StoreProblem(problem.MISSING, store.name)
            return None
        if not {"alembic_version", "facts", "customers"} <= tables:
            raise StoreProblem(problem.FOREIGN, store.name)
        revision: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision not in schema.REVISIONS:
        raise StoreProblem(problem.NEWER, store.name, {"revision": str(revision), "known": schema.REVISIONS[-1]})
    return revision


def _engine(url: URL, name: str, busy_milliseconds: int) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url)
        except (NoSuchModuleError, ModuleNotFoundError) as error:  # no such database, or its driver is not installed
            raise StoreProblem(problem.UNREADABLE, name, {"reason": str(error)}) from error
    engine = create_engine(url, connect_args={"timeout": busy_milliseconds / 1000})

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: a SELECT would not be in a transaction
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA cache_size=-{64 * 1024}")

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        options = conn.get_execution_options()
        # Only between transactions can this be set, and here none has begun yet.
        conn.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('durable', True) else 'NORMAL'}")
        conn.exec_driver_sql(options.get("begin", "BEGIN"))

    return engine


def _told(error: DBAPIError, name: str) -> StoreProblem | None:
    """The problem behind an error of the driver; None where the statement itself was wrong, which is our bug."""
    code = getattr(error.orig, "sqlite_errorcode", -1) & 0xFF
    if code in _WAITING or getattr(error.orig, "sqlstate", None) in SERIALIZATION_FAILURES:
        return StoreProblem(problem.LOCKED, name)
    if code in _BROKEN or error.connection_invalidated:
        return StoreProblem(problem.UNREADABLE, name, {"reason": str(error.orig)})
    return None

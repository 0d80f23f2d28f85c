"""Opening a store, and what a transaction promises."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from journeys.store import customers, facts
from journeys.store.database import Store, open_store
from journeys.store.problem import StoreProblem


def problem(path: Path, create: bool = False) -> StoreProblem:
    with pytest.raises(StoreProblem) as raised:
        open_store(path, create=create, busy_milliseconds=1)
    return raised.value


def test_a_missing_store_is_told_and_not_made(tmp_path: Path) -> None:
    told = problem(tmp_path / "shop.db")
    assert (told.code, told.facts["store"]) == ("J461", str(tmp_path / "shop.db"))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_no_store_but_can_become_one(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.touch()
    assert problem(path).code == "J461"
    open_store(path, create=True).close()
    open_store(path).close()


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a" / "b" / "shop.db", create=True)
    assert store.folder == tmp_path / "a" / "b"
    store.close()


@pytest.mark.parametrize("create", [False, True])
def test_what_is_not_a_store_is_left_alone(tmp_path: Path, create: bool) -> None:
    text_file = tmp_path / "notes.txt"
    text_file.write_text("not a database, but longer than a header")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as theirs:
        theirs.execute("CREATE TABLE customers (name TEXT)")
    theirs.close()
    before = other.read_bytes()
    assert problem(text_file, create).code == "J463"
    assert problem(other, create).code == "J463"
    assert problem(tmp_path, create).code == "J463"
    assert text_file.read_text().startswith("not a database")
    assert sqlite3.connect(other).execute("SELECT name FROM sqlite_master").fetchall() == [("customers",)]
    assert len(other.read_bytes()) == len(before)


def test_a_store_of_a_newer_program_is_refused(tmp_path: Path, store: Store) -> None:
    with store.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    told = problem(tmp_path / "shop.db")
    assert (told.code, told.facts["revision"]) == ("J464", "9999")


def test_a_damaged_store_is_told(tmp_path: Path, store: Store) -> None:
    store.close()
    path = tmp_path / "shop.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    assert problem(path).code == "J465"


def test_a_writer_in_the_way_is_told_after_the_wait(tmp_path: Path, store: Store) -> None:
    impatient = open_store(tmp_path / "shop.db", busy_milliseconds=1)
    with store.writing() as conn:
        customers.ensure(conn, ["anna"], 0)
        with pytest.raises(StoreProblem) as raised, impatient.writing():
            pytest.fail("two writers at once")
        with impatient.reading() as reader:  # readers do not wait, and see what was there before
            assert customers.count(reader) == 0
    assert raised.value.code == "J462"
    with impatient.writing() as conn:
        assert customers.find(conn, ["anna"])
    impatient.close()


def test_the_whole_transaction_is_tried_again(tmp_path: Path, store: Store) -> None:
    impatient = open_store(tmp_path / "shop.db", busy_milliseconds=1)
    blocker = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    tries: list[int] = []

    def work(conn: Connection) -> int:
        tries.append(len(tries))
        if len(tries) < 3:  # as if the lock were lost in the middle
            raise_busy(conn)
        return facts.take(conn, "arrival", 1)

    def raise_busy(conn: Connection) -> None:
        facts.take(conn, "arrival", 1)
        raise StoreProblem("J462", "shop.db")

    with pytest.raises(StoreProblem):
        impatient.run_in_transaction(work)
    assert tries == []  # never got as far as beginning
    blocker.execute("COMMIT")
    blocker.close()
    assert impatient.run_in_transaction(work) == 0  # what the two failed attempts took was given back
    assert tries == [0, 1, 2]
    impatient.close()


def test_a_reader_sees_one_snapshot(tmp_path: Path, store: Store) -> None:
    with store.reading() as reader:
        assert customers.count(reader) == 0
        with store.writing() as writer:
            customers.ensure(writer, ["anna"], 0)
        assert customers.count(reader) == 0
    with store.reading() as reader:
        assert customers.count(reader) == 1


def test_an_error_leaves_no_trace(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as conn:
        customers.ensure(conn, ["anna"], 0)
        raise RuntimeError
    with store.reading() as conn:
        assert customers.count(conn) == 0


def test_rows_must_belong_to_somebody(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as conn:
        conn.execute(text("INSERT INTO arrivals (customer_id, due_at, seq) VALUES (7, 0, 0)"))


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 1)])
def test_durable_means_written_to_the_disk(store: Store, durable: bool, synchronous: int) -> None:
    with store.writing(durable=not durable):
        pass
    with store.writing(durable=durable) as conn:
        assert conn.execute(text("PRAGMA synchronous")).scalar() == synchronous
        assert conn.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_counters_and_instants(store: Store) -> None:
    with store.writing() as conn:
        assert facts.last(conn, "arrival") == -1
        assert [facts.take(conn, "arrival", 3), facts.take(conn, "arrival", 2), facts.take(conn, "decision", 1)] == [
            0,
            3,
            0,
        ]
        assert facts.last(conn, "arrival") == 4
        assert facts.instant(conn, "highest instant") is None
        assert [facts.note_instant(conn, "highest instant", at) for at in (5, 9, 7)] == [5, 9, 9]
        assert facts.instant(conn, "highest instant") == 9
        assert facts.instant(conn, "advanced to") is None

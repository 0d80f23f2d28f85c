"""The migrations make exactly the declared tables, and a killed one leaves old or new."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text

from journeys.store import schema
from journeys.store.database import Store, open_store
from journeys.store.migrations import configuration, create_or_upgrade
from journeys.store.problem import StoreProblem


def test_the_declared_revisions_are_the_scripts() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == schema.REVISIONS


def test_the_migrated_store_equals_the_declared_tables(store: Store) -> None:
    with store.reading() as conn:
        assert compare_metadata(MigrationContext.configure(conn), schema.metadata) == []


def test_the_migrated_tables_are_written_as_the_declared_ones(store: Store, tmp_path: Path) -> None:
    """Also what alembic does not compare: WITHOUT ROWID, partial indexes, the order of a key."""
    declared = open_store(tmp_path / "declared.db", create=True)
    with declared.writing() as conn:
        schema.metadata.drop_all(conn)
        schema.metadata.create_all(conn)

    def written(one: Store) -> dict[str, str]:
        with one.reading() as conn:
            rows = conn.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
            return {name: " ".join(sql.replace(",", " , ").split()) for name, sql in rows}

    assert written(store) == written(declared)
    declared.close()


def test_migrating_again_changes_nothing(store: Store) -> None:
    create_or_upgrade(store)
    with store.reading() as conn:
        assert conn.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [schema.REVISIONS[-1]]


def test_a_killed_migration_leaves_nothing(tmp_path: Path) -> None:
    """The files as they are at each statement are what a process killed there leaves behind."""
    path = tmp_path / "shop.db"
    images: list[Path] = []
    path.touch()
    watched = open_store(tmp_path / "other.db", create=True)
    with watched.writing() as conn:
        schema.metadata.drop_all(conn)
        conn.execute(text("DROP TABLE alembic_version"))

    @event.listens_for(watched.engine, "after_cursor_execute")
    def photograph(*_: object) -> None:
        image = tmp_path / f"image{len(images)}.db"
        for suffix in ("", "-wal"):
            if (source := tmp_path / f"other.db{suffix}").exists():
                shutil.copy(source, f"{image}{suffix}")
        images.append(image)

    create_or_upgrade(watched)
    watched.close()
    assert len(images) > 20
    for image in images:
        with pytest.raises(StoreProblem) as raised:
            open_store(image)
        assert raised.value.code == "J461"
        open_store(image, create=True).close()

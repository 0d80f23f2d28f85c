"""The conformance suite: every test that asks for `store` holds for every kind of store listed here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.store.database import Store, open_store

KINDS = ["sqlite"]


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store's file; copying it is quicker than making one."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    open_store(path, create=True).close()
    return path


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new, empty store."""
    assert request.param == "sqlite"
    path = tmp_path / "shop.db"
    shutil.copy(request.getfixturevalue("empty_sqlite"), path)
    opened = open_store(path)
    yield opened
    opened.close()

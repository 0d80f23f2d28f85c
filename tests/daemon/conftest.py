"""A shop with a daemon, on an empty store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from journeys.store.database import open_store
from tests.daemon.shop import PROJECT, Shop


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store's file; copying it is quicker than making one."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    open_store(path, create=True).close()
    return path


@pytest.fixture
def open_shop(tmp_path: Path, empty_store: Path) -> Iterator[Callable[[str], Shop]]:
    """Opens a shop with the project file of that text."""
    opened: list[Shop] = []

    def open_one(project: str) -> Shop:
        folder = tmp_path / f"shop{len(opened)}"
        folder.mkdir()
        opened.append(Shop(folder, empty_store, project))
        return opened[-1]

    yield open_one
    for shop in opened:
        shop.store.close()


@pytest.fixture
def shop(open_shop: Callable[[str], Shop]) -> Shop:
    return open_shop(PROJECT)

"""A store to import into, and a shop whose data tables the tests fill in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from journeys.catalog.project import Project
from journeys.store.database import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new, empty store in a folder of its own."""
    opened = open_store(tmp_path / "store" / "shop.db", create=True)
    yield opened
    opened.close()


Shop = Callable[..., Project]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A project with a few names and the given `[data]`."""

    def made(customers: dict[str, Any] | None = None, ordered: dict[str, Any] | None = None) -> Project:
        written = {
            "project": {"zone": "Asia/Shanghai", "currency": "CNY"},
            "attributes": {
                "tier": {"values": ["silver", {"value": "gold", "zh": "金卡"}], "zh": "等级"},
                "points": "number",
                "birthday": "date",
                "vip": "boolean",
                "balance": "money",
                "joined": "moment",
            },
            "events": {
                "ordered": {"zh": "下单", "properties": {"total": "money", "items": "number", "shop": {"zh": "门店"}}}
            },
            "channels": {"email": {"kind": "console"}},
            "data": {"customers": customers or [], "events": {"ordered": ordered} if ordered else {}},
        }
        return Project.model_validate({**written, "folder": tmp_path})

    return made

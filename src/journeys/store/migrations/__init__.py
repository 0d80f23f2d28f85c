"""The steps from an empty database, or an older version's, to the tables of `schema.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from journeys.store.database import Store


def create_or_upgrade(store: Store) -> None:
    """Takes the store to the newest migration in one transaction: killed at any point, it is as it was."""
    with store.writing() as conn:
        command.upgrade(configuration(connection=conn), "head")


def configuration(**attributes: object) -> Config:
    """Alembic's configuration for this folder, without a file; `attributes` reach `env.py`."""
    config = Config(attributes=attributes)
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config

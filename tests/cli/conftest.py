"""Projects at the stages of their life, each made once and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.project import Project


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """An empty folder."""
    return Project(tmp_path)


@pytest.fixture(scope="session")
def _started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Project(tmp_path_factory.mktemp("started")).started().folder


@pytest.fixture(scope="session")
def _carried_out(_started: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("carried_out")
    shutil.copytree(_started, folder, dirs_exist_ok=True)
    return Project(folder).imported().published().carried_out().folder


@pytest.fixture(scope="session")
def _imported(_started: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imported")
    shutil.copytree(_started, folder, dirs_exist_ok=True)
    return Project(folder).imported().folder


@pytest.fixture
def shop(_started: Path, tmp_path: Path) -> Project:
    """What `journeys init` makes, with files of three customers."""
    return _copied(_started, tmp_path)


@pytest.fixture
def imported(_imported: Path, tmp_path: Path) -> Project:
    """The shop with its store."""
    return _copied(_imported, tmp_path)


@pytest.fixture
def carried_out(_carried_out: Path, tmp_path: Path) -> Project:
    """The shop after its journey was published and one message has left."""
    return _copied(_carried_out, tmp_path)


def _copied(folder: Path, to: Path) -> Project:
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return Project(to)

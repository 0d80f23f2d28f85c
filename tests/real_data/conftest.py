"""Real customers: the shared data sets, and the grocer that is shipped as the example."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from journeys.catalog.load import load_project
from journeys.catalog.project import Project
from journeys.graph.from_language import compile_files
from journeys.graph.model import RuleGraph
from journeys.ingest.importing import import_customers, import_events
from journeys.ingest.mapping import customer_mapping, event_mapping, file_of
from journeys.language.parser import parse
from journeys.store.database import Store, open_store

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"
EXAMPLES = REPOSITORY / "journeys" / "examples"
GROCER = EXAMPLES / "grocer"


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """A file of the shared data; where it is missing the test is skipped with its name, but fails in CI."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.is_file():
            message = f"the shared data set {name} is missing"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        return path

    return find


def project_in(folder: Path) -> Project:
    """The project of a folder; its mistakes fail the test."""
    project, mistakes = load_project(folder)
    assert project is not None, mistakes
    return project


def graphs_of(paths: Sequence[Path], project: Project) -> tuple[RuleGraph, ...]:
    """The graphs of some journey files; their mistakes fail the test."""
    parsed = [parse(path.read_text("utf-8"), str(path)) for path in paths]
    for one in parsed:
        assert not one.diagnostics, one.diagnostics
    graphs, mistakes = compile_files(parsed, project)
    assert not [mistake for mistake in mistakes if mistake.severity == "error"], mistakes
    return graphs


def import_all(store: Store, project: Project) -> None:
    """Everything that a project's file names under [data]."""
    for table in project.data.customers:
        customers, mistakes = customer_mapping(table, project)
        assert customers is not None, mistakes
        assert import_customers(store, file_of(table, project), customers, 0).imported
    for event, tables in project.data.events.items():
        for table in tables:
            events, mistakes = event_mapping(event, table, project)
            assert events is not None, mistakes
            assert import_events(store, file_of(table, project), events, 0).imported


@pytest.fixture(scope="session")
def imported_grocer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the grocer with all its data; copy it, do not change it."""
    path = tmp_path_factory.mktemp("imported") / "journeys.db"
    store = open_store(path, create=True)
    import_all(store, project_in(GROCER))
    store.close()
    return path


@pytest.fixture
def grocer(imported_grocer: Path, tmp_path: Path) -> Path:
    """A grocer of one's own, with its data in its store."""
    folder = tmp_path / "grocer"
    shutil.copytree(GROCER, folder, ignore=shutil.ignore_patterns("*.db*", "outbox"))
    shutil.copy(imported_grocer, folder / "journeys.db")
    return folder

"""Which files of a project hold journeys."""

from __future__ import annotations

from pathlib import Path

from journeys.catalog.project import Project


def journey_files(project: Project) -> tuple[Path, ...]:
    """All `.journey` files of the folders and globs that the project names, sorted, each once.

    Without any named, those of its folder `journeys`, or where there is none of the project's own folder. Hidden
    folders and files that a link leads to outside the project are passed over.
    """
    root = project.folder.resolve()
    patterns = project.settings.journeys or (("journeys",) if (project.folder / "journeys").is_dir() else (".",))
    found = set()
    for pattern in patterns:
        folder = project.folder / pattern
        for path in folder.rglob("*.journey") if folder.is_dir() else project.folder.glob(pattern):
            hidden = any(part.startswith(".") for part in path.relative_to(project.folder).parts)
            if path.is_file() and not hidden and path.resolve().is_relative_to(root):
                found.add(path)
    return tuple(sorted(found))

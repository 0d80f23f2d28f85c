from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from journeys.messages.templates import TemplateFolder

FolderOf = Callable[[Mapping[str, str]], TemplateFolder]


@pytest.fixture
def folder_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderOf:
    """Makes a `messages` folder of files, named as a user in the project would name it."""
    monkeypatch.chdir(tmp_path)

    def make(files: Mapping[str, str]) -> TemplateFolder:
        for name, text in files.items():
            path = Path("messages") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return TemplateFolder(Path("messages"))

    return make

"""The tables on disk: used when they are good, ignored when they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.language import automaton, keywords
from journeys.language.automaton import Lines, load
from journeys.language.builder import Builder
from journeys.language.nodes import File


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "journeys"


def read_with_cache() -> File:
    file: File = load(Builder(), Lines()).parse("if silent 30d then send coupon\n")  # type: ignore[assignment]
    return file


def test_built_once_then_loaded(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_with_cache()
    assert len(list(cache.iterdir())) == 1

    def build(*_: object, **__: object) -> None:
        raise AssertionError("the cache was not used")

    monkeypatch.setattr(automaton, "build", build)
    assert read_with_cache() == first


@pytest.mark.parametrize("damage", [b"", b"\x80", b"not a pickle", None])
def test_a_damaged_cache_is_replaced(cache: Path, damage: bytes | None) -> None:
    first = read_with_cache()
    (file,) = cache.iterdir()
    good = len(file.read_bytes())
    file.write_bytes(file.read_bytes()[: good // 2] if damage is None else damage)
    assert read_with_cache() == first
    assert abs(len(file.read_bytes()) - good) < good // 10


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(read_with_cache().declarations) == 1


def test_other_words_make_another_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_with_cache()
    monkeypatch.setitem(keywords.KEYWORDS, "TODO", ("todo|tbd", "待办"))
    read_with_cache()
    assert len(list(cache.iterdir())) == 2

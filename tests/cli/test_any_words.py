"""Whatever somebody types: an exit code of 0, 1 or 2, and never a traceback."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.cli import VERBS
from journeys.daemon import heartbeat
from tests.cli.project import Project

EXAMPLES = 150 if os.environ.get("HYPOTHESIS_PROFILE", "default") == "default" else 5_000

WORDS = [
    *("--help", "--json", "--yes", "--once", "--fix", "--check", "--skip-bad", "--sends", "--fail-on-empty", "-"),
    *("customers", "events", "ann", "zoe", "win-back", "挽回", "purchase", "id", "customer_id", "purchased_at"),
    *("journeys/win-back.journey", "journeys", "journeys.toml", "journeys.db", "data/purchases.csv", "none/none"),
    *("--as-of", "--until", "--at", "--from", "--to", "--every", "2026-03-01", "2026-03-01T12:00", "2026-03-02", "1d"),
    *("0001-01-01T00:00+14:00", "9999-12-31", "1e9", "-1", "0s", ""),
    *("--journey", "--event", "--id", "--format", "svg", "json", "sarif", "--output", "--store", "--language", "zh"),
    *("--project", "..", "--version"),
]

words = st.lists(
    st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_characters="\x00"), max_size=8)), max_size=5
)


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """An empty folder; a project; one with a store in which something runs."""
    made = [tmp_path_factory.mktemp(name) for name in ("empty", "started", "carried_out")]
    Project(made[1]).started()
    Project(made[2]).started().imported().published().carried_out()
    return made


def one_beat(tick: Callable[[], None], seconds: float) -> None:
    """The service ends after its first tick."""
    tick()


@settings(max_examples=EXAMPLES)
@given(
    before=st.lists(st.sampled_from(["--language", "zh", "--store", "journeys.db"]), max_size=2),
    verb=st.sampled_from(sorted(VERBS)),
    after=words,
    which=st.integers(0, 2),
)
def test_any_words(shops: list[Path], before: list[str], verb: str, after: list[str], which: int) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(heartbeat, "beat", one_beat)
        folder = Path(name) / "shop"
        shutil.copytree(shops[which], folder)
        ran = Project(folder).run(*before, verb, *after, given="if silent then\n")
        assert ran.code in (0, 1, 2)
        assert "Traceback" not in ran.out + ran.err
        assert ran.out + ran.err or ran.code == 0


@given(
    text=st.binary(max_size=60)
    | st.text('若静默30天则发送优惠券if silent d then send coupon\n\t"', max_size=60).map(str.encode)
)
@settings(max_examples=60)
def test_any_bytes_as_a_journey(shops: list[Path], text: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        shutil.copytree(shops[1], folder)
        project = Project(folder).file("journeys/any.journey", text)
        for verb in ("check", "fmt", "graph"):
            assert project.run(verb).code in (0, 1)
        assert project.run("check", "--fix", "journeys/any.journey").code in (0, 1)


@given(text=st.binary(max_size=80))
@settings(max_examples=60)
def test_any_bytes_as_a_project_or_data(shops: list[Path], text: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        shutil.copytree(shops[1], folder)
        project = Project(folder).file("data/customers.csv", b"id,email\n" + text)
        assert project.run("import", "customers").code in (0, 1)
        project.file("journeys.toml", text)
        for verb in ("check", "doctor"):
            assert project.run(verb).code in (0, 1)

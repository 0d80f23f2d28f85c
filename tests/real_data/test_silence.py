"""`silent` against counts made independently, straight from the files of two shops."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from journeys.catalog.project import Project
from journeys.engine.policy import policy_of
from journeys.graph.from_language import compile_files
from journeys.ingest.importing import import_events
from journeys.ingest.mapping import event_mapping
from journeys.language.parser import parse
from journeys.simulate.replay import replay
from journeys.store.database import open_store
from journeys.store.history import load_history
from tests.real_data.conftest import EXAMPLES, GROCER, graphs_of, project_in

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(("days", "customers"), [(90, 20_269), (180, 18_210)])
def test_cdnow_customers_who_fell_silent(
    shared: Callable[[str], Path], tmp_path: Path, days: int, customers: int
) -> None:
    """23,570 people who bought music online: published counts of those who had stopped by 30 June 1998."""
    project = Project.model_validate(
        {
            "events": {"purchase": {"properties": {"amount": "money"}}},
            "messages": {"coupon": {"channels": ["email"]}},
            "channels": {"email": {"kind": "console"}},
            "data": {"events": {"purchase": {"path": "x", "id": "customer_id", "at": "date"}}},
        }
    )
    mapping, mistakes = event_mapping("purchase", project.data.events["purchase"][0], project)
    assert mapping is not None, mistakes
    store = open_store(tmp_path / "cdnow.db", create=True)
    assert import_events(store, shared("cdnow/transactions.csv.gz"), mapping, 0).rows == 69_659
    graphs, mistakes = compile_files([parse(f"if silent {days}d then send coupon", "silent.journey")], project)
    assert not mistakes
    end = microseconds(datetime(1998, 6, 30, tzinfo=UTC))
    with store.reading() as conn:
        history = load_history(conn, None, end).history
    silent = replay(graphs, policy_of(project), history, start=end, until=end, jit=False, keep_entries=True)
    assert silent.entries is not None
    assert len({entered.customer for entered in silent.entries}) == len(silent.entries) == customers


def counted_silences(baskets: Path, days: int, until: datetime) -> int:
    """How often a household's last basket became `days` calendar days old in its own zone, counted from the file."""
    zone = ZoneInfo("America/New_York")
    bought: dict[str, list[datetime]] = {}
    with gzip.open(baskets, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["purchased_at"]).replace(tzinfo=UTC)
            bought.setdefault(row["household_id"], []).append(at)
    silences = 0
    for moments in bought.values():
        moments.sort()
        for last, following in zip(moments, [*moments[1:], None], strict=True):
            falls_silent = (last.astimezone(zone) + timedelta(days=days)).replace(fold=0).astimezone(UTC)
            silences += falls_silent <= until and (following is None or falls_silent < following)
    return silences


def test_grocer_entries_equal_a_direct_count(grocer: Path) -> None:
    project = project_in(grocer)
    zone = ZoneInfo(project.zone)
    start, until = datetime(2017, 1, 1, tzinfo=zone), datetime(2018, 1, 2, tzinfo=zone)
    with open_store(grocer / "journeys.db").reading() as conn:
        history = load_history(conn, None, microseconds(until)).history
    graphs = graphs_of([EXAMPLES / "one-line.journey"], project)
    told = replay(
        graphs,
        policy_of(project),
        history,
        start=microseconds(start),
        until=microseconds(until),
        jit=False,
        keep_entries=True,
    )
    assert told.entries is not None
    assert len(told.entries) == counted_silences(GROCER / "data" / "baskets.csv.gz", 30, until)


def test_english_and_chinese_are_one_journey(grocer: Path) -> None:
    """Same graph, same simulation: entry for entry, message for message."""
    project = project_in(grocer)
    zone = ZoneInfo(project.zone)
    start, until = (microseconds(datetime(2017, month, 1, tzinfo=zone)) for month in (3, 7))
    with open_store(grocer / "journeys.db").reading() as conn:
        history = load_history(conn, None, until).history
    told = {
        language: graphs_of(
            [EXAMPLES / f"one-line{suffix}.journey", *sorted((grocer / f"journeys{folder}").glob("*.journey"))], project
        )
        for language, suffix, folder in (("en", "", ""), ("zh", ".zh", "-zh"))
    }
    assert {graph.name: graph.hash() for graph in told["en"]} == {graph.name: graph.hash() for graph in told["zh"]}
    outcomes = [
        replay(
            sorted(graphs, key=lambda graph: graph.name),
            policy_of(project),
            history,
            start=start,
            until=until,
            jit=False,
        )
        for graphs in told.values()
    ]
    assert outcomes[0].messages.total > 1_000
    assert outcomes[0].hash() == outcomes[1].hash()

"""Real purchases: every row arrives once, and sums are those that their descriptions name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from journeys.catalog.project import Project
from journeys.engine.state import NEVER
from journeys.ingest.importing import import_customers, import_events
from journeys.ingest.mapping import EventMapping, customer_mapping, event_mapping
from journeys.store import customers, events
from journeys.store.database import Store
from journeys.store.history import load_history

DATA = Path(__file__).parents[3] / "shared" / "data"


def orders(project: Project) -> EventMapping:
    mapping, wrong = event_mapping("ordered", project.data.events["ordered"][0], project)
    assert mapping is not None, wrong
    return mapping


def real(*parts: str) -> Path:
    """A file of the shared data; where it is not there the test is skipped, but not in CI."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        message = f"needs {path}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


def test_cdnow(store: Store) -> None:
    """69,659 purchases of 23,570 customers, some of them equal to the cent on one day: all are there, and once."""
    project = Project.model_validate(
        {
            "project": {"zone": "America/New_York"},
            "events": {"ordered": {"properties": {"amount": "money", "cds": "number"}}},
            "data": {"events": {"ordered": {"path": "x", "id": "customer_id", "at": "date"}}},
        }
    )
    path = real("cdnow", "transactions.csv.gz")
    done = import_events(store, path, orders(project), received_at=0)
    assert (done.rows, done.applied, done.broken) == (69_659, 69_659, 0)
    again = import_events(store, path, orders(project), received_at=1)
    assert (again.applied, again.duplicate) == (0, 69_659)
    with store.reading() as conn:
        assert customers.count(conn) == 23_570
        assert events.count_by_name(conn) == {"ordered": 69_659}
        history = load_history(conn, None, until=NEVER).history
    assert history.properties["amount"].sum() == 2_500_315_63
    assert history.properties["cds"].sum() == 167_881


def test_complete_journey(store: Store) -> None:
    """155,848 baskets of 2,469 households, and what is known of 801 of these."""
    project = Project.model_validate(
        {
            "project": {"zone": "America/New_York"},
            "attributes": {"age": "text", "kids_count": "text"},
            "events": {"ordered": {"properties": {"sales_value": "money", "items": "number", "store_id": "text"}}},
            "data": {
                "customers": {"path": "h", "id": "household_id"},
                "events": {
                    "ordered": {"path": "b", "id": "household_id", "at": "purchased_at", "event_id": "basket_id"}
                },
            },
        }
    )
    baskets = import_events(store, real("completejourney", "baskets.csv.gz"), orders(project), received_at=0)
    assert (baskets.rows, baskets.applied) == (155_848, 155_848)
    mapping, _ = customer_mapping(project.data.customers[0], project)
    assert mapping is not None
    households = import_customers(store, real("completejourney", "households.csv.gz"), mapping, received_at=1)
    assert (households.rows, households.broken) == (801, 0)
    with store.reading() as conn:
        assert customers.count(conn) == 2_469
        history = load_history(conn, None, until=NEVER).history
    assert history.properties["sales_value"].sum() == 4_596_039_58
    assert history.event_first[-1] == 155_848

"""What is guessed of a file that nobody declared."""

from __future__ import annotations

import tomllib
from pathlib import Path

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.ingest.preview import Preview, as_toml, preview


def guessed(path: Path, *lines: str) -> Preview:
    path.write_text("\n".join(lines), "utf-8")
    found = preview(path)
    assert isinstance(found, Preview)
    return found


def test_orders(tmp_path: Path) -> None:
    found = guessed(
        tmp_path / "orders.csv",
        "order_id;customer_id;bought at;amount;n;gift;store_id;note",
        "1;00007;2026-01-01T10:00;19.90;1;yes;330;",
        "2;00007;2026-01-02T10:00;5.00;2;no;331;hello",
        "broken row",
    )
    assert (found.delimiter, found.id, found.at, found.event_id) == (";", "customer_id", "bought at", "order_id")
    assert found.columns == {"amount": "money", "n": "number", "gift": "boolean", "store_id": "text", "note": "text"}
    assert found.sample[0]["customer_id"] == "00007"
    tables = tomllib.loads(as_toml(found, "orders.csv", "bought"))
    assert tables["data"]["events"]["bought"] == {
        "path": "orders.csv",
        "id": "customer_id",
        "at": "bought at",
        "event_id": "order_id",
        "delimiter": ";",
    }
    assert tables["events"]["bought"]["properties"]["amount"] == "money"


def test_customers(tmp_path: Path) -> None:
    found = guessed(
        tmp_path / "c.csv",
        "email,name,birthday,city,points",
        "a@x.cn,王,1990-01-01,上海,5",
        "b@x.cn,李,1991-01-01,北京,6",
    )
    assert (found.id, found.at, found.event_id) == ("email", None, None)
    assert found.columns == {"name": "text", "birthday": "date", "city": "text", "points": "number"}
    assert tomllib.loads(as_toml(found, "c.csv", "x"))["data"]["customers"]["id"] == "email"


def test_nothing_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    found = [preview(tmp_path / "empty.csv"), preview(tmp_path / "missing.csv")]
    assert [one.code for one in found if isinstance(one, Diagnostic)] == ["J471", "J470"]

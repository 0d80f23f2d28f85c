"""Files into the store: all or nothing, once, with every broken row told and kept."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import select

from journeys.catalog.project import Project
from journeys.diagnostics import wording
from journeys.diagnostics.render.full import render
from journeys.engine.history import ALWAYS
from journeys.engine.state import NEVER
from journeys.ingest.importing import Imported, import_customers, import_events
from journeys.ingest.mapping import CustomerMapping, EventMapping, customer_mapping, event_mapping, file_of
from journeys.store import attributes, consents, customers, schema
from journeys.store.database import Store
from journeys.store.history import load_history
from tests.ingest.conftest import Shop


def customers_of(project: Project) -> CustomerMapping:
    mapping, wrong = customer_mapping(project.data.customers[0], project)
    assert mapping is not None, wrong
    return mapping


def orders_of(project: Project) -> EventMapping:
    mapping, wrong = event_mapping("ordered", project.data.events["ordered"][0], project)
    assert mapping is not None, wrong
    return mapping


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def stored(store: Store) -> list[tuple[object, ...]]:
    """Every event: the customer, when, properties."""
    row = schema.events.c
    chosen = (
        select(schema.customers.c.external_id, row.occurred_at, row.properties)
        .join(schema.customers, schema.customers.c.id == row.customer_id)
        .order_by(row.seq)
    )
    with store.reading() as conn:
        return [tuple(one) for one in conn.execute(chosen)]


def said(imported: Imported, language: wording.Language = "en") -> str:
    text = render(imported.diagnostics, imported.sources, language, color=False)
    return text.replace(str(imported.path), imported.path.name)


# -- customers ---------------------------------------------------------------------------------------------------------


def test_customers_with_everything(store: Store, shop: Shop, tmp_path: Path) -> None:
    project = shop(customers={"path": "c.csv", "id": "nr", "constants": {"points": 5}})
    path = write(
        tmp_path / "c.csv",
        "nr,等级,birthday,vip,balance,joined,consent.email,zone,other",
        "a1,金卡,1990-02-03,yes,19.90,2020-01-01 08:00,true,Asia/Tokyo,x",
        "a2,,,,,,no,,",
    )
    assert file_of(project.data.customers[0], project) == path
    done = import_customers(store, path, customers_of(project), received_at=50)
    assert (done.imported, done.rows, done.applied, done.duplicate, done.broken) == (True, 2, 10, 0, 0)
    with store.reading() as conn:
        ids = customers.find(conn, ["a1", "a2"])
        known = attributes.latest(conn, sorted(ids.values()))
        agree = consents.standing(conn, sorted(ids.values()), at=ALWAYS)
    assert known[ids["a1"]] == {
        "tier": "gold",
        "birthday": 7338,
        "vip": True,
        "balance": 1990,
        "joined": 1_577_836_800_000_000,
        "zone": "Asia/Tokyo",
        "points": 5,
    }
    assert known[ids["a2"]] == {"points": 5}
    assert [agree[ids[name], "email"].granted for name in ("a1", "a2")] == [True, False]


def test_a_customer_file_brought_in_again_changes_what_changed(store: Store, shop: Shop, tmp_path: Path) -> None:
    mapping = customers_of(shop(customers={"path": "c.csv", "id": "id", "columns": {"level": "tier"}}))
    path = write(tmp_path / "c.csv", "id,level", "a,silver", "b,gold")
    import_customers(store, path, mapping, received_at=50)
    write(path, "id,level", "a,gold", "b,gold", "c,")
    again = import_customers(store, path, mapping, received_at=90)
    assert (again.applied, again.duplicate) == (1, 1)
    with store.reading() as conn:
        history = load_history(conn, None, until=NEVER).history
    assert history.ids == ["a", "b", "c"]
    assert history.change_at.tolist() == [ALWAYS, 90, ALWAYS]


def test_a_column_may_say_since_when(store: Store, shop: Shop, tmp_path: Path) -> None:
    project = shop(customers={"path": "c.csv", "id": "id", "at": "since", "columns": {"level": "tier"}})
    path = write(tmp_path / "c.csv", "id,level,since", "a,silver,1970-01-01T00:00Z", "b,gold,", "c,gold,soon")
    done = import_customers(store, path, customers_of(project), received_at=50, skip_bad=True)
    assert [one.code for one in done.diagnostics] == ["J483"]
    with store.reading() as conn:
        assert load_history(conn, None, until=NEVER).history.change_at.tolist() == [0, ALWAYS]


# -- events ------------------------------------------------------------------------------------------------------------

ORDERS = {
    "path": "orders.csv",
    "id": "customer",
    "at": "when",
    "event_id": "order",
    "columns": {"sum": "total", "n": "items"},
    "constants": {"shop": "web"},
}


def test_events_once_and_only_once(store: Store, shop: Shop, tmp_path: Path) -> None:
    mapping = orders_of(shop(ordered=ORDERS))
    path = write(
        tmp_path / "orders.csv",
        "order,customer,when,sum,n",
        "1,anna,1970-01-01 08:00,19.90,2",
        "2,bo,1970-01-01T08:00:01+08:00,0.05,",
    )
    seen: list[tuple[int, int, int]] = []
    done = import_events(store, path, mapping, 99, progress=lambda *counts: seen.append(counts))
    assert (done.imported, done.rows, done.applied, done.duplicate, done.rejected) == (True, 2, 2, 0, None)
    assert stored(store) == [
        ("anna", 0, '{"items":2,"shop":"web","total":1990}'),
        ("bo", 1_000_000, '{"shop":"web","total":5}'),
    ]
    assert seen == [(2, path.stat().st_size, path.stat().st_size)]
    again = import_events(store, path, mapping, 100)
    assert (again.imported, again.applied, again.duplicate) == (True, 0, 2)


def test_rows_without_an_id_are_known_by_what_they_say(store: Store, shop: Shop, tmp_path: Path) -> None:
    without = {key: value for key, value in ORDERS.items() if key != "event_id"}
    mapping = orders_of(shop(ordered=without))
    path = write(
        tmp_path / "orders.csv", "customer,when,sum,n", "a,1970-01-02,5,1", "a,1970-01-02,5,1", "a,1970-01-02,6,1"
    )
    assert import_events(store, path, mapping, 9).applied == 3  # two equal purchases on one day are two
    write(path, "customer,when,sum,n", "a,1970-01-02,6,1", "a,1970-01-02,5,1", "a,1970-01-02,5,1", "a,1970-01-02,5,1")
    again = import_events(store, path, mapping, 10)
    assert (again.applied, again.duplicate) == (1, 3)  # and a third one is new


def test_only_events_of_the_name(store: Store, shop: Shop, tmp_path: Path) -> None:
    project = shop(ordered={**ORDERS, "event": "kind"})
    path = write(
        tmp_path / "orders.csv",
        "order,customer,when,sum,n,kind",
        "1,a,1970-01-01,1,1,Ordered",
        "2,a,x,y,z,returned",
        "3,a,1970-01-01,1,1,下单",
    )
    done = import_events(store, path, orders_of(project), 9)
    assert (done.imported, done.rows, done.applied, done.skipped) == (True, 3, 2, 1)


BROKEN = (
    "order,customer,when,sum,n",
    "1,anna,1970-01-01,19.90,2",
    "2,anna,1970-01-01,19.9O,2",
    "3,,1970-01-01,1,1",
    '4,bo,1970-01-01,"1,1',
    "5,bo,1970-13-01,1,1",
    "6,bo,1970-01-01,1",
    "7,cleo,1970-01-01,1,1",
)


def test_a_broken_row_is_told_with_its_place_and_nothing_is_imported(store: Store, shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", *BROKEN)
    done = import_events(store, path, orders_of(shop(ordered=ORDERS)), 99)
    assert (done.imported, done.rows, done.applied, done.broken) == (False, 7, 0, 5)
    assert stored(store) == []
    with store.reading() as conn:
        assert customers.count(conn) == 0
    assert said(done).split("\n\n")[0] == "\n".join(
        [
            "error[J483]: `19.9O` is not an amount of money",
            " --> orders.csv:3:19",
            "  |",
            "3 | 2,anna,1970-01-01,19.9O,2",
            "  |                   ^^^^^",
            "  = help: the column sum holds: 19.90",
        ]
    )
    places = [line for line in said(done).split("\n") if "-->" in line]
    assert places == [f" --> orders.csv:{place}" for place in ("3:19", "4:3", "5:17", "6:6", "7:1")]
    assert "不是金额" in said(done, "zh")


def test_broken_rows_are_kept_in_a_file(store: Store, shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", *BROKEN, '8,"=1+1",1970-01-01', "=cmd,anna")
    done = import_events(store, path, orders_of(shop(ordered=ORDERS)), 99, skip_bad=True)
    assert (done.imported, done.applied, done.broken) == (True, 2, 7)
    assert [row[0] for row in stored(store)] == ["anna", "cleo"]
    assert done.rejected == tmp_path / "store" / "orders.csv.rejected.csv"
    with done.rejected.open(encoding="utf-8", newline="") as file:
        kept = list(csv.reader(file))
    assert kept[0] == ["line", "reason", "text"]
    assert [row[0] for row in kept[1:]] == ["3", "4", "5", "6", "7", "9", "10"]
    assert kept[1][1:] == ["`19.9O` is not an amount of money", "2,anna,1970-01-01,19.9O,2"]
    assert kept[-1][2] == "'=cmd,anna"
    write(path, *BROKEN[:2])
    assert import_events(store, path, orders_of(shop(ordered=ORDERS)), 99).rejected is None
    assert sorted(one.name for one in (tmp_path / "store").iterdir() if "rejected" in one.name) == []


def test_many_broken_rows_are_counted_and_the_first_are_told(store: Store, shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", BROKEN[0], *["x"] * 20_000)
    done = import_events(store, path, orders_of(shop(ordered=ORDERS)), 99)
    assert (done.broken, len(done.diagnostics)) == (20_000, 20)
    assert done.rejected is not None and len(done.rejected.read_text().splitlines()) == 20_001


def test_an_id_with_other_content_is_refused(store: Store, shop: Shop, tmp_path: Path) -> None:
    mapping = orders_of(shop(ordered=ORDERS))
    path = write(tmp_path / "orders.csv", BROKEN[0], BROKEN[1])
    import_events(store, path, mapping, 99)
    write(path, BROKEN[0], "9,anna,1970-01-01,1,1", "1,anna,1970-01-01,20.00,2")
    done = import_events(store, path, mapping, 100)
    assert (done.imported, done.applied) == (False, 0)
    assert [one.code for one in done.diagnostics] == ["J485"]
    assert len(stored(store)) == 1
    assert import_events(store, path, mapping, 101, skip_bad=True).applied == 1


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "J471"),
        (("order,customer,when,sum,sum",), "J477"),
        (("order,custommer,when,sum,n", "1,a,1970-01-01,1,1"), "J478"),
        (('order,"customer,when,sum,n', "1,a,1970-01-01,1,1"), "J475"),
    ],
)
def test_a_useless_header(store: Store, shop: Shop, tmp_path: Path, lines: tuple[str, ...], code: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(lines))
    done = import_events(store, path, orders_of(shop(ordered=ORDERS)), 9, skip_bad=True)
    assert (done.imported, [one.code for one in done.diagnostics]) == (False, [code])
    assert said(done)


def test_a_file_that_cannot_be_read(store: Store, shop: Shop, tmp_path: Path) -> None:
    done = import_events(store, tmp_path / "orders.csv", orders_of(shop(ordered=ORDERS)), 9)
    assert (done.imported, [one.code for one in done.diagnostics]) == (False, ["J470"])
    path = tmp_path / "orders.csv"
    path.write_bytes(b"\x1f\x8b\x08\x00 this is no gzip")
    done = import_events(store, path, orders_of(shop(ordered=ORDERS)), 9)
    assert (done.imported, [one.code for one in done.diagnostics]) == (False, ["J470"])


def test_an_import_that_is_interrupted_leaves_nothing(store: Store, shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", BROKEN[0], *[f"{n},a,1970-01-01,1,1" for n in range(12_000)], "broken")

    def interrupt(rows_done: int, _bytes_done: int, _bytes_total: int) -> None:
        if rows_done > 12_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_events(store, path, orders_of(shop(ordered=ORDERS)), 9, skip_bad=True, progress=interrupt)
    assert stored(store) == []
    assert sorted(one.suffix for one in (tmp_path / "store").iterdir() if "csv" in one.name) == []


# -- tables of the project ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"id": None, "at": None}, ["J480", "J480"]),
        ({"zone": "their"}, ["J481"]),
        ({"delimiter": ";;"}, ["J482"]),
        ({"evnt_id": "order"}, ["J482"]),
    ],
)
def test_a_table_that_does_not_say_enough(shop: Shop, changed: dict[str, object], codes: list[str]) -> None:
    project = shop(ordered={**ORDERS, **changed})
    mapping, found = event_mapping("ordered", project.data.events["ordered"][0], project)
    assert mapping is None
    assert [one.code for one in found] == codes
    for language in ("en", "zh"):
        assert all(wording.headline(one, language) and wording.help(one, language) for one in found)


def test_other_delimiters_and_zones(store: Store, shop: Shop, tmp_path: Path) -> None:
    project = shop(ordered={**ORDERS, "delimiter": ";", "zone": "America/New_York", "formats": ["%d/%m/%Y %H:%M"]})
    path = write(tmp_path / "orders.csv", "order;customer;when;sum;n", "1;a;01/02/1970 00:00;1;1")
    assert import_events(store, path, orders_of(project), 9).imported
    assert stored(store)[0][1] == (31 * 24 + 5) * 3_600_000_000

"""The grocer: everything in it checks, is formatted, says the same in both languages, and can be sent to anybody."""

from __future__ import annotations

import csv
import gzip
import importlib.util
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from journeys.catalog.builtin import BUILTIN_ATTRIBUTES
from journeys.catalog.journey_files import journey_files
from journeys.catalog.load import load_project
from journeys.catalog.project import Project
from journeys.channels.folder import FolderChannel
from journeys.channels.settings import open_channel
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.render import render as render_diagnostics
from journeys.graph.from_language import compile_files
from journeys.graph.model import RuleGraph, SendNode
from journeys.ingest.mapping import customer_mapping, event_mapping, file_of
from journeys.language import nodes
from journeys.language.parser import Parsed, parse
from journeys.language.printer import format_text
from journeys.messages.render import Rendered, render
from journeys.messages.templates import TemplateFolder
from journeys.messages.variables import variables_for

EXAMPLES = Path(__file__).parents[2] / "journeys" / "examples"
GROCER = EXAMPLES / "grocer"
ENGLISH = sorted((GROCER / "journeys").glob("*.journey"))
CHINESE = sorted((GROCER / "journeys-zh").glob("*.journey"))
ONE_LINERS = sorted(EXAMPLES.glob("*.journey"))
MEGABYTES = 1_000_000

TEXTS = [
    tuple(path.relative_to(GROCER / "messages").parts)
    for path in sorted((GROCER / "messages").glob("*/*.j2"))
    if not path.name.endswith(".html.j2")
]


@cache
def project() -> Project:
    found, diagnostics = load_project(GROCER)
    assert not diagnostics, told(diagnostics, [GROCER / "journeys.toml"])
    assert found is not None
    return found


@cache
def templates() -> TemplateFolder:
    return TemplateFolder(GROCER / "messages", project().language)


def told(diagnostics: Sequence[Diagnostic], files: Sequence[Path]) -> str:
    return render_diagnostics(diagnostics, {str(path): path.read_text("utf-8") for path in files}, "full", "en")


def parsed(files: Sequence[Path]) -> list[Parsed]:
    return [parse(path.read_text("utf-8"), str(path)) for path in files]


def compiled(files: Sequence[Path]) -> dict[str, RuleGraph]:
    """The graphs of files in which nothing is wrong and nothing is doubtful."""
    read = parsed(files)
    graphs, diagnostics = compile_files(read, project(), templates().exists)
    found = [*(each for one in read for each in one.diagnostics), *diagnostics]
    assert not found, told(found, files)
    return {graph.name: graph for graph in graphs}


def rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(GROCER / "data" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


# -- journeys ----------------------------------------------------------------------------------------------------------


def test_the_project_runs_the_english_files() -> None:
    assert list(journey_files(project())) == ENGLISH


def test_the_win_back_is_exactly_one_line() -> None:
    english, chinese = "if silent 30d then send coupon\n", "若 静默 30天 则 发送 优惠券\n"
    assert (EXAMPLES / "one-line.journey").read_bytes() == english.encode()
    assert (EXAMPLES / "one-line.zh.journey").read_bytes() == chinese.encode()
    assert (GROCER / "journeys" / "win-back.journey").read_bytes() == english.encode()
    assert (GROCER / "journeys-zh" / "win-back.journey").read_bytes() == chinese.encode()


def test_every_journey_has_a_chinese_twin() -> None:
    assert [path.name for path in ENGLISH] == [path.name for path in CHINESE]
    english, chinese = compiled(ENGLISH), compiled(CHINESE)
    assert {name: graph.hash() for name, graph in english.items()} == {
        name: graph.hash() for name, graph in chinese.items()
    }
    assert sorted(english) == [
        "coupon-reminder", "lost", "repurchase", "second-basket", "silent-ladder", "welcome-back", "win-back",
    ]  # fmt: skip


def test_the_one_liners_are_one_graph_which_is_the_win_back() -> None:
    english, chinese = (compiled([path])["one-line"] for path in ONE_LINERS)
    assert english.hash() == chinese.hash() == compiled(ENGLISH)["win-back"].hash()


@pytest.mark.parametrize("path", [*ENGLISH, *CHINESE, *ONE_LINERS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_formatter_leaves_every_file_as_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    assert format_text(text, str(path)) == (text, ())


def test_every_journey_has_tests_in_both_languages() -> None:
    for files in (ENGLISH, CHINESE):
        tests = {
            path.name.removesuffix(".journey").removesuffix(".test"): sum(
                isinstance(each, nodes.Test) for each in one.file.declarations
            )
            for path, one in zip(files, parsed(files))
        }
        assert tests.pop("segments") == 0
        assert all(tests.values()), tests


# -- messages ----------------------------------------------------------------------------------------------------------


def test_the_templates_use_only_what_exists() -> None:
    customer = {f"customer.{name}" for name in (*BUILTIN_ATTRIBUTES, *project().attributes)}
    allowed = {name: customer | set(message.variables) for name, message in project().messages.items()}
    diagnostics = templates().check(allowed)
    assert not diagnostics, told(diagnostics, sorted((GROCER / "messages").glob("*/*.j2")))
    assert templates().messages() == tuple(sorted(project().messages))


def test_every_message_has_a_text_for_each_of_its_channels_in_both_languages() -> None:
    wanted = {
        (node.message, channel)
        for graph in compiled(ENGLISH).values()
        for node in graph.nodes
        if isinstance(node, SendNode)
        for channel in node.channels
    }
    assert {message for message, _ in wanted} == set(project().messages)
    for message, channel in wanted:
        assert templates().languages(message, channel) == ("en", "zh"), (message, channel)


FULL = {
    "email": "household-1@example.com",
    "phone": "+15550000001",
    "age": "65+",
    "income": "35-49K",
    "home_ownership": "Homeowner",
    "marital_status": "Married",
    "household_size": "2",
    "household_comp": "2 Adults Kids",
    "kids_count": "1",
}


@pytest.mark.parametrize(("message", "file"), TEXTS, ids="/".join)
@pytest.mark.parametrize("customer", [{}, FULL], ids=["unknown", "full"])
@pytest.mark.parametrize("arguments", [{}, {"discount": "15%", "ends_on": date(2017, 6, 25)}], ids=["bare", "with"])
def test_every_text_can_be_sent_to_anybody(
    message: str, file: str, customer: dict[str, object], arguments: dict[str, object]
) -> None:
    channel, language = file.split(".")[:2]
    text = render(templates(), message, channel, language, variables_for(customer, arguments))
    assert isinstance(text, Rendered), text
    assert text.language == language
    if arguments and "discount" in project().messages[message].variables:
        assert "15%" in text.text
    if arguments and "ends_on" in project().messages[message].variables:
        assert ("25 Jun" if language == "en" else "6月25日") in text.text
    if channel == "email":
        assert text.subject
        assert text.text.endswith("\n")
        assert "\n\n\n" not in text.text
    else:
        assert text.subject is None
        assert len(text.text) <= (160 if language == "en" else 70)
        assert "STOP" in text.text
        assert text.text.startswith("Corner Grocer: " if language == "en" else "【街角食杂店】")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_text_speaks_of_children_only_where_there_are_some(language: str) -> None:
    word = {"en": "children", "zh": "孩子"}[language]
    for customer, mentioned in (({}, False), ({"kids_count": "0"}, False), ({"kids_count": "3+"}, True)):
        text = render(templates(), "coupon", "email", language, variables_for(customer, {}))
        assert isinstance(text, Rendered)
        assert text.html is not None
        assert (word in text.text, word in text.html) == (mentioned, mentioned)


def test_the_channels_open_and_write_below_the_project() -> None:
    for name, channel in project().channels.items():
        assert channel.kind == "folder"
        opened = open_channel(channel.kind, channel.settings, {})
        assert isinstance(opened, FolderChannel), (name, opened)
        assert not Path(str(channel.settings["path"])).is_absolute()


# -- data --------------------------------------------------------------------------------------------------------------


def test_the_data_are_those_of_the_origin() -> None:
    customers = {row["household_id"] for row in rows("customers")}
    assert len(customers) == sum(1 for _ in rows("customers")) == 2_469
    baskets = list(rows("baskets"))
    assert len(baskets) == len({row["basket_id"] for row in baskets}) == 155_848
    assert {row["household_id"] for row in baskets} == customers
    assert sum(Decimal(row["sales_value"]) for row in baskets) == Decimal("4596039.58")
    assert sum(Decimal(row["coupon_disc"]) for row in baskets) == Decimal("30902.55")
    receipts = list(rows("receipts"))
    assert len(receipts) == 6_589
    by_type = [sum(row["campaign_type"] == kind for row in receipts) for kind in ("Type A", "Type B", "Type C")]
    assert by_type == [3_647, 2_368, 574]
    assert len({row["household_id"] for row in receipts}) == 1_559
    redemptions = list(rows("redemptions"))
    assert len(redemptions) == len({tuple(row.values()) for row in redemptions}) == 2_102
    assert len({row["household_id"] for row in redemptions}) == 410
    assert sum(row["age"] != "" for row in rows("customers")) == 801


def test_the_baskets_are_in_utc() -> None:
    """Only so does every redeemed coupon have a basket of its household on its day."""
    assert project().data.events["purchase"][0].zone == "UTC"
    zone = ZoneInfo(project().zone)
    days = {
        (
            row["household_id"],
            str(datetime.fromisoformat(row["purchased_at"]).replace(tzinfo=UTC).astimezone(zone).date()),
        )
        for row in rows("baskets")
    }
    assert all((row["household_id"], row["redeemed_at"][:10]) in days for row in rows("redemptions"))


def test_the_example_is_small() -> None:
    shipped = [GROCER / name for name in ("data", "journeys", "journeys-zh", "messages")]
    size = sum(path.stat().st_size for folder in shipped for path in folder.rglob("*") if path.is_file())
    assert size < 4 * MEGABYTES


def test_every_table_can_be_imported() -> None:
    tables = project().data
    for table in tables.customers:
        mapping, diagnostics = customer_mapping(table, project())
        assert mapping is not None, diagnostics
        with gzip.open(file_of(table, project()), "rt") as file:
            header = set(file.readline().strip().split(","))
        assert {mapping.id, *(column.column for column in mapping.columns)} == header
    assert set(tables.events) == set(project().events)
    for event, (table,) in tables.events.items():
        of_event, diagnostics = event_mapping(event, table, project())
        assert of_event is not None, diagnostics
        with gzip.open(file_of(table, project()), "rt") as file:
            header = set(file.readline().strip().split(","))
        assert {of_event.id, of_event.at, *(column.column for column in of_event.columns)} <= header


def test_every_value_of_a_declared_list_is_declared() -> None:
    lists = {name: field for name, field in project().attributes.items() if field.values}
    for row in rows("customers"):
        for name, field in lists.items():
            assert not row[name] or field.value(row[name]) == row[name], (name, row[name])


def test_the_script_makes_these_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a small origin of its own: the tables, their joins, and the same bytes the second time."""
    source, target = tmp_path / "origin", tmp_path / "made"
    source.mkdir()
    target.mkdir()
    origin = {
        "baskets": "basket_id,household_id,purchased_at\n7,10,2017-01-02T15:00:00\n8,4,2017-01-02T16:00:00\n",
        "campaigns": "campaign_id,campaign_type,start_date,end_date\n1,Type B,2017-03-03,2017-04-09\n",
        "campaign_households": "campaign_id,household_id\n1,10\n",
        "redemptions": "household_id,campaign_id,coupon_upc,date\n10,1,99,2017-03-05\n",
        "households": "household_id,age,income\n4,65+,35-49K\n",
    }
    for name, text in origin.items():
        (source / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    spec = importlib.util.spec_from_file_location("make", GROCER / "data" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    monkeypatch.setattr(make, "HERE", target)
    make.main(source)
    made = {path.name: path.read_bytes() for path in target.iterdir()}
    make.main(source)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == made
    texts = {name.partition(".")[0]: gzip.decompress(data).decode().splitlines()[1:] for name, data in made.items()}
    assert texts == {
        "baskets": ["7,10,2017-01-02T15:00:00", "8,4,2017-01-02T16:00:00"],
        "customers": [
            "4,household-4@example.com,+15550000004,en,,,yes,65+,35-49K,,,,,",
            "10,household-10@example.com,+15550000010,zh,America/Chicago,,yes,,,,,,,",
        ],
        "receipts": ["10,1,Type B,2017-03-03T09:00:00,2017-04-09"],
        "redemptions": ["10,1,99,2017-03-05T12:00:00"],
    }

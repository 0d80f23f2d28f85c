"""The project file: what a good one means, and what is said about a bad one, at which place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.catalog.journey_files import journey_files
from journeys.catalog.load import bare_project, load_project, read_project
from journeys.catalog.meaning import Duration
from journeys.catalog.project import Project, QuietWindow
from journeys.catalog.toml_places import key_places
from journeys.diagnostics.render import render

FOLDER = Path(__file__).parent
BAD = sorted(FOLDER.glob("bad/*.toml"))

SHOP = """
[project]
name = "shop"
zone = "Asia/Shanghai"
currency = "cny"
language = "zh"
expire_after = "1d12h"

[attributes]
email = {}
tier = { zh = "会员等级", values = ["silver", { value = "gold", zh = "黄金" }] }
cart.value = { type = "money", zh = "购物车.金额" }

[events.order]
zh = "下单"
purchase = "金额"
[events.order.properties]
total = { type = "money", zh = "金额" }
order_id = "text"

[events.price_cut]
activity = false

[messages.coupon]
zh = "优惠券"
channels = ["邮件"]

[channels.email]
zh = "邮件"
kind = "smtp"
host = "mail.example"
from = "Shop <shop@mail.example>"
consent = "opt-in"

[channels.desk]
kind = "folder"

[[limits]]
messages = 3
per = "7d"
channel = "邮件"

[[limits]]
messages = 1
per = "1d"
calendar = true

[quiet]
from = "21:00"
to = "9:00"

[quiet."邮件"]
from = "22:00"
to = "08:00"
zone = "our"

[data.customers]
path = "customers.csv"
id = "id"
columns = { "Tier" = "会员等级", "Ok" = "consent.email" }

[[data.events.order]]
path = "orders.csv"
at = "when"
columns = { "Sum" = "金额" }
delimiter = ";"
"""


def read(text: str) -> Project:
    project, diagnostics = read_project(text, "journeys.toml", Path("shop"))
    assert project is not None, diagnostics
    assert diagnostics == ()
    return project


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_the_diagnostics_of_a_bad_file_are_the_golden_ones(path: Path, rewrite: bool) -> None:
    text = path.read_text("utf-8")
    project, diagnostics = read_project(text, path.name, FOLDER)
    assert project is None
    assert {diagnostic.code for diagnostic in diagnostics} == {path.stem.split("-")[0]}
    golden = path.with_suffix(".txt")
    told = "\n\n".join(render(diagnostics, {path.name: text}, "full", language) for language in ("en", "zh")) + "\n"
    if rewrite:
        golden.write_text(told, "utf-8")
    assert golden.read_text("utf-8") == told


def test_names_are_found_in_both_languages_whatever_the_case_and_width() -> None:
    catalog = read(SHOP).catalog
    for written in ("coupon", "COUPON", "ｃｏｕｐｏｎ", "优惠券"):
        found = catalog.message(written)
        assert found is not None
        assert found.name == "coupon"
    assert catalog.message("coupons") is None
    assert catalog.did_you_mean("message", "coupons") == {"close": "coupon"}
    assert catalog.did_you_mean("message", "something else") == {}
    assert catalog.label("message", "coupon", "zh") == "优惠券"
    assert catalog.label("message", "coupon", "en") == "coupon"
    assert catalog.label("message", "undeclared", "zh") == "undeclared"


def test_a_table_of_tables_declares_fields_with_dots() -> None:
    catalog = read(SHOP).catalog
    for written in ("cart.value", "购物车.金额"):
        found = catalog.attribute(written)
        assert found is not None
        assert (found.name, found.entry.type) == ("cart.value", "money")


def test_values_have_an_order_and_chinese_names() -> None:
    tier = read(SHOP).attributes["tier"]
    assert [value.value for value in tier.values] == ["silver", "gold"]
    assert (tier.value("黄金"), tier.value("Gold"), tier.value("bronze")) == ("gold", "gold", None)
    assert read(SHOP).catalog.value_label("tier", "gold", "zh") == "黄金"


def test_references_become_canonical_names() -> None:
    project = read(SHOP)
    assert project.messages["coupon"].channels == ("email",)
    assert project.events["order"].purchase == "total"
    assert project.limits[0].channel == "email"
    assert project.data.customers[0].columns == {"Tier": "tier", "Ok": "consent.email"}
    assert project.data.events["order"][0].columns == {"Sum": "total"}
    assert project.data.events["order"][0].model_extra == {"delimiter": ";"}
    assert project.catalog.purchases() == (("order", "total"),)


def test_settings_of_the_project() -> None:
    project = read(SHOP)
    assert (project.name, project.zone, project.currency, project.language) == ("shop", "Asia/Shanghai", "CNY", "zh")
    assert project.settings.expire_after == Duration(days=1, micros=12 * 3_600_000_000)
    email = project.channels["email"]
    assert (email.kind, email.consent) == ("smtp", "opt-in")
    assert email.settings == {"host": "mail.example", "from": "Shop <shop@mail.example>"}
    assert project.quiet_on("email") == QuietWindow.model_validate({"from": "22:00", "to": "08:00", "zone": "our"})
    assert project.quiet_on("desk") == QuietWindow.model_validate({"from": "21:00", "to": "09:00"})
    assert [limit.messages for limit in project.limits_on("email")] == [3, 1]
    assert [limit.messages for limit in project.limits_on("desk")] == [1]
    assert (project.zone_of("their"), project.zone_of("our"), project.zone_of("Europe/Paris")) == (
        None,
        "Asia/Shanghai",
        "Europe/Paris",
    )


def test_built_in_names_need_no_declaration() -> None:
    catalog = read("[attributes.email]\n[channels.email]\nkind = 'console'\n").catalog
    for written, name, kind in (
        ("last_seen", "last_seen", "moment"),
        ("时区", "zone", "text"),
        ("consent.email", "consent.email", "boolean"),
        ("同意.email", "consent.email", "boolean"),
    ):
        found = catalog.attribute(written)
        assert found is not None
        assert (found.name, found.entry.type) == (name, kind)
    received = catalog.event("收到")
    assert received is not None
    assert (received.name, received.entry.activity) == ("received", False)
    assert catalog.property("opened", "消息") is not None


def test_without_a_project_file_any_name_goes() -> None:
    project, diagnostics = load_project(FOLDER / "no such folder")
    assert diagnostics == ()
    assert project is not None
    assert project == bare_project(FOLDER / "no such folder")
    assert (project.declared, project.zone) == (False, "UTC")
    message = project.catalog.message("whatever")
    assert message is not None
    assert message.name == "whatever"


def test_a_file_that_is_not_utf8_is_a_diagnostic(tmp_path: Path) -> None:
    (tmp_path / "journeys.toml").write_bytes('[project]\nname = "商店"\n'.encode("gb18030"))
    project, diagnostics = load_project(tmp_path)
    assert project is None
    assert [diagnostic.code for diagnostic in diagnostics] == ["J164"]


def test_journey_files_stay_inside_the_project(tmp_path: Path) -> None:
    for name in (
        "shop/journeys.toml",
        "shop/top.journey",
        "shop/journeys/b.journey",
        "shop/journeys/deep/a.journey",
        "shop/journeys/.hidden/c.journey",
        "shop/journeys/note.txt",
        "outside.journey",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", "utf-8")
    (tmp_path / "shop/journeys/link.journey").symlink_to(tmp_path / "outside.journey")
    shop = tmp_path / "shop"

    def found(text: str) -> list[str]:
        (shop / "journeys.toml").write_text(text, "utf-8")
        project, _ = load_project(shop)
        assert project is not None
        return [path.relative_to(shop).as_posix() for path in journey_files(project)]

    assert found("") == ["journeys/b.journey", "journeys/deep/a.journey"]
    assert found('[project]\njourneys = ["*.journey"]') == ["top.journey"]
    assert found('[project]\njourneys = ["journeys/deep", "journeys"]') == [
        "journeys/b.journey",
        "journeys/deep/a.journey",
    ]


# -- places of keys ----------------------------------------------------------------------------------------------------


def test_places_of_keys_in_every_kind_of_table() -> None:
    text = (
        "# [no.table]\n[a]\n'b c'.d = 1 # x = 2\ne = [\n  { f = \"]\" }, # ]\n  2,\n]\n"
        "g = '''\nno = 1'''\n[[t]]\nx = 1\n[[t]]\nx = 2\n[t.sub]\ny = 1979-05-27 07:32:00\n"
    )
    names = {
        ("a",): "a",
        ("a", "b c", "d"): "d",
        ("a", "e", 0, "f"): "f",
        ("a", "e", 1): "2",
        ("a", "g"): "g",
        ("t", 1, "x"): "x",
        ("t", 1, "sub", "y"): "y",
    }
    places = key_places(text)
    for key, name in names.items():
        start, end = places[key]
        assert text[start:end] == name
    assert places[("t", 0, "x")][0] < places[("t", 1, "x")][0]
    assert ("a", "no") not in places


KEYS = st.sampled_from(["a", "b-c", '"d e"', "'f.g'", "ü"]).filter(lambda key: key != "ü")
SCALARS = st.sampled_from(["1", "-2.5", "true", '"x#]}"', "'y,='", '"""\nz\n"""', "1979-05-27"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]")
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda items: "{ " + ", ".join(f"{key} = {value}" for key, value in items.items()) + " }"
        )
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.booleans(), KEYS, st.dictionaries(KEYS, VALUES, max_size=3)), max_size=4))
def test_every_key_that_tomllib_reads_has_a_place(tables: list[tuple[bool, str, dict[str, str]]]) -> None:
    text = ""
    for index, (array, name, pairs) in enumerate(tables):
        header = f"[[{name}.list]]" if array else f"[t{index}.{name}]"
        text += header + "\n" + "".join(f"{key} = {value}  # = [\n" for key, value in pairs.items())
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # a long string inside an inline table may not be one
        return
    places = key_places(text)

    def check(value: object, key: tuple[str | int, ...]) -> None:
        assert not key or key in places
        if isinstance(value, dict):
            for name, inner in value.items():
                check(inner, (*key, name))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                check(inner, (*key, index))

    check(tree, ())

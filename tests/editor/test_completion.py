"""What may come next, at `|`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.catalog.not_yet import NOT_YET
from journeys.editor.completion import Completion, complete
from journeys.editor.definition import definitions
from journeys.editor.fixes import quick_fixes
from journeys.editor.hover import hover
from journeys.editor.meanings import MEANINGS
from journeys.editor.rename import rename
from journeys.editor.workspace import Workspace
from journeys.language.keywords import KEYWORDS
from tests.editor.shop import WIN_BACK, WIN_BACK_ZH, make_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("shop"))


def at(shop: Path, marked: str) -> tuple[Completion, ...]:
    path = str(shop / "journeys" / "new.journey")
    offset = marked.index("|")
    text = marked.replace("|", "", 1)
    workspace = Workspace()
    workspace.open(path, text)
    return complete(text, offset, path, workspace.read(path))


def texts(shop: Path, marked: str) -> list[str]:
    return [each.text for each in at(shop, marked)]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("if silent 30d then send |", ["coupon", "welcome"]),
        ("if silent 30d then send we|", ["welcome"]),
        ("若 静默 30天 则 发送 |", ["优惠券", "欢迎"]),
        ("若静默30天则发送优|", ["优惠券"]),
        ("journey a\n    send coupon by |", ["email", "sms"]),
        ("journey a\n    send coupon by email or |", ["email", "sms"]),
        ("journey a\n    send coupon by email\n        or |", ["email", "sms"]),
        ("journey a\n    send coupon with |", ["discount"]),
        ("journey a\n    task x for |", ["owner"]),
        ("journey a\n    notify |", ["owner"]),
        ("journey a\n    untag |", ["vip"]),
        ("journey a\n    set tier to |", ["silver", '"very gold"']),
        ("journey a\n    set tier to very|", ['"very gold"']),
        ('if tier is "|', ['"silver"', '"very gold"']),
        ("若 等级 属于 银卡、|", ["银卡", "金卡"]),
        ("if newsletter = |", ["true", "false"]),
        ("if did purchase where |", ["total", "shipped_on", "not"]),
        ("if purchase where (total over $3 and |", ["total", "shipped_on", "not"]),
        ("journey a\n    start on |", ["last_seen", "birthday"]),
        (
            "journey a\n    start when purchase\n    wait until 2d before |",
            ["last_seen", "birthday", "purchase.shipped_on"],
        ),
        ("journey a\n    start when purchase\n    enter once for each |", ["total", "shipped_on"]),
        (
            'test "x"\n    event |',
            ["opened", "clicked", "received", "replied", "unsubscribed", "complained", "purchase"],
        ),
        ('test "x"\n    event purchase with |', ["total", "shipped_on"]),
        ('use "segments.journey"\nif in segment |', ["lapsed"]),
        ("segment mine is silent 3d\nif in segment |", ["mine"]),
        ("steps bye\n    exit\njourney a\n    do |", ["bye"]),
        ("if did pur|", ["purchase"]),
        ("if did no|", ["did not"]),
        ("if tier is not |", ["silver", '"very gold"', "is not one of", "is not known"]),
        ("if silent 30d |", ["then", "and", "or"]),
        ("if a then\n    exit\nel|", ["else if", "elif", "else"]),
        ("journey a\n    send coupon\n        |", ["on limit"]),
        ("journey a\n    limit 3 |", ["messages"]),
        ("旅程 a\n    限制 3|", ["条"]),
        ("# send |", []),
        ('note "send |', []),
    ],
)
def test_what_may_come_next(shop: Path, marked: str, expected: list[str]) -> None:
    assert texts(shop, marked) == expected


def test_a_file_begins_with_declarations_and_a_journey_has_settings_and_steps(shop: Path) -> None:
    assert texts(shop, "|") == ["journey", "segment", "steps", "use", "test", "if"]
    inside = texts(shop, "journey a\n    |")
    assert {"start", "goal", "send", "wait"} <= set(inside)
    assert not {"journey", "test", "given"} & set(inside)
    assert texts(shop, 'test "x"\n    |') == ["after", "given", "event", "expect"]


def test_words_are_of_the_language_of_the_file(shop: Path) -> None:
    assert texts(shop, "旅程 甲\n    发|") == ["发送"]
    assert "journey" not in texts(shop, "旅程 甲\n    开始 当 购买\n|")
    offered = at(shop, "若 静默 30天 |")
    assert (offered[0].text, offered[0].note) == ("则", "成立时做什么")


def test_names_say_what_they_are(shop: Path) -> None:
    coupon = at(shop, "if silent 30d then send |")[0]
    assert coupon.note == "message, 优惠券"
    birthday = at(shop, "journey a\n    start on b|")[0]
    assert birthday.note == "field of the customer, date, 生日"


def test_a_name_replaces_what_was_begun_and_the_quotes_around_it(shop: Path) -> None:
    marked = 'if tier is "very|" then exit'
    (gold,) = at(shop, marked)
    text = marked.replace("|", "")
    assert text[: gold.span.start] + gold.text + text[gold.span.end :] == 'if tier is "very gold" then exit'
    (is_not,) = (each for each in at(shop, "if tier is no|") if each.text == "is not")
    assert (is_not.span.start, is_not.span.end) == (8, 13)


def test_a_mistake_elsewhere_in_the_file_does_not_matter(shop: Path) -> None:
    assert texts(shop, "journey a\n    snd coupon\n    if (\n\njourney b\n    send |\n    wiat 3d\n") == [
        "coupon",
        "welcome",
    ]


def test_forms_that_are_refused_are_not_offered(shop: Path) -> None:
    refused = {row.form for row in NOT_YET}
    assert ("score" in texts(shop, "|")) == ("score" not in refused)
    assert ("give" in texts(shop, "journey a\n    |")) == ("give" not in refused)


def test_without_a_project_the_names_of_the_file_are_offered(tmp_path: Path) -> None:
    path = str(tmp_path / "a.journey")
    text = "if silent 30d then send hello\nif silent 60d then send "
    workspace = Workspace()
    workspace.open(path, text)
    assert [each.text for each in complete(text, len(text), path, workspace.read(path))] == ["hello"]


def test_every_keyword_has_a_meaning_in_both_languages() -> None:
    assert MEANINGS.keys() == KEYWORDS.keys()
    assert all(english and chinese for english, chinese in MEANINGS.values())


@given(st.data())
def test_nothing_that_is_typed_is_too_much(shop: Path, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([WIN_BACK, WIN_BACK_ZH]))
    at = data.draw(st.integers(0, len(text)))
    typed = data.draw(st.text(st.sampled_from('若则发送 \n\t"“「(#.ab3%🎁\u2028'), max_size=8))
    gone = data.draw(st.integers(0, 20))
    text = text[:at] + typed + text[at + gone :]
    path = str(shop / "journeys" / "win-back.journey")
    workspace = Workspace()
    workspace.open(path, text)
    reading = workspace.read(path)
    cursor = at + len(typed)
    for each in complete(text, cursor, path, reading):
        assert 0 <= each.span.start <= cursor <= each.span.end <= len(text)
    for offset in (at, cursor, len(text)):
        hover(path, offset, reading, "zh")
        definitions(path, offset, reading)
        rename(path, offset, "new", reading)
    quick_fixes(path, 0, len(text), reading, "en")

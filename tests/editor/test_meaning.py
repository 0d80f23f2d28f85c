"""What stands under the pointer, where it is declared, another name for it, and repairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from journeys.catalog.project import Language
from journeys.diagnostics.diagnostic import Edit, Fix, Severity
from journeys.diagnostics.fixes import apply
from journeys.editor.definition import definitions, references
from journeys.editor.fixes import quick_fixes
from journeys.editor.hover import hover
from journeys.editor.rename import Refusal, rename
from journeys.editor.workspace import Reading, Workspace
from tests.editor.shop import SEGMENTS, TOML, WIN_BACK, WIN_BACK_ZH, make_shop


class Screen:
    """A project and what an editor has open."""

    def __init__(self, folder: Path) -> None:
        self.folder = make_shop(folder)
        self.workspace = Workspace()

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def reading(self, name: str) -> Reading:
        return self.workspace.read(self.path(name))

    def offset(self, name: str, words: str, part: str = "") -> int:
        """Inside `part`, or else at the start of `words`."""
        text = self.reading(name).text(self.path(name)) or ""
        return text.index(words) + (words.index(part) + 1 if part else 0)

    def hover(self, name: str, words: str, part: str = "", language: Language = "en") -> str:
        found = hover(self.path(name), self.offset(name, words, part), self.reading(name), language)
        assert found is not None
        return found.text

    def definitions(self, name: str, words: str, part: str) -> list[tuple[str, str]]:
        reading = self.reading(name)
        spans = definitions(self.path(name), self.offset(name, words, part), reading)
        return [
            (
                Path(span.path).relative_to(self.folder).as_posix(),
                (reading.text(span.path) or "")[span.start : span.end],
            )
            for span in spans
        ]

    def after(self, edits: tuple[Edit, ...]) -> Mapping[str, str]:
        """The texts of the files that the edits touch, with them applied."""
        by_file: dict[str, list[Edit]] = defaultdict(list)
        for edit in edits:
            by_file[edit.span.path].append(edit)
        return {
            Path(path).relative_to(self.folder).as_posix(): apply(Path(path).read_text("utf-8"), [Fix(tuple(own))])
            for path, own in by_file.items()
        }

    def rename(self, name: str, words: str, part: str, new: str) -> tuple[Edit, ...] | Refusal:
        return rename(self.path(name), self.offset(name, words, part), new, self.reading(name))


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    return Screen(tmp_path / "shop")


EN, ZH = "journeys/win-back.journey", "zh/win-back.journey"


@pytest.mark.parametrize(
    ("name", "words", "part", "language", "expected"),
    [
        (EN, "send coupon", "coupon", "en", ["**`coupon`**", "message, 优惠券", "Sent by `email`", "`discount`"]),
        (ZH, "发送 优惠券", "优惠券", "zh", ["**`优惠券`**", "消息，coupon", "默认渠道：`邮件`"]),
        (EN, "email or sms", "sms", "en", ["channel, 短信", "Only to those who have agreed."]),
        (ZH, "用 邮件", "邮件", "zh", ["渠道，email", "发给未拒绝的客户。"]),
        (EN, "when purchase", "purchase", "en", ["event, 购买", "`total` (money)", "`shipped_on` (date)"]),
        (EN, "where total", "total", "en", ["property, money", "Of the event `purchase`."]),
        (EN, "tier is", "tier", "en", ["field of the customer, text, 等级", "`silver`, `very gold`"]),
        (EN, '"very gold"', "gold", "zh", ["**`金卡`**", "`等级`的第 2 个取值，共 2 个。"]),
        (EN, "in segment lapsed", "lapsed", "en", ["segment, 沉睡", "silent for 30 days and"]),
        (ZH, "在人群 沉睡", "沉睡", "zh", ["人群，lapsed", "已静默 30 天且没有标签贵宾"]),
        (EN, "do farewell", "farewell", "en", ["named steps", "tag vip for 90d\nsend welcome by email"]),
        (EN, "journey win-back", "win", "en", ["journey, 挽回", "Starts when purchase happens.", "1. Send coupon"]),
        (EN, "untag vip", "vip", "en", ["tag, 贵宾"]),
        ("journeys.toml", "[segments.lapsed]", "lapsed", "en", ["silent for 30 days"]),
        (EN, "wait until", "until", "en", ["as soon as this holds"]),
        (
            EN,
            "in segment",
            "segment",
            "en",
            ["the condition of that name holds", "Here: they have been silent for 30 days"],
        ),
        (EN, "up to 3d", "up", "zh", ["不超过这么久"]),
        (ZH, "限 30天", "", "zh", ["期限", "此处：自进入旅程以来已发生购买。"]),
    ],
)
def test_what_stands_under_the_pointer(
    screen: Screen, name: str, words: str, part: str, language: Language, expected: list[str]
) -> None:
    told = screen.hover(name, words, part, language)
    assert [each for each in expected if each not in told] == [], told


def test_a_line_is_told_as_a_sentence(screen: Screen) -> None:
    told = screen.hover(EN, "if in segment", language="en")
    asleep = "(they have been silent for 30 days and they are not tagged vip)"
    assert f"Here: {asleep} and tier is very gold." in told


def test_nothing_is_said_of_blanks_and_comments(screen: Screen) -> None:
    path = screen.path(ZH)
    assert hover(path, WIN_BACK_ZH.index("礼物"), screen.reading(ZH), "zh") is None
    assert hover(path, WIN_BACK_ZH.index("\n\n") + 1, screen.reading(ZH), "zh") is None


@pytest.mark.parametrize(
    ("name", "words", "part", "expected"),
    [
        (EN, "do farewell", "farewell", [(EN, "farewell")]),
        (EN, "in segment lapsed", "lapsed", [("journeys/segments.journey", "lapsed")]),
        (ZH, "在人群 沉睡", "沉睡", [("journeys/segments.journey", "lapsed")]),
        (EN, "journey win-back", "win", [(EN, "win-back"), (ZH, "挽回")]),
        (EN, "send coupon", "coupon", [("journeys.toml", "coupon")]),
        (ZH, "发送 优惠券", "券", [("journeys.toml", "coupon")]),
        (EN, "or sms", "sms", [("journeys.toml", "sms")]),
        (EN, "where total", "total", [("journeys.toml", "total")]),
        (EN, "tier is", "tier", [("journeys.toml", "tier")]),
        (EN, '"very gold"', "gold", [("journeys.toml", "tier")]),
        (EN, "untag vip", "vip", [("journeys.toml", "vip")]),
        (EN, '"segments.journey"', "seg", [("journeys/segments.journey", "")]),
        (EN, "wait until", "until", []),
    ],
)
def test_where_a_name_is_declared(
    screen: Screen, name: str, words: str, part: str, expected: list[tuple[str, str]]
) -> None:
    assert screen.definitions(name, words, part) == expected


def test_a_field_with_a_dot_is_declared_under_its_last_part(screen: Screen) -> None:
    screen.workspace.open(screen.path("journeys/new.journey"), "if cart.value over 3 EUR then exit")
    assert screen.definitions("journeys/new.journey", "cart.value", "cart") == [("journeys.toml", '"cart.value"')]


def test_a_segment_gets_another_name_everywhere_but_keeps_its_chinese_one(screen: Screen) -> None:
    edits = screen.rename(EN, "in segment lapsed", "lapsed", "fast asleep")
    assert isinstance(edits, tuple)
    assert screen.after(edits) == {
        "journeys.toml": TOML.replace("[segments.lapsed]", '[segments."fast asleep"]'),
        "journeys/segments.journey": SEGMENTS.replace("lapsed", '"fast asleep"'),
        EN: WIN_BACK.replace("segment lapsed", 'segment "fast asleep"'),
    }
    edits = screen.rename(ZH, "在人群 沉睡", "沉睡", "睡客")
    assert isinstance(edits, tuple)
    assert screen.after(edits) == {
        "journeys.toml": TOML.replace('"沉睡"', '"睡客"'),
        ZH: WIN_BACK_ZH.replace("沉睡", "睡客"),
    }


@pytest.mark.parametrize(
    ("name", "words", "part", "new", "files"),
    [
        (EN, "steps farewell", "farewell", "goodbye", {EN: 2}),
        (EN, "journey win-back", "win", "come-back", {EN: 1, "journeys.toml": 1}),
        (EN, "untag vip", "vip", "best", {EN: 2, "journeys.toml": 1, "journeys/segments.journey": 1}),
        (ZH, "打标签 贵宾", "贵", "要客", {ZH: 1, "journeys.toml": 1}),
        ("journeys.toml", "[tags.vip]", "vip", "best", {EN: 2, "journeys.toml": 1, "journeys/segments.journey": 1}),
    ],
)
def test_what_is_renamed_compiles_as_before(
    screen: Screen, name: str, words: str, part: str, new: str, files: dict[str, int]
) -> None:
    edits = screen.rename(name, words, part, new)
    assert isinstance(edits, tuple)
    count: dict[str, int] = defaultdict(int)
    for edit in edits:
        count[Path(edit.span.path).relative_to(screen.folder).as_posix()] += 1
    assert dict(count) == files
    for file, text in screen.after(edits).items():
        screen.workspace.open(screen.path(file), text)
    for file in (EN, ZH):
        assert [each for each in screen.reading(file).diagnostics if each.severity == Severity.ERROR] == []


def test_an_open_text_goes_before_the_file_when_renaming(screen: Screen) -> None:
    screen.workspace.open(screen.path(EN), "\n" + WIN_BACK)
    edits = screen.rename(EN, "do farewell", "farewell", "bye")
    assert isinstance(edits, tuple)
    assert apply("\n" + WIN_BACK, [Fix(edits)]) == "\n" + WIN_BACK.replace("farewell", "bye")


def test_what_cannot_be_renamed(screen: Screen) -> None:
    assert screen.rename(EN, "send coupon", "coupon", "offer") == ()
    assert screen.rename(EN, "wait until", "until", "offer") == ()
    for bad in ("", "  ", 'a"b', "a\nb"):
        assert screen.rename(EN, "steps farewell", "farewell", bad) == Refusal("not a name", bad.strip())
    screen.workspace.open(screen.path(ZH), "人群 常客 为 静默 3天\n")
    assert screen.rename(EN, "in segment lapsed", "lapsed", "常客") == Refusal("taken", "常客")
    screen.workspace.open(screen.path(ZH), "旅程 挽回\n    发颂 优惠券\n")
    assert screen.rename(EN, "steps farewell", "farewell", "bye") == Refusal("broken", screen.path(ZH))


def test_every_place_of_a_name_in_both_languages(screen: Screen) -> None:
    reading = screen.reading(EN)
    found = references(screen.path(EN), screen.offset(EN, "in segment lapsed", "lapsed"), reading)
    written = [(reading.text(span.path) or "")[span.start : span.end] for span in found]
    assert sorted(written) == sorted(["lapsed", "lapsed", "lapsed", '"沉睡"', "沉睡"])


@pytest.mark.parametrize(
    ("text", "title", "mended"),
    [
        ("if slient 30d then send coupon\n", "write silent instead of slient", "if silent 30d then send coupon\n"),
        ("if silent 30d then send coupn\n", "write coupon", "if silent 30d then send coupon\n"),
        (
            "若静默30天则发送优惠券\n",
            "改为 若 静默 30天 则 发送 优惠券",
            "若 静默 30天 则 发送 优惠券\n",
        ),
        ('if tier is "very god" then exit\n', "write very gold", 'if tier is "very gold" then exit\n'),
        ("若 静默 30天 则 发送 优惠劵\n", "改为 优惠券", "若 静默 30天 则 发送 优惠券\n"),
    ],
)
def test_what_an_editor_can_repair(screen: Screen, text: str, title: str, mended: str) -> None:
    name = "journeys/new.journey"
    screen.workspace.open(screen.path(name), text)
    language: Language = "zh" if "若" in text else "en"
    (fix,) = quick_fixes(screen.path(name), 0, len(text), screen.reading(name), language)
    assert apply(text, [Fix(fix.edits)]) == mended
    assert fix.title.strip('"').replace('"', "") == title


def test_a_broken_project_file_is_shown_and_the_last_sound_one_goes_on(screen: Screen) -> None:
    assert screen.reading(EN).diagnostics == ()
    toml = screen.path("journeys.toml")
    screen.workspace.open(toml, TOML + "[oops\n")
    reading = screen.reading(EN)
    assert [each.span.path for each in reading.diagnostics] == [toml]
    assert "coupon" in reading.project.messages
    screen.workspace.close(toml)
    assert screen.reading(EN).diagnostics == ()


def test_files_belong_together(screen: Screen) -> None:
    checked = {Path(parsed.file.span.path).name for parsed in screen.reading(EN).files}
    assert checked == {"segments.journey", "win-back.journey"}
    outside = screen.reading(ZH)
    assert outside.files[0].file.span.path == screen.path(ZH)
    assert {Path(parsed.file.span.path).name for parsed in outside.files} == {"segments.journey", "win-back.journey"}
    screen.workspace.open(screen.path("journeys/segments.journey"), "segment sleepy is silent 30d\n")
    assert [each.code for each in screen.reading(EN).diagnostics] == ["J106"]


def test_what_has_not_changed_is_not_read_again(screen: Screen) -> None:
    first = screen.reading(EN)
    assert screen.reading(EN) is first
    screen.workspace.open(screen.path(EN), "# moved\n" + WIN_BACK)
    moved = screen.reading(EN)
    assert moved is not first
    assert moved.mentions[screen.path(EN)][0].span.start == first.mentions[screen.path(EN)][0].span.start + 8

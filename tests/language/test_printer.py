"""The formatter: `fmt/x.in.journey` becomes `fmt/x.out.journey`; every good file keeps its tree and its comments."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from journeys.language import keywords, nodes, printer
from journeys.language.keywords import Language
from journeys.language.parser import parse
from journeys.language.printer import format_text, language_of, settled

from .golden import HERE, check

GOOD = sorted((HERE / "good").glob("*.journey"))


@pytest.mark.parametrize("path", sorted((HERE / "fmt").glob("*.in.journey")), ids=lambda p: p.name)
def test_formatted(path: Path, rewrite: bool) -> None:
    formatted, diagnostics = format_text(path.read_text("utf-8"), path.name)
    assert diagnostics == ()
    assert formatted is not None
    check(path.with_name(path.name.replace(".in.", ".out.")), formatted, rewrite)
    assert format_text(formatted, path.name) == (formatted, ())


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.name)
@pytest.mark.parametrize("language", [None, *keywords.LANGUAGES])
def test_good_files_keep_their_tree_and_their_comments(path: Path, language: Language | None) -> None:
    text = path.read_text("utf-8")
    formatted, _ = format_text(text, path.name, language)
    assert formatted is not None
    before, after = parse(text, path.name), parse(formatted, path.name)
    assert settled(after.file) == settled(before.file)
    assert sorted(c.text for c in after.comments) == sorted(c.text for c in before.comments)
    assert format_text(formatted, path.name, language)[0] == formatted


@pytest.mark.parametrize("language", keywords.LANGUAGES)
def test_the_twins_are_translations_of_each_other(language: Language) -> None:
    """Either twin, printed in one language, gives the same lines."""
    printed = [
        format_text((HERE / "good" / f"every_form.{twin}.journey").read_text("utf-8"), twin, language)[0]
        for twin in keywords.LANGUAGES
    ]
    assert all(printed)
    first, second = ([line for line in (p or "").splitlines() if not line.startswith("#")] for p in printed)
    assert first == second
    assert language_of(printed[0] or "") == language


def test_a_translation_has_only_words_of_its_language() -> None:
    """Names apart, which stay; a name that is a keyword somewhere does not count."""
    text = (HERE / "good" / "every_form.en.journey").read_text("utf-8")
    chinese, _ = format_text(text, "x", "zh")
    assert chinese is not None
    code = "\n".join(line.split("#")[0] for line in chinese.splitlines())
    assert not {"send", "if", "then", "journey", "start", "when", "with", "by"} & set(code.split())


def test_a_file_with_errors_is_left_alone() -> None:
    formatted, diagnostics = format_text("journey x\n    sned a\n    send   b\n", "x")
    assert formatted is None
    assert [d.code for d in diagnostics] == ["J002"]


def test_safe_mistakes_are_repaired_on_the_way() -> None:
    assert format_text("若静默30天则发送优惠券", "x") == ("若 静默 30天 则 发送 优惠券\n", ())
    assert format_text("journey x\n\tsend a\n\tsend b;\n", "x")[0] is None
    assert format_text("journey x\n\tsend a。\n", "x")[0] == "journey x\n    send a\n"


def test_the_language_of_a_file_is_that_of_most_of_its_keywords() -> None:
    assert language_of("若 静默 30天 则 send 优惠券") == "zh"
    assert language_of("if silent 30d then 发送 优惠券  # 若 则") == "en"
    assert language_of("") == "en"
    assert format_text("若 静默 30天 则 send 优惠券", "x")[0] == "若 静默 30天 则 发送 优惠券\n"


def test_pieces_for_explanations() -> None:
    two_days = nodes.Duration(((Decimal(2), "d"), (Decimal(12), "h")))
    clock = nodes.Clock(9 * 60, "their")
    condition = nodes.Not(nodes.Or((nodes.Silent(two_days), nodes.Fact(nodes.Path(("silent",))))))
    assert printer.print_duration(two_days, "en") == "2d12h"
    assert printer.print_duration(two_days, "zh") == "2天12小时"
    assert printer.print_clock(clock, "en") == "09:00 their time"
    assert printer.print_clock(clock, "zh") == "09:00 客户时间"
    assert printer.print_condition(condition, "en") == "not (silent 2d12h or `silent`)"
    assert printer.print_condition(condition, "zh") == "非 (静默 2天12小时 或 `silent`)"
    assert printer.print_value(nodes.Money(Decimal("199.00"), "CNY"), "zh") == "199.00元"
    assert printer.print_value(nodes.Money(Decimal("199.00"), "CNY"), "en") == "199.00 CNY"
    assert printer.print_value(nodes.Ago(two_days), "zh") == "2天12小时 前"
    assert printer.print_name(nodes.Name("2026 offer")) == '"2026 offer"'
    assert printer.print_path(nodes.Path(("customer", "First name"))) == "customer.`First name`"
    assert (
        printer.print_setting(nodes.Limit(1, nodes.Duration(((Decimal(1), "d"),)), True), "zh") == "限制 每 自然日 1条"
    )
    assert printer.print_moment(nodes.Every(tuple(range(7)), clock), "en") == "every day at 09:00 their time"
    assert printer.print_test_line(nodes.After(two_days, nodes.Happens(nodes.Path(("buy",)))), "en") == (
        "after 2d12h event buy"
    )
    step = nodes.If((nodes.Branch(nodes.TimedOut(), (nodes.Exit(),)),), (nodes.Wait(two_days),))
    assert printer.print_step(step, "en") == "if timed out then\n    exit\nelse\n    wait 2d12h"

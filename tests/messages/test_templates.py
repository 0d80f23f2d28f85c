"""The folder: which template is taken, and what is wrong where."""

from __future__ import annotations

import os
from pathlib import Path

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.messages.render import Rendered, RenderFailure, render
from journeys.messages.templates import TemplateFolder

from .conftest import FolderOf

MISTAKES = Path(__file__).parent / "mistakes.txt"
"""One line a mistake of the folder below: where, code, the text underlined, facts."""


def told(diagnostics: tuple[Diagnostic, ...], folder: TemplateFolder) -> list[str]:
    """Each diagnostic as `file:line: code "underlined" facts`, relative to the folder."""
    lines = []
    for found in diagnostics:
        path = folder.path.parent / found.span.path
        text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
        line = text.count("\n", 0, found.span.start) + 1
        marked = text[found.span.start : found.span.end]
        facts = " ".join(f"{name}={value}" for name, value in found.facts.items() if value and name != "known")
        name = found.span.path.removeprefix("messages/")
        lines.append(f'{name}:{line}: {found.code} "{marked[:60]}" {facts}'.rstrip())
    return lines


def test_the_language_falls_back_on_the_projects_and_then_on_any(folder_of: FolderOf) -> None:
    folder = folder_of(
        {f"m/sms.{tag}.j2": tag for tag in ("en", "zh", "zh-TW", "pt_BR")}
        | {"only/sms.fr.j2": "fr", "only/sms.de.j2": "de"}
    )
    wanted = {"zh": "zh", "zh-TW": "zh-tw", "zh_tw": "zh-tw", "zh-HK": "zh", "ZH-Hant-TW": "zh", "pt": "en",
              "pt-BR": "pt-br", "de": "en", None: "en", "": "en"}  # fmt: skip
    assert {tag: folder.choose("m", "sms", tag) for tag in wanted} == wanted
    assert folder.choose("only", "sms", "en") == "de"
    assert folder.choose("only", "email", "en") is None
    found = render(folder, "m", "sms", "zh-HK", {})
    assert isinstance(found, Rendered)
    assert (found.text, found.language) == ("zh", "zh")


def test_names_are_compared_like_all_names_of_a_project(folder_of: FolderOf) -> None:
    folder = folder_of({"Crème-Brûlée/Email.EN.j2": "subject: x\n\nx", "优惠券/sms.zh.j2": "x"})
    assert folder.exists("crème-brûlée", "email")
    assert folder.exists("CRE\u0300ME-BRU\u0302LE\u0301E", "ＥＭＡＩＬ")
    assert folder.languages("优惠券", "sms") == ("zh",)
    assert not folder.exists("优惠券", "email")
    assert folder.messages() == ("Crème-Brûlée", "优惠券")
    assert str(folder.expected_path("优惠券", "email")) == "messages/优惠券/email.en.j2"


def test_a_folder_that_is_not_there_has_no_templates(folder_of: FolderOf) -> None:
    folder = folder_of({})
    assert (folder.messages(), folder.check(), folder.exists("m", "sms")) == ((), (), False)
    failure = render(folder, "m", "sms", "zh", {})
    assert isinstance(failure, RenderFailure)
    assert failure.template_broken
    assert failure.reason == "J410 messages/m/sms.en.j2: message `m` has no template for sms"


def test_every_mistake_is_shown_where_it_stands(folder_of: FolderOf, rewrite: bool) -> None:
    folder = folder_of(
        {
            "a/email.en.j2": "subject: {{ frist_name }}\r\n\r\nHi {{ customer.first_name }},\r\n"
            "{% if customer.tier == 'gold' %}\r\n{{ customer.pionts|nubmer }} {{ customer['ctiy'] }}\r\n"
            "{% endif %}\r\n",
            "b/email.en.j2": "Subject: {{ x\n\n{{ 1 + 2 }}\n{% macro m() %}{{ m(1) }}{% endmacro %}\n"
            "{{ x|uper }}{{ x is knwon }}",
            "c/email.en.j2": "subjct: Hello\nsubject: Hi\nsubject: Hi\n\n{% if x %}",
            "d/email.en.j2": "Hello,\nno subject here",
            "e/email.en.j2": "",
            "f/email.en.html.j2": "<p>alone</p>",
            "g/sms.en.j2": "{{ a.__class__ }} {{ self }} {{ a ~ b }}\n{{ a.b.c if a }}",
            "h/sms.en.j2": "\udcff",
            "i/sms.j2": "no language",
            "sms.en.j2": "no message",
            "i/deep/sms.en.j2": "too deep",
            "i/notes.txt": "not a template",
            "i/.hidden.en.j2": "not a template",
            "j/sms.en.j2": "x" * (64 * 1024 + 1),
            "k/sms.zh-CN.j2": "a",
            "k/sms.zh_cn.j2": "b",
        }
    )
    known = ["customer.first_name", "customer.tier", "customer.points", "customer.city", "first_name"]
    lines = "".join(line + "\n" for line in told(folder.check({"A": known}), folder))
    if rewrite:
        MISTAKES.write_text(lines, "utf-8")
    assert lines == MISTAKES.read_text("utf-8")


def test_unknown_variables(folder_of: FolderOf) -> None:
    folder = folder_of(
        {
            "a/sms.en.j2": "{% set who = customer.first_name %}{{ who }}{% for item in cart.items %}{{ item.name }}"
            "{{ loop.index }}{% endfor %}\n{{ customer.frist_name }} {{ discuont|percent }} {{ customer['ctiy'] }}"
            "{{ cart.items[0].name }}{% if customer %}{% endif %}{{ customer.first_name.x }}{{ other.thing }}",
            "b/sms.en.j2": "{{ anything }}",
        }
    )
    known = ["customer.first_name", "customer.city", "cart.items", "discount"]
    assert told(folder.check({"a": known}), folder) == [
        'a/sms.en.j2:2: J404 "customer.frist_name" name=customer.frist_name close=customer.first_name',
        'a/sms.en.j2:2: J404 "discuont" name=discuont close=discount',
        'a/sms.en.j2:2: J404 "ctiy" name=customer.ctiy close=customer.city',
        'a/sms.en.j2:2: J404 "other.thing" name=other.thing',
    ]
    assert folder.check() == ()


def test_a_changed_file_is_taken_up_by_refresh(folder_of: FolderOf) -> None:
    folder = folder_of({"m/sms.en.j2": "one", "m/sms.zh.j2": "{{"})
    path = folder.path / "m" / "sms.en.j2"

    def text(language: str = "en") -> str:
        found = render(folder, "m", "sms", language, {})
        return found.text if isinstance(found, Rendered) else found.diagnostics[0].code

    assert (text(), text("zh"), folder.refresh()) == ("one", "J401", False)
    path.write_text("two")
    os.utime(path, ns=(1, 1))
    assert text() == "one"
    assert (folder.refresh(), text(), folder.refresh()) == (True, "two", False)
    path.unlink()
    (folder.path / "m" / "sms.zh.j2").write_text("mended")
    assert (folder.refresh(), text()) == (True, "mended")


def test_misplaced_files_are_warnings(folder_of: FolderOf) -> None:
    (found,) = folder_of({"i/sms.j2": "x"}).check()
    assert (found.code, found.severity) == ("J414", Severity.WARNING)

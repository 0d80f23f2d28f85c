"""The page of each code: what it means, why that matters, a bad and a good example.

The words and examples stand in `pages/J0.toml` and so on, a table per code:

    [J004]
    en = ["What it means.", "Why it matters."]
    zh = ["含义。", "为何要紧。"]
    bad = '''...'''          # a journey file; or a table of files by path
    good = '''...'''

`bad` gives that code and nothing else, `good` gives nothing; a code without examples is about something that no file
shows. The message on a page is what checking `bad` says: whoever wants a page hands in the function that checks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from journeys.diagnostics.wording import Language, codes, templates, term

FILE = "example.journey"
"""What the journey file of an example is called."""

CLASSES: tuple[tuple[str, str, str], ...] = (
    ("J0", "the form of a file", "文件的形式"),
    ("J1", "names and types, and the project file", "名称与类型，以及项目文件"),
    ("J2", "what may not be meant so", "可疑之处"),
    ("J3", "versions", "版本"),
    ("J4", "messages, channels, the store, files to import", "消息、渠道、存储与导入的文件"),
    ("J5", "tests beside the journeys", "旅程旁的测试"),
    ("J6", "the command line", "命令行"),
)
"""The beginning of the codes of a class, and what they are about in English and Chinese; a file of pages each."""

Files = Mapping[str, str]
"""The text of each file of an example, by path."""
Check = Callable[[Files, Language], str]
"""What `journeys check` says about a project of these files."""

_CODE = re.compile(r"[Jj]\d{3}")
_ONE_FACT = re.compile(r"\{\w+\}")
_FOLDER = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class Page:
    """`means` and `matters` by language. `bad` and `good` are the files of the examples, without those of the project
    that all examples share; empty where there is no example.
    """

    code: str
    means: Mapping[Language, str]
    matters: Mapping[Language, str]
    bad: Files
    good: Files


@cache
def pages() -> Mapping[str, Page]:
    """All pages, by code."""
    found = {}
    for prefix, _, _ in CLASSES:
        tables = tomllib.loads((_FOLDER / f"{prefix}.toml").read_text("utf-8"))
        for code, table in tables.items():
            words: dict[Language, list[str]] = {"en": table["en"], "zh": table["zh"]}
            found[code] = Page(
                code,
                {language: each[0] for language, each in words.items()},
                {language: each[1] for language, each in words.items()},
                _files(table.get("bad", {})),
                _files(table.get("good", {})),
            )
    return found


@cache
def project() -> Files:
    """The files of the project that examples belong to."""
    return _files(tomllib.loads((_FOLDER / "project.toml").read_text("utf-8")))


def whole(example: Files) -> Files:
    """The example with the rest of its project. A file that is empty in the example is not there at all."""
    return {path: text for path, text in {**project(), **example}.items() if text}


def code_in(text: str) -> str | None:
    """The code that somebody means who writes `j104`; None for anything else."""
    return text.upper() if _CODE.fullmatch(text) else None


def page_text(code: str, language: Language, check: Check) -> str:
    """The page of a code, as Markdown without a last line end. A code that has no page is told by its wording alone."""
    lines = [f"## {code}: {_title(code, language, check)}"]
    page = pages().get(code)
    if page is None:
        return lines[0]
    lines += ["", page.means[language], "", page.matters[language]]
    if page.bad:
        message = check(whole(page.bad), language)
        says, instead = ("It says:", "Write instead:") if language == "en" else ("提示：", "应写作：")
        lines += ["", *_blocks(page.bad), "", says, "", "```text", message, "```"]
        lines += ["", instead, "", *_blocks(page.good)]
    else:
        found = templates(code, language).get("help", [])
        for each in [found] if isinstance(found, str) else found:
            lines += ["", f"{term('help', language)}: {_plain(each)}"]
    return "\n".join(lines)


def _title(code: str, language: Language, check: Check) -> str:
    """The headline; that of the example where it is another one in each case."""
    title = _plain(templates(code, language)["headline"])
    page = pages().get(code)
    if _ONE_FACT.fullmatch(title) and page is not None and page.bad:
        return check(whole(page.bad), language).partition("\n")[0].partition(": ")[2]
    return title


def documents(check: Check) -> dict[str, str]:
    """The files below `docs/errors`: in each language an overview, and a page of each class."""
    written = {}
    folders: tuple[tuple[Language, str], ...] = (("en", ""), ("zh", "zh/"))
    for spoken, folder in folders:
        told = {code: page_text(code, spoken, check) for code in codes(spoken)}
        written[f"{folder}README.md"] = _overview(spoken, check)
        for prefix, english, chinese in CLASSES:
            title = f"# {prefix}xx: {english}" if spoken == "en" else f"# {prefix}xx：{chinese}"
            mine = [text for code, text in told.items() if code.startswith(prefix)]
            written[f"{folder}{prefix}xx.md"] = "\n\n".join([title, *mine]) + "\n"
    return written


def _overview(language: Language, check: Check) -> str:
    intro = {
        "en": [
            "# What `journeys check` and the other commands say",
            "",
            "Every mistake and every warning has a code; `journeys explain J104` prints the page of one. The examples",
            "are checked, and what is printed is what they give. `pytest tests/diagnostics/test_pages.py --rewrite`",
            "writes these pages anew from their source. [中文](zh/README.md)",
        ],
        "zh": [
            "# `journeys check` 等命令的提示",
            "",
            "每个错误与警告都有代码。`journeys explain J104` 会显示其说明。这些页面出自同一来源，例子都经过检查；",
            "`pytest tests/diagnostics/test_pages.py --rewrite` 可重新生成。[English](../README.md)",
        ],
    }[language]
    lines = list(intro)
    for prefix, english, chinese in CLASSES:
        lines += ["", f"## [{prefix}xx]({prefix}xx.md): {english if language == 'en' else chinese}", ""]
        mine = [code for code in codes(language) if code.startswith(prefix)]
        lines += [f"- {code}: {_title(code, language, check)}" for code in mine]
    belongs = {"en": "The examples belong to this project:", "zh": "例子都属于这个项目："}[language]
    heading = {"en": "## The project of the examples", "zh": "## 例子所在的项目"}[language]
    return "\n".join([*lines, "", heading, "", belongs, "", *_blocks(project())]) + "\n"


def _files(written: Any) -> Files:
    """One text is a journey file."""
    table: Files = {FILE: written} if isinstance(written, str) else written
    return table


def _blocks(files: Files) -> list[str]:
    """The files as Markdown, each under its path unless it is the one journey file."""
    lines: list[str] = []
    for path, text in files.items():
        if not text:
            continue
        if lines:
            lines.append("")
        if path != FILE:
            lines += [f"`{path}`:", ""]
        kind = {"journey": "journey", "toml": "toml"}.get(path.rpartition(".")[2], "text")
        lines += [f"```{kind} {path}", *text.removesuffix("\n").split("\n"), "```"]
    return lines


def _plain(template: str) -> str:
    """A template to read: doubled braces are single ones."""
    return template.replace("{{", "{").replace("}}", "}")

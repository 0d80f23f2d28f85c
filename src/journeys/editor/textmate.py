"""The TextMate grammar of the language, made from the keyword table: what VS Code and others colour journeys by.

`python -m journeys.editor.textmate FILE` writes it; a test keeps the one in `editors/vscode` in step.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from journeys.editor import coloring
from journeys.editor.coloring import Color
from journeys.language.keywords import NAME

SCOPES: dict[Color, str] = {
    "declaration": "keyword.declaration.journey",
    "setting": "keyword.other.setting.journey",
    "step": "support.function.step.journey",
    "flow": "keyword.control.journey",
    "condition": "keyword.operator.word.journey",
    "joint": "keyword.other.journey",
    "day": "constant.language.day.journey",
}


def grammar() -> dict[str, Any]:
    """The grammar as the JSON of a `.tmLanguage.json` file."""
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "Journey",
        "scopeName": "source.journey",
        "fileTypes": ["journey"],
        "patterns": [
            _match("comment.line.number-sign.journey", coloring.COMMENT),
            _match("string.quoted.double.journey", coloring.STRING),
            _match("variable.other.quoted.journey", coloring.QUOTED),
            _declaration(),
            _match("constant.other.date.journey", coloring.DATE),
            _match("constant.other.time.journey", coloring.TIME),
            _match("constant.numeric.money.journey", coloring.MONEY),
            _match("constant.numeric.percent.journey", coloring.PERCENT),
            _match("constant.numeric.duration.journey", coloring.DURATION),
            _match("constant.numeric.journey", coloring.NUMBER),
            *(_match(SCOPES[color], f"(?i){pattern}") for pattern, color in coloring.keyword_patterns()),
            _match("keyword.operator.journey", coloring.OPERATOR),
            _match("variable.other.journey", NAME),
            _match("punctuation.separator.journey", coloring.PUNCTUATION),
        ],
    }


def _match(scope: str, pattern: str) -> dict[str, Any]:
    return {"name": scope, "match": pattern}


def _declaration() -> dict[str, Any]:
    """`journey NAME`: the name stands out where it is declared."""
    return {
        "match": rf"(?i)^[ \t]*({coloring.declaration_words()})[ \t]+({coloring.STRING}|{NAME})",
        "captures": {"1": {"name": SCOPES["declaration"]}, "2": {"name": "entity.name.section.journey"}},
    }


def text() -> str:
    """The grammar as it stands in its file."""
    return json.dumps(grammar(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), "utf-8")

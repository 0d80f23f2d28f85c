"""Colours journeys in documents: a lexer for Pygments, under the name `journey`."""

from __future__ import annotations

import re

from pygments.lexer import RegexLexer, bygroups
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, Punctuation, Whitespace, _TokenType
from pygments.token import String as Text

from journeys.editor import coloring
from journeys.editor.coloring import Color
from journeys.language.keywords import NAME

TOKENS: dict[Color, _TokenType] = {
    "declaration": Keyword.Declaration,
    "setting": Keyword.Namespace,
    "step": Name.Builtin,
    "flow": Keyword,
    "condition": Operator.Word,
    "joint": Keyword.Pseudo,
    "day": Keyword.Constant,
}


class JourneyLexer(RegexLexer):  # type: ignore[misc]
    """The journey language, in English and in Chinese."""

    name = "Journey"
    aliases = ["journey", "journeys"]  # noqa: RUF012 - the types that Pygments declares
    filenames = ["*.journey"]  # noqa: RUF012
    flags = re.IGNORECASE | re.MULTILINE

    tokens = {  # noqa: RUF012
        "root": [
            (r"\s+", Whitespace),
            (coloring.COMMENT, Comment.Single),
            (
                rf"({coloring.declaration_words()})([ \t]+)({coloring.STRING}|{NAME})",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (coloring.STRING, Text),
            (coloring.QUOTED, Name.Variable),
            (coloring.DATE, Literal.Date),
            (coloring.TIME, Literal.Date),
            (coloring.MONEY, Number),
            (coloring.PERCENT, Number),
            (coloring.DURATION, Number),
            (coloring.NUMBER, Number),
            *((pattern, TOKENS[color]) for pattern, color in coloring.keyword_patterns()),
            (coloring.OPERATOR, Operator),
            (NAME, Name),
            (coloring.PUNCTUATION, Punctuation),
        ]
    }

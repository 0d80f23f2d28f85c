"""The LALR automaton of the language: made by Lark from grammar.lark and the keyword table, kept on disk.

Building takes half a second of CPU, loading a few hundredths, so the tables are kept in the user's cache directory
under a name that changes with the grammar, the words and the version of Lark. A cache that cannot be read or written is
ignored: it only costs time.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lark
from lark import Lark, Token, UnexpectedToken
from lark.indenter import DedentError, Indenter

from journeys.language import keywords
from journeys.language.builder import Builder
from journeys.language.source import MAX_DEPTH


class Lines(Indenter):
    """Turns line ends into the ends of sentences and blocks; inside brackets line ends do not count."""

    NL_type = "_NL"
    OPEN_PAREN_types = ["LPAR"]  # noqa: RUF012 - the type that Lark declares
    CLOSE_PAREN_types = ["RPAR"]  # noqa: RUF012
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 4

    margin = 0
    """How far the first line is indented: the parser never sees that, and the lines below are measured from it."""

    def handle_NL(self, token: Token) -> Iterator[Token]:
        before, _, indent = token.rpartition("\n")
        measured = Token.new_borrow_pos(token.type, f"{before}\n{indent[self.margin :]}", token)
        try:
            yield from super().handle_NL(measured)
        except DedentError:  # Lark's own error has no position: point at the line that begins here
            raise _line_start_error("_UNEVEN", token) from None
        if len(self.indent_level) > MAX_DEPTH + 1:
            raise _line_start_error("_TOO_DEEP", token)


def _line_start_error(kind: str, token: Token) -> UnexpectedToken:
    end = token.end_pos or 0
    where = Token(kind, " ", end, token.end_line, token.end_column, token.end_line, None, end + 1)
    return UnexpectedToken(where, set())  # type: ignore[no-untyped-call]


def grammar_text() -> str:
    return Path(__file__).with_name("grammar.lark").read_text("utf-8") + keywords.terminals()


def build(text: str, lines: Lines, **options: Any) -> Lark:
    """A parser from the text of the grammar; `options` are Lark's."""
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False, postlex=lines, **options)


def load(builder: Builder | None, lines: Lines) -> Lark:
    """The parser whose rules call `builder` and whose blocks are found by `lines`, from the cache when there is one.

    Without a builder it only says whether a text is well formed.
    """
    text = grammar_text()
    key = f"{text}\0{lark.__version__}\0{sys.version_info[:2]}"
    file = _cache_directory() / f"journeys-grammar-{hashlib.sha256(key.encode()).hexdigest()[:24]}.pickle"
    with contextlib.suppress(Exception):  # missing, cut short, written by something else: build it again
        data = pickle.loads(file.read_bytes())
        return Lark.__new__(Lark)._load(data, transformer=builder, postlex=lines)
    parser = build(text, lines, transformer=builder)
    _keep(parser, file)
    return parser


def _cache_directory() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "journeys"


def _keep(parser: Lark, file: Path) -> None:
    """Write the tables beside their final name and move them there, so that no reader sees half a file."""
    import tempfile  # only on the first run; loading it takes longer than reading a journey

    buffer = io.BytesIO()
    with contextlib.suppress(OSError):
        parser.save(buffer)
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(buffer.getvalue())
            Path(temporary).replace(file)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise

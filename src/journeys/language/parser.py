"""Text to tree. Whatever the text, the answer is a tree and diagnostics, never an exception.

>>> parsed = parse("if silent 30d then send coupon", "win_back.journey")
>>> type(parsed.file.declarations[0]).__name__, parsed.diagnostics
('Rule', ())
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from types import ModuleType

from lark import Lark, UnexpectedInput

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span
from journeys.language import automaton, keywords, nodes
from journeys.language.builder import Builder
from journeys.language.source import BAD, MAX_ERRORS, Comment, Source, prepare

MAX_READ_AGAIN = 4_000_000
"""Characters that may be read a second time because of mistakes: a huge file full of them stays quick."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as read: its tree, the comments (which are not in the tree) and what is wrong with it, in order of place.

    `text` is the text as written, to turn spans into lines.
    """

    file: nodes.File
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]
    text: str = field(default="", compare=False, repr=False)


@cache
def _parser() -> tuple[Lark, Builder, automaton.Lines, Lock]:
    builder, lines = Builder(), automaton.Lines()
    return automaton.load(builder, lines), builder, lines, Lock()


@cache
def _joins() -> re.Pattern[str]:
    """A line at the left margin that still belongs to the declaration above it."""
    terminals = ("ELIF", "ELSE", *keywords.JOINING)
    every = (w.replace(" ", "[ \t]+") for t in terminals for w in keywords.words(t))
    return re.compile(rf"(?:{'|'.join(every)})(?![\w-])", re.IGNORECASE)


def _mistakes() -> ModuleType:
    """Loaded when a file has some: most have none, and every start of the program would wait for it."""
    from journeys.language import mistakes

    return mistakes


def parse(text: str, path: str) -> Parsed:
    """Read a file of journeys. `path` is the name the diagnostics use; nothing is opened.

    At most `MAX_ERRORS` errors are reported; a line that cannot be read is left out of the tree, the lines around and
    under it are read all the same.
    """
    source = prepare(text, path)
    found = list(source.diagnostics)
    declarations: list[nodes.Declaration] = []
    budget = MAX_READ_AGAIN
    for base, part in _parts(source.text):
        file, diagnostics, budget = _read(source, base, part, budget, MAX_ERRORS - len(found))
        declarations += file.declarations
        found += diagnostics
        if len(found) >= MAX_ERRORS:
            break
    found = _one_stray_line(sorted(found, key=lambda d: (d.span.start, d.code)))[:MAX_ERRORS]
    file = nodes.File(tuple(declarations), span=Span(path, 0, len(text)))
    return Parsed(file, source.comments, tuple(found), text)


def _one_stray_line(found: list[Diagnostic]) -> list[Diagnostic]:
    """Whoever forgot to open a journey need not hear it once a line."""
    stray = [d for d in found if d.code == "J013"]
    return [d for d in found if d not in stray[1:]]


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Cut the text before each line at the left margin that begins something new, so that a mistake stays in it."""
    starts = [0]
    depth = at = 0
    for line in text.split("\n"):
        fresh = line[:1] not in ("", " ", "\t") and not (depth and line[:1] == ")")
        if fresh and at and not _joins().match(line) and (not depth or _begins(line)):
            starts.append(at)
            depth = 0
        depth = max(0, depth + line.count("(") - line.count(")"))
        at += len(line) + 1
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if text[start:end].strip():
            yield start, text[start:end]


def _begins(line: str) -> bool:
    """Whether a line inside an open bracket nevertheless begins a declaration: the bracket was forgotten."""
    first = line.split(maxsplit=1)[0].lower()
    return keywords.OWNER.get(first) in keywords.DECLARATIONS


def _read(source: Source, base: int, part: str, budget: int, errors: int) -> tuple[nodes.File, list[Diagnostic], int]:
    """Read one part; while a line cannot be read, report it, give it up and read the part again."""
    parser, builder, lines, lock = _parser()
    found: list[Diagnostic] = []
    lead = len(part) - len(part.lstrip(" \t\n"))
    margin = lead - (part.rfind("\n", 0, lead) + 1)
    base, part = base + lead, part[lead:]
    if margin and not part.startswith(BAD):
        found.append(_mistakes().first_line_indented(Span(source.path, base - margin, base), part))
    with lock:
        lines.margin = margin
        while True:
            builder.begin(source.path, source.written, base)
            try:
                file: nodes.File = parser.parse(part)  # type: ignore[assignment]
            except UnexpectedInput as error:
                diagnostic, again = _mistakes().explain(error, source, base, part)
                if diagnostic:
                    found.append(diagnostic)
                budget -= len(part)
                if budget < 0 or len(found) >= errors or again == part:
                    return nodes.File(()), found, budget
                part = again
            else:
                return file, found + builder.diagnostics, budget

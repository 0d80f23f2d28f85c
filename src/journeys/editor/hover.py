"""What stands under the pointer, in words: a name, a keyword, and the condition it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, get_args

from journeys.catalog.project import Language
from journeys.catalog.scope import Place, Scope
from journeys.diagnostics.span import Span
from journeys.editor.describe import condition_in_words, description, told
from journeys.editor.meanings import meaning
from journeys.editor.mentions import journey_scope
from journeys.editor.workspace import Reading
from journeys.language import nodes
from journeys.language.keywords import KEYWORDS, words
from journeys.language.source import QUOTED, ordinary

_CONDITIONS: tuple[type[Any], ...] = get_args(nodes.Condition)
_PLACES: dict[type[Any], Place] = {
    nodes.When: "start",
    nodes.OnlyIf: "only if",
    nodes.ExitWhen: "exit when",
    nodes.Goal: "goal",
    nodes.WaitUntil: "wait until",
    nodes.Repeat: "repeat until",
    nodes.Segment: "segment",
}


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about the piece of text under `span`."""

    text: str
    span: Span


def hover(path: str, offset: int, reading: Reading, language: Language) -> Hover | None:
    """What the name or the keyword at an offset means; None where nothing stands that has a meaning."""
    mention = reading.mention_at(path, offset)
    if mention is not None and mention.kind != "file":
        return Hover(description(mention, reading, language), mention.span)
    text = reading.text(path)
    found = keyword_at(text, offset) if text is not None and path != reading.project_path else None
    if found is None:
        return None
    terminal, start, end = found
    parts = [f"**{(text or '')[start:end]}**  {meaning(terminal, language)}"]
    sentence = _condition_at(path, offset, reading, language)
    if sentence:
        parts.append(told(language, f"Here: {sentence}.", f"此处：{sentence}。"))
    return Hover("\n\n".join(parts), Span(path, start, end))


def keyword_at(text: str, offset: int) -> tuple[str, int, int] | None:
    """The keyword at an offset, and from where to where it goes; the longest one where several begin there."""
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = _SET_APART.sub(lambda m: " " * len(m[0]), ordinary(text[start : end if end >= 0 else len(text)]))
    for match in _keywords().finditer(line):
        if start + match.start() <= offset <= start + match.end():
            return _terminal(match[0]), start + match.start(), start + match.end()
    return None


_SET_APART = re.compile(rf"{QUOTED}|#.*")


@cache
def _keywords() -> re.Pattern[str]:
    every = sorted((w for t in KEYWORDS for w in words(t)), key=len, reverse=True)
    pattern = "|".join(re.escape(w).replace(r"\ ", r"[ \t]+") for w in every)
    return re.compile(rf"(?<![^\W\d])(?<![-.])(?:{pattern})(?![\w-])", re.IGNORECASE)


def _terminal(word: str) -> str:
    plain = re.sub(r"\s+", " ", word).lower()
    return next(terminal for terminal in KEYWORDS if plain in words(terminal))


def _condition_at(path: str, offset: int, reading: Reading, language: Language) -> str:
    """The innermost condition around an offset, or else that of the line it stands in, as a sentence."""
    parsed = reading.parsed(path)
    if parsed is None:
        return ""
    best: tuple[nodes.Condition, Scope] | None = None
    for declaration in parsed.file.declarations:
        if not declaration.span.start <= offset <= declaration.span.end:
            continue
        scope = reading.scope
        if isinstance(declaration, nodes.Journey | nodes.Rule):
            scope = journey_scope(declaration, scope)
        for node, inside in _around(declaration, offset, scope):
            best = node, inside
    return condition_in_words(*best, language) if best is not None else ""


def _around(node: Any, offset: int, scope: Scope) -> Iterator[tuple[nodes.Condition, Scope]]:
    """The conditions around an offset, outermost first. What stands in a `where` has no meaning of its own."""
    scope = scope.at(_PLACES[type(node)]) if type(node) in _PLACES else scope
    if isinstance(node, _CONDITIONS):
        yield node, scope
    elif isinstance(own := getattr(node, "condition", None) or getattr(node, "until", None), _CONDITIONS):
        # The line of a block ends where its condition does; what stands in the block is about something else.
        end = own.span.end if hasattr(node, "body") else node.span.end
        if node.span.start <= offset <= end:
            yield own, scope
    for part in fields(node):
        child = getattr(node, part.name)
        for each in child if isinstance(child, tuple) else (child,):
            if isinstance(each, nodes.Node) and part.name != "where" and each.span.start <= offset <= each.span.end:
                yield from _around(each, offset, scope)

"""The sentence being typed, up to the cursor: what the parser has understood of it and what it would accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Lark, Token, Tree, UnexpectedInput

from journeys.language import automaton, keywords
from journeys.language.keywords import CJK, JOINING, KEYWORDS, words
from journeys.language.source import QUOTED, ordinary

_LONGEST = 1000
_MOST_WORDS = 4
"""`is not one of`: the longest keyword has that many words."""
_LINES_BACK = 12

_OPEN_QUOTE = re.compile(r"[\"“「『`][^\"”」』`]*$")
_QUOTED_OR_COMMENT = re.compile(rf"{QUOTED}|#[^\n]*")
_WORD = re.compile(r"(?:[^\W\d][\w.-]*)?$")
_BLANK = re.compile(r"[ \t]+")
_AFTER_ELSE = "if a then\n    exit\n"


@dataclass(frozen=True, slots=True)
class Typed:
    """A reading of the sentence: what the parser accepts where the word begins that is being typed.

    `word` is that word, `start` its offset in the text. `stack` is what the parser has not yet put together: keyword
    tokens, and trees of the parts that are complete. `words` counts how many words `word` has.
    """

    word: str
    start: int
    accepts: frozenset[str]
    stack: tuple[Any, ...]
    words: int = 1

    @property
    def begins_line(self) -> bool:
        """Whether nothing stands before the word."""
        return not self.stack

    def kinds(self) -> tuple[str, ...]:
        """The kinds of the tokens and trees on the stack."""
        return tuple(each.type if isinstance(each, Token) else str(each.data) for each in self.stack)


def readings(text: str, offset: int) -> Iterator[Typed]:
    """The readings of what stands before the cursor: the last word alone as the one being typed, then the last two ...

    None where nobody expects help: in a comment, in a line that nobody would write.
    """
    recent = ordinary(text[max(0, offset - _LONGEST) : offset]).replace("\t", " ").replace("\r", " ")
    before = " " * (offset - len(recent)) + _QUOTED_OR_COMMENT.sub(_without_comment, recent)
    if _in_comment(recent):
        return
    begin = _begin(before)
    sentence = before[begin:]
    if len(recent) == _LONGEST and begin <= offset - len(recent):
        return
    if (quote := _quote(sentence)) is not None:
        yield from _reading(sentence[:quote], text[begin + quote : offset], begin + quote)
        return
    match = _WORD.search(sentence)
    start = match.start() if match else len(sentence)
    for count in range(1, _MOST_WORDS + 1):
        found = list(_reading(sentence[:start], sentence[start:], begin + start, count))
        if count == 1 and CJK.search(sentence[start:]):
            found += _glued(sentence, start, begin)
        yield from found
        blank = list(_BLANK.finditer(sentence[:start]))
        if not blank or blank[-1].end() != start:
            return
        earlier = _WORD.search(sentence[: blank[-1].start()])
        if earlier is None or not earlier[0]:
            return
        start = earlier.start()


def _without_comment(match: re.Match[str]) -> str:
    return " " * len(match[0]) if match[0].startswith("#") else match[0]


def _in_comment(recent: str) -> bool:
    """Whether the cursor stands behind a `#` that is not in quotes."""
    return "#" in _QUOTED_OR_COMMENT.sub(lambda m: m[0][0] * len(m[0]), recent[recent.rfind("\n") + 1 :])


def _begin(before: str) -> int:
    """Where the sentence begins: lines that begin with a joining word, or in brackets, belong to the one above."""
    start = before.rfind("\n") + 1
    for _ in range(_LINES_BACK):
        line = before[start:]
        joins = _joining().match(line.lstrip()) is not None
        if start == 0 or not (joins or line.count(")") > line.count("(") or _open_above(before, start)):
            break
        start = before.rfind("\n", 0, start - 1) + 1
    return start + len(before[start:]) - len(before[start:].lstrip(" \t"))


def _open_above(before: str, start: int) -> bool:
    above = before[before.rfind("\n", 0, max(0, start - 1)) + 1 : start]
    return above.count("(") > above.count(")")


@cache
def _joining() -> re.Pattern[str]:
    every = (word.replace(" ", "[ \t]+") for terminal in JOINING for word in words(terminal))
    return re.compile(rf"(?:{'|'.join(every)})(?![\w-])", re.IGNORECASE)


def _quote(sentence: str) -> int | None:
    """Where in the sentence the quotes were opened that are still open at the cursor."""
    match = _OPEN_QUOTE.search(re.sub(QUOTED, lambda m: " " * len(m[0]), sentence))
    return match.start() if match and "\n" not in match[0] else None


def _reading(sentence: str, word: str, start: int, count: int = 1) -> Iterator[Typed]:
    understood = _understood(sentence)
    if understood is not None:
        yield Typed(word, start, understood[0], understood[1], count)


def _understood(sentence: str) -> tuple[frozenset[str], tuple[Any, ...]] | None:
    """What may follow, and the parser's stack; None when the sentence cannot be read so far."""
    joins_if = sentence.lstrip().lower().startswith(_else_words())
    lead = _AFTER_ELSE if joins_if else ""
    parser = _parser().parse_interactive((lead + sentence).rstrip(" \t\n"))
    try:
        for token in parser.lexer_thread.lex(parser.parser_state):  # type: ignore[no-untyped-call]
            parser.feed_token(token)
        stack = tuple(each for each in parser.parser_state.value_stack if isinstance(each, Token | Tree))
        accepts: set[str] = parser.accepts()  # type: ignore[no-untyped-call]
        return frozenset(accepts), _without_lead(stack) if joins_if else stack
    except (UnexpectedInput, RecursionError):
        return None


def _without_lead(stack: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without the sentence that an `else` was put behind."""
    for index, each in enumerate(stack):
        if isinstance(each, Token) and each.type in ("ELSE", "ELIF"):
            return stack[index:]
    return stack


@cache
def _else_words() -> tuple[str, ...]:
    return tuple(word for terminal in ("ELSE", "ELIF") for word in words(terminal))


@cache
def _parser() -> Lark:
    return automaton.load(None, automaton.Lines())


def _glued(sentence: str, start: int, begin: int) -> Iterator[Typed]:
    """Chinese without blanks: `若静默30天则发送` read as `若 静默 30天 则 发送 `, the rest being typed."""
    pieces = [m.span() for m in _chinese().finditer(sentence, start)]
    for at in [end for _, end in reversed(pieces)][:_MOST_WORDS]:
        spaced = sentence[:start] + " ".join(m[0] for m in _chinese_or_rest().finditer(sentence, start, at))
        yield from _reading(spaced + " ", sentence[at:], begin + at)


@cache
def _chinese_words() -> str:
    return "|".join(sorted((w for t in KEYWORDS for w in words(t, "zh")), key=len, reverse=True))


@cache
def _chinese() -> re.Pattern[str]:
    return re.compile(_chinese_words())


@cache
def _chinese_or_rest() -> re.Pattern[str]:
    units = "|".join(
        w for table in (keywords.UNITS, keywords.BARE_UNITS) for row in table.values() for w in row[1].split("|")
    )
    return re.compile(rf"{_chinese_words()}|[0-9.]+(?:{units}|%|{keywords.YUAN})*|[^\W\d]|.")

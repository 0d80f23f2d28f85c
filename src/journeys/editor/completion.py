"""What may come next: keywords that the parser accepts at the cursor, in the language of the file, and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from journeys.catalog.folding import fold
from journeys.catalog.not_yet import NOT_YET
from journeys.catalog.project import Language
from journeys.diagnostics.span import Span
from journeys.editor.expected_names import QUOTES, Offer, in_where, names
from journeys.editor.meanings import meaning
from journeys.editor.sentence import Typed, readings
from journeys.editor.workspace import Reading, language_for
from journeys.language.keywords import CJK, KEYWORDS, words

_SETTINGS = frozenset(
    {
        "START",
        "ONLY_IF",
        "ENTER",
        "EXIT",
        "GOAL",
        "LIMIT",
        "QUIET",
        "PRIORITY",
        "BUDGET",
        "PACE",
        "HOLDOUT",
        "MOVE",
        "NOTE",
    }
)
_STEPS = frozenset(
    {
        "SEND",
        "WAIT",
        "IF",
        "SPLIT",
        "REPEAT",
        "GIVE",
        "SET",
        "TAG",
        "UNTAG",
        "TASK",
        "NOTIFY",
        "CALL",
        "DO",
        "TODO",
        "EXIT",
    }
)
_HANDLERS = frozenset({"ON_LIMIT", "ON_EMPTY", "ON_FAILURE"})
_INSIDE: dict[str, frozenset[str]] = {
    "": frozenset({"JOURNEY", "SEGMENT", "STEPS", "SCORE", "USE", "TEST", "IF"}),
    "JOURNEY": _SETTINGS | _STEPS,
    "SPLIT": frozenset(),
    "SCORE": frozenset({"ADD"}),
    "TEST": frozenset({"GIVEN", "EVENT", "AFTER", "EXPECT"}),
    "SEND": _HANDLERS,
    "GIVE": _HANDLERS,
    "CALL": _HANDLERS,
    "WAIT": frozenset({"ON_PAST"}),
}
"""What may begin a line, by the word that begins the line above whose block it stands in; elsewhere it is a step."""

_NOT_YET: dict[str, frozenset[str]] = {
    "for account": frozenset({"FOR_ACCOUNT"}),
    "score": frozenset({"SCORE"}),
    "for everyone who did": frozenset({"FOR_EVERYONE"}),
    "budget": frozenset({"BUDGET"}),
    "pace": frozenset({"PACE"}),
    "move": frozenset({"MOVE"}),
    "changes, rises or falls": frozenset({"CHANGES", "RISES", "FALLS"}),
    "count in account": frozenset({"COUNT_OF"}),
    "at their usual hour": frozenset({"AT_USUAL_HOUR"}),
    "best by goal": frozenset({"BEST_BY_GOAL"}),
    "give": frozenset({"GIVE"}),
    "call": frozenset({"CALL"}),
    "on empty and on failure": frozenset({"ON_EMPTY", "ON_FAILURE"}),
}
"""The words that lead only to forms that are refused: nobody is led there while they are."""


_NOT_OF_AN_EVENT = frozenset(
    (
        *(
            "SILENT",
            "DID",
            "DID_NOT",
            "NEVER_DID",
            "IN",
            "FOR",
            "SINCE_ENTRY",
            "SPENT",
            "OPENED",
            "CLICKED",
            "RECEIVED",
        ),
        *("REPLIED", "TAGGED", "IN_SEGMENT", "REACHABLE", "TIMED_OUT", "GOAL_REACHED", "COUNT_OF"),
    )
)
"""The conditions that nobody can ask of an event: they do not begin inside a `where`."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Put `text` in place of what stands under `span`. `note` says what it is, `label` is what the list shows."""

    label: str
    text: str
    span: Span
    kind: str
    note: str = ""


def complete(text: str, offset: int, path: str, reading: Reading) -> tuple[Completion, ...]:
    """What may stand at the cursor, the surest first: names, then keywords.

    `text` may be newer than the reading.
    """
    language = language_for(text, reading.project)
    found: dict[tuple[str, int], Completion] = {}
    for typed in readings(text, offset):
        offers: list[Completion] = []
        if typed.words == 1:
            named = names(typed, offset, path, reading, language)
            offers += [
                _of_name(each, typed, text, offset, path) for each in named if _may_be_meant(each.label, typed.word)
            ]
        if typed.word[:1] not in QUOTES:
            offers += _keywords(typed, text, offset, path, language)
        for each in offers:
            found.setdefault((each.text, each.span.start), each)
    return tuple(found.values())


_CLOSING = '"”」』`'


def _of_name(offer: Offer, typed: Typed, text: str, offset: int, path: str) -> Completion:
    end = offset
    if typed.word[:1] in QUOTES and text[offset : offset + 1] in tuple(_CLOSING):
        end += 1  # the editor has closed the quotes already
    return Completion(offer.label, offer.text, Span(path, typed.start, end), offer.kind, offer.note)


def _keywords(typed: Typed, text: str, offset: int, path: str, language: Language) -> Iterator[Completion]:
    accepted = typed.accepts & KEYWORDS.keys()
    if typed.begins_line:
        accepted = _beginnings(text, typed.start)
    elif in_where(typed):
        accepted -= _NOT_OF_AN_EVENT
    behind_number = text[: typed.start][-1:].isdigit()
    hidden = frozenset[str]().union(*(_NOT_YET.get(row.form, frozenset()) for row in NOT_YET))
    begun = _blanks(typed.word)
    for terminal in KEYWORDS:
        if terminal not in accepted - hidden:
            continue
        for place, word in enumerate(words(terminal, language)):
            if behind_number and not CJK.match(word):
                continue  # `3条` is one thing, `3messages` is nothing
            if word.startswith(begun) if typed.words > 1 else (begun or not place) and _may_be_meant(word, begun):
                span = Span(path, typed.start, offset)
                yield Completion(word, word, span, "keyword", meaning(terminal, language))


def _may_be_meant(label: str, begun: str) -> bool:
    """Whether the letters typed so far occur in that order, which is how editors choose from a list."""
    rest = iter(fold(label))
    return all(letter in rest for letter in fold(begun.lstrip("".join(QUOTES))))


def _blanks(word: str) -> str:
    return re.sub(r"\s+", " ", word).lower()


def _beginnings(text: str, start: int) -> frozenset[str]:
    """What may begin a line here, by the block it stands in."""
    line = text.rfind("\n", 0, start) + 1
    column = len(text[line:start].expandtabs(4))
    above = [each for each in text[:line].split("\n") if each.strip() and not each.lstrip().startswith(("#", "＃"))]
    opened = ""
    before: str | None = None
    for each in reversed(above):
        depth = len(each.expandtabs(4)) - len(each.expandtabs(4).lstrip())
        if depth == column and before is None:
            before = first_word(each)
        if depth < column:
            opened = first_word(each)
            break
    allowed = _INSIDE.get(opened, _STEPS if opened else frozenset())
    return allowed | {"ELSE", "ELIF"} if before in ("IF", "ELIF") else allowed


def first_word(line: str) -> str:
    """The terminal a line begins with; "" for one that begins with something else."""
    plain = line.strip().lower()
    starts = (
        (len(word), terminal)
        for terminal in KEYWORDS
        for word in words(terminal)
        if plain.startswith(word) and not re.match(r"[\w-]", plain[len(word) : len(word) + 1])
    )
    return max(starts, default=(0, ""))[1]

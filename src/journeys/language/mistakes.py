"""Says in one sentence what is wrong with a line that does not parse.

Lark knows which tokens it would have taken; a marketer is helped more by a sentence about what was meant. So the usual
mistakes are looked for first, in the order of `_USUAL`, the surest first; what none of them knows is shown beside an
example of the sentence that the line's first word begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from lark import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from journeys.diagnostics.diagnostic import Diagnostic, Edit, Fix
from journeys.diagnostics.span import Span
from journeys.language import glued
from journeys.language.keywords import CJK, DECLARATIONS, JOINING, KEYWORDS, OWNER, words
from journeys.language.other_words import OTHER_WORDS, nearly
from journeys.language.source import BAD, MAX_DEPTH, QUOTED, Source, blank_line, give_up_line
from journeys.language.spellings import SPELLINGS
from journeys.language.spellings import facts as facts_of_spelling

_STEPS = frozenset(
    ("SEND", "WAIT", "IF", "SPLIT", "REPEAT", "GIVE", "SET", "TAG", "UNTAG", "TASK", "NOTIFY", "CALL", "DO", "TODO")
) | {"EXIT"}
_BEGINNINGS = (
    DECLARATIONS
    | _STEPS
    | {"START", "ENTER", "ONLY_IF", "GOAL", "QUIET", "LIMIT", "PRIORITY", "BUDGET", "HOLDOUT", "PACE", "NOTE", "MOVE"}
    | {"ADD", "ELIF", "ELSE", "ON_LIMIT", "ON_EMPTY", "ON_FAILURE", "ON_PAST", "GIVEN", "EVENT", "AFTER", "EXPECT"}
)

_LONGEST = 500
"""Mistakes are looked for in lines a person might write; a longer one is only pointed at."""

_FEW = 3
"""More words than this are no help as a list of what might follow."""

_QUOTED = re.compile(QUOTED)


@dataclass(frozen=True, slots=True)
class _Case:
    """A line that did not parse, with what the parser knew when it stopped at `at` (an offset into the part)."""

    source: Source
    base: int
    part: str
    at: int
    end: int
    found: str  # the type of the token it stopped at; empty for a character that begins none
    expected: frozenset[str]
    start: int  # of the line
    line: str
    plain: str  # the line with quoted texts blanked out

    @property
    def column(self) -> int:
        return self.at - self.start

    @property
    def first(self) -> str:
        """The terminal of the line's first word, if sentences begin with it."""
        text = self.plain[: _LONGEST + 100].lstrip()
        found = next((t for t, p in _line_words() if p.match(text)), "")
        return found if found in _BEGINNINGS else ""

    def span(self, start: int, end: int) -> Span:
        """A span from columns of the line."""
        return Span(self.source.path, self.base + self.start + start, self.base + self.start + end)

    def here(self) -> Span:
        return Span(self.source.path, self.base + self.at, self.base + max(self.end, self.at + 1))

    def word(self, terminal: str) -> str | None:
        """A keyword in the language of this line, where it has one."""
        return next(iter(words(terminal, "zh" if CJK.search(self.plain) else "en")), None)

    def has(self, terminal: str, until: int | None = None) -> bool:
        return bool(_pattern(terminal).search(self.plain[:until]))

    def told(self, start: int, end: int) -> str:
        return self.source.written[self.base + self.start + start : self.base + self.start + end].strip()


@cache
def _pattern(terminal: str) -> re.Pattern[str]:
    every = sorted((w.replace(" ", "[ \t]+") for w in words(terminal)), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(every)})(?![\w-])", re.IGNORECASE)


@cache
def _line_words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every terminal with its pattern, those of several words before those of one."""
    longest = sorted(KEYWORDS, key=lambda t: max(w.count(" ") for w in words(t)), reverse=True)
    return tuple((t, _pattern(t)) for t in longest)


def first_line_indented(margin: Span, part: str) -> Diagnostic:
    """`part` follows the margin; the lines under it have that margin as well and lose it with the first."""
    width = margin.end - margin.start
    starts = [margin.end + i + 1 for i, c in enumerate(part) if c == "\n" and part[i + 1 : i + 1 + width].isspace()]
    edits = [
        Edit(Span(margin.path, at, at + width), "") for at in starts if part[at - margin.end :].strip(" \t")[:1] != "\n"
    ]
    return Diagnostic("J009", margin, fix=Fix((Edit(margin, ""), *edits)))


def explain(error: UnexpectedInput, source: Source, base: int, part: str) -> tuple[Diagnostic | None, str]:
    """The diagnostic for `error`, and `part` without the line it is about.

    None when the error only follows from a line that was given up before.
    """
    case = _case(error, source, base, part)
    if case.found == "_UNEVEN":
        return Diagnostic("J006", case.here()), blank_line(part, case.at)
    if case.found == "_TOO_DEEP":
        return Diagnostic("J017", case.here(), {"depth": str(MAX_DEPTH)}), blank_line(part, case.at)
    diagnostic, at = _explain(case)
    return diagnostic, give_up_line(part, at)


def _explain(case: _Case) -> tuple[Diagnostic | None, int]:
    source, base = case.source, case.base
    opened = _open_bracket(case)
    if opened is not None and (opened < case.start or case.found in ("_NL", "$END", "THEN")):
        return Diagnostic("J023", Span(source.path, base + opened, base + opened + 1)), opened
    if case.first in ("ELSE", "ELIF") and not case.plain[: case.column].strip():
        if BAD in case.part[: case.at]:  # its `if` may have been on that line
            return None, case.at
        return Diagnostic("J028", case.here(), {"word": case.told(case.column, case.end - case.start)}), case.at
    for usual in _USUAL if len(case.line) <= _LONGEST else ():
        if diagnostic := usual(case):
            return diagnostic, case.at
    return _otherwise(case), case.at


def _case(error: UnexpectedInput, source: Source, base: int, part: str) -> _Case:
    if isinstance(error, UnexpectedToken):
        token = error.token
        found, at, end = token.type, token.start_pos or 0, token.end_pos or 0
        expected = frozenset(error.expected)
        if found == "_NL":
            end = at + 1
    else:
        assert isinstance(error, UnexpectedCharacters)
        found, at = "", error.pos_in_stream or 0
        word = re.compile(r"[\w-]+|.").match(part, at)
        end = word.end() if word else at + 1
        expected = frozenset(error.allowed or ())
    start = part.rfind("\n", 0, at) + 1
    stop = part.find("\n", start)
    line = part[start : stop if stop >= 0 else len(part)]
    plain = _QUOTED.sub(lambda m: m[0][0] + " " * (len(m[0]) - 2) + m[0][-1], line)
    return _Case(source, base, part, at, end, found, expected, start, line, plain)


def _open_bracket(case: _Case) -> int | None:
    """Where the innermost bracket stands that is still open at the error."""
    before = _QUOTED.sub(lambda m: " " * len(m[0]), case.part[: case.at])
    still_open: list[int] = []
    for index, character in enumerate(before):
        if character == "(":
            still_open.append(index)
        elif character == ")" and still_open:
            still_open.pop()
    return still_open[-1] if still_open else None


def _spelling(case: _Case) -> Diagnostic | None:
    """Dates, numbers and signs in a spelling of another place."""
    for code, pattern in SPELLINGS:
        if match := pattern.search(case.plain):
            start, end = match.span()
            text = case.line[start:end]
            if code == "J029":
                start, end = match.span("sign")
            facts = {"text": text.strip(), **facts_of_spelling(code, match, case.line)}
            fix = None
            if "write" in facts and code in ("J022", "J056", "J032", "J030", "J011"):
                fix = Fix((Edit(case.span(start, end), facts["write"]),), safe=code in ("J022", "J056", "J032"))
            elif code == "J029":
                fix = Fix((Edit(case.span(start, end), ""),), safe=text.strip() in ("。", "."))
            return Diagnostic(code, case.span(start, end), facts, fix=fix)
    return None


def _bracket(case: _Case) -> Diagnostic | None:
    if case.found == "RPAR" or case.part[case.at : case.at + 1] == ")":
        return Diagnostic("J024", case.here()) if _open_bracket(case) is None else None
    return None


def _name_with_digit(case: _Case) -> Diagnostic | None:
    if "NAME" not in case.expected:
        return None
    for match in re.finditer(r"(?<![\w.:$€£¥-])[0-9]+[\w-]*[^\W\d][\w-]*", case.plain):
        if match.start() <= case.column <= match.end():
            text = match[0]
            fix = Fix((Edit(case.span(*match.span()), f'"{text}"'),))
            return Diagnostic("J005", case.span(*match.span()), {"name": text}, fix=fix)
    return None


def _glued(case: _Case) -> Diagnostic | None:
    """Chinese written without blanks: `若静默30天则发送优惠券`."""
    if not CJK.search(case.plain):
        return None
    indent = len(case.line) - len(case.line.lstrip())
    line = case.line.strip()
    inserts = glued.split(line)
    if inserts is None:
        return None
    edits = tuple(Edit(case.span(indent + i, indent + i), " ") for i in inserts)
    told = case.source.written[case.base + case.start + indent :][: len(line)]
    pieces = [told[a:b] for a, b in zip([0, *inserts], [*inserts, len(told)], strict=True)]
    return Diagnostic(
        "J007",
        case.span(indent, indent + len(line)),
        {"line": " ".join(pieces)},
        fix=Fix(edits, safe=True),
    )


def _other_word(case: _Case) -> Diagnostic | None:
    """A word that another tool or another sentence uses for what is meant, or a slip of the finger."""
    if not (here := re.compile(r"[^\W\d][\w-]*|=").match(case.plain, case.column)):
        return None
    word = here[0].lower()
    slip = nearly(case.plain[here.start() :], case.expected) or nearly(here[0], _STEPS)
    if word not in OWNER and slip:
        return _did_you_mean(case, here.start(), here.start() + slip[1], slip[0])
    meant = OTHER_WORDS.get(word)
    if meant and (case.column == len(case.plain) - len(case.plain.lstrip()) or _may_stand(meant, case)):
        return _did_you_mean(case, *here.span(), meant)
    return None


def _may_stand(meant: str, case: _Case) -> bool:
    if case.found == "WITHIN":  # fits after any name for all the parser knows, and then does not
        return case.first != "GOAL"
    return any(_pattern(t).match(meant) for t in case.expected if t in KEYWORDS)


def _word_before(case: _Case) -> Diagnostic | None:
    """A mistyped keyword is a fine name, so the parser stops one word later."""
    match = re.search(r"([^\W\d][\w-]*)[ \t]*$", case.plain[: case.column])
    if not match or match[1].lower() in OWNER:
        return None
    if slip := nearly(match[1], frozenset(KEYWORDS)):
        return _did_you_mean(case, *match.span(1), slip[0])
    return None


def _did_you_mean(case: _Case, start: int, end: int, meant: str) -> Diagnostic:
    span, word = case.span(start, end), case.told(start, end)
    fix = None if "NAME" in meant else Fix((Edit(span, meant),))
    code = "J001" if word.lower() in OWNER or not word[0].isalpha() else "J002"
    return Diagnostic(code, span, {"word": word, "suggestion": meant}, fix=fix)


def _if_in_line(case: _Case) -> Diagnostic | None:
    if case.found in ("IF", "ELIF") and case.has("THEN", case.column):
        return Diagnostic("J027", case.here())
    return None


def _no_then(case: _Case) -> Diagnostic | None:
    if case.first not in ("IF", "ELIF") or case.has("THEN"):
        return None
    then = case.word("THEN") or ""
    if case.found == "_NL" or case.plain[case.column :].strip() in ("", ":"):
        text = case.told(0, len(case.plain.rstrip(" :")))
        return Diagnostic("J025", case.here(), {"then": then, "write": f"{text} {then}"})
    if _begins_step(case.plain[case.column :]):
        write = f"{case.told(0, case.column)} {then} {case.told(case.column, len(case.plain))}"
        insert = Fix((Edit(case.span(case.column, case.column), f"{then} "),))
        return Diagnostic("J025", case.here(), {"then": then, "write": write}, fix=insert)
    return None


def _begins_step(text: str) -> bool:
    """Whether a step begins here. The parser may take its first word for a name."""
    return next((t for t, p in _line_words() if p.match(text)), "") in _STEPS


def _time_of_send(case: _Case) -> Diagnostic | None:
    at = re.compile(rf"(?:{_pattern('AT').pattern})[ \t]*(?=[0-9])").match(case.plain, case.column)
    if case.first != "SEND" or not at:
        return None
    return Diagnostic("J059", case.here(), {"time": case.told(at.end(), len(case.plain))})


def _two_steps(case: _Case) -> Diagnostic | None:
    if case.first not in _STEPS or (case.first in ("IF", "ELIF") and not case.has("THEN", case.column)):
        return None
    rest = case.plain[case.column :]
    joint = re.match(rf"(?:,|;|{_pattern('AND').pattern}|{_pattern('THEN').pattern})[ \t]*", rest, re.IGNORECASE)
    step = rest[joint.end() :] if joint else rest
    if not _begins_step(step):
        return None
    before = case.plain[: case.column]
    thens = list(_pattern("THEN").finditer(before))
    start = thens[-1].end() if thens else 0
    second = case.told(case.column + len(rest) - len(step), len(case.plain))
    return Diagnostic("J026", case.here(), {"first": case.told(start, case.column), "second": second})


def _open_end(case: _Case) -> Diagnostic | None:
    """`a and` at the end of a line."""
    if case.found != "_NL":
        return None
    last = re.search(r"[^\W\d]\w*$", case.plain.rstrip())
    if last and OWNER.get(last[0].lower()) in JOINING:
        return Diagnostic("J057", case.span(*last.span()), {"word": last[0]})
    return None


def _no_unit(case: _Case) -> Diagnostic | None:
    if case.found == "NUMBER" and "DURATION" in case.expected and "NUMBER" not in case.expected:
        return Diagnostic("J031", case.here(), {"number": case.told(case.column, case.end - case.start)})
    return None


_USUAL: tuple[Callable[[_Case], Diagnostic | None], ...] = (
    _spelling,
    _bracket,
    _if_in_line,
    _name_with_digit,
    _glued,
    _no_unit,
    _open_end,
    _other_word,
    _no_then,
    _time_of_send,
    _two_steps,
    _word_before,
)


def _otherwise(case: _Case) -> Diagnostic:
    facts: dict[str, str] = {}
    if case.first:
        facts["form"] = case.first
    elif not case.plain[: case.column].strip():
        return Diagnostic("J054", case.here(), {"word": case.told(case.column, case.end - case.start)})
    if case.found in ("_NL", "$END"):
        return Diagnostic("J003", case.here(), facts)
    keywords = sorted(w for t in case.expected & KEYWORDS.keys() if (w := case.word(t)))
    if keywords and (len(keywords) <= _FEW or not facts):
        facts["expected"] = ", ".join(f"`{w}`" for w in keywords[:_FEW])
    return Diagnostic("J001", case.here(), {"word": case.told(case.column, case.end - case.start), **facts})

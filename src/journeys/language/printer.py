"""Tree to text: the formatter. It has no options; what it prints parses to the same tree and prints as itself again.

Settings stand in one order before the steps; steps never move. Comments stay above or behind the line they were about.
An author's blank lines between steps stay, one at a time. An `if` that was written on one line stays on one line while
it fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.fixes import apply, safe_fixes
from journeys.diagnostics.span import NOWHERE
from journeys.language import nodes
from journeys.language.keywords import CJK, OWNER, Language
from journeys.language.parser import Parsed, parse
from journeys.language.say_literals import quote
from journeys.language.sentences import Sentences
from journeys.language.source import Comment

INDENT = "    "
WIDTH = 100
_ROUNDS = 4
"""A repaired line may show a mistake that was hidden behind the first one."""

SETTINGS_ORDER: tuple[type[nodes.Setting], ...] = (
    nodes.Start,
    nodes.OnlyIf,
    nodes.Enter,
    nodes.ExitWhen,
    nodes.Goal,
    nodes.Limit,
    nodes.Quiet,
    nodes.Priority,
    nodes.Budget,
    nodes.Pace,
    nodes.Holdout,
    nodes.Move,
    nodes.Note,
)


@dataclass(slots=True)
class _Line:
    """A printed line: how deep it stands, where its sentence began in the text it came from, and what goes with it.

    `gap` asks for a blank line above: always, never, or where the author had one.
    """

    depth: int
    text: str
    start: int | None = None
    gap: Literal["always", "never", "author"] = "author"
    above: list[Comment] = field(default_factory=list)
    behind: list[Comment] = field(default_factory=list)
    below: list[tuple[int, Comment]] = field(default_factory=list)


def print_file(parsed: Parsed, language: Language | None = None) -> str:
    """The file as text in one language; without one, in that of most of its keywords."""
    printer = _Printer(parsed, language or language_of(parsed.text))
    return printer.print()


def format_text(text: str, path: str, language: Language | None = None) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The formatted text, or None and why not: a file with errors is left as it is.

    Mistakes that all have a safe fix (Chinese without blanks, tabs) are repaired on the way.
    """
    parsed = parse(text, path)
    for _ in range(_ROUNDS):
        fixes = safe_fixes(parsed.diagnostics, path)
        if not fixes or len(fixes) < len(parsed.diagnostics):
            break
        text = apply(text, fixes)
        parsed = parse(text, path)
    if parsed.diagnostics:
        return None, parsed.diagnostics
    printed = print_file(parsed, language)
    again = parse(printed, path)
    if again.diagnostics or settled(again.file) != settled(parsed.file) or len(again.comments) != len(parsed.comments):
        return None, again.diagnostics
    return printed, ()


def settled(file: nodes.File) -> nodes.File:
    """The tree with the settings of each journey in their order, as a formatted file has them."""
    return replace(file, declarations=tuple(_settled(d) for d in file.declarations))


def _settled(node: nodes.Declaration) -> nodes.Declaration:
    return replace(node, settings=tuple(_in_order(node.settings))) if isinstance(node, nodes.Journey) else node


def _in_order(settings: Iterable[nodes.Setting]) -> list[nodes.Setting]:
    return sorted(settings, key=lambda s: SETTINGS_ORDER.index(type(s)))


def print_condition(node: nodes.Condition, language: Language) -> str:
    """A condition as one line."""
    return _sentences(language).condition(node)


def print_step(node: nodes.Step, language: Language) -> str:
    """A step with everything under it, from the left margin."""
    lines = _Printer(Parsed(nodes.File(()), (), ()), language).step(node, 0)
    return "\n".join(INDENT * line.depth + line.text for line in lines)


def print_setting(node: nodes.Setting, language: Language) -> str:
    return _sentences(language).setting(node)


def print_moment(node: nodes.Moment, language: Language) -> str:
    """When a journey starts, without the word `start`."""
    return _sentences(language).moment(node)


def print_duration(node: nodes.Duration, language: Language) -> str:
    return _sentences(language).duration(node)


def print_value(node: nodes.Value, language: Language) -> str:
    return _sentences(language).value(node)


def print_name(node: nodes.Name) -> str:
    """A name with quotes where it needs them."""
    return _sentences("en").name(node)


def print_path(node: nodes.Path) -> str:
    """A field with backticks where it needs them."""
    return _sentences("en").path(node)


def print_clock(node: nodes.Clock, language: Language) -> str:
    """`09:00 our time`, without the word `at`."""
    return _sentences(language).clock(node, at=False)


def print_test_line(node: nodes.TestLine, language: Language) -> str:
    return _sentences(language).test_line(node)


@cache
def _sentences(language: Language) -> Sentences:
    return Sentences(language)


_WORD = re.compile(r'"[^"\n]*"|“[^”\n]*”|「[^」\n]*」|`[^`\n]*`|[#＃][^\n]*|[^\W\d]\w*')


def language_of(text: str) -> Language:
    """The language most of the keywords of a text are in; English where there is nothing to tell."""
    found = [w.lower() for w in _WORD.findall(text) if w.lower() in OWNER]
    chinese = sum(1 for w in found if CJK.match(w))
    return "zh" if chinese * 2 > len(found) else "en"


class _Printer:
    def __init__(self, parsed: Parsed, language: Language) -> None:
        self.parsed = parsed
        self.text = parsed.text
        self.say = Sentences(language)

    def print(self) -> str:
        lines: list[_Line] = []
        before: nodes.Declaration | None = None
        for declaration in self.parsed.file.declarations:
            printed = list(self.declaration(declaration))
            printed[0].gap = self._gap(before, declaration)
            lines += printed
            before = declaration
        loose = self._attach(lines)
        return self._layout(lines, loose)

    def _gap(self, before: nodes.Declaration | None, node: nodes.Declaration) -> Literal["always", "author"]:
        """Parts are set off by a blank line; short ones of a kind may stand together."""
        short = (nodes.Use, nodes.Segment, nodes.Rule)
        together = type(before) is type(node) and isinstance(node, short)
        long_rule = any(isinstance(d, nodes.Rule) and not d.step.inline for d in (before, node))
        return "author" if together and not long_rule else "always"

    # -- lines from nodes

    def _line(self, depth: int, text: str, node: nodes.Node | None = None) -> _Line:
        placed = node is not None and node.span is not NOWHERE and self.text
        return _Line(depth, text, node.span.start if node and placed else None)

    def declaration(self, node: nodes.Declaration) -> Iterator[_Line]:
        say = self.say
        match node:
            case nodes.Journey():
                yield from self._journey(node)
            case nodes.Rule():
                yield from self.step(node.step, 0)
            case nodes.Segment():
                told = say.say(say.word("SEGMENT"), say.name(node.name), say.word("IS"), say.condition(node.condition))
                yield self._line(0, told, node)
            case nodes.Steps():
                yield self._line(0, say.say(say.word("STEPS"), say.name(node.name)), node)
                yield from self.steps(node.body, 1)
            case nodes.Score():
                yield self._line(0, say.say(say.word("SCORE"), say.name(node.name)), node)
                for line in node.lines:
                    added = (say.word("ADD"), format(line.weight, "f"), say.word("WHEN"))
                    yield self._line(1, say.say(*added, say.condition(line.condition)), line)
            case nodes.Use():
                yield self._line(0, say.say(say.word("USE"), quote(node.file.value)), node)
            case nodes.Test():
                yield self._line(0, say.say(say.word("TEST"), quote(node.title.value)), node)
                for act in node.lines:
                    yield self._line(1, say.test_line(act), act)

    def _journey(self, node: nodes.Journey) -> Iterator[_Line]:
        say = self.say
        account = say.word("FOR_ACCOUNT") if node.for_account else ""
        version = say.say(say.word("VERSION"), str(node.version)) if node.version is not None else ""
        yield self._line(0, say.say(say.word("JOURNEY"), say.name(node.name), account, version), node)
        for setting in _in_order(node.settings):
            line = self._line(1, say.setting(setting), setting)
            line.gap = "never"
            yield line
        for index, line in enumerate(self.steps(node.body, 1)):
            if index == 0 and node.settings:
                line.gap = "always"
            yield line

    def steps(self, body: Sequence[nodes.Step], depth: int) -> Iterator[_Line]:
        for step in body:
            yield from self.step(step, depth)

    def step(self, node: nodes.Step, depth: int) -> Iterator[_Line]:
        match node:
            case nodes.If():
                yield from self._if(node, depth)
            case nodes.Split():
                yield self._line(depth, self.say.step(node), node)
                for arm in node.arms:
                    yield self._line(depth + 1, self.say.arm(arm), arm)
                    yield from self.steps(arm.body, depth + 2)
            case nodes.Repeat():
                yield self._line(depth, self.say.step(node), node)
                yield from self.steps(node.body, depth + 1)
            case _:
                yield self._line(depth, self.say.step(node), node)
                for handler in getattr(node, "handlers", ()):
                    yield self._line(depth + 1, self.say.handler(handler), handler)

    def _if(self, node: nodes.If, depth: int) -> Iterator[_Line]:
        head = self.say.branch(node.branches[0], "IF")
        no = self.say.word("ELSE")
        if node.inline and _fits_inline(node):
            yes = f"{head} {self.say.step(node.branches[0].body[0])}"
            otherwise = f"{no} {self.say.step(node.otherwise[0])}" if node.otherwise else ""
            whole = f"{yes} {otherwise}".rstrip()
            if _width(whole) + len(INDENT) * depth < WIDTH and not self._comment_inside(node):
                yield self._line(depth, whole, node)
                return
            if max(_width(yes), _width(otherwise)) + len(INDENT) * depth < WIDTH:
                yield self._line(depth, yes, node)
                if otherwise:
                    yield self._else_line(depth, otherwise, node)
                return
        yield self._line(depth, head, node)
        yield from self.steps(node.branches[0].body, depth + 1)
        for branch in node.branches[1:]:
            yield self._line(depth, self.say.branch(branch, "ELIF"), branch)
            yield from self.steps(branch.body, depth + 1)
        if node.otherwise:
            yield self._else_line(depth, no, node)
            yield from self.steps(node.otherwise, depth + 1)

    def _else_line(self, depth: int, text: str, node: nodes.If) -> _Line:
        placed = self.text and node.else_span is not NOWHERE
        return _Line(depth, text, node.else_span.start if placed else None)

    def _comment_inside(self, node: nodes.If) -> bool:
        last = (node.otherwise or node.branches[-1].body)[-1].span.start
        return any(node.span.start < c.span.start < last for c in self.parsed.comments)

    # -- comments and blank lines

    def _attach(self, lines: list[_Line]) -> list[Comment]:
        """Give each comment to the line it was above, behind or, at the end of a block, below; return what is left."""
        placed = sorted((line for line in lines if line.start is not None), key=lambda line: line.start or 0)
        loose: list[Comment] = []
        for comment in self.parsed.comments:
            earlier = [line for line in placed if (line.start or 0) < comment.span.start]
            following = placed[len(earlier)] if len(earlier) < len(placed) else None
            if not comment.alone and earlier:
                earlier[-1].behind.append(comment)
            elif owner := self._block_of(comment, earlier, following):
                earlier[-1].below.append((owner.depth, comment))
            elif following:
                following.above.append(comment)
            else:
                loose.append(comment)
        return loose

    def _block_of(self, comment: Comment, earlier: Sequence[_Line], following: _Line | None) -> _Line | None:
        """A line above whose block the comment ends: it stands as deep as that line, deeper than the line below."""
        column = self._column(comment.span.start)
        owner = next((line for line in reversed(earlier) if self._column(line.start or 0) <= column), None)
        if owner is None or owner.depth == 0:
            return None
        return owner if following is None or owner.depth > following.depth else None

    def _column(self, offset: int) -> int:
        line = self.text[self.text.rfind("\n", 0, offset) + 1 : offset]
        return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()) if line.strip() else len(line.expandtabs(4))

    def _blank_above(self, offset: int | None) -> bool:
        """Whether the author left a blank line above the line that `offset` is on."""
        if offset is None:
            return False
        start = self.text.rfind("\n", 0, offset)
        return start > 0 and not self.text[self.text.rfind("\n", 0, start) + 1 : start].strip()

    def _layout(self, lines: Sequence[_Line], loose: Sequence[Comment]) -> str:
        out: list[str] = []
        depth_before = -1

        def put(text: str, depth: int, blank: bool) -> None:
            nonlocal depth_before
            if out and blank and depth <= depth_before:
                out.append("")
            out.append(INDENT * depth + text)
            depth_before = depth

        for line in lines:
            group = [(c.text, c.span.start) for c in line.above]
            group.append(
                ("  ".join([line.text, *(c.text for c in line.behind)]), line.start if line.start is not None else -1)
            )
            for index, (text, start) in enumerate(group):
                blank = self._blank_above(start if start >= 0 else None)
                if index == 0 and line.gap != "author":
                    blank = line.gap == "always"
                put(_comment_text(text), line.depth, blank)
            for depth, comment in line.below:
                put(_comment_text(comment.text), depth, self._blank_above(comment.span.start))
        for comment in loose:
            put(_comment_text(comment.text), 0, self._blank_above(comment.span.start))
        return "\n".join(out) + "\n" if out else ""


def _comment_text(text: str) -> str:
    """A comment begins with the ordinary sign."""
    return "#" + text[1:] if text.startswith("＃") else text


def _fits_inline(node: nodes.If) -> bool:
    """Whether each branch is one step that can stand on the line of its condition."""
    bodies = [b.body for b in node.branches] + ([node.otherwise] if node.otherwise else [])
    return len(node.branches) == 1 and all(len(body) == 1 and _is_simple(body[0]) for body in bodies)


def _is_simple(step: nodes.Step) -> bool:
    return not isinstance(step, nodes.If | nodes.Split | nodes.Repeat) and not getattr(step, "handlers", ())


def _width(text: str) -> int:
    return sum(2 if ord(c) >= 0x1100 else 1 for c in text)

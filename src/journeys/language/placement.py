"""Which kinds of line may stand where, once each line has been read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import NOWHERE, Span
from journeys.language import nodes

_SETTINGS = get_args(nodes.Setting)
_STEPS = get_args(nodes.Step)
_DECLARATIONS = (nodes.Journey, nodes.Segment, nodes.Steps, nodes.Score, nodes.Use, nodes.Test)
_TEST_LINES = get_args(nodes.TestLine)

_ALLOWED: dict[type[Any], tuple[str, ...]] = {
    nodes.Send: ("limit", "empty", "failure"),
    nodes.Give: ("limit", "empty", "failure"),
    nodes.Call: ("limit", "empty", "failure"),
    nodes.WaitMoment: ("past",),
}
_ACTIONS = {
    "limit": ("skip", "wait", "exit"),
    "past": ("skip", "exit", "run"),
    "empty": ("skip",),
    "failure": ("skip",),
}


@dataclass(frozen=True, slots=True)
class Block:
    """The lines indented under a line.

    `inline` is the one step that stands behind `then` or `else`; `broken` when lines in it could not be read.
    """

    items: tuple[Any, ...]
    span: Span = NOWHERE
    inline: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line on its way into a node: `by email`, `in 30d`, `version 4`."""

    kind: str
    value: Any
    span: Span


class Placement:
    """Sorts the lines of a block and reports those that do not belong there."""

    def __init__(self, diagnostics: list[Diagnostic], told: Callable[[Span], str]) -> None:
        self.diagnostics = diagnostics
        self._told = told

    def _report(self, code: str, span: Span, **facts: str) -> None:
        self.diagnostics.append(Diagnostic(code, span, facts))

    def declarations(self, items: Iterable[Any]) -> list[nodes.Declaration]:
        """The top level of a file. A bare `if` is a rule; other steps have to be in a journey."""
        found: list[nodes.Declaration] = []
        for item in items:
            if isinstance(item, _DECLARATIONS):
                found.append(item)
            elif isinstance(item, nodes.If):
                found.append(nodes.Rule(item, span=item.span))
            elif item is not None:
                self._stray(item, "J013" if isinstance(item, _SETTINGS + _STEPS) else "")
        return found

    def journey(self, block: Block, header: Span) -> tuple[list[nodes.Setting], list[nodes.Step]]:
        self._filled(block, header)
        settings = [i for i in block.items if isinstance(i, _SETTINGS)]
        return settings, self._only(_STEPS, [i for i in block.items if not isinstance(i, _SETTINGS)])

    def steps(self, block: Block, header: Span, may_be_empty: bool = False) -> list[nodes.Step]:
        if not may_be_empty:
            self._filled(block, header)
        return self._only(_STEPS, block.items)

    def split(self, block: Block, header: Span) -> list[nodes.Arm]:
        self._filled(block, header)
        return self._only((nodes.Arm,), block.items, "J048")

    def score(self, block: Block, header: Span) -> list[nodes.ScoreLine]:
        self._filled(block, header)
        return self._only((nodes.ScoreLine,), block.items, "J049")

    def test(self, block: Block, header: Span) -> list[nodes.TestLine]:
        self._filled(block, header)
        return self._only(_TEST_LINES, block.items, "J047")

    def with_handlers(self, step: Any, block: Block, header: Span) -> Any:
        """The step with the `on ..` lines that are indented under it."""
        handlers = self._only((nodes.On,), block.items, "J015")
        allowed = _ALLOWED.get(type(step), ())
        for handler in handlers:
            if handler.what not in allowed:
                self._report("J038", handler.span, what=handler.what)
        kept = tuple(h for h in handlers if h.what in allowed)
        return replace(step, handlers=kept, span=header) if kept else step

    def handler(self, on: nodes.On, block: Block | None) -> nodes.On:
        if block is not None:
            self._only((), block.items, "J015")
        if on.action is not None and on.action not in _ACTIONS[on.what]:
            self._report("J039", on.span, what=on.what, what_help=on.what)
        if on.action is None and on.what in ("limit", "past"):
            self._report("J039", on.span, what=on.what, what_help=on.what)
        return on

    def nothing_under(self, children: Sequence[Any]) -> None:
        self._only((), children[-1].items, "J015")

    def once(self, parts: Sequence[Part]) -> None:
        """Each kind of part at most once on a line."""
        seen: dict[str, Part] = {}
        for part in parts:
            if first := seen.get(part.kind):
                self.diagnostics.append(Diagnostic("J034", part.span, related=((first.span, "first"),)))
            seen.setdefault(part.kind, part)

    def _filled(self, block: Block, header: Span) -> None:
        if not block.items and not block.broken:
            self._report("J016", header)

    def _only(self, kinds: tuple[type[Any], ...], items: Iterable[Any], code: str = "") -> list[Any]:
        kept = []
        for item in items:
            if isinstance(item, kinds):
                kept.append(item)
            else:
                self._stray(item, code)
        return kept

    def _stray(self, item: Any, code: str) -> None:
        """Report a line in the wrong place, by what it is; `code` when the place says more."""
        by_kind: tuple[tuple[tuple[type[Any], ...], str], ...] = (
            (_DECLARATIONS, "J043"),
            (_SETTINGS, "J014"),
            (_TEST_LINES, "J044"),
            ((nodes.Arm,), "J045"),
            ((nodes.ScoreLine,), "J050"),
            ((nodes.On,), "J051"),
        )
        if not code:
            code = next(c for kinds, c in by_kind if isinstance(item, kinds))
        line = self._told(item.span).split("\n")[0].strip()
        facts = {"step": line} if code == "J013" and not isinstance(item, nodes.Start) else {"text": line}
        self._report(code, item.span, **facts)

"""What a template may contain: an allow-list on the parsed tree, looked at before anything is compiled or run.

Allowed: text, `{{ value|filter }}`, `{% if %}`, `{% for item in list %}` to a depth of two, `{% set name = value %}`,
comparisons, `and`, `or`, `not`, `a if c else b`. Whatever is not listed here is refused, so a new Jinja version cannot
add a way out. Without macros, calls, methods, arithmetic, `~`, slices, ranges and captured blocks a text cannot be made
longer than what stands in it, but for the filters, which are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError, nodes

from journeys.messages.sandbox import FILTERS, LOOP_FILTER, TESTS, Sandbox

MAX_SOURCE = 64 * 1024
MAX_DEPTH = 32
MAX_NODES = 5_000
MAX_LOOP_DEPTH = 2
MAX_LIST = 100

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.If, nodes.For, nodes.Assign, nodes.CondExpr, nodes.Compare, nodes.Operand,
    nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.List, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
_SPELLED = {
    nodes.Macro: "{% macro %}", nodes.CallBlock: "{% call %}", nodes.FilterBlock: "{% filter %}",
    nodes.With: "{% with %}", nodes.Block: "{% block %}", nodes.Include: "{% include %}",
    nodes.Import: "{% import %}", nodes.FromImport: "{% from %}", nodes.Extends: "{% extends %}",
    nodes.AssignBlock: "{% set %} with a block", nodes.Scope: "{% autoescape %}",
    nodes.NSRef: "namespace", nodes.Call: "a call", nodes.Slice: "a slice [:]", nodes.Concat: "~",
    nodes.Dict: "{...}", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Add: "+", nodes.Sub: "-",
    nodes.Mod: "%", nodes.Pow: "**", nodes.Pos: "+",
}  # fmt: skip
_LINE_OF_TAGS = re.compile(
    r"""^[ \t]* (?P<tags> (?: \{(?P<kind>[%\#]) (?: (?! (?P=kind)\} ) [^\r\n] )* (?P=kind)\} [ \t]* )*
        \{(?P<last>[%\#]) (?: (?! [-+]?(?P=last)\} ) [^\r\n] )* ) (?P<close> [-+]?(?P=last)\} )
        [ \t]* (?P<end> \r\n | \r | \n )""",
    re.MULTILINE | re.VERBOSE,
)
"""A line of nothing but tags leaves no line in the message; a tag at the end of a line of text does not join lines."""
_JINJA_NAMES = frozenset({"self", "super", "caller", "varargs", "kwargs"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in line `line` (from 1) of a text; `needle` is what to underline there, "" for the whole line."""

    code: str
    line: int
    facts: dict[str, str] = field(default_factory=dict)
    needle: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that a text reads, as the path it is written with: `customer.first_name`."""

    path: str
    line: int


def parse(text: str, sandbox: Sandbox) -> nodes.Template | Finding:
    """The tree of `text`, or the one mistake that keeps it from being read."""
    if len(text) > MAX_SOURCE:
        return Finding("J408", 1, {"limit": f"{MAX_SOURCE:,}", "measure": "characters"})
    try:
        tree = sandbox.parse(_LINE_OF_TAGS.sub(_without_line_end, text))
    except TemplateSyntaxError as error:
        return Finding("J401", error.lineno, {"message": (error.message or "").rstrip(".")})
    except (RecursionError, ValueError, OverflowError, MemoryError):
        # Brackets too deep for the parser, or a number of thousands of digits.
        return Finding("J408", 1, {"limit": str(MAX_DEPTH), "measure": "levels"})
    return _too_large(tree) or tree


def _without_line_end(line: re.Match[str]) -> str:
    """Moves the line end into the last tag of the line, where it is not printed and still counts as a line."""
    return line["tags"] + line["end"] + line["close"]


def refused(tree: nodes.Template) -> tuple[Finding, ...]:
    """Everything in the tree that is not allowed."""
    found: list[Finding] = []
    todo: list[tuple[nodes.Node, int, int]] = [(tree, 1, 0)]
    while todo:
        node, line, loops = todo.pop()
        line = node.lineno or line
        if type(node) not in _ALLOWED:
            construct = _SPELLED.get(type(node), type(node).__name__)
            found.append(Finding("J402", line, {"construct": construct}, construct if len(construct) <= 2 else ""))
            continue
        found.extend(_mistakes(node, line, loops))
        loops += isinstance(node, nodes.For)
        todo.extend((child, line, loops) for child in node.iter_child_nodes())
    return tuple(sorted(found, key=lambda finding: finding.line))


def _too_large(tree: nodes.Template) -> Finding | None:
    """Trees are walked by recursion, here and in Jinja; this walk alone is not, and keeps them within bounds."""
    todo: list[tuple[nodes.Node, int, int]] = [(tree, 1, 0)]
    count = 0
    while todo:
        node, line, depth = todo.pop()
        line = node.lineno or line
        count += 1
        if depth > MAX_DEPTH:
            return Finding("J408", line, {"limit": str(MAX_DEPTH), "measure": "levels"})
        if count > MAX_NODES:
            return Finding("J408", line, {"limit": f"{MAX_NODES:,}", "measure": "parts"})
        todo.extend((child, line, depth + 1) for child in node.iter_child_nodes())
    return None


def _mistakes(node: nodes.Node, line: int, loops: int) -> Iterator[Finding]:
    match node:
        case nodes.Name(name=name) if name.startswith("_") or name in _JINJA_NAMES:
            yield Finding("J402", line, {"construct": name}, name)
        case nodes.Getattr(attr=attr) if attr.startswith("_"):
            yield Finding("J402", line, {"construct": f".{attr}"}, attr)
        case nodes.Getitem(arg=nodes.Const(value=str(key))) if key.startswith("_"):
            yield Finding("J402", line, {"construct": f'["{key}"]'}, key)
        case nodes.Filter(name=name) if name not in FILTERS:
            yield Finding("J403", line, {"name": name, **_close(name, FILTERS), "known": ", ".join(FILTERS)}, name)
        case nodes.Test(name=name) if name not in TESTS:
            yield Finding("J403", line, {"name": name, **_close(name, TESTS), "known": ", ".join(FILTERS)}, name)
        case nodes.Filter() | nodes.Test() if node.dyn_args is not None or node.dyn_kwargs is not None:
            yield Finding("J402", line, {"construct": "*"}, "*")
        case nodes.For():
            if node.recursive or not isinstance(node.target, nodes.Name):
                yield Finding("J402", line, {"construct": "{% for %} with more than one name"}, "for")
            if loops >= MAX_LOOP_DEPTH:
                yield Finding("J402", line, {"construct": "{% for %} inside two others"}, "for")
        case nodes.Assign() if not isinstance(node.target, nodes.Name):
            yield Finding("J402", line, {"construct": "{% set %} of more than one name"}, "set")
        case nodes.List() | nodes.Tuple() if len(node.items) > MAX_LIST:
            yield Finding("J408", line, {"limit": str(MAX_LIST), "measure": "values in a list"})
        case nodes.CondExpr(expr2=None):
            yield Finding("J402", line, {"construct": "if without else"}, "if")


def bounded(tree: nodes.Template) -> nodes.Template:
    """The tree, changed in place: what each loop goes over passes through the filter that counts rounds."""
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, LOOP_FILTER, [], [], None, None, lineno=loop.lineno)
    return tree


def uses(tree: nodes.Template) -> tuple[Use, ...]:
    """The variables a text reads from outside; names that it sets itself or that a loop gives are not among them."""
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"} | {"loop"}
    found: list[Use] = []
    todo: list[nodes.Node] = [tree]
    while todo:
        node = todo.pop()
        path = _path(node)
        if path is None:
            todo.extend(node.iter_child_nodes())
        elif path[0] not in own:
            found.append(Use(".".join(path), node.lineno))
    return tuple(sorted(set(found), key=lambda use: (use.line, use.path)))


def _path(node: nodes.Node) -> list[str] | None:
    match node:
        case nodes.Name(name=name, ctx="load"):
            return [name]
        case nodes.Getattr(node=inner, attr=attr):
            outer = _path(inner)
            return None if outer is None else [*outer, attr]
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str(key))):
            outer = _path(inner)
            return None if outer is None else [*outer, key]
    return None


def unknown(used: Collection[Use], allowed: Collection[str]) -> tuple[Finding, ...]:
    """The uses that nothing allowed can meet: neither the path itself, nor something inside it, nor what holds it."""
    holders = {name[:dot] for name in allowed for dot in _dots(name)}
    return tuple(
        Finding("J404", use.line, {"name": use.path, **_close(use.path, allowed)}, use.path)
        for use in used
        if use.path not in allowed
        and use.path not in holders
        and not any(use.path[:dot] in allowed for dot in _dots(use.path))
    )


def _dots(name: str) -> list[int]:
    return [match.start() for match in re.finditer(r"\.", name)]


def _close(name: str, known: Collection[str]) -> dict[str, str]:
    """The fact `close`, where something known is spelled almost so."""
    close = get_close_matches(name, known, 1)
    return {"close": close[0]} if close else {}

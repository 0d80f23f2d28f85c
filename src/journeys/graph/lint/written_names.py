"""The names that journey files give: to journeys, segments and steps they declare, and to tags anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from journeys.diagnostics.span import Span
from journeys.language import nodes
from journeys.language.parser import Parsed


@dataclass(frozen=True, slots=True)
class WrittenName:
    """`quoted`: it stands in quotes, so whoever wrote it knew that it is a name."""

    kind: Literal["journey", "segment", "steps", "tag"]
    text: str
    span: Span
    quoted: bool


def written_names(files: Sequence[Parsed]) -> Iterator[WrittenName]:
    """All of them, in order of place."""
    for parsed in files:
        for declaration in parsed.file.declarations:
            match declaration:
                case nodes.Journey(name=name):
                    yield _written("journey", name, parsed)
                case nodes.Segment(name=name):
                    yield _written("segment", name, parsed)
                case nodes.Steps(name=name):
                    yield _written("steps", name, parsed)
                case nodes.Test():
                    continue
            for tag in _tags(declaration):
                yield _written("tag", tag, parsed)


def _written(kind: Literal["journey", "segment", "steps", "tag"], name: nodes.Name, parsed: Parsed) -> WrittenName:
    first = parsed.text[name.span.start : name.span.start + 1]
    return WrittenName(kind, name.text, name.span, quoted=not (first.isalpha() or first == "_"))


def _tags(node: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(node, nodes.Tag | nodes.Untag | nodes.Tagged):
        yield node.tag
        return
    for field in fields(node):
        value = getattr(node, field.name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, nodes.Node):
                yield from _tags(inner)

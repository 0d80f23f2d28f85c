"""Where a name is declared, and everywhere it is used."""

from __future__ import annotations

from pathlib import Path

from journeys.catalog.folding import fold
from journeys.diagnostics.span import Span
from journeys.editor.mentions import Mention
from journeys.editor.workspace import Reading
from journeys.graph.declared import path_of, rule_name
from journeys.language import nodes

_IN_FILES = frozenset({"segment", "steps", "journey"})


def definitions(path: str, offset: int, reading: Reading) -> tuple[Span, ...]:
    """Where the name at an offset is declared; nowhere for a name that is built in or that nobody declares.

    Segments, steps and journeys are declared in journey files (in every language they are told in), everything else in
    journeys.toml.
    """
    mention = reading.mention_at(path, offset)
    if mention is None:
        return ()
    if mention.kind == "file":
        return _file(path, mention.written, reading)
    if mention.kind == "value":
        return _value(mention, reading)
    found = [each.span for each in _same(mention, reading) if each.declares]
    in_files = [span for span in found if span.path != reading.project_path]
    if mention.kind in _IN_FILES and in_files:
        return tuple(in_files)
    if mention.kind == "journey":
        in_files = _rules(mention.name, reading)
    return tuple(in_files or _first(found))


def references(path: str, offset: int, reading: Reading) -> tuple[Span, ...]:
    """Every place where the name at an offset stands, its declarations included."""
    mention = reading.mention_at(path, offset)
    return tuple(each.span for each in _same(mention, reading)) if mention is not None else ()


def _same(mention: Mention, reading: Reading) -> list[Mention]:
    """All mentions of the same thing, under any of its names."""
    key = mention.kind, fold(mention.name), fold(mention.owner)
    return [
        each
        for every in reading.mentions.values()
        for each in every
        if (each.kind, fold(each.name), fold(each.owner)) == key
    ]


def _first(found: list[Span]) -> list[Span]:
    """A table of journeys.toml declares a name once: where its own name stands, before its Chinese one."""
    return found[:1]


def _rules(name: str, reading: Reading) -> list[Span]:
    """A rule is a journey named after its file: it is declared where it begins."""
    catalog = reading.project.catalog
    return [
        declaration.span
        for parsed in (*reading.files, *reading.others)
        for declaration in parsed.file.declarations
        if isinstance(declaration, nodes.Rule) and fold(catalog.journey(rule_name(path_of(parsed)))) == fold(name)
    ]


def _file(path: str, written: str, reading: Reading) -> tuple[Span, ...]:
    target = (Path(path).parent / written).resolve()
    files = (path_of(parsed) for parsed in (*reading.files, *reading.others))
    return tuple(Span(each, 0, 0) for each in files if Path(each).resolve() == target)


def _value(mention: Mention, reading: Reading) -> tuple[Span, ...]:
    """A value is declared with its field."""
    owners = [
        each.span
        for each in reading.mentions.get(reading.project_path, ())
        if each.kind in ("attribute", "property", "variable") and each.name == mention.owner
    ]
    return tuple(owners[:1])

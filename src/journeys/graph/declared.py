"""What all files declare together: journeys, segments, steps; and which further files they use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TypeVar

from journeys.catalog.folding import fold
from journeys.catalog.not_yet import not_yet
from journeys.catalog.project import Project
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.language import nodes
from journeys.language.parser import Parsed

D = TypeVar("D", nodes.Segment, nodes.Steps)

_SUFFIX = ".journey"
_LANGUAGES = (".en", ".zh")


@dataclass(frozen=True, slots=True)
class Named:
    """A journey under its canonical name; a rule has been given that of its file."""

    name: str
    journey: nodes.Journey | nodes.Rule
    path: str


@dataclass(slots=True)
class Declared:
    """`segments` and `steps` by folded canonical name; `broken` are the files that could not be read completely."""

    journeys: list[Named] = field(default_factory=list)
    segments: dict[str, nodes.Segment] = field(default_factory=dict)
    steps: dict[str, nodes.Steps] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)


def path_of(parsed: Parsed) -> str:
    """The file as the user named it."""
    return parsed.file.span.path


def is_broken(parsed: Parsed) -> bool:
    return any(diagnostic.severity == Severity.ERROR for diagnostic in parsed.diagnostics)


def declared(files: Sequence[Parsed], project: Project, out: list[Diagnostic]) -> Declared:
    """Everything the files declare, with diagnostics about names that are declared twice and forms not carried out."""
    found = Declared(broken={path_of(parsed) for parsed in files if is_broken(parsed)})
    catalog = project.catalog
    for parsed in files:
        path = path_of(parsed)
        rules = [each for each in parsed.file.declarations if isinstance(each, nodes.Rule)]
        stem = catalog.journey(rule_name(path))
        for declaration in parsed.file.declarations:
            if (refused := not_yet(declaration)) is not None:
                out.append(refused)
                continue
            match declaration:
                case nodes.Journey(name=name):
                    found.journeys.append(Named(catalog.journey(name.text), declaration, path))
                case nodes.Rule():
                    number = "" if len(rules) == 1 else f"-{rules.index(declaration) + 1}"
                    found.journeys.append(Named(f"{stem}{number}", declaration, path))
                case nodes.Segment(name=name):
                    _once(found.segments, fold(catalog.segment(name.text)), declaration, out)
                case nodes.Steps(name=name):
                    _once(found.steps, fold(name.text), declaration, out)
    return found


def _once(table: dict[str, D], name: str, declaration: D, out: list[Diagnostic]) -> None:
    first = table.setdefault(name, declaration)
    if first is not declaration:
        what = "segment" if isinstance(declaration, nodes.Segment) else "steps"
        facts = {"name": declaration.name.text, "declared_kind": what}
        related = ((first.name.span, "first"),)
        out.append(Diagnostic("J121", declaration.name.span, facts, related=related))


def rule_name(path: str) -> str:
    """The name of a rule's journey: its file's, without what says that it holds journeys and in which language.

    >>> rule_name("journeys/one-line.zh.journey")
    'one-line'
    """
    name = PurePath(path).name.removesuffix(_SUFFIX)
    for language in _LANGUAGES:
        name = name.removesuffix(language)
    return name


# -- use "file" --------------------------------------------------------------------------------------------------------


def used_files(files: Sequence[Parsed], project: Project) -> tuple[Path, ...]:
    """The files that `use` names and that are not among `files`: to be read and given along with them.

    Only files inside the project's folder; a link that leads outside is not followed.
    """
    known = {_absolute(path_of(parsed)) for parsed in files}
    wanted: dict[Path, None] = {}
    for _, target in _uses(files):
        if target not in known and _inside(target, project):
            wanted[target] = None
    return tuple(wanted)


def check_uses(files: Sequence[Parsed], project: Project, out: list[Diagnostic]) -> None:
    """Errors for a `use` that leaves the project's folder, names no file, or leads back to where it stands."""
    known = {_absolute(path_of(parsed)): path_of(parsed) for parsed in files}
    using: dict[str, list[tuple[nodes.Use, str]]] = {}
    for use, target in _uses(files):
        if not _inside(target, project):
            out.append(Diagnostic("J122", use.file.span, {"file": use.file.value}))
        elif target not in known:
            out.append(Diagnostic("J123", use.file.span, {"file": use.file.value}))
        else:
            using.setdefault(use.span.path, []).append((use, known[target]))
    for path, uses in using.items():
        for use, target_path in uses:
            if path in _used_by(target_path, using):
                back = next(each for each, _ in using[target_path])
                out.append(Diagnostic("J124", use.file.span, {"file": use.file.value}, related=((back.span, "back"),)))


def _used_by(path: str, using: Mapping[str, list[tuple[nodes.Use, str]]]) -> set[str]:
    """A file and all files it uses, directly or through others."""
    seen: set[str] = set()
    todo = [path]
    while todo:
        at = todo.pop()
        if at not in seen:
            seen.add(at)
            todo.extend(target for _, target in using.get(at, ()))
    return seen


def _uses(files: Iterable[Parsed]) -> list[tuple[nodes.Use, Path]]:
    return [
        (declaration, _absolute(str(Path(path_of(parsed)).parent / declaration.file.value)))
        for parsed in files
        for declaration in parsed.file.declarations
        if isinstance(declaration, nodes.Use)
    ]


def _absolute(path: str) -> Path:
    return Path(path).resolve()


def _inside(path: Path, project: Project) -> bool:
    return path.is_relative_to(project.folder.resolve())

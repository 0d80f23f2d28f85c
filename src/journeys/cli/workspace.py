"""What a verb works on: the project, its files, its store; and how it tells what is wrong."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, Literal, NoReturn, ParamSpec, TypeVar, cast

import click

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.diagnostics.render import Style, render
from journeys.diagnostics.span import Span

if TYPE_CHECKING:
    from journeys.catalog.project import Project
    from journeys.graph.model import RuleGraph
    from journeys.language.parser import Parsed
    from journeys.store.database import Store

Language = Literal["en", "zh"]
P = ParamSpec("P")
R = TypeVar("R")


class Problem(Exception):
    """A mistake of the user's that ends the verb: shown with its place and a way out; exit code 1."""

    def __init__(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources = dict(sources or {})
        super().__init__(self.diagnostics)


@dataclass(frozen=True, slots=True)
class Journeys:
    """Journey files, read and compiled."""

    parsed: tuple[Parsed, ...]
    graphs: tuple[RuleGraph, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity == Severity.ERROR)


@dataclass(slots=True)
class Session:
    """One call of the program."""

    folder: Path
    spoken: str | None
    store_name: str | None
    _project: Project | None = field(default=None)
    _warnings: tuple[Diagnostic, ...] = ()

    @property
    def language(self) -> Language:
        """What to speak: the option, else the project's language."""
        if self.spoken:
            return cast("Language", self.spoken)
        return self._project.language if self._project is not None else "en"

    @property
    def project(self) -> Project:
        """The project of the folder; a bare one where there is no project file. Raises Problem."""
        if self._project is None:
            from journeys.catalog.load import FILE, load_project

            if not self.folder.is_dir():
                raise Problem([Diagnostic("J601", _at(self.folder), {"path": str(self.folder)})])
            project, mistakes = load_project(self.folder)
            path = self.folder / FILE
            if project is None:
                raise Problem(mistakes, {str(path): file_text(path)})
            self._project = project
            self._warnings = mistakes
        return self._project

    def journeys(self, files: Sequence[Path]) -> Journeys:
        """The given files, or all of the project, compiled; mistakes are in the result, not raised."""
        from journeys.catalog.journey_files import journey_files
        from journeys.graph.declared import used_files
        from journeys.graph.from_language import compile_files
        from journeys.messages.templates import TemplateFolder

        project = self.project
        waiting = list(files or journey_files(project))
        if not waiting:
            raise Problem([Diagnostic("J602", _at(self.folder), {"path": str(self.folder)})])
        parsed: dict[Path, Parsed] = {}
        sources: dict[str, str] = {}
        found: list[Diagnostic] = [*self._warnings]
        while waiting:
            path = waiting.pop(0)
            if path.resolve() in parsed:
                continue
            one = self._read(path, found)
            if one is not None:
                parsed[path.resolve()] = one
                sources[str(path)] = one.text
                found += one.diagnostics
                used = used_files(tuple(parsed.values()), project)
                waiting += [each for each in used if each.exists()]  # J123 tells of one that is missing
        templates = TemplateFolder(project.folder / "messages", project.language)
        exists = templates.exists if project.declared else None
        graphs, mistakes = compile_files(tuple(parsed.values()), project, exists)
        if project.declared:
            mistakes = (*mistakes, *templates.check())
        found += mistakes
        shown = {path: file_text(Path(path)) for path in {one.span.path for one in found} - sources.keys()}
        sources |= {path: text for path, text in shown.items() if text}
        return Journeys(tuple(parsed.values()), graphs, tuple(found), sources)

    def _read(self, path: Path, found: list[Diagnostic]) -> Parsed | None:
        from journeys.language.decoding import decode
        from journeys.language.parser import parse

        try:
            data = path.read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            found.append(Diagnostic("J603", _at(path), {"path": str(path), "reason": reason}))
            return None
        text, mistakes = decode(data, str(path))
        found += mistakes
        return None if mistakes else parse(text, str(path))

    def sound_journeys(self, files: Sequence[Path]) -> Journeys:
        """As `journeys`, where any error ends the verb; warnings are shown."""
        found = self.journeys(files)
        if found.errors:
            raise Problem(found.diagnostics, found.sources)
        warnings = [one for one in found.diagnostics if one.severity == Severity.WARNING]
        if warnings:
            self.tell(warnings, found.sources)
        return found

    @property
    def store_path(self) -> str:
        """The project's store, as a path or a database URL."""
        return self.store_name or str(self.folder / "journeys.db")

    def open_store(self, create: bool = False) -> Store:
        """The project's store. Raises StoreProblem, which `verb` shows."""
        from journeys.store import database

        return database.open_store(self.store_path, create=create)

    def tell(self, diagnostics: Sequence[Diagnostic], sources: Mapping[str, str], style: Style = "full") -> None:
        """Show diagnostics on standard error (machine-readable styles on standard output)."""
        machine = style in ("json", "sarif")
        color = not machine and sys.stderr.isatty()
        text = render(diagnostics, sources, style, self.language, color)
        click.echo(text, err=not machine)

    def words(self, english: str, chinese: str) -> str:
        """Those of the language spoken."""
        return chinese if self.language == "zh" else english

    def say(self, english: str, chinese: str) -> None:
        """Say something on standard output, in the language spoken."""
        click.echo(self.words(english, chinese))

    def fail(self, code: str, path: Path | str, **facts: str) -> NoReturn:
        """End the verb with one diagnostic."""
        raise Problem([Diagnostic(code, _at(path), {"path": str(path), **facts})])


def _at(path: Path | str) -> Span:
    return Span(str(path), 0, 0)


def file_text(path: Path) -> str:
    """The text of a file to show a place in; empty where there is none to show."""
    try:
        return path.read_text("utf-8-sig", errors="replace")
    except OSError:
        return ""


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is the old one or the new one, whatever happens meanwhile."""
    target = path.resolve()
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_text(text, "utf-8", newline="")
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def verb(function: Callable[Concatenate[Session, P], R]) -> Callable[P, R]:
    """A verb's function, to which the Session is given here; mistakes of the user end it with exit code 1."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        session: Session = click.get_current_context().obj
        try:
            return function(session, *args, **kwargs)
        except Problem as problem:
            session.tell(problem.diagnostics, problem.sources)
        except OSError as error:
            if not isinstance(error.filename, str):  # a closed pipe; what is wrong with a file names it
                raise
            reason = error.strerror or type(error).__name__
            session.tell([Diagnostic("J614", _at(error.filename), {"path": error.filename, "reason": reason})], {})
        except Exception as error:
            diagnostic = getattr(error, "diagnostic", None)  # a StoreProblem; importing its room takes long
            if not isinstance(diagnostic, Diagnostic):
                raise
            session.tell([diagnostic], {})
        raise SystemExit(1)

    return run


FILES = click.argument("files", nargs=-1, type=click.Path(path_type=Path))

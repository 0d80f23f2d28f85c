"""The files of a project as they stand on the screen: what is being typed goes before what is on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from journeys.catalog.journey_files import journey_files
from journeys.catalog.load import FILE, bare_project, read_project
from journeys.catalog.project import Language, Project
from journeys.catalog.scope import Scope, SegmentTable
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.editor.mentions import Mention, mentions
from journeys.editor.toml_names import toml_mentions
from journeys.graph.declared import Declared, declared, is_broken, path_of, used_files
from journeys.graph.from_language import compile_files
from journeys.graph.model import RuleGraph
from journeys.language.decoding import decode
from journeys.language.keywords import CJK, OWNER
from journeys.language.parser import Parsed, parse
from journeys.language.printer import language_of
from journeys.messages.templates import TemplateFolder

SUFFIX = ".journey"


@dataclass(frozen=True)
class Reading:
    """A file with all that belongs to it, read and compiled.

    `files` are those that are checked together: all journeys of the project, or a file outside its journey folders with
    the files that it uses. `others` are the project's further journey files (another language, a draft), which are not
    checked, but whose names count. `project_file` is the text of journeys.toml, "" where there is none; `diagnostics`
    are those of all files and of the templates.
    """

    project: Project
    files: tuple[Parsed, ...]
    graphs: tuple[RuleGraph, ...]
    diagnostics: tuple[Diagnostic, ...]
    project_path: str = ""
    project_file: str = ""
    others: tuple[Parsed, ...] = ()

    @cached_property
    def declared(self) -> Declared:
        """The journeys, segments and steps of the files."""
        return declared(self.files, self.project, [])

    @cached_property
    def scope(self) -> Scope:
        return Scope(self.project, SegmentTable(self.declared.segments), "segment")

    @cached_property
    def mentions(self) -> Mapping[str, tuple[Mention, ...]]:
        """By file, every name in it, in order of place; journeys.toml and the other files included."""
        found = {path_of(parsed): mentions(parsed.file, self.scope) for parsed in (*self.files, *self.others)}
        if self.project_file:
            found[self.project_path] = toml_mentions(self.project_file, self.project_path)
        return found

    def parsed(self, path: str) -> Parsed | None:
        return next((each for each in (*self.files, *self.others) if path_of(each) == path), None)

    def text(self, path: str) -> str | None:
        """The text of a journey file, or of journeys.toml."""
        if path == self.project_path:
            return self.project_file
        parsed = self.parsed(path)
        return parsed.text if parsed is not None else None

    def mention_at(self, path: str, offset: int) -> Mention | None:
        """The name at an offset, its last character's end included."""
        touched = [each for each in self.mentions.get(path, ()) if each.span.start <= offset <= each.span.end]
        return min(touched, key=lambda each: (each.span.end == offset, each.span.end - each.span.start), default=None)

    def broken(self) -> tuple[str, ...]:
        """The journey files that could not be read completely."""
        return tuple(path_of(parsed) for parsed in (*self.files, *self.others) if is_broken(parsed))


def language_for(text: str, project: Project) -> Language:
    """The language of most keywords of a file; of one that has none yet, the project's."""
    chinese = language_of(text)
    if chinese == "zh" or any(word.lower() in OWNER for word in text.split()):
        return chinese
    return "zh" if CJK.search(text) else project.language


@dataclass(frozen=True, slots=True)
class _ProjectFile:
    """The text of journeys.toml (None: there is none), the project to work with, and the file's mistakes."""

    text: str | None
    project: Project
    mistakes: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Templates:
    folder: TemplateFolder
    mistakes: tuple[Diagnostic, ...]


class Workspace:
    """The open texts, by the path of their file, over the files on the disk.

    `read` looks at the files on the disk each time, but reads and compiles only what has changed. Which further files a
    folder holds is looked up once, and again after `look_again`.
    """

    def __init__(self) -> None:
        self._open: dict[str, str] = {}
        self._parsed: dict[str, Parsed] = {}
        self._bytes: dict[str, tuple[tuple[int, int], bytes]] = {}
        self._projects: dict[Path, _ProjectFile] = {}
        self._templates: dict[Path, _Templates] = {}
        self._listed: dict[Path, tuple[str, ...]] = {}
        self._readings: dict[str, tuple[tuple[object, ...], Reading]] = {}

    @property
    def open_files(self) -> tuple[str, ...]:
        return tuple(self._open)

    def open(self, path: str, text: str) -> None:
        """Take up what stands in the editor; also after each change."""
        self._open[path] = text

    def close(self, path: str) -> None:
        """The file on the disk counts again."""
        self._open.pop(path, None)

    def read(self, path: str) -> Reading:
        """Everything about a journey file or a journeys.toml, as it stands now."""
        folder = self._folder(Path(path))
        project_path = str(folder / FILE)
        file = self._project(folder, project_path)
        project = file.project
        files, unreadable = self._files(path, project)
        others = tuple(self._others(project, {path_of(each) for each in files})) if project.declared else ()
        templates = self._template_folder(project)
        # Trees are compared without their places: two readings are the same only when they are of the same texts.
        parts = (id(file), tuple(map(id, files)), tuple(map(id, others)), unreadable, id(templates))
        before = self._readings.get(path)
        if before is not None and before[0] == parts:
            return before[1]
        graphs: tuple[RuleGraph, ...] = ()
        found = [*file.mistakes, *unreadable, *(each for parsed in files for each in parsed.diagnostics)]
        if not any(each.severity == Severity.ERROR for each in file.mistakes):
            graphs, meant = compile_files(files, project, templates.folder.exists if project.declared else None)
            found += [*meant, *templates.mistakes]
        reading = Reading(project, files, graphs, tuple(found), project_path, file.text or "", others)
        self._readings[path] = parts, reading
        return reading

    def look_again(self) -> None:
        """Files have come or gone."""
        self._listed.clear()

    def text_on_disk(self, path: str) -> str:
        """The text of any file of a project, a template for example; "" where there is none."""
        return self._text(path) or ""

    def _folder(self, path: Path) -> Path:
        """The project a file belongs to: the nearest folder above it with a journeys.toml, else its own folder."""
        for folder in path.parents:
            if self._is_file(folder / FILE):
                return folder
        return path.parent

    def _is_file(self, path: Path) -> bool:
        return str(path) in self._open or path.is_file()

    def _project(self, folder: Path, path: str) -> _ProjectFile:
        """The project; while its file has errors, the last one that had none."""
        text = self._text(path)
        before = self._projects.get(folder)
        if before is not None and before.text == text:
            return before
        mistakes: tuple[Diagnostic, ...] = ()
        if text is None:
            project = bare_project(folder)
        else:
            sound, mistakes = read_project(text, path, folder)
            project = sound or (before.project if before is not None else bare_project(folder))
        file = self._projects[folder] = _ProjectFile(text, project, mistakes)
        return file

    def _files(self, path: str, project: Project) -> tuple[tuple[Parsed, ...], tuple[Diagnostic, ...]]:
        """The files that are checked together with this one, and why some of them cannot be read."""
        of_project = [str(each) for each in journey_files(project)] if project.declared else []
        if path.endswith(SUFFIX) and path not in of_project:
            of_project = [path]
        elif not path.endswith(SUFFIX) and path in self._open and Path(path).name != FILE:
            of_project = [path]  # a text that has no file yet
        waiting = of_project
        parsed: dict[str, Parsed] = {}
        unreadable: list[Diagnostic] = []
        while waiting:
            each = waiting.pop(0)
            if each in parsed:
                continue
            one = self._parse(each, unreadable)
            if one is not None:
                parsed[each] = one
                waiting += [str(used) for used in used_files(tuple(parsed.values()), project)]
        return tuple(parsed.values()), tuple(unreadable)

    def _others(self, project: Project, known: set[str]) -> Iterator[Parsed]:
        if project.folder not in self._listed:
            self._listed[project.folder] = _journey_files_under(project.folder)
        for path in self._listed[project.folder]:
            if path not in known and (parsed := self._parse(path, [])) is not None:
                yield parsed

    def _parse(self, path: str, unreadable: list[Diagnostic]) -> Parsed | None:
        text = self._open.get(path)
        if text is None:
            data = self._data(path)
            if data is None:
                return None
            text, mistakes = decode(data, path)
            if mistakes:
                unreadable += mistakes
                return None
        before = self._parsed.get(path)
        if before is None or before.text != text:
            before = self._parsed[path] = parse(text, path)
        return before

    def _text(self, path: str) -> str | None:
        if path in self._open:
            return self._open[path]
        data = self._data(path)
        return data.decode("utf-8-sig", "replace") if data is not None else None

    def _data(self, path: str) -> bytes | None:
        """The bytes on the disk, read anew when the file has changed; None where there is no file."""
        try:
            status = Path(path).stat()
            stamp = status.st_mtime_ns, status.st_size
            before = self._bytes.get(path)
            if before is None or before[0] != stamp:
                before = self._bytes[path] = stamp, Path(path).read_bytes()
        except (OSError, ValueError):
            return None
        return before[1]

    def _template_folder(self, project: Project) -> _Templates:
        """The project's templates and what is wrong in them, looked at again when one of them has changed."""
        path = project.folder / "messages"
        before = self._templates.get(path)
        if before is None or before.folder.language != project.language:
            folder = TemplateFolder(path, project.language)
        elif before.folder.refresh():
            folder = before.folder
        else:
            return before
        templates = self._templates[path] = _Templates(folder, folder.check() if project.declared else ())
        return templates


def _journey_files_under(folder: Path) -> tuple[str, ...]:
    """All journey files of a folder and the folders in it; hidden ones are passed over."""
    found = []
    for inner, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [str(Path(inner) / name) for name in names if name.endswith(SUFFIX) and not name.startswith(".")]
    return tuple(sorted(found))


def paths_of(diagnostics: Sequence[Diagnostic]) -> frozenset[str]:
    """The files that diagnostics are about."""
    return frozenset(each.span.path for each in diagnostics)

"""The files of a project as they stand on the screen: what is being typed goes before what is on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from journeys.catalog.journey_files import journey_files
from journeys.catalog.load import FILE, bare_project, read_project
from journeys.catalog.project import Language, Project
from journeys.catalog.scope import Scope, SegmentTable
from journeys.diagnostics.diagnostic import Diagnostic
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


class Workspace:
    """The open texts, by the path of their file, over the files on the disk.

    `read` looks at the disk each time, but reads only what has changed there.
    """

    def __init__(self) -> None:
        self._open: dict[str, str] = {}
        self._parsed: dict[str, Parsed] = {}
        self._bytes: dict[str, tuple[tuple[int, int], bytes]] = {}
        self._projects: dict[Path, Project] = {}
        self._templates: dict[Path, tuple[TemplateFolder, tuple[Diagnostic, ...]]] = {}

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
        text = self._text(project_path)
        project, mistakes = self._project(folder, project_path, text)
        files, unreadable = self._files(path, project)
        graphs: tuple[RuleGraph, ...] = ()
        found = [*mistakes, *unreadable, *(each for parsed in files for each in parsed.diagnostics)]
        if text is None or not any(each.severity == "error" for each in mistakes):
            templates, in_templates = self._template_folder(project)
            graphs, meant = compile_files(files, project, templates.exists if project.declared else None)
            found += [*meant, *in_templates]
        known = {path_of(parsed) for parsed in files}
        others = tuple(self._others(project, known)) if project.declared else ()
        return Reading(project, files, graphs, tuple(found), project_path, text or "", others)

    def _folder(self, path: Path) -> Path:
        """The project a file belongs to: the nearest folder above it with a journeys.toml, else its own folder."""
        for folder in path.parents:
            if self._is_file(folder / FILE):
                return folder
        return path.parent

    def _is_file(self, path: Path) -> bool:
        return str(path) in self._open or path.is_file()

    def _project(self, folder: Path, path: str, text: str | None) -> tuple[Project, tuple[Diagnostic, ...]]:
        """The project; while its file has errors, the last one that had none."""
        if text is None:
            return bare_project(folder), ()
        project, mistakes = read_project(text, path, folder)
        if project is None:
            return self._projects.get(folder) or bare_project(folder), mistakes
        self._projects[folder] = project
        return project, mistakes

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
        for path in sorted(project.folder.rglob(f"*{SUFFIX}")):
            hidden = any(part.startswith(".") for part in path.relative_to(project.folder).parts)
            if str(path) not in known and path.is_file() and not hidden:
                parsed = self._parse(str(path), [])
                if parsed is not None:
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

    def _template_folder(self, project: Project) -> tuple[TemplateFolder, tuple[Diagnostic, ...]]:
        """The project's templates and what is wrong in them, looked at again when one of them has changed."""
        folder = project.folder / "messages"
        before = self._templates.get(folder)
        if before is None or before[0].language != project.language:
            templates = TemplateFolder(folder, project.language)
        elif before[0].refresh():
            templates = before[0]
        else:
            return before
        found = templates.check() if project.declared else ()
        self._templates[folder] = templates, found
        return templates, found


def paths_of(diagnostics: Sequence[Diagnostic]) -> frozenset[str]:
    """The files that diagnostics are about."""
    return frozenset(each.span.path for each in diagnostics)

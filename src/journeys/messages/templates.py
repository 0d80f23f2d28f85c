"""The `messages/` folder of a project: which message has a template for which channel, in which languages.

    messages/coupon/email.en.j2            a message's folder; CHANNEL.LANGUAGE.j2
    messages/coupon/email.en.html.j2       the same mail as HTML
    messages/coupon/sms.zh.j2
    messages/优惠券/email.zh.j2

Folder and file names are compared like all names of a project: after NFKC and case folding. Jinja is imported when a
template is read, not before: `exists` is cheap.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.diagnostics.span import Span

if TYPE_CHECKING:
    from journeys.messages.template import Parsed

WITH_SUBJECT = frozenset({"email"})
"""The channels whose templates begin with `subject: ...` and may have an HTML file beside them."""
MAX_BYTES = 4 * 64 * 1024

_FILE = re.compile(r"(?P<channel>[^.]+)\.(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)(?P<html>\.html)?\.j2")


@dataclass(frozen=True, slots=True)
class _Key:
    message: str
    channel: str
    language: str
    html: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """The templates of one message for one channel in one language."""

    language: str
    main: Parsed
    html: Parsed | None


class TemplateFolder:
    """The template files under `path`; `language` is the project's. A folder that is not there has no templates.

    Files are listed when the folder is opened and compiled when first used; `refresh` takes up what was changed since.
    """

    def __init__(self, path: Path, language: str = "en", *, with_subject: Collection[str] = WITH_SUBJECT) -> None:
        self.path = path
        self.language = language
        self._with_subject = frozenset(map(_folded, with_subject))
        self._files: dict[_Key, Path] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._misplaced: tuple[Diagnostic, ...] = ()
        self._loaded: dict[tuple[str, str, str], Loaded | tuple[Diagnostic, ...]] = {}
        self._chosen: dict[tuple[str, str, str | None], str | None] = {}
        self.refresh()

    def refresh(self) -> bool:
        """Look again at the files; True if anything changed. One call a tick is enough for a daemon."""
        files, stamps, misplaced = _listing(self.path)
        if (files, stamps, misplaced) == (self._files, self._stamps, self._misplaced):
            return False
        self._files, self._stamps, self._misplaced = files, stamps, misplaced
        self._loaded.clear()
        self._chosen.clear()
        return True

    def messages(self) -> tuple[str, ...]:
        """The messages that have a template, by their folders' names."""
        return tuple(sorted({path.parent.name for path in self._files.values()}))

    def exists(self, message: str, channel: str) -> bool:
        """Whether there is a template in any language."""
        return bool(self.languages(message, channel))

    def languages(self, message: str, channel: str) -> tuple[str, ...]:
        """The languages there is a template for, in alphabetical order, as `zh-cn`."""
        asked = _folded(message), _folded(channel), False
        return tuple(sorted(key.language for key in self._files if (key.message, key.channel, key.html) == asked))

    def choose(self, message: str, channel: str, language: str | None) -> str | None:
        """The language a person gets: their own (`zh-cn`, then `zh`), the project's, the first there is."""
        asked = (message, channel, language)
        if asked not in self._chosen:
            there = self.languages(message, channel)
            wanted = [tag for wish in (language, self.language) if wish for tag in _widened(wish)]
            self._chosen[asked] = next((tag for tag in wanted if tag in there), there[0] if there else None)
        return self._chosen[asked]

    def expected_path(self, message: str, channel: str, language: str | None = None) -> Path:
        """Where a template that is missing would be looked for."""
        return self.path / message / f"{channel}.{language or self.language}.j2"

    def load(self, message: str, channel: str, language: str | None) -> Loaded | tuple[Diagnostic, ...]:
        """The compiled templates for a person of that language (None: unknown), or what is wrong with them.

        J410 where no file exists in any language.
        """
        chosen = self.choose(message, channel, language)
        if chosen is None:
            path = str(self.expected_path(message, channel))
            facts = {"message": message, "channel": channel, "path": path}
            return (Diagnostic("J410", Span(path, 0, 0), facts),)
        key = (_folded(message), _folded(channel), chosen)
        if key not in self._loaded:
            self._loaded[key] = self._read(*key)
        return self._loaded[key]

    def check(self, allowed: Mapping[str, Collection[str]] | None = None) -> tuple[Diagnostic, ...]:
        """Everything wrong in the folder, located in the files.

        `allowed`: per message the variables there are, as paths (`customer.first_name`, `discount`); a message that is
        not named there is not checked for unknown variables.
        """
        names = {_folded(message): frozenset(paths) for message, paths in (allowed or {}).items()}
        found = list(self._misplaced)
        for key, path in self._files.items():
            read = self._read_file(key, path, names.get(key.message))
            if isinstance(read, tuple):
                found.extend(read)
            if key.html and _Key(key.message, key.channel, key.language, False) not in self._files:
                found.append(Diagnostic("J412", Span(str(path), 0, 0), {"path": path.name.replace(".html.j2", ".j2")}))
        return tuple(sorted(found, key=lambda diagnostic: (diagnostic.span.path, diagnostic.span.start)))

    def _read(self, message: str, channel: str, language: str) -> Loaded | tuple[Diagnostic, ...]:
        key = _Key(message, channel, language, False)
        main = self._read_file(key, self._files[key])
        if isinstance(main, tuple):
            return main
        html_key = _Key(message, channel, language, True)
        if html_key not in self._files:
            return Loaded(language, main, None)
        html = self._read_file(html_key, self._files[html_key])
        return html if isinstance(html, tuple) else Loaded(language, main, html)

    def _read_file(
        self, key: _Key, path: Path, allowed: Collection[str] | None = None
    ) -> Parsed | tuple[Diagnostic, ...]:
        from journeys.messages.template import TemplateSource, read_template

        text = _text_of(path, self.path)
        if isinstance(text, Diagnostic):
            return (text,)
        front = key.channel in self._with_subject and not key.html
        parsed, found = read_template(
            TemplateSource(str(path), text), key.language, html=key.html, front=front, allowed=allowed
        )
        return parsed if parsed is not None else found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _widened(language: str) -> list[str]:
    parts = language.lower().replace("_", "-").split("-")
    return ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _listing(root: Path) -> tuple[dict[_Key, Path], dict[Path, tuple[int, int]], tuple[Diagnostic, ...]]:
    """The template files, when each was last changed, and files whose names say nothing."""
    files: dict[_Key, Path] = {}
    stamps: dict[Path, tuple[int, int]] = {}
    misplaced: list[Diagnostic] = []
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            if name.startswith(".") or not name.endswith(".j2"):
                continue
            path = Path(folder) / name
            match = _FILE.fullmatch(name)
            if match is None or path.parent.parent != root:
                misplaced.append(Diagnostic("J414", Span(str(path), 0, 0), {"name": name}, Severity.WARNING))
                continue
            language = match["language"].lower().replace("_", "-")
            key = _Key(_folded(path.parent.name), _folded(match["channel"]), language, bool(match["html"]))
            if key in files:
                facts = {"name": name, "other": str(files[key])}
                misplaced.append(Diagnostic("J415", Span(str(path), 0, 0), facts))
                continue
            files[key] = path
            try:
                status = path.stat()
            except OSError:
                continue  # reading it says what is wrong with it
            stamps[path] = (status.st_mtime_ns, status.st_size)
    return files, stamps, tuple(misplaced)


def _text_of(path: Path, root: Path) -> str | Diagnostic:
    """The file's text; a link that leads out of the folder is not followed."""
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            return Diagnostic(
                "J409", Span(str(path), 0, 0), {"file_problem": "it is a link that leads out of the folder"}
            )
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            return Diagnostic("J408", Span(str(path), 0, 0), {"limit": f"{MAX_BYTES:,}", "measure": "bytes"})
        return data.decode("utf-8-sig")
    except OSError as error:
        return Diagnostic("J409", Span(str(path), 0, 0), {"file_problem": error.strerror or type(error).__name__})
    except UnicodeDecodeError:
        return Diagnostic("J409", Span(str(path), 0, 0), {"file_problem": "it is not UTF-8 text"})

"""One template file: its front part, its texts, and the programs they compile to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType

from jinja2 import Template
from jinja2.runtime import new_context

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span
from journeys.messages import syntax
from journeys.messages.html_places import unsafe_places
from journeys.messages.sandbox import MAX_CHARACTERS, MAX_ROUNDS, ROUNDS, Refused, Sandbox
from journeys.messages.syntax import Finding, Use

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_FRONT = re.compile(r"([^\s:]+)\s*:[ \t]*(.*?)[ \t]*(?:\r\n|\r|\n|$)")
FRONT_KEYS = ("subject",)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a template file that is rendered: where it begins in the file, and its program."""

    file: TemplateSource
    start: int
    template: Template
    uses: tuple[Use, ...]

    def fill(self, variables: Mapping[str, object]) -> str | Diagnostic:
        """The text with the variables in their places, or why this person cannot have it."""
        context = new_context(
            self.template.environment, None, self.template.blocks, {**variables, ROUNDS: [MAX_ROUNDS]}, True, None
        )
        pieces: list[str] = []
        room = MAX_CHARACTERS
        try:
            for piece in self.template.root_render_func(context):
                pieces.append(piece)
                room -= len(piece)
                if room < 0:
                    raise Refused("J422", characters=f"{MAX_CHARACTERS:,}")
        except Refused as refusal:
            return self._refusal(refusal, refusal.__traceback__)
        except Exception as error:
            # The template is the user's program and the values are anybody's: whatever goes wrong in it, such as a
            # text compared with a number, is this message's verdict and must not stop the ones behind it.
            return self._refusal(Refused("J425", kind=type(error).__name__), error.__traceback__)
        return "".join(pieces)

    def _refusal(self, refusal: Refused, traceback: TracebackType | None) -> Diagnostic:
        line, needle, facts = 1, "", dict(refusal.facts)
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == self.template.filename:
                line = self.template.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        if refusal.code == "J420":
            name = facts.pop("name")
            written = [use.path for use in self.uses if use.line == line and use.path.split(".")[-1] == name]
            needle = facts["name"] = written[0] if written else name
            facts.pop("hint")
        return self.file.diagnostic(Finding(refusal.code, line, facts, needle), self.start)


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """A template file as written; `path` as the user named it."""

    path: str
    text: str

    def diagnostic(self, finding: Finding, start: int = 0) -> Diagnostic:
        """The finding in the text that begins at `start`, as a diagnostic of this file."""
        for number, match in enumerate(_LINE.finditer(self.text, start), 1):
            if number == finding.line or match.end() == len(self.text):
                break
        begin, end = match.start(), match.start() + len(match[0].rstrip("\r\n"))
        for needle in (finding.needle, finding.needle.rpartition(".")[2]):
            if needle and (at := _word(needle, self.text, begin, end)) >= 0:
                begin, end = at, at + len(needle)
                break
        return Diagnostic(finding.code, Span(self.path, begin, end), finding.facts)


def _word(needle: str, text: str, begin: int, end: int) -> int:
    """Where `needle` stands in the line as a word of its own; -1 if nowhere."""
    before = r"(?<![\w.])" if needle[0].isalnum() else ""
    after = r"\b" if needle[-1].isalnum() else ""
    match = re.compile(before + re.escape(needle) + after).search(text, begin, end)
    return match.start() if match else text.find(needle, begin, end)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file whose texts compiled. `subject` is None where the channel has none."""

    subject: Text | None
    body: Text


@lru_cache(maxsize=64)
def sandbox(language: str, html: bool) -> Sandbox:
    """The one environment of a language."""
    return Sandbox(language, html=html)


def read_template(
    source: TemplateSource, language: str, *, html: bool, front: bool, allowed: Collection[str] | None = None
) -> tuple[Parsed | None, tuple[Diagnostic, ...]]:
    """Reads a file; with mistakes there is no program, and `Diagnostic`s say why.

    `front`: the file begins with `subject: ...`, then a blank line. `allowed`: the variables there are, as paths; None
    when they are not known.
    """
    found: list[Diagnostic] = []
    keys: dict[str, tuple[int, int]] = {}
    body = 0
    if front:
        keys, body = _front_part(source, found)
        if "subject" not in keys:
            found.append(source.diagnostic(Finding("J405", 1)))
    texts: list[Text] = []
    for start, end in [*keys.values(), (body, len(source.text))]:
        text = _compile(source, start, end, language, html, allowed, found.append)
        if text is not None:
            texts.append(text)
    if found:
        return None, tuple(found)
    return Parsed(texts[0] if front else None, texts[-1]), ()


def _front_part(source: TemplateSource, found: list[Diagnostic]) -> tuple[dict[str, tuple[int, int]], int]:
    """The keys with the places of their values, and where the body begins."""
    keys: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(_LINE.finditer(source.text), 1):
        if not line[0].strip():
            return keys, line.end()
        match = _FRONT.fullmatch(line[0])
        if match is None:
            if keys:
                found.append(source.diagnostic(Finding("J406", number)))
            return keys, line.start()
        key = match[1].lower()
        if key not in FRONT_KEYS or key in keys:
            found.append(source.diagnostic(Finding("J407", number, {"key": match[1]}, match[1])))
        else:
            keys[key] = (line.start() + match.start(2), line.start() + match.end(2))
    return keys, len(source.text)


def _compile(
    source: TemplateSource,
    start: int,
    end: int,
    language: str,
    html: bool,
    allowed: Collection[str] | None,
    report: Callable[[Diagnostic], None],
) -> Text | None:
    environment = sandbox(language, html)
    tree = syntax.parse(source.text[start:end], environment)
    if isinstance(tree, Finding):
        report(source.diagnostic(tree, start))
        return None
    findings = syntax.refused(tree)
    used = syntax.uses(tree)
    if html:
        findings += unsafe_places(tree)
    if allowed is not None:
        findings += syntax.unknown(used, allowed)
    for finding in findings:
        report(source.diagnostic(finding, start))
    if findings:
        return None
    try:
        code = environment.compile(syntax.bounded(tree), filename=f"<{source.path}>")
    except Exception as error:
        # A tree that is allowed and still cannot be compiled, for example by Python's own limits on nesting.
        report(source.diagnostic(Finding("J401", 1, {"message": str(error) or type(error).__name__}), start))
        return None
    return Text(source, start, Template.from_code(environment, code, {}), used)

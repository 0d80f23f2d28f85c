"""The text of one message for one person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.wording import headline
from journeys.messages.templates import TemplateFolder

_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of what follows, with which a name could rewrite the look of a subject."""
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is handed to a channel: `subject` and `html` are None where the template has none."""

    subject: str | None = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    language: str


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """This person cannot have this message; nothing may be sent.

    `reason` is one English line for the outbox, without any of the person's data; `diagnostics` say the same, located
    in the template file. `template_broken`: nobody can have it until the file is repaired; otherwise it is about
    this person's values.
    """

    reason: str
    diagnostics: tuple[Diagnostic, ...]
    template_broken: bool


def render(
    folder: TemplateFolder, message: str, channel: str, language: str | None, variables: Mapping[str, object]
) -> Rendered | RenderFailure:
    """The texts of `message` on `channel` for a person of `language` (None: not known), with these variables.

    The language falls back on the project's, then on any. Variables are plain data as `variables_for` makes them; what
    a customer wrote is printed as it stands and never read as a template. The subject is one line.
    """
    loaded = folder.load(message, channel, language)
    if isinstance(loaded, tuple):
        return _failure(loaded, template_broken=True)
    subject = loaded.main.subject.fill(variables) if loaded.main.subject is not None else None
    text = loaded.main.body.fill(variables)
    html = loaded.html.body.fill(variables) if loaded.html is not None else None
    if isinstance(subject, Diagnostic) or isinstance(text, Diagnostic) or isinstance(html, Diagnostic):
        return _failure(tuple(found for found in (subject, text, html) if isinstance(found, Diagnostic)))
    if subject is not None:
        subject = _OVERRIDES.sub("", _BLANKS.sub(" ", subject)).strip()
    else:
        text = text.strip()
    return Rendered(subject, _clean(text), None if html is None else _clean(html), loaded.language)


def _clean(text: str) -> str:
    """Lines that end in `\\n`, and no control characters."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def _failure(diagnostics: tuple[Diagnostic, ...], *, template_broken: bool = False) -> RenderFailure:
    first = diagnostics[0]
    return RenderFailure(f"{first.code} {first.span.path}: {headline(first, 'en')}", diagnostics, template_broken)

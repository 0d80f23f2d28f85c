"""Checks the examples of the pages of codes, as `journeys check` would in their project."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from journeys.cli.workspace import Problem, Session
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.pages import Files
from journeys.diagnostics.render import render
from journeys.diagnostics.span import Span
from journeys.diagnostics.wording import Language

_ANY = {"any.journey": "if silent 30d then send coupon\n"}
"""A project without a journey file would be a mistake of its own."""


def examine(files: Files) -> tuple[Diagnostic, ...]:
    """Everything that is said about a project of these files, by their paths in it."""
    return _examine(tuple(files.items()))


@cache
def _examine(written: tuple[tuple[str, str], ...]) -> tuple[Diagnostic, ...]:
    files = dict(written)
    journeys = any(path.endswith(".journey") for path in files)
    with TemporaryDirectory(prefix="journeys-") as folder:
        root = Path(folder)
        for path, text in (files if journeys else {**files, **_ANY}).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
        try:
            found = Session(root, None, None).journeys(())
            diagnostics = found.diagnostics
        except Problem as problem:
            diagnostics = problem.diagnostics
    return tuple(_inside(one, f"{root}/") for one in diagnostics)


def said(files: Files, language: Language) -> str:
    """What `journeys check` prints about a project of these files."""
    return render(examine(files), files, "full", language)


def _inside(diagnostic: Diagnostic, root: str) -> Diagnostic:
    def inside(span: Span) -> Span:
        return replace(span, path=span.path.removeprefix(root))

    return replace(
        diagnostic,
        span=inside(diagnostic.span),
        facts={name: value.replace(root, "") for name, value in diagnostic.facts.items()},
        related=tuple((inside(span), key) for span, key in diagnostic.related),
    )

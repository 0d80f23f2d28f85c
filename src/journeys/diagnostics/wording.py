"""Puts a diagnostic into words. The sentences live in `wording/en.toml` and `wording/zh.toml`, one table per code,
and in files beside them such as `names.en.toml`.

A table has a `headline` (lower case, one line, no full stop), a `help` that can be pasted, and optional `labels` for
related places. `{names}` are the facts of the diagnostic. `help` may be a list: the first whose facts are all there is
told. A fact whose value stands in the table `values.<fact>` is told in the words found there.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from journeys.diagnostics.diagnostic import Diagnostic

Language = Literal["en", "zh"]


@cache
def _tables(language: Language) -> dict[str, Any]:
    folder = Path(__file__).parent / "wording"
    tables: dict[str, Any] = {"values": {}}
    for path in (folder / f"{language}.toml", *sorted(folder.glob(f"*.{language}.toml"))):
        part = tomllib.loads(path.read_text("utf-8"))
        tables["values"] |= part.pop("values", {})
        tables |= part
    return tables


def codes(language: Language) -> tuple[str, ...]:
    """Every code that has words, in order."""
    return tuple(sorted(key for key in _tables(language) if key[0] == "J" and key[1:].isdigit()))


def templates(code: str, language: Language) -> Mapping[str, Any]:
    """The table of a code as written: `headline`, `help`, `labels`."""
    table: Mapping[str, Any] = _tables(language)[code]
    return table


def values(language: Language) -> Mapping[str, Mapping[str, str]]:
    """By fact, the words for its values."""
    found: Mapping[str, Mapping[str, str]] = _tables(language).get("values", {})
    return found


def fields(template: str) -> set[str]:
    """The names of the facts a template mentions."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def term(name: str, language: Language) -> str:
    """A word of the renderings themselves: `error`, `warning`, `help`."""
    found: str = _tables(language)["terms"][name]
    return found


def headline(diagnostic: Diagnostic, language: Language) -> str:
    """One line that can stand alone."""
    return _fill(templates(diagnostic.code, language)["headline"], diagnostic, language)


def help(diagnostic: Diagnostic, language: Language) -> str | None:  # noqa: A001 - the word of the rendering
    """What to type instead, where there is something to say."""
    found = templates(diagnostic.code, language).get("help", [])
    for template in [found] if isinstance(found, str) else found:
        if fields(template) <= diagnostic.facts.keys():
            return _fill(template, diagnostic, language)
    return None


def label(diagnostic: Diagnostic, key: str, language: Language) -> str:
    """The few words beside a related place; empty where the mark says enough."""
    template = templates(diagnostic.code, language).get("labels", {}).get(key, "")
    return _fill(template, diagnostic, language)


def _fill(template: str, diagnostic: Diagnostic, language: Language) -> str:
    worded = values(language)
    return template.format_map({k: worded.get(k, {}).get(v, v) for k, v in diagnostic.facts.items()})

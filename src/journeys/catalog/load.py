"""Reads a project's folder: `journeys.toml` to a Project, with every mistake in it located."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from journeys.catalog.crosscheck import crosscheck
from journeys.catalog.folding import did_you_mean
from journeys.catalog.places import Places
from journeys.catalog.project import (
    Attribute,
    Channel,
    Data,
    Declared,
    DeclaredValue,
    Event,
    FieldType,
    Limit,
    Message,
    Project,
    QuietWindow,
    Settings,
)
from journeys.catalog.toml_places import Key
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.diagnostics.span import Span

FILE = "journeys.toml"
_NOT_OF_THE_FILE = frozenset({"folder", "declared"})  # fields of Project that the loader fills in


def load_project(folder: Path) -> tuple[Project | None, tuple[Diagnostic, ...]]:
    """The project of a folder; a bare one where there is no project file; None when its file has errors.

    >>> project, mistakes = load_project(Path("shop"))
    """
    path = folder / FILE
    if not path.is_file():
        return bare_project(folder), ()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return None, (Diagnostic("J164", Span(str(path), 0, 0), {"path": str(path), "reason": str(error)}),)
    return read_project(text, str(path), folder)


def bare_project(folder: Path = Path()) -> Project:
    """The project of a journey file that has none: any name is accepted as itself; zone UTC; one channel, `email`.

    Compiling with it gives one warning that names are not checked.
    """
    return Project(channels={"email": Channel(kind="console")}, folder=folder, declared=False)


def read_project(text: str, path: str, folder: Path) -> tuple[Project | None, tuple[Diagnostic, ...]]:
    """A project from the text of its file. `path` is the file as diagnostics name it."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, (_not_toml(error, text, path),)
    places = Places(text, path)
    if isinstance(raw.get("attributes"), dict):
        raw["attributes"] = _flat(raw["attributes"])
    hidden = raw.keys() & _NOT_OF_THE_FILE
    if hidden:
        return None, tuple(_unknown_key((key,), places) for key in sorted(hidden))
    try:
        project = Project.model_validate({**raw, "folder": folder})
    except ValidationError as error:
        mistakes = [_mistake(details, places) for details in error.errors(include_url=False)]
        return None, tuple(sorted(mistakes, key=lambda mistake: mistake.span.start))
    project, found = crosscheck(project, places)
    found.sort(key=lambda mistake: mistake.span.start)
    return (None if any(item.severity == Severity.ERROR for item in found) else project), tuple(found)


def _flat(tables: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """`[attributes.cart.value]` declares the field `cart.value`: a table of nothing but tables is a group of fields."""
    flat: dict[str, Any] = {}
    for name, table in tables.items():
        if isinstance(table, dict) and table and all(isinstance(inner, dict) for inner in table.values()):
            flat.update(_flat(table, f"{prefix}{name}."))
        else:
            flat[prefix + name] = table
    return flat


# -- what tomllib and pydantic report, as diagnostics ------------------------------------------------------------------

_TOML_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")


def _not_toml(error: tomllib.TOMLDecodeError, text: str, path: str) -> Diagnostic:
    message = str(error)
    at = len(text)
    if (match := _TOML_PLACE.search(message)) and match[1]:
        lines = text.split("\n")
        at = sum(len(line) + 1 for line in lines[: int(match[1]) - 1]) + int(match[2]) - 1
    return Diagnostic("J150", Span(path, at, min(at + 1, len(text))), {"reason": _TOML_PLACE.sub("", message).strip()})


_EXAMPLES = {
    "string_type": '"..."',
    "bool_type": "true",
    "int_type": "3",
    "int_from_float": "3",
    "tuple_type": '["..."]',
    "mapping_type": "{ name = ... }",
    "dict_type": "{ name = ... }",
    "model_type": "{ name = ... }",
    "model_attributes_type": "{ name = ... }",
}
_OWN = {"duration": "J155", "clock": "J156", "zone": "J157", "currency": "J158"}


def _mistake(error: ErrorDetails, places: Places) -> Diagnostic:
    key = places.nearest(error["loc"])
    span = places.span(key)
    name = str(error["loc"][-1])
    written = str(error["input"])
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(key, places)
    if kind == "missing":
        return Diagnostic("J152", span, {"key": name, "table": _table_text(key)})
    if kind == "literal_error":
        allowed = str(context["expected"]).replace(" or ", ", ")
        options = [option.strip(" '") for option in allowed.split(",")]
        return Diagnostic(
            "J153",
            span,
            {"key": name, "value": written, "options": ", ".join(options), **did_you_mean(written, options)},
        )
    if kind in _OWN:
        from journeys.catalog.zones import place_zones

        close = did_you_mean(written, place_zones()) if kind == "zone" else {}
        return Diagnostic(_OWN[kind], span, {"key": name, "value": written, **close})
    if kind in _EXAMPLES:
        return Diagnostic("J154", span, {"key": name, "example": _EXAMPLES[kind]})
    bound = str(context.get("ge", context.get("le", "")))
    return Diagnostic("J165", span, {"key": name, "value": written, "bound": bound})


def _unknown_key(key: Key, places: Places) -> Diagnostic:
    known = _known_keys(key[:-1])
    name = str(key[-1])
    facts = {"key": name, "table": _table_text(key[:-1]), **did_you_mean(name, known), "known": ", ".join(known)}
    return Diagnostic("J151", places.span(key), facts)


def _table_text(key: Key) -> str:
    return ".".join(str(part) for part in key)


_MODELS: dict[str, type[BaseModel]] = {
    "project": Settings,
    "attributes": Attribute,
    "events": Event,
    "messages": Message,
    "tags": Declared,
    "roles": Declared,
    "journeys": Declared,
    "segments": Declared,
    "limits": Limit,
    "quiet": QuietWindow,
    "data": Data,
}


def _known_keys(table: Key) -> list[str]:
    model: type[BaseModel] = Project
    if table:
        model = _MODELS.get(str(table[0]), Project)
        if "values" in table:
            model = DeclaredValue
        elif "properties" in table or "variables" in table:
            model = FieldType
    hidden = _NOT_OF_THE_FILE if model is Project else frozenset()
    return [field.alias or name for name, field in model.model_fields.items() if name not in hidden]

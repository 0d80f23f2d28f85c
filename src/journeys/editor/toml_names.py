"""The names that a journeys.toml declares, and where it does."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from journeys.catalog.toml_places import Key, key_places
from journeys.diagnostics.span import Span
from journeys.editor.mentions import Kind, Mention

_TABLES: dict[str, Kind] = {
    "attributes": "attribute",
    "events": "event",
    "messages": "message",
    "channels": "channel",
    "tags": "tag",
    "roles": "role",
    "journeys": "journey",
    "segments": "segment",
}
_MEMBERS: dict[str, Kind] = {"properties": "property", "variables": "variable"}
_VALUE = re.compile(r"""[ \t]*=[ \t]*("(?:\\.|[^"\\\n])*"|'[^'\n]*')""")


def toml_mentions(text: str, path: str) -> tuple[Mention, ...]:
    """The declared names, each under its own name and under its Chinese one; nothing while the text is not TOML."""
    try:
        tree = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return ()
    found: list[Mention] = []
    for key, (start, end) in key_places(text).items():
        named = _named(key, tree)
        if named is None:
            continue
        kind, name, owner = named
        if key[-1] != "zh":
            found.append(Mention(kind, name, name.split(".")[-1], Span(path, start, end), owner, declares=True))
        elif (value := _VALUE.match(text, end)) is not None:
            label = tomllib.loads(f"zh = {value[1]}")["zh"]
            found.append(Mention(kind, name, label, Span(path, *value.span(1)), owner, declares=True))
    return tuple(sorted(found, key=lambda each: each.span.start))


def _named(key: Key, tree: dict[str, Any]) -> tuple[Kind, str, str] | None:
    """What a key of the file names: its kind, its canonical name, and the event, message or attribute it belongs to."""
    if len(key) < 2 or key[0] not in _TABLES:
        return None
    table, *rest = (str(part) for part in key)
    if rest[-1] == "zh" and len(rest) > 1:
        rest.pop()
    if table == "attributes":
        return _attribute(tuple(rest), tree)
    match rest:
        case [name]:
            return _TABLES[table], name, ""
        case [owner, members, name] if members in _MEMBERS:
            return _MEMBERS[members], name, owner
    return None


def _attribute(rest: tuple[str, ...], tree: dict[str, Any]) -> tuple[Kind, str, str] | None:
    """`[attributes.cart.value]` declares `cart.value`: a table of nothing but tables is a group."""
    table: Any = tree["attributes"]
    for depth, part in enumerate(rest, 1):
        table = table.get(part) if isinstance(table, dict) else None
        group = isinstance(table, dict) and table and all(isinstance(inner, dict) for inner in table.values())
        if not group:
            return ("attribute", ".".join(rest), "") if depth == len(rest) and table is not None else None
    return None

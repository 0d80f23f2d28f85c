"""Golden files, and trees as readable text."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from journeys.language import nodes

HERE = Path(__file__).parent


def check(path: Path, actual: str, rewrite: bool) -> None:
    """Hold `actual` against a golden file, or write that file."""
    if rewrite:
        path.write_text(actual, "utf-8")
    assert path.exists(), f"{path.name} is missing; write it with `pytest tests/language --rewrite`"
    assert actual == path.read_text("utf-8")


def outline(node: Any, indent: str = "") -> str:
    """A tree, one node a line; what has its default value is left out."""
    told: list[str] = []
    children: list[tuple[str, Any]] = []
    for field in fields(node):
        value = getattr(node, field.name)
        if not field.compare or value == field.default:
            continue
        if isinstance(value, nodes.Node) or (
            isinstance(value, tuple) and any(isinstance(v, nodes.Node) for v in value)
        ):
            children.append((field.name, value))
        else:
            told.append(f"{field.name}={_plain(value)}")
    lines = [" ".join([type(node).__name__, *told])]
    for name, value in children:
        for item in value if isinstance(value, tuple) else (value,):
            lines.append(f"{indent}    {name}: {outline(item, indent + '    ')}")
    return "\n".join(lines)


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_plain(v) for v in value) + ")"
    return str(value) if isinstance(value, Decimal) else repr(value)

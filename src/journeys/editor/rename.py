"""Giving a segment, a list of steps, a journey or a tag another name, in journeys.toml and in all files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

from journeys.catalog.folding import fold
from journeys.diagnostics.diagnostic import Edit
from journeys.diagnostics.span import Span
from journeys.editor.mentions import Mention
from journeys.editor.workspace import Reading
from journeys.language import nodes
from journeys.language.printer import print_name

RENAMED = frozenset({"segment", "steps", "journey", "tag"})
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

Reason = Literal["not a name", "taken", "broken"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing can be renamed: `what` is the name that is taken, or the file that cannot be read."""

    reason: Reason
    what: str


def renamed_span(path: str, offset: int, reading: Reading) -> Span | None:
    """The name at an offset, if it is one that can be given another."""
    mention = reading.mention_at(path, offset)
    return mention.span if mention is not None and mention.kind in RENAMED else None


def rename(path: str, offset: int, new: str, reading: Reading) -> tuple[Edit, ...] | Refusal:
    """The edits that give the name at an offset another; none where no such name stands.

    A thing may have a name in each language; only the one under the cursor changes, wherever it is written. Nothing is
    changed while a file cannot be read completely, because names in it would keep the old name.
    """
    mention = reading.mention_at(path, offset)
    if mention is None or mention.kind not in RENAMED:
        return ()
    new = new.strip()
    if not new or any(sign in new for sign in '\n\r"“”') or not new.isprintable():
        return Refusal("not a name", new)
    if broken := reading.broken():
        return Refusal("broken", broken[0])
    of_kind = [each for every in reading.mentions.values() for each in every if each.kind == mention.kind]
    own = [each for each in of_kind if fold(each.name) == fold(mention.name)]
    taken = {fold(word) for each in of_kind if each not in own for word in (each.name, each.written)}
    if fold(new) in taken:
        return Refusal("taken", new)
    return tuple(
        Edit(each.span, _written(each, new, reading)) for each in own if fold(each.written) == fold(mention.written)
    )


def _written(mention: Mention, new: str, reading: Reading) -> str:
    """The new name with the quotes that it needs where it stands."""
    if mention.span.path != reading.project_path:
        return print_name(nodes.Name(new))
    is_key = not reading.project_file[mention.span.start : mention.span.end].startswith(('"', "'"))
    quoted = json.dumps(new, ensure_ascii=False)
    return new if is_key and _BARE_KEY.fullmatch(new) else quoted

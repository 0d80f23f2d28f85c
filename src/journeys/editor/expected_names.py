"""Which names may stand where a name is expected: messages after `send`, channels after `by`, values beside a field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lark import Token, Tree

from journeys.catalog.fields import find_field
from journeys.catalog.folding import fold
from journeys.catalog.lookup import Kind as CatalogKind
from journeys.catalog.project import FieldType, Language
from journeys.catalog.scope import Scope
from journeys.diagnostics.span import NOWHERE
from journeys.editor.describe import label_of, note
from journeys.editor.mentions import Kind, Mention, event_scope, journey_scope
from journeys.editor.sentence import Typed
from journeys.editor.workspace import Reading
from journeys.graph.declared import path_of
from journeys.language import literals, nodes
from journeys.language.keywords import OWNER
from journeys.language.printer import print_name, print_path
from journeys.language.say_literals import quote

_AFTER: dict[str, Kind] = {
    "SEND": "message",
    "OPENED": "message",
    "CLICKED": "message",
    "RECEIVED": "message",
    "REPLIED": "message",
    "BY": "channel",
    "REACHABLE": "channel",
    "DID": "event",
    "DID_NOT": "event",
    "NEVER_DID": "event",
    "EVENT": "event",
    "FOR_EVERYONE": "event",
    "IN_SEGMENT": "segment",
    "TAG": "tag",
    "UNTAG": "tag",
    "TAGGED": "tag",
    "DO": "steps",
    "NOTIFY": "role",
    "SET": "attribute",
}
_CONDITION = frozenset({"IF", "ELIF", "WHEN", "ONLY_IF", "UNTIL", "GOAL", "NOT", "LPAR"})
_COMPARED = frozenset(
    {"IS", "IS_NOT", "OVER", "UNDER", "AT_LEAST", "AT_MOST", "SIGN", "ONE_OF", "NOT_ONE_OF", "BETWEEN", "FROM", "TO"}
)
_DATES = frozenset({"ON", "BEFORE", "AFTER"})
_BETWEEN_NAMES = frozenset({"OR", "AND", "_COMMA"})
_OF_THE_CATALOG = frozenset({"attribute", "event", "message", "channel", "tag", "role", "journey", "segment"})


QUOTES = frozenset('"“「『`')
"""The signs that open a quoted name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A name to write: `text` with the quotes it needs, `label` as people say it."""

    label: str
    text: str
    kind: Kind
    note: str


def names(typed: Typed, offset: int, path: str, reading: Reading, language: Language) -> Iterator[Offer]:
    """The names that may stand where the word begins that is being typed, in the language of the file."""
    if not typed.accepts & {"NAME", "STRING"}:
        return
    if typed.kinds()[-1:] == ("USE",):
        yield from _files(path, reading)
        return
    scope = _scope_at(offset, path, reading)
    for mention in _expected(typed.stack, scope, reading):
        if not (mention.kind == "segment" and mention.span.start <= offset <= mention.span.end):
            yield _offer(mention, typed.word[:1] in QUOTES, reading, language)


def in_where(typed: Typed) -> bool:
    """Whether a condition about an event begins here."""
    kinds = typed.kinds()
    return "WHERE" in kinds and kinds[-1] in ("WHERE", "NOT", "LPAR", "AND", "OR")


def _expected(stack: Sequence[Any], scope: Scope, reading: Reading) -> Iterator[Mention]:
    kinds = [each.type if isinstance(each, Token) else str(each.data) for each in stack]
    keywords = [kind for kind in kinds if kind.isupper() and kind not in (*_BETWEEN_NAMES, "NAME", "NUMBER", "QUOTED")]
    last = keywords[-1] if keywords else ""
    joined = bool(kinds) and kinds[-1] in _BETWEEN_NAMES
    if kinds[-1:] != [last] and not joined and last != "WITH":
        return
    if last == "WITH":
        yield from _arguments(stack, kinds, scope, reading)
    elif last in _COMPARED and _is_compared(kinds, last, joined):
        yield from _values(stack, kinds, scope)
    elif (last in ("TO", "TO_PERSON") and "SEND" in kinds) or (last in ("FOR", "TO", "TO_PERSON") and "TASK" in kinds):
        yield from _all("role", scope, reading)
    elif last == "JOURNEY" and "START" in kinds:
        yield from _all("journey", scope, reading)
    elif last == "FOR_EACH":
        yield from (each for event in scope.entry_events for each in _properties(event, scope, prefix=False))
    elif last in _DATES or kinds == ["START"]:
        yield from (each for each in _fields(scope, reading) if _type(each, scope) in ("date", "moment"))
    elif "WHERE" in kinds and (last in ("WHERE", "NOT", "LPAR")):
        yield from _properties(_event_of_where(stack, kinds), scope, prefix=False)
    elif last in _CONDITION or (last == "IS" and kinds[0] == "SEGMENT"):
        yield from _all("event", scope, reading)
        yield from _all("segment", scope, reading)
        yield from _fields(scope, reading)
    elif last in _AFTER and (not joined or last == "BY"):
        yield from _all(_AFTER[last], scope, reading)


def _is_compared(kinds: Sequence[str], last: str, joined: bool) -> bool:
    """Whether a value is expected: `segment x is` and `send x to` look alike, but are not."""
    if last in ("IS", "TO") and kinds[0] in ("SEGMENT", "SEND", "TASK", "MOVE", "QUIET"):
        return "path" in kinds
    if last in ("FROM", "TO") and not {"CHANGES", "SET", "BETWEEN"} & set(kinds):
        return False
    return not joined or kinds[-1] == ("AND" if last == "BETWEEN" else "_COMMA")


# -- what there is -----------------------------------------------------------------------------------------------------


def _all(kind: Kind, scope: Scope, reading: Reading) -> Iterator[Mention]:
    """Every name of a kind: the declared ones, then those that the files use or declare themselves."""
    seen: set[str] = set()
    if kind in _OF_THE_CATALOG:
        catalog_kind: CatalogKind = kind  # type: ignore[assignment]
        for name in scope.project.catalog.names(catalog_kind):
            if kind in ("segment", "journey"):
                continue  # a name in journeys.toml only labels it; it exists where a file declares it
            seen.add(fold(name))
            yield Mention(kind, name, name, NOWHERE)
    listed = (each for path in reading.mentions for each in reading.mentions[path] if each.kind == kind)
    checked = {path_of(parsed) for parsed in reading.files}
    for each in listed:
        exists = (
            each.declares if kind in ("segment", "journey", "steps") else kind == "tag" or not scope.project.declared
        )
        if exists and each.span.path in checked and fold(each.name) not in seen:
            seen.add(fold(each.name))
            yield each


def _fields(scope: Scope, reading: Reading) -> Iterator[Mention]:
    """The customer's fields and the properties of the events that start the journey."""
    yield from _all("attribute", scope, reading)
    for event in scope.entry_events:
        yield from _properties(event, scope)


def _properties(event: str, scope: Scope, prefix: bool = True) -> Iterator[Mention]:
    """An event's properties: `campaign.ends_on`, or in its own `where` just `ends_on`."""
    found = scope.project.catalog.event(event)
    if found is not None:
        for name in found.entry.properties:
            written = f"{found.name}.{name}" if prefix else name
            yield Mention("property", name, written, NOWHERE, found.name)


def _arguments(stack: Sequence[Any], kinds: Sequence[str], scope: Scope, reading: Reading) -> Iterator[Mention]:
    """After `with`: what may be filled in, and what with."""
    expects_value = kinds[-1] in ("path", "NAME")
    if "SEND" in kinds:
        message = scope.project.catalog.message(_text(stack[kinds.index("SEND") + 1]))
        if message is not None and expects_value:
            variable = message.entry.variables.get(_text(stack[-1]))
            yield from _declared_values(_text(stack[-1]), variable)
            yield from _fields(scope, reading)
        elif message is not None:
            for name in message.entry.variables:
                yield Mention("variable", name, name, NOWHERE, message.name)
    elif "EVENT" in kinds:
        event = _text(stack[kinds.index("EVENT") + 1])
        if expects_value:
            yield from _values_of(_text(stack[-1]), event_scope(event, scope))
        else:
            yield from _properties(event, scope, prefix=False)
    elif "CUSTOMER" in kinds:
        yield from _values_of(_text(stack[-1]), scope) if expects_value else _all("attribute", scope, reading)


def _values(stack: Sequence[Any], kinds: Sequence[str], scope: Scope) -> Iterator[Mention]:
    """The values of the field that stands before the comparison."""
    at = max(index for index, kind in enumerate(kinds) if kind in _COMPARED)
    before = [each for each, kind in zip(stack[:at], kinds[:at], strict=True) if kind in ("path", "NAME")]
    if before:
        inside = event_scope(_event_of_where(stack, kinds), scope) if "WHERE" in kinds else scope
        yield from _values_of(_text(before[-1]), inside)


def _values_of(field: str, scope: Scope) -> Iterator[Mention]:
    found = find_field(nodes.Path(tuple(field.split("."))), scope)
    if found is not None:
        yield from _declared_values(found.operand.name, found.type)


def _declared_values(owner: str, type_: FieldType | None) -> Iterator[Mention]:
    if type_ is not None and type_.type == "boolean":
        yield from (Mention("value", word, word, NOWHERE, owner) for word in ("true", "false"))
    for each in type_.values if type_ is not None else ():
        yield Mention("value", each.value, each.value, NOWHERE, owner)


def _event_of_where(stack: Sequence[Any], kinds: Sequence[str]) -> str:
    """The event that the `where` is about: `did EVENT .. where`, `EVENT where`."""
    at = max(index for index, kind in enumerate(kinds) if kind == "WHERE")
    verbs = [index for index, kind in enumerate(kinds[:at]) if kind in ("DID", "DID_NOT", "NEVER_DID")]
    return _text(stack[verbs[-1] + 1 if verbs else at - 1])


def _type(mention: Mention, scope: Scope) -> str:
    if mention.kind == "property":
        found = scope.project.catalog.property(mention.owner, mention.name)
        return found.entry.type if found is not None else ""
    attribute = scope.project.catalog.attribute(mention.name)
    return attribute.entry.type if attribute is not None else ""


def _text(part: Any) -> str:
    """The name that a token or a tree stands for."""
    if isinstance(part, Tree):
        return ".".join(_text(child) for child in part.children if not isinstance(child, Token) or child.type != "DOT")
    return str(part) if part.type == "NAME" else literals.unquote(str(part))


def _scope_at(offset: int, path: str, reading: Reading) -> Scope:
    """The scope of the journey that the cursor is in."""
    parsed = reading.parsed(path)
    before = [each for each in parsed.file.declarations if each.span.start <= offset] if parsed is not None else []
    if before and isinstance(before[-1], nodes.Journey | nodes.Rule):
        return journey_scope(before[-1], reading.scope)
    return reading.scope


def _files(path: str, reading: Reading) -> Iterator[Offer]:
    """The files that `use` may name, as seen from the folder of this one."""
    folder = Path(path).parent
    for each in sorted(path_of(parsed) for parsed in (*reading.files, *reading.others)):
        if each != path and Path(each).is_relative_to(folder):
            name = Path(each).relative_to(folder).as_posix()
            yield Offer(name, f'"{name}"', "file", "")


def _offer(mention: Mention, quoted: bool, reading: Reading, language: Language) -> Offer:
    label = label_of(mention, reading.project, language)
    if mention.kind == "value":
        bare = print_name(nodes.Name(label))
        text = quote(label) if label.casefold() in OWNER else bare
    elif mention.kind in ("attribute", "property", "variable", "role"):
        text = print_path(nodes.Path(tuple(label.split("."))))
    else:
        text = print_name(nodes.Name(label))
    if quoted and not text.startswith(("`", '"')):
        text = quote(label)
    return Offer(label, text, mention.kind, note(mention, reading.project, language))

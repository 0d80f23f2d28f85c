"""`journeys diff`: what changed between two versions, by meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from journeys.cli.versions import Versions, versions
from journeys.cli.workspace import Problem, Session, verb

if TYPE_CHECKING:
    from journeys.graph.difference import Change
    from journeys.graph.model import RuleGraph


@dataclass(frozen=True, slots=True)
class JourneyChange:
    """One journey of the two versions: `old` is None for a new one, `new` for one that is gone."""

    name: str
    old: RuleGraph | None
    new: RuleGraph | None
    changes: tuple[Change, ...]
    sentences: tuple[str, ...]

    @property
    def is_change(self) -> bool:
        return self.old is None or self.new is None or bool(self.changes)


@click.command("diff", short_help="see what changed between two versions, by meaning")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@verb
def command(session: Session, old: str, new: str, as_json: bool) -> None:
    """Tell what changed from A to B, in sentences: steps, settings, the texts of messages.

    A and B are files, folders, published versions as `win-back@3`, or files at a revision of git as
    `main:journeys/win-back.journey` (`main:` for the whole project).

    Exit code 0 where they mean the same, 1 where they differ, 2 where they cannot be compared.
    """
    try:
        before, after = versions(session, old), versions(session, new)
    except Problem as problem:
        session.tell(problem.diagnostics, problem.sources)
        raise SystemExit(2) from None
    journeys = [one for one in _journeys(before, after, session) if one.is_change]
    texts = _texts(before, after)
    if as_json:
        click.echo(json.dumps({"journeys": [_row(one) for one in journeys], "texts": texts}, ensure_ascii=False))
    elif not journeys and not texts:
        session.say("no difference", "没有区别")
    else:
        click.echo("\n".join(_told(session, journeys, texts)))
    if journeys or texts:
        raise SystemExit(1)


def _journeys(before: Versions, after: Versions, session: Session) -> Iterator[JourneyChange]:
    """The journeys of both, by name; where each is a single journey, the two whatever they are called."""
    from journeys.graph.difference import difference
    from journeys.graph.difference_sentences import difference_sentences

    old, new = dict(before.graphs), dict(after.graphs)
    if before.is_one and after.is_one:
        (old_name, one), (name, other) = *old.items(), *new.items()
        pairs: list[tuple[str, RuleGraph | None, RuleGraph | None]] = [
            (name if name == old_name else f"{old_name} → {name}", one, other)
        ]
    else:
        names = list(dict.fromkeys([*new, *old]))
        if before.is_one or after.is_one:
            names = list(old if before.is_one else new)
        pairs = [(name, old.get(name), new.get(name)) for name in names]
    for name, was, now in pairs:
        changes: tuple[Change, ...] = ()
        sentences: list[str] = []
        if was is not None and now is not None:
            changes = difference(was, now)
            sentences = difference_sentences(was, now, changes, session.language, after.project, before.project)
        yield JourneyChange(name, was, now, changes, tuple(sentences))


def _texts(before: Versions, after: Versions) -> list[dict[str, str]]:
    """The template files of the messages that are sent, where they differ; published versions have none."""
    if before.texts is None or after.texts is None:
        return []
    found = []
    for path in sorted(before.texts.keys() | after.texts.keys()):
        was, now = before.texts.get(path), after.texts.get(path)
        if was != now:
            found.append({"path": path, "how": "added" if was is None else "removed" if now is None else "changed"})
    return found


def _told(session: Session, journeys: list[JourneyChange], texts: list[dict[str, str]]) -> Iterator[str]:
    for one in journeys:
        if one.old is None:
            yield session.words(f"{one.name}: new", f"{one.name}：新增")
        elif one.new is None:
            yield session.words(f"{one.name}: gone", f"{one.name}：已删去")
        else:
            count = len(one.changes)
            yield session.words(f"{one.name}: {count} change{'s' * (count != 1)}", f"{one.name}：{count} 处改动")
            yield from (f"  {sentence}" for sentence in one.sentences)
    words: Mapping[str, str] = {
        "added": session.words("New text: ", "新增文案："),
        "removed": session.words("Text gone: ", "删去文案："),
        "changed": session.words("Changed text: ", "改动文案："),
    }
    yield from (words[text["how"]] + text["path"] for text in texts)


def _row(one: JourneyChange) -> dict[str, Any]:
    return {
        "journey": one.name,
        "change": "added" if one.old is None else "removed" if one.new is None else "changed",
        "old_version": one.old.version if one.old is not None else None,
        "new_version": one.new.version if one.new is not None else None,
        "changes": [
            {**asdict(change), "sentence": sentence}
            for change, sentence in zip(one.changes, one.sentences, strict=True)
        ],
    }

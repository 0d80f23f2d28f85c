"""What the arguments of `journeys diff` name: files, folders, published versions, revisions of git."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from journeys.cli.workspace import Journeys, Problem, Session
from journeys.diagnostics.span import Span

if TYPE_CHECKING:
    from journeys.catalog.project import Project
    from journeys.graph.model import RuleGraph

_PUBLISHED = re.compile(r"(?P<name>.+)@(?P<version>\d{1,9})")
_REVISION = re.compile(r"(?P<revision>[^:-][^:]*):(?P<path>.*)")


@dataclass(frozen=True, slots=True)
class Versions:
    """The journeys that an argument names. `texts`: the templates of what they send, by path; None for published ones.
    `is_one`: the argument names a single journey, so it is compared with that one alone.
    """

    graphs: Mapping[str, RuleGraph]
    project: Project
    texts: Mapping[str, bytes] | None = None
    is_one: bool = False


def versions(session: Session, argument: str) -> Versions:
    """What the argument names. Raises Problem where it names nothing, or something with errors."""
    path = Path(argument)
    if path.is_dir():
        return _of_folder(session, path)
    if path.exists():
        return _of_files(session, [path])
    if match := _PUBLISHED.fullmatch(argument):
        return _published(session, match["name"], int(match["version"]))
    if match := _REVISION.fullmatch(argument):
        return _at_revision(session, match["revision"], match["path"])
    return session.fail("J630", argument, what=argument)


def _of_folder(session: Session, folder: Path) -> Versions:
    """A project of its own, or some journeys of this one."""
    from journeys.catalog.load import FILE

    if (folder / FILE).is_file():
        return _of_files(Session(folder, session.spoken, None), [])
    files = sorted(folder.rglob("*.journey"))
    if not files:
        session.fail("J602", folder)
    return _of_files(session, files)


def _of_files(session: Session, files: Sequence[Path]) -> Versions:
    found = session.journeys(files)
    if found.errors:
        raise Problem(found.errors, found.sources)
    graphs = _named_by(found, files) if files else found.graphs
    latest: dict[str, RuleGraph] = {}
    for graph in sorted(graphs, key=lambda graph: graph.version):
        latest[graph.name] = graph
    by_name = {graph.name: latest[graph.name] for graph in graphs}
    texts = _texts(session.project.folder / "messages", by_name.values())
    return Versions(by_name, session.project, texts, is_one=len(files) == 1 and len(by_name) == 1)


def _named_by(found: Journeys, files: Sequence[Path]) -> list[RuleGraph]:
    """The journeys of the files themselves, without those of files they use."""
    paths = {str(path) for path in files}
    return [graph for graph in found.graphs if graph.source is None or graph.source.path in paths]


def _texts(folder: Path, graphs: Iterable[RuleGraph]) -> dict[str, bytes]:
    from journeys.catalog.folding import fold
    from journeys.graph.model import SendNode

    sent = {fold(node.message) for graph in graphs for node in graph.nodes if isinstance(node, SendNode)}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.glob("*/*.j2")
        if fold(path.parent.name) in sent
    }


def _published(session: Session, name: str, version: int) -> Versions:
    from journeys.graph.model import RuleGraph
    from journeys.store import journeys as published
    from journeys.store.problem import StoreProblem

    canonical = session.project.catalog.journey(name)
    try:
        store = session.open_store()
        with store.reading() as conn:
            listed = published.listed(conn)
        store.close()
    except StoreProblem as problem:
        raise Problem([problem.diagnostic]) from None
    for journey in listed:
        if (journey.key.name, journey.key.version) == (canonical, version):
            graph = RuleGraph.model_validate_json(journey.graph)
            return Versions({graph.name: graph}, session.project, is_one=True)
    known = ", ".join(f"{journey.key.name}@{journey.key.version}" for journey in listed)
    return session.fail("J631", f"{name}@{version}", what=f"{name}@{version}", known=known or "-")


def _at_revision(session: Session, revision: str, path: str) -> Versions:
    """The project as it was: its folder at that revision, unpacked beside the road."""
    folder = session.project.folder.resolve()
    shown = f"{revision}:"
    run = subprocess.run(
        ["git", "-C", str(folder), "archive", "--format=tar", revision], capture_output=True, check=False
    )
    if run.returncode:
        reason = (run.stderr.decode("utf-8", "replace").strip().splitlines() or ["?"])[-1].removeprefix("fatal: ")
        session.fail("J632", f"{shown}{path}", what=f"{shown}{path}", reason=reason)
    with TemporaryDirectory(prefix="journeys-") as unpacked:
        root = Path(unpacked).resolve()
        with tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
            archive.extractall(root, filter="data")
        files = []
        if path:
            wanted = Path(path).resolve()
            inside = wanted.relative_to(folder) if wanted.is_relative_to(folder) else Path(path)
            files = [root / inside]
            if not files[0].is_file():
                session.fail("J632", f"{shown}{path}", what=f"{shown}{path}", reason=f"no file {path}")
        try:
            return _of_files(Session(root, session.spoken, None), files)
        except Problem as problem:
            raise _shown_as(problem, f"{root}/", shown) from None


def _shown_as(problem: Problem, root: str, shown: str) -> Problem:
    """The same mistakes, in files that are named as the user did."""

    def renamed(span: Span) -> Span:
        return replace(span, path=span.path.replace(root, shown))

    diagnostics = [
        replace(one, span=renamed(one.span), related=tuple((renamed(span), key) for span, key in one.related))
        for one in problem.diagnostics
    ]
    return Problem(diagnostics, {path.replace(root, shown): text for path, text in problem.sources.items()})

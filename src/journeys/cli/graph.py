"""`journeys graph`: draw journeys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from journeys.cli.workspace import FILES, Session, verb, write_whole

if TYPE_CHECKING:
    from journeys.graph.model import RuleGraph

ENDINGS = {"svg": "svg", "mermaid": "mmd", "sentences": "txt", "json": "json"}


@click.command("graph", short_help="draw journeys")
@FILES
@click.option("--journey", "name", help="Only the journey of this name.")
@click.option("--format", "form", type=click.Choice(["svg", "mermaid", "sentences", "json"]), default="mermaid")
@click.option("--output", type=click.Path(path_type=Path), help="A file for one drawing, a folder for several.")
@verb
def command(session: Session, files: tuple[Path, ...], name: str | None, form: str, output: Path | None) -> None:
    """Draw the journeys of FILES, or all of the project: as a picture, as Mermaid text, or told in sentences."""
    from journeys.graph.mermaid import mermaid
    from journeys.graph.sentences import describe
    from journeys.graph.svg import svg

    graphs = session.sound_journeys(files).graphs
    if name is not None:
        known = ", ".join(graph.name for graph in graphs)
        graphs = tuple(graph for graph in graphs if graph.name == session.project.catalog.journey(name))
        if not graphs:
            session.fail("J604", session.folder, name=name, known=known)
    drawings: list[tuple[str, str]] = []
    for graph in graphs:
        if form == "svg":
            text = svg(graph, session.language)
        elif form == "mermaid":
            text = mermaid(graph, session.language)
        elif form == "json":
            text = graph.model_dump_json(indent=2)
        else:
            text = "\n".join(describe(graph, session.language, session.project))
        drawings.append((f"{_speakable(graph)}.{ENDINGS[form]}", text if text.endswith("\n") else text + "\n"))
    if output is None:
        click.echo("\n".join(text for _, text in drawings), nl=False)
    elif len(drawings) > 1 or output.is_dir():
        output.mkdir(parents=True, exist_ok=True)
        for file, text in drawings:
            _write(output / file, text)
    else:
        _write(output, drawings[0][1])


def _speakable(graph: RuleGraph) -> str:
    """`win-back-v1`; a journey's name may hold anything, a file's name not."""
    name = re.sub(r"[^\w.+-]+", "-", graph.name).strip(".-") or "journey"
    return f"{name}-v{graph.version}"


def _write(path: Path, text: str) -> None:
    write_whole(path, text)
    click.echo(str(path))

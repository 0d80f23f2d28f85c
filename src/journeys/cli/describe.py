"""`journeys describe`: tell journeys in sentences."""

from __future__ import annotations

import json
from pathlib import Path

import click

from journeys.cli.workspace import FILES, Session, verb


@click.command("describe", short_help="tell journeys in sentences")
@FILES
@click.option("--journey", "name", help="Only the journey of this name.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
@verb
def command(session: Session, files: tuple[Path, ...], name: str | None, as_json: bool) -> None:
    """Tell the journeys of FILES, or all of the project, in numbered sentences.

    What is told is what will be done, whatever the file looks like: read it to a colleague.
    """
    from journeys.graph.sentences import describe

    graphs = session.sound_journeys(files).graphs
    if files:  # and not those of files they use
        paths = {str(path) for path in files}
        graphs = tuple(graph for graph in graphs if graph.source is None or graph.source.path in paths)
    if name is not None:
        known = ", ".join(graph.name for graph in graphs)
        graphs = tuple(graph for graph in graphs if graph.name == session.project.catalog.journey(name))
        if not graphs:
            session.fail("J604", session.folder, name=name, known=known)
    told = [(graph, describe(graph, session.language, session.project)) for graph in graphs]
    if as_json:
        rows = [
            {"journey": graph.name, "version": graph.version, "hash": graph.hash(), "sentences": sentences}
            for graph, sentences in told
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    parts = []
    for graph, sentences in told:
        version = session.words(f" version {graph.version}", f" 版本 {graph.version}") if graph.version != 1 else ""
        title = f"{session.project.catalog.label('journey', graph.name, session.language)}{version}"
        parts.append("\n".join([title, *(f"  {sentence}" for sentence in sentences)]))
    click.echo("\n\n".join(parts))

"""`journeys graph`: draw journeys."""

from __future__ import annotations

from pathlib import Path

import click

from journeys.cli.workspace import FILES, Session, verb


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
    endings = {"svg": "svg", "mermaid": "mmd", "sentences": "txt", "json": "json"}
    for graph in graphs:
        if form == "svg":
            text = svg(graph, session.language)
        elif form == "mermaid":
            text = mermaid(graph, session.language)
        elif form == "json":
            text = graph.model_dump_json(indent=2)
        else:
            text = "\n".join(describe(graph, session.language, session.project))
        if output is None:
            click.echo(text)
        else:
            path = output
            if len(graphs) > 1 or output.is_dir():
                output.mkdir(parents=True, exist_ok=True)
                path = output / f"{graph.name}.{endings[form]}"
            path.write_text(text if text.endswith("\n") else text + "\n", "utf-8")
            click.echo(str(path))

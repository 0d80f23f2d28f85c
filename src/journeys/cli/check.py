"""`journeys check`: find mistakes in journey files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from journeys.cli.workspace import FILES, Session, verb
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.render import Style


@click.command("check", short_help="find mistakes in journey files")
@FILES
@click.option(
    "--format",
    "style",
    type=click.Choice(["full", "concise", "json", "github", "sarif"]),
    default="full",
    help="How to show what is found.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@verb
def command(session: Session, files: tuple[Path, ...], style: Style, as_json: bool, fix: bool) -> None:
    """Check FILES, or all journeys of the project: form, names, types, messages.

    Exit code 1 when there are errors.
    """
    found = session.journeys(files)
    if fix and _apply(found.diagnostics):
        found = session.journeys(files)
    if as_json:
        style = "json"
    if found.diagnostics or style in ("json", "sarif"):
        session.tell(found.diagnostics, found.sources, style)
    if found.errors:
        raise SystemExit(1)
    if style == "full":
        files_read, journeys = len(found.parsed), len(found.graphs)
        said = {
            "en": f"{files_read} file{'s' * (files_read != 1)}, {journeys} journey{'s' * (journeys != 1)}: no errors",
            "zh": f"{files_read} 个文件，{journeys} 个旅程：没有错误",
        }
        click.echo(said[session.language])


def _apply(diagnostics: Sequence[Diagnostic]) -> bool:
    """Apply the safe fixes, last place first; whether there were any."""
    edits = [edit for found in diagnostics if found.fix is not None and found.fix.safe for edit in found.fix.edits]
    for path in {edit.span.path for edit in edits}:
        text = Path(path).read_bytes().decode("utf-8-sig")
        ends = len(text) + 1
        for edit in sorted((one for one in edits if one.span.path == path), key=lambda one: -one.span.start):
            if edit.span.end <= ends:  # where two overlap, the later one is left for the next time
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
                ends = edit.span.start
        Path(path).write_text(text, "utf-8", newline="")
    return bool(edits)

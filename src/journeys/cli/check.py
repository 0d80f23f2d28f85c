"""`journeys check`: find mistakes in journey files."""

from __future__ import annotations

from pathlib import Path

import click

from journeys.cli.workspace import FILES, Journeys, Session, verb, write_whole
from journeys.diagnostics.fixes import apply, safe_fixes
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
    if fix and _apply(found):
        found = session.journeys(files)
    if as_json:
        style = "json"
    if found.diagnostics or style in ("json", "sarif"):
        session.tell(found.diagnostics, found.sources, style)
    if found.errors:
        raise SystemExit(1)
    if style == "full":
        files_read, journeys = len(found.parsed), len(found.graphs)
        session.say(
            f"{files_read} file{'s' * (files_read != 1)}, {journeys} journey{'s' * (journeys != 1)}: no errors",
            f"{files_read} 个文件，{journeys} 个旅程：没有错误",
        )


def _apply(found: Journeys) -> bool:
    """Apply the safe fixes; whether there were any."""
    fixed = False
    for path, text in found.sources.items():
        fixes = safe_fixes(found.diagnostics, path)
        if fixes:
            write_whole(Path(path), apply(text, fixes))
            fixed = True
    return fixed

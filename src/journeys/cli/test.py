"""`journeys test`: run the tests beside the journeys."""

from __future__ import annotations

from pathlib import Path

import click

from journeys.cli.workspace import FILES, Session, verb


@click.command("test", short_help="run the tests beside the journeys")
@FILES
@click.option("--fail-on-empty", is_flag=True, help="Exit code 1 when there are no tests.")
@click.option("--json", "as_json", is_flag=True, help="Say what passed as JSON.")
@verb
def command(session: Session, files: tuple[Path, ...], fail_on_empty: bool, as_json: bool) -> None:
    """Run the `test` blocks of FILES, or of all files of the project, on a virtual clock."""
    from journeys.simulate.journey_tests import outcomes_to_json, render_outcomes, run_tests

    found = session.sound_journeys(files)
    outcomes = run_tests(found.parsed, found.graphs, session.project)
    if as_json:
        click.echo(outcomes_to_json(outcomes))
    else:
        click.echo(render_outcomes(outcomes, session.language))
    if any(not outcome.passed for outcome in outcomes) or (fail_on_empty and not outcomes):
        raise SystemExit(1)

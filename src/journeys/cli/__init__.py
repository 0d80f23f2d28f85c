"""The command line: one file a verb."""

from __future__ import annotations

import gc
import importlib
import os
from pathlib import Path

import click

VERBS = {
    "init": "start a project in a folder",
    "check": "find mistakes in journey files",
    "fmt": "write journey files in the one style",
    "test": "run the tests beside the journeys",
    "graph": "draw journeys",
    "describe": "tell journeys in sentences",
    "diff": "see what changed between two versions, by meaning",
    "import": "bring customers and events into the store",
    "simulate": "see what journeys would have done",
    "publish": "make journeys versions that run",
    "run": "carry published journeys out",
    "explain": "why somebody got a message, or did not",
    "doctor": "look for what is wrong with an installation",
    "lsp": "serve an editor that speaks the language server protocol",
}

GARBAGE = 100_000
"""New objects between two looks for garbage: importing makes many, of which none is garbage (a tenth of `check`)."""


class Verbs(click.Group):
    """Loads a verb's module only when it is asked for: `--help` and `check` must not wait for a database driver."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = "import_" if cmd_name == "import" else cmd_name
        command: click.Command = importlib.import_module(f"journeys.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            close = get_close_matches(args[0], VERBS, 1)
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{close[0]}'?", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="the current folder",
    help="The folder with journeys.toml.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    help="Speak English or Chinese; by default the project's language.",
)
@click.option(
    "--store", help="The store: a file or a database URL (or JOURNEYS_STORE).  [default: PROJECT/journeys.db]"
)
@click.version_option(package_name="journeys")
@click.pass_context
def main(ctx: click.Context, project: Path, language: str | None, store: str | None) -> None:
    """Marketing journeys as readable text: check, test, simulate, publish, run, explain."""
    from journeys.cli.workspace import Session

    gc.set_threshold(GARBAGE)
    ctx.obj = Session(project, language, store or os.environ.get("JOURNEYS_STORE"))

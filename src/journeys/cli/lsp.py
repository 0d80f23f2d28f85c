"""`journeys lsp`: what editors start to be told about mistakes, names and meanings."""

from __future__ import annotations

import click

from journeys.cli.workspace import Session


@click.command("lsp", short_help="serve an editor that speaks the language server protocol")
@click.pass_obj
def command(session: Session) -> None:
    """Serve an editor over standard input and output, until it says goodbye.

    Editors start this by themselves. --language fixes the language of the answers; otherwise they are in that of each
    file. Needs the extra `lsp`: pip install 'journeys[lsp]'.
    """
    try:
        from journeys.editor.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        raise click.ClickException("the language server is not installed: pip install 'journeys[lsp]'") from error
    serve(session.language if session.spoken else None)

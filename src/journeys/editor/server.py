"""The language server: the questions of an editor, over standard input and output.

It speaks the Language Server Protocol with whole texts (they are small) and positions in the encoding the editor asks
for. Mistakes are sent a moment after the last key; every other question is answered on what stands on the screen now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, get_args

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from journeys.catalog.project import Language
from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic, Edit, Severity
from journeys.diagnostics.span import Span
from journeys.editor.completion import complete
from journeys.editor.definition import definitions, references
from journeys.editor.describe import told
from journeys.editor.fixes import quick_fixes
from journeys.editor.hover import hover
from journeys.editor.positions import Encoding, Positions
from journeys.editor.rename import Refusal, rename, renamed_span
from journeys.editor.workspace import Reading, Workspace, language_for, paths_of
from journeys.language.printer import format_text

PAUSE = 0.15
"""Seconds without a key after which the mistakes are looked for."""

_COMPLETION_KINDS = {
    "keyword": types.CompletionItemKind.Keyword,
    "message": types.CompletionItemKind.Constant,
    "channel": types.CompletionItemKind.Interface,
    "event": types.CompletionItemKind.Event,
    "attribute": types.CompletionItemKind.Field,
    "property": types.CompletionItemKind.Property,
    "variable": types.CompletionItemKind.Variable,
    "value": types.CompletionItemKind.EnumMember,
    "segment": types.CompletionItemKind.Class,
    "steps": types.CompletionItemKind.Function,
    "journey": types.CompletionItemKind.Module,
    "tag": types.CompletionItemKind.Unit,
    "role": types.CompletionItemKind.Reference,
    "file": types.CompletionItemKind.File,
}
_REFUSALS = {
    "not a name": ("a name has letters or digits and no quotes: {what}", "名字不能为空，也不能含引号：{what}"),
    "taken": ("there is another one called {what} already", "已有同名的：{what}"),
    "broken": (
        "first mend the mistakes in {what}: names in it could not be renamed",
        "请先修正 {what} 中的错误，否则其中的名字无法改名",
    ),
}


class _AtPosition(Protocol):
    """What the protocol's questions about a place have in common."""

    text_document: types.TextDocumentIdentifier
    position: types.Position


@dataclass(slots=True)
class Desk:
    """What the server knows while it runs: the open texts, how to count in them, what it has said about which file."""

    spoken: Language | None
    workspace: Workspace = field(default_factory=Workspace)
    encoding: Encoding = "utf-16"
    uris: dict[str, str] = field(default_factory=dict)
    told: dict[str, frozenset[str]] = field(default_factory=dict)
    waiting: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def path(self, uri: str) -> str:
        """The file that an editor means; a text without a file is called by its address."""
        found = uris.to_fs_path(uri) if uri.startswith("file:") else None
        path = str(Path(found).absolute()) if found else uri
        self.uris.setdefault(path, uri)
        return path

    def uri(self, path: str) -> str:
        return self.uris.get(path) or uris.from_fs_path(path) or path

    def language(self, path: str, reading: Reading) -> Language:
        """The language to speak of a file: the one asked for, else its own."""
        if path == reading.project_path:
            return self.spoken or reading.project.language
        return self.spoken or language_for(reading.text(path) or "", reading.project)

    def at(self, params: _AtPosition) -> tuple[str, int, Reading]:
        """The file, the offset in it, and what has been read."""
        path = self.path(params.text_document.uri)
        reading = self.workspace.read(path)
        text = reading.text(path) or ""
        return path, self._positions(text).offset(params.position.line, params.position.character), reading

    def range(self, span: Span, reading: Reading) -> types.Range:
        """A span as the editor counts; the start of a file whose text is not at hand."""
        text = reading.text(span.path)
        if text is None:
            text = self.workspace.text_on_disk(span.path)
        positions = self._positions(text)
        start, end = positions.position(span.start), positions.position(max(span.start, span.end))
        return types.Range(types.Position(*start), types.Position(*end))

    def _positions(self, text: str) -> Positions:
        return Positions(text, self.encoding)

    def location(self, span: Span, reading: Reading) -> types.Location:
        return types.Location(self.uri(span.path), self.range(span, reading))

    def changes(self, edits: Sequence[Edit], reading: Reading) -> types.WorkspaceEdit:
        by_file: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            new = types.TextEdit(self.range(edit.span, reading), edit.text)
            by_file.setdefault(self.uri(edit.span.path), []).append(new)
        return types.WorkspaceEdit(changes=dict(by_file))

    def diagnostic(self, found: Diagnostic, reading: Reading) -> types.Diagnostic:
        language = self.language(found.span.path, reading)
        lines = [wording.headline(found, language)]
        if (help_ := wording.help(found, language)) is not None:
            lines.append(help_)
        return types.Diagnostic(
            range=self.range(found.span, reading),
            message="\n".join(lines),
            severity=(
                types.DiagnosticSeverity.Error if found.severity == Severity.ERROR else types.DiagnosticSeverity.Warning
            ),
            code=found.code,
            source="journeys",
            related_information=[
                types.DiagnosticRelatedInformation(self.location(span, reading), wording.label(found, key, language))
                for span, key in found.related
            ]
            or None,
        )


def make_server(spoken: Language | None = None) -> LanguageServer:
    """A server that has not started yet. Without `spoken` it speaks of each file in the language of the file."""
    server = LanguageServer("journeys", version("journeys"), text_document_sync_kind=types.TextDocumentSyncKind.Full)
    desk = Desk(spoken)

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        encoding = str(getattr(server.workspace.position_encoding, "value", server.workspace.position_encoding))
        desk.encoding = next((each for each in get_args(Encoding) if each == encoding), "utf-16")
        options = params.initialization_options
        language = options.get("language") if isinstance(options, dict) else getattr(options, "language", None)
        if desk.spoken is None and language in get_args(Language):
            desk.spoken = language

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        path = desk.path(params.text_document.uri)
        desk.uris[path] = params.text_document.uri
        desk.workspace.open(path, params.text_document.text)
        desk.workspace.look_again()
        _check(server, desk, path)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        path = desk.path(params.text_document.uri)
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangeWholeDocument):
                desk.workspace.open(path, change.text)
        _check_soon(server, desk, path)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        path = desk.path(params.text_document.uri)
        desk.workspace.close(path)
        _check(server, desk, path)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        _check(server, desk, desk.path(params.text_document.uri))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(_: types.DidChangeWatchedFilesParams) -> None:
        desk.workspace.look_again()
        for path in desk.workspace.open_files:
            _check_soon(server, desk, path)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[" ", ".", '"', "“", "「", "`"])
    )
    def completion(params: types.CompletionParams) -> types.CompletionList:
        path, offset, reading = desk.at(params)
        if path == reading.project_path:
            return types.CompletionList(is_incomplete=False, items=[])
        text = reading.text(path) or ""
        items = [
            types.CompletionItem(
                label=each.label,
                kind=_COMPLETION_KINDS[each.kind],
                detail=each.note,
                sort_text=f"{number:04d}",
                filter_text=text[each.span.start : offset][:1] + each.label if each.text[:1] == '"' else each.label,
                text_edit=types.TextEdit(desk.range(each.span, reading), each.text),
            )
            for number, each in enumerate(complete(text, offset, path, reading))
        ]
        return types.CompletionList(is_incomplete=True, items=items)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def on_hover(params: types.HoverParams) -> types.Hover | None:
        path, offset, reading = desk.at(params)
        found = hover(path, offset, reading, desk.language(path, reading))
        if found is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, found.text)
        return types.Hover(content, desk.range(found.span, reading))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location]:
        path, offset, reading = desk.at(params)
        return [desk.location(span, reading) for span in definitions(path, offset, reading)]

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def on_references(params: types.ReferenceParams) -> list[types.Location]:
        path, offset, reading = desk.at(params)
        return [desk.location(span, reading) for span in references(path, offset, reading)]

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: types.PrepareRenameParams) -> types.Range | None:
        path, offset, reading = desk.at(params)
        span = renamed_span(path, offset, reading)
        return desk.range(span, reading) if span is not None else None

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def on_rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        path, offset, reading = desk.at(params)
        edits = rename(path, offset, params.new_name, reading)
        if isinstance(edits, Refusal):
            language = desk.language(path, reading)
            raise JsonRpcInvalidParams(told(language, *_REFUSALS[edits.reason]).format(what=edits.what))
        return desk.changes(edits, reading) if edits else None

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        path = desk.path(params.text_document.uri)
        reading = desk.workspace.read(path)
        text = reading.text(path)
        if text is None or path == reading.project_path:
            return None
        formatted, _ = format_text(text, path)
        if formatted is None or formatted == text:
            return None
        return [types.TextEdit(desk.range(Span(path, 0, len(text)), reading), formatted)]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        path = desk.path(params.text_document.uri)
        reading = desk.workspace.read(path)
        text = reading.text(path) or ""
        positions = Positions(text, desk.encoding)
        start, end = (positions.offset(each.line, each.character) for each in (params.range.start, params.range.end))
        return [
            types.CodeAction(
                title=fix.title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[desk.diagnostic(fix.diagnostic, reading)],
                is_preferred=fix.safe,
                edit=desk.changes(fix.edits, reading),
            )
            for fix in quick_fixes(path, start, end, reading, desk.language(path, reading))
        ]

    return server


def _check_soon(server: LanguageServer, desk: Desk, path: str) -> None:
    """Look for mistakes when no key has been pressed for a moment."""
    before = desk.waiting.pop(path, None)
    if before is not None:
        before.cancel()
    desk.waiting[path] = asyncio.get_running_loop().call_later(PAUSE, _check, server, desk, path)


def _check(server: LanguageServer, desk: Desk, path: str) -> None:
    """Tell the editor everything wrong in the files that belong together with this one, and what no longer is."""
    before = desk.waiting.pop(path, None)
    if before is not None:
        before.cancel()
    reading = desk.workspace.read(path)
    by_file: dict[str, list[types.Diagnostic]] = {each: [] for each in desk.told.get(path, ())}
    by_file[path] = []
    for found in reading.diagnostics:
        by_file.setdefault(found.span.path, []).append(desk.diagnostic(found, reading))
    for each, diagnostics in by_file.items():
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(desk.uri(each), diagnostics))
    desk.told[path] = paths_of(reading.diagnostics)


def serve(spoken: Language | None = None) -> None:
    """Serve one editor until it says goodbye."""
    make_server(spoken).start_io()

"""A client of the language server: starts `journeys lsp` as an editor does and talks to it as one."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

_START = "from journeys.cli import main; main()"
_LONGEST_WAIT = 60
"""Seconds for an answer, on a busy machine."""


class Client:
    """`ask` waits for the answer to a question; `published` for the next diagnostics of a file."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, *options, "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )
        self.folder = folder
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self.kept: list[dict[str, Any]] = []
        self.last = 0
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._drain, daemon=True).start()

    def start(self, encodings: tuple[str, ...] = (), **options: str) -> dict[str, Any]:
        capabilities: dict[str, Any] = {"textDocument": {"rename": {"prepareSupport": True}}}
        if encodings:
            capabilities["general"] = {"positionEncodings": list(encodings)}
        root = self.folder.as_uri()
        result: dict[str, Any] = self.ask(
            "initialize",
            {"processId": None, "rootUri": root, "capabilities": capabilities, "initializationOptions": options},
        )
        self.tell("initialized", {})
        return result

    def open(self, path: Path, text: str | None = None) -> str:
        uri = path.as_uri()
        text = path.read_text("utf-8") if text is None else text
        self.tell(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": "journey", "version": 1, "text": text}},
        )
        return uri

    def change(self, uri: str, text: str) -> None:
        self.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]},
        )

    def at(self, method: str, uri: str, line: int, character: int, **more: Any) -> Any:
        position = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": position, **more})

    def ask(self, method: str, params: Any) -> Any:
        answer = self.ask_for_answer(method, params)
        assert "error" not in answer, answer
        return answer["result"]

    def ask_for_answer(self, method: str, params: Any) -> dict[str, Any]:
        """The answer as it comes: with a `result` or with an `error`."""
        self.last += 1
        number = self.last
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return self._wait(lambda message: message.get("id") == number)

    def tell(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def published(self, uri: str) -> list[dict[str, Any]]:
        """The next diagnostics that are sent for a file."""
        message = self._wait(
            lambda each: each.get("method") == "textDocument/publishDiagnostics" and each["params"]["uri"] == uri
        )
        found: list[dict[str, Any]] = message["params"]["diagnostics"]
        return found

    def stop(self) -> int:
        """Say goodbye; the exit code of the server."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        code = self.process.wait(_LONGEST_WAIT)
        self._close()
        return code

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(_LONGEST_WAIT)
        self._close()

    def _close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _wait(self, wanted: Any) -> dict[str, Any]:
        for message in self.kept:
            if wanted(message):
                self.kept.remove(message)
                return message
        while True:
            message = self.messages.get(timeout=_LONGEST_WAIT)
            if wanted(message):
                return message
            self.kept.append(message)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            while header := stream.readline():
                length = int(header.split(b":")[1]) if header.lower().startswith(b"content-length") else 0
                while stream.readline().strip():
                    pass
                self.messages.put(json.loads(stream.read(length)))

    def _drain(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for _ in stream:
                pass

"""Mail servers on the loopback address: an obedient one, and one that reads from a script and misbehaves."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

HERE = Path(__file__).parent
CERTIFICATE = HERE / "loopback_certificate.pem"
KEY = HERE / "loopback_key.pem"
PASSWORD = "canary-password-77"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Mailbox:
    """What an obedient server got: (sender, recipients, bytes); `answers` overrides its answer to a recipient."""

    answers: dict[str, str] = field(default_factory=dict)
    data_answers: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections.add(session.peer)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        assert envelope.mail_from is not None
        if envelope.rcpt_tos[0] in self.data_answers:
            return self.data_answers[envelope.rcpt_tos[0]]
        self.received.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 OK queued"


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.login == b"shop" and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(mailbox: Mailbox, *, starttls: bool = False, tls: bool = False) -> Iterator[int]:
    """An obedient server; yields its port."""
    options: dict[str, Any] = {}
    if starttls or tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, KEY)
        if tls:
            options |= {"ssl_context": context}
        else:
            options |= {"tls_context": context, "require_starttls": True}
        options |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": starttls}
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@dataclass
class Script:
    """How a misbehaving server answers: per connection, verb -> answers in turn, of which the last repeats.

    `close` as an answer hangs up, `silence` never answers; `BODY` is the answer to the end of a message.
    """

    connections: Sequence[dict[str, list[str]]]
    heard: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    opened: int = 0


@contextmanager
def scripted_server(script: Script) -> Iterator[int]:
    """A server that follows `script`; connections beyond it follow its last one. Yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            if stop.is_set():
                connection.close()
                return
            answers = script.connections[min(script.opened, len(script.connections) - 1)]
            script.opened += 1
            thread = threading.Thread(target=_converse, args=(connection, answers, script, stop))
            thread.start()
            threads.append(thread)

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        with socket.create_connection(listener.getsockname()):
            server.join()
        for thread in threads:
            thread.join()
        listener.close()


_USUAL = {"GREETING": "220 hello", "EHLO": "250 hello", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
          "BODY": "250 queued", "RSET": "250 ok", "QUIT": "221 bye"}  # fmt: skip


def _converse(connection: socket.socket, answers: dict[str, list[str]], script: Script, stop: threading.Event) -> None:
    said: dict[str, int] = {}

    def answer(verb: str) -> bool:
        turns = answers.get(verb, [_USUAL.get(verb, "500 what?")])
        text = turns[min(said.get(verb, 0), len(turns) - 1)]
        said[verb] = said.get(verb, 0) + 1
        if text == "close":
            return False
        if text == "silence":
            stop.wait(5)
            return False
        connection.sendall(text.encode() + b"\r\n")
        return True

    with connection, connection.makefile("rb") as lines:
        try:
            if not answer("GREETING"):
                return
            for line in lines:
                verb = line.split()[0].decode().upper() if line.split() else ""
                script.heard.append(verb)
                if not answer(verb):
                    return
                if verb == "DATA" and answers.get("DATA", ["354"])[-1].startswith("354"):
                    body = b""
                    for part in lines:
                        if part == b".\r\n":
                            break
                        body += part
                        if answers.get("DURING BODY"):
                            return
                    script.bodies.append(body)
                    if not answer("BODY"):
                        return
                if verb == "QUIT":
                    return
        except OSError:
            return

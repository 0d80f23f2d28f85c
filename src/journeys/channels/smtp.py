"""Mail over SMTP: one connection a batch, one transaction and one verdict a recipient.

SMTP promises one thing: after the last byte of a message, the reply says who is responsible for it. Before the server
has asked for the message nothing can have been sent: `retry`. Once its bytes leave and until the reply, nobody knows:
`unknown` (RFC 1047).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress

from journeys.channels.addresses import split_mailbox, wire_address
from journeys.channels.contract import Channel, HandOff, Verdict, VerdictState
from journeys.channels.mail import MailForm, MailRefused, mail_bytes, message_id
from journeys.channels.settings import SmtpSettings

_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)
_GIVE_UP_AFTER = 3
"""Connections that break one after the other before the rest of a batch is left for later."""
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]+")
_ADDRESS = re.compile(r"[^\s<>:;,]+@[^\s<>:;,]+")


class SmtpChannel(Channel):
    """A mail server, spoken to when there is something to deliver."""

    def __init__(self, settings: SmtpSettings, form: MailForm, password: str) -> None:
        self._settings = settings
        self._form = form
        self._password = password
        self._sender = (split_mailbox(form.sender) or ("", ""))[1]

    def __repr__(self) -> str:
        return f"SmtpChannel({self._settings.host}:{self._settings.port})"

    def deliver(self, handoff: HandOff, now: int) -> Verdict:
        """Send one mail over a connection of its own."""
        return self.deliver_many([handoff], now)[0]

    def deliver_many(self, handoffs: Sequence[HandOff], now: int) -> list[Verdict]:
        """Send the mails over one connection, opened again where the server closed it.

        When no connection can be had, or one after the other breaks, all that are left get `retry` at once: nothing
        waits for time-out after time-out.
        """
        del now
        verdicts: list[Verdict] = []
        line = _Line(self._settings, self._password)
        try:
            for handoff in handoffs:
                try:
                    data = mail_bytes(handoff, self._form)
                    recipient = wire_address(handoff.address) or ""
                except MailRefused as refusal:
                    verdicts.append(Verdict("refused", str(refusal)))
                    continue
                verdict = line.send(self._sender, recipient, data)
                if verdict.state in ("accepted", "unknown"):
                    verdict = Verdict(verdict.state, verdict.reason, message_id(handoff, self._form))
                verdicts.append(verdict)
        finally:
            line.close()
        return verdicts


class _Line:
    """The connection of one batch."""

    def __init__(self, settings: SmtpSettings, password: str) -> None:
        self._settings = settings
        self._password = password
        self._session: smtplib.SMTP | None = None
        self._no_connection: Verdict | None = None
        self._broken = 0

    def send(self, sender: str, recipient: str, data: bytes) -> Verdict:
        used_before = self._session is not None
        verdict = self._attempt(sender, recipient, data)
        if verdict is None and used_before:
            # The server closed the connection between two mails, as many do after some number of them.
            verdict = self._attempt(sender, recipient, data)
        return verdict or Verdict("retry", "the server closed the connection before the mail")

    def close(self) -> None:
        if self._session is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._session.quit()
            self._drop()

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _attempt(self, sender: str, recipient: str, data: bytes) -> Verdict | None:
        """One transaction; None if the connection was gone before it began."""
        if self._no_connection is not None:
            return self._no_connection
        if self._session is None:
            self._session = self._connect()
        if self._session is None:
            return self._no_connection
        session = self._session
        begun = leaving = False
        try:
            code, reply = session.mail(sender)
            begun = True
            if code == 250:
                code, reply = session.rcpt(recipient)
                if code in (250, 251):
                    code, reply = session.docmd("DATA")
                    if code == 354:
                        leaving = True
                        session.send(_LINE_START_DOT.sub(b"..", data) + b".\r\n")
                        _set_timeout(session, self._settings.data_timeout)
                        code, reply = session.getreply()
                        _set_timeout(session, self._settings.timeout)
            if not (400 <= code < 600 or (leaving and 200 <= code < 300)):
                raise smtplib.SMTPResponseException(code, reply)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            self._broken += 1
            if self._broken >= _GIVE_UP_AFTER:
                self._no_connection = Verdict("retry", f"{_GIVE_UP_AFTER} connections broke one after the other")
            if leaving:
                return Verdict("unknown", f"no answer after the mail had begun to leave: {_failure(error)}")
            return Verdict("retry", f"the connection failed before the mail: {_failure(error)}") if begun else None
        self._broken = 0
        if code == 421:
            self._drop()
        elif code >= 400:
            try:
                session.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()
        return Verdict(_state(code), _reason(code, reply))

    def _connect(self) -> smtplib.SMTP | None:
        settings = self._settings
        hello = (split_mailbox(settings.sender) or ("", ""))[1].rpartition("@")[2]
        session: smtplib.SMTP | None = None
        try:
            if settings.tls == "tls":
                session = smtplib.SMTP_SSL(
                    settings.host, settings.port, hello, timeout=settings.timeout, context=self._trust()
                )
            else:
                session = smtplib.SMTP(settings.host, settings.port, hello, timeout=settings.timeout)
            if settings.tls == "starttls":
                session.starttls(context=self._trust())
            if settings.user is not None:
                session.login(settings.user, self._password)
            session.ehlo_or_helo_if_needed()
            return session
        except smtplib.SMTPAuthenticationError as error:
            self._no_connection = Verdict("retry", f"the server does not take user and password ({error.smtp_code})")
        except (
            OSError,
            UnicodeError,
            smtplib.SMTPException,
        ) as error:  # UnicodeError: a host name with a label too long
            self._no_connection = Verdict("retry", f"no connection to the mail server: {_failure(error)}")
        if session is not None:
            session.close()
        return None

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file)


def _set_timeout(session: smtplib.SMTP, seconds: float) -> None:
    if session.sock is not None:
        session.sock.settimeout(seconds)


def _state(code: int) -> VerdictState:
    if 200 <= code < 300:
        return "accepted"
    return "retry" if code < 500 else "refused"


def _reason(code: int, reply: bytes) -> str:
    """The server's answer as one line, without the addresses it may repeat."""
    text = _NOT_PLAIN.sub(" ", reply.decode("utf-8", "replace"))
    return f"{code} {_ADDRESS.sub('(address)', text)}"[:200].strip()


def _failure(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return _reason(error.smtp_code, reply if isinstance(reply, bytes) else reply.encode())
    if isinstance(error, TimeoutError):
        return "time-out"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server closed the connection or did not answer in time"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__

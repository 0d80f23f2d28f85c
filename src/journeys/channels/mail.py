"""A hand-off as the bytes of a mail: the same hand-off, the same bytes.

The headers are written here and not by the standard library, because Python before 3.11.15, 3.12.13 and 3.13.12 turns
an encoded word inside a value (`=?utf-8?q?=0D=0ABcc:_evil@x?=`) into a header of its own. Whatever is written is
parsed again and must hold the planned headers and nothing else, or the mail is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import decode_header
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from urllib.parse import quote

from journeys.channels.addresses import split_mailbox, wire_address
from journeys.channels.contract import HandOff

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_WORD_BYTES = 39
"""Of text in one encoded word: 52 characters of base64, so that no line is longer than 76."""
_MAX_SUBJECT = 900
_MAX_LINE = 998


class MailRefused(ValueError):
    """This hand-off cannot become a mail; the message says why, without the person's data."""


@dataclass(frozen=True, slots=True)
class MailForm:
    """What the mails of a channel have in common. `unsubscribe` is the link's template, `secret` signs its token."""

    sender: str
    reply_to: str | None = None
    unsubscribe: str | None = None
    secret: str = field(default="", repr=False)


def unsubscribe_token(secret: str, customer_id: str, channel: str) -> str:
    """What makes an unsubscribe link one that only we can have made; whoever serves the link computes it again."""
    signed = "\0".join(("unsubscribe", customer_id, channel)).encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()[:32]


def message_id(handoff: HandOff, form: MailForm) -> str:
    """The mail's identity, the same at every attempt."""
    domain = _mailbox(form.sender)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(handoff.idempotency_key.encode()).hexdigest()[:32]}@{domain}>"


def mail_bytes(handoff: HandOff, form: MailForm) -> bytes:
    """The whole mail, lines ending in CRLF; MailRefused if it cannot be one.

    The subject is one line: breaks, control characters and runs of blanks in it are one blank.
    """
    address = wire_address(handoff.address)
    if address is None:
        raise MailRefused("the address is not one plain mailbox")
    subject = _BREAKS.sub(" ", handoff.subject or "").strip()
    if len(subject) > _MAX_SUBJECT:
        raise MailRefused(f"the subject is longer than {_MAX_SUBJECT} characters")
    headers = [("From", _mailbox_header(form.sender)), ("To", address)]
    if form.reply_to is not None:
        headers.append(("Reply-To", _mailbox_header(form.reply_to)))
    try:
        headers.append(("Subject", header_text("Subject", subject)))
        headers.append(("Date", format_datetime(_EPOCH + timedelta(microseconds=handoff.rendered_at))))
        headers.append(("Message-ID", message_id(handoff, form)))
        if form.unsubscribe is not None:
            headers.append(("List-Unsubscribe", f"<{_unsubscribe_link(handoff, form)}>"))
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        kind, body = _body(handoff)
    except UnicodeEncodeError:
        raise MailRefused("a text holds half a character that cannot be encoded") from None
    headers.extend(kind)
    head = _head(headers)
    if max(map(len, head.split(b"\r\n"))) > _MAX_LINE:
        raise MailRefused(f"a header line is longer than {_MAX_LINE} characters")
    _compare(head, headers, subject)
    return head + b"\r\n" + body


def header_text(name: str, text: str) -> str:
    """`text` as the value of the header `name`, which any reader decodes to exactly `text`; folded.

    Plain when it is short printable ASCII that nobody can take for an encoded word, otherwise encoded words of UTF-8.
    """
    if len(name) + 2 + len(text) <= 76 and "=?" not in text and re.fullmatch(r"[\x20-\x7e]*", text):
        return text
    return encoded_words(text)


def encoded_words(text: str) -> str:
    """`text` as encoded words (RFC 2047), one a line, none of them cut within a character."""
    words: list[str] = []
    word = b""
    for character in text:
        encoded = character.encode("utf-8")
        if len(word) + len(encoded) > _WORD_BYTES:
            words.append(_encoded_word(word))
            word = b""
        word += encoded
    words.append(_encoded_word(word))
    return "\r\n ".join(words)


def _encoded_word(data: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(data).decode('ascii')}?="


def _mailbox(text: str) -> tuple[str, str]:
    mailbox = split_mailbox(text)
    if mailbox is None:
        raise MailRefused("the sender or the reply address is not one plain mailbox")
    return mailbox


def _mailbox_header(text: str) -> str:
    name, address = _mailbox(text)
    if not name:
        return address
    if re.fullmatch(r"[\x20-\x7e]{1,50}", name) and "=?" not in name:
        escaped = re.sub(r'(["\\])', r"\\\1", name)
        return f'"{escaped}" <{address}>'
    return f"{encoded_words(name)}\r\n <{address}>"


def _unsubscribe_link(handoff: HandOff, form: MailForm) -> str:
    places = {"customer_id": handoff.customer_id, "channel": handoff.channel, "message": handoff.message}
    places["token"] = unsubscribe_token(form.secret, handoff.customer_id, handoff.channel)
    return re.sub(
        r"\{(\w+)\}", lambda place: quote(places[place[1]], safe="", errors="replace"), form.unsubscribe or ""
    )


def _body(handoff: HandOff) -> tuple[list[tuple[str, str]], bytes]:
    """The headers that describe the content, and the content."""
    kind, text = _part("plain", handoff.text)
    if handoff.html is None:
        return [("MIME-Version", "1.0"), *kind], text
    # This boundary cannot stand in quoted-printable, where `=` is followed by a digit, nor in base64.
    boundary = f"=_{hashlib.sha256(handoff.idempotency_key.encode()).hexdigest()[:32]}"
    headers = [("MIME-Version", "1.0"), ("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"')]
    line = f"--{boundary}".encode("ascii")
    html_kind, html = _part("html", handoff.html)
    parts = [line, _head(kind), text, line, _head(html_kind), html, line + b"--", b""]
    return headers, b"\r\n".join(parts)


def _part(subtype: str, text: str) -> tuple[list[tuple[str, str]], bytes]:
    lines = _CONTROLS.sub("", _LINE_ENDS.sub("\r\n", text)).rstrip("\r\n") + "\r\n"
    data = lines.encode("utf-8")
    # Whichever is shorter; both leave no byte of the text to chance on its way.
    if sum(byte > 127 for byte in data) * 6 > len(data):
        encoding, encoded = "base64", base64.encodebytes(data).replace(b"\n", b"\r\n")
    else:
        encoding, encoded = "quoted-printable", binascii.b2a_qp(data, istext=True)
    return [("Content-Type", f'text/{subtype}; charset="utf-8"'), ("Content-Transfer-Encoding", encoding)], encoded


def _head(headers: list[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")


def _compare(head: bytes, planned: list[tuple[str, str]], subject: str) -> None:
    """Raises unless the head, parsed again, hold the planned headers, in order, and nothing else."""
    parsed = BytesHeaderParser().parsebytes(head)
    if [(name, value.replace("\r\n", "\n")) for name, value in parsed.items()] != [
        (name, value.replace("\r\n", "\n")) for name, value in planned
    ]:
        raise MailRefused("the headers would not arrive as they were written")
    decoded = "".join(
        part if isinstance(part, str) else part.decode(charset or "ascii", "replace")
        for part, charset in decode_header(parsed["Subject"])
    )
    if decoded != subject:
        raise MailRefused("the subject would not arrive as it was written")

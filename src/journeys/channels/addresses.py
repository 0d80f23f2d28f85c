"""Which mail addresses are taken: one plain mailbox, written in exactly one way."""

from __future__ import annotations

import re

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>|(?P<bare>[^<>]+)")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def wire_address(address: str) -> str | None:
    """The address as it goes over the wire, its domain in ASCII; None if it is not one plain mailbox.

    Quoted local parts, comments, several addresses, address literals and blanks are refused: mail programs disagree on
    them, and an attacker lives on that. A local part outside ASCII needs a server with SMTPUTF8 and is refused.

    >>> wire_address("ada@bücher.example"), wire_address("a@b.example,c@d.example")
    ('ada@xn--bcher-kva.example', None)
    """
    local, at, domain = address.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local) or "=?" in local:
        return None
    try:
        host = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        return None
    if len(local) + 1 + len(host) > 254 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        return None
    return f"{local}@{host}"


def split_mailbox(text: str) -> tuple[str, str] | None:
    """`Example Shop <hello@example.com>` or a bare address, as (name, address on the wire); None if it is neither.

    The name may hold anything but angle brackets and control characters; quotes around it are not part of it.
    """
    match = _MAILBOX.fullmatch(text.strip())
    if match is None or not text.isprintable():
        return None
    address = wire_address(match["address"] or match["bare"])
    return None if address is None else ((match["name"] or "").strip().removeprefix('"').removesuffix('"'), address)

"""Bytes to text: files of journeys are UTF-8. Anything else is told apart, so that the help can say how to save it."""

from __future__ import annotations

import codecs

from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, path: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text of a file and what is wrong with its bytes.

    A byte order mark is dropped. A file in another encoding gives its text as well as it can be told, with an error
    at the first byte that is not UTF-8; NUL characters are reported by the parser.
    """
    if data.startswith(_UTF_16):
        return _guess(data, "utf-16"), (Diagnostic("J041", Span(path, 0, 1)),)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        start = len(data[: error.start].decode("utf-8"))
        byte = f"{data[error.start]:02x}"
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        return text, (Diagnostic("J040", Span(path, start, start + 1), {"byte": byte}),)
    return text, (Diagnostic("J052", Span(path, start, start + 1), {"byte": byte}),)


def _guess(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "replace")

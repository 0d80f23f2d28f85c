"""Files that are not UTF-8."""

from __future__ import annotations

import pytest

from journeys.language.decoding import decode

TEXT = "旅程 甲\n    发送 优惠券\n"


def test_utf8_with_and_without_a_byte_order_mark() -> None:
    assert decode(TEXT.encode("utf-8"), "x") == (TEXT, ())
    assert decode(TEXT.encode("utf-8-sig"), "x") == (TEXT, ())


@pytest.mark.parametrize(
    ("data", "code", "at", "text"),
    [
        (TEXT.encode("gbk"), "J052", 0, TEXT),
        (("# ok\n" + TEXT).encode("gb18030"), "J052", 5, "# ok\n" + TEXT),
        (TEXT.encode("utf-16"), "J041", 0, "\ufeff" + TEXT),
        (b"send caf\xe9", "J040", 8, "send caf\ufffd"),
        (b"\xff\xff\xff", "J040", 0, "\ufffd\ufffd\ufffd"),
    ],
)
def test_other_encodings_are_told_apart(data: bytes, code: str, at: int, text: str) -> None:
    decoded, diagnostics = decode(data, "x")
    assert [(d.code, d.span.start) for d in diagnostics] == [(code, at)]
    assert decoded == text.removeprefix("\ufeff")

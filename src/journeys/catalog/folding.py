"""When two written names are the same name, and which name was probably meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher


def fold(name: str) -> str:
    """The form in which names are compared: NFKC, case folded, NFKC again.

    >>> fold("Ｃｏｕｐｏｎ") == fold("coupon")
    True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())


def did_you_mean(written: str, names: Iterable[str]) -> dict[str, str]:
    """The fact `close` of a diagnostic: the name that was probably meant; no fact when none is alike enough."""
    close = closest(written, names)
    return {"close": close} if close else {}


def closest(written: str, names: Iterable[str]) -> str:
    """The name most like the written one, or "" when none is alike enough to be worth suggesting.

    >>> closest("coupn", ["coupon", "welcome"])
    'coupon'
    """
    folded = fold(written)
    best, best_ratio = "", 0.69 if written.isascii() else 0.59  # one wrong character in three of a Chinese word
    for name in names:
        ratio = SequenceMatcher(None, folded, fold(name)).ratio()
        if ratio > best_ratio:
            best, best_ratio = name, ratio
    return best

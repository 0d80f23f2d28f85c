"""Spellings that mean something elsewhere and nothing here: dates, numbers and signs of other places."""

from __future__ import annotations

import re

from journeys.language.keywords import CURRENCIES, YUAN

_CODES = f"(?:{CURRENCIES}|{YUAN})"
SPELLINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("J004", re.compile(r"(?<![\w.])(?P<number>[0-9]+(?:\.[0-9]+)?)m(?!\w)", re.IGNORECASE)),
    (
        "J011",
        re.compile(
            r"(?<![\w/.-])(?:(?P<y>[0-9]{4})[/.](?P<m>[0-9]{1,2})[/.](?P<d>[0-9]{1,2})"
            r"|(?P<y2>[0-9]{4})-(?P<m2>[0-9]{1,2})-(?P<d2>[0-9]{1,2})"
            r"|(?:(?P<y3>[0-9]{4})年)?(?P<m3>[0-9]{1,2})月(?P<d3>[0-9]{1,2})[日号]?"
            r"|[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:[0-9]{4}|[0-9]{2}))(?![\w/-])"
        ),
    ),
    ("J022", re.compile(rf"(?<![\w$€£¥,.])(?P<number>[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?![0-9,])(?![ \t]?{_CODES})")),
    (
        "J030",
        re.compile(r"(?<![\w.])(?P<number>[$€£¥]?[0-9]+(?:\.[0-9]+)?)[ \t]?(?P<unit>k|万|千|亿)(?!\w)", re.IGNORECASE),
    ),
    ("J032", re.compile(r"(?P<sign>&&?|\|\|?)")),
    ("J056", re.compile(r"(?<!\w)['‘’](?P<text>[^'‘’\n]*)['‘’]")),
    ("J029", re.compile(r"(?P<sign>[{};]|[。.][ \t]*$)")),
    ("J055", re.compile(r"[\w.)%]+[ \t]*(?P<sign>[*+/])[ \t]*[\w.(]+")),
)
_THOUSANDS = {"k": 1_000, "千": 1_000, "万": 10_000, "亿": 100_000_000}


def facts(code: str, match: re.Match[str], line: str) -> dict[str, str]:
    """What the wording of `code` needs to know; `write` is what to write instead, where that is certain."""
    groups = {k: v for k, v in match.groupdict().items() if v is not None}
    if code == "J004":
        return {"number": groups["number"]}
    if code == "J011":
        year, month, day = (next((groups[k + n] for n in ("", "2", "3") if k + n in groups), None) for k in "ymd")
        written = [year, month, day]
        return {} if None in written else {"write": f"{year}-{int(month or 0):02d}-{int(day or 0):02d}"}
    if code == "J022":
        return {"write": groups["number"].replace(",", "")}
    if code == "J030":
        sign = groups["number"][0] if groups["number"][0] in "$€£¥" else ""
        number = float(groups["number"].lstrip("$€£¥")) * _THOUSANDS[groups["unit"].lower()]
        return {"write": f"{sign}{number:.0f}"} if number < 1e15 else {}
    if code == "J032":
        return {"write": "and" if "&" in groups["sign"] else "or"}
    if code == "J056":
        start, end = match.span("text")
        return {"write": f'"{line[start:end]}"'}
    return {"sign": groups["sign"].strip()}

"""Names and literals as text, in one language: canonical spelling, quotes where needed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import cache

from journeys.language import nodes
from journeys.language.keywords import (
    CURRENCIES,
    DAYS,
    LANGUAGES,
    NAME,
    OWNER,
    UNITS,
    YUAN,
    YUAN_CODE,
    Language,
    word,
    words,
)
from journeys.language.source import ordinary

_NAME = re.compile(NAME)


@cache
def _reserved(terminals: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(w) for t in terminals.split() for w in words(t)), re.IGNORECASE)


def quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def number(value: Decimal) -> str:
    return format(value, "f")


class Literals:
    """The words, names and values of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.chinese = language == "zh"

    def say(self, *parts: str) -> str:
        """The parts with blanks between them; what is empty is left out."""
        return " ".join(p for p in parts if p)

    def word(self, terminal: str) -> str:
        return word(terminal, self.language)

    def either(self, english: str, chinese: str) -> str:
        """The word of the terminal that this language uses where the two differ."""
        return self.word(chinese if self.chinese else english)

    def counted(self, count: int, terminal: str, one: str | None = None) -> str:
        """`3 messages`, `3条`: Chinese counting words stick to the number."""
        if self.chinese:
            return f"{count}{self.word(terminal)}"
        return f"{count} {one if one and count == 1 else self.word(terminal)}"

    def name(self, name: nodes.Name, reserved: str = "") -> str:
        text = name.text
        bare = _NAME.fullmatch(text) and ordinary(text) == text
        return text if bare and not (reserved and _reserved(reserved).fullmatch(text)) else quote(text)

    def path(self, path: nodes.Path, reserved: str = "", words: Collection[str] = ()) -> str:
        return ".".join(
            self._field(part, "" if i else reserved, () if i else words) for i, part in enumerate(path.parts)
        )

    def _field(self, text: str, reserved: str, words: Collection[str]) -> str:
        bare = _NAME.fullmatch(text) and ordinary(text) == text and text.casefold() not in words
        return text if bare and not (reserved and _reserved(reserved).fullmatch(text)) else f"`{text}`"

    def duration(self, duration: nodes.Duration) -> str:
        column = LANGUAGES.index(self.language)
        return "".join(f"{number(n)}{UNITS[unit][column].split('|')[0]}" for n, unit in duration.parts)

    def money(self, money: nodes.Money) -> str:
        amount = number(money.amount)
        if money.currency == YUAN_CODE and self.chinese:
            return f"{amount}{YUAN}"
        if money.currency in CURRENCIES.split("|"):
            return f"{amount} {money.currency}"
        return f"{money.currency}{amount}"

    def percent(self, percent: nodes.Percent) -> str:
        return f"{number(percent.value)}%"

    def minute(self, minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    def zone(self, zone: str | None) -> str:
        if zone is None:
            return ""
        terminal = {"their": "THEIR_TIME", "our": "OUR_TIME"}.get(zone)
        return self.word(terminal) if terminal else quote(zone)

    def clock(self, clock: nodes.Clock | None, at: bool = True) -> str:
        """`at 09:00 our time`; in Chinese the time alone says it."""
        if clock is None:
            return ""
        told = self.say(self.minute(clock.minute), self.zone(clock.zone))
        return f"{self.word('AT')} {told}" if at and not self.chinese else told

    def value(self, value: nodes.Value, words: Collection[str] = ()) -> str:
        match value:
            case nodes.Number():
                return number(value.value)
            case nodes.Money():
                return self.money(value)
            case nodes.Percent():
                return self.percent(value)
            case nodes.Duration():
                return self.duration(value)
            case nodes.Ago():
                return self.say(self.duration(value.duration), self.word("AGO"))
            case nodes.Date():
                return value.value.isoformat()
            case nodes.Clock():
                return self.minute(value.minute)
            case nodes.Text():
                return quote(value.value)
            case nodes.Path():
                return self.path(value, words=words)

    def arguments(self, arguments: Iterable[nodes.Argument]) -> str:
        # Behind a name the grammar would take any keyword for what it is elsewhere.
        told = ", ".join(f"{self.path(a.name)} {self.value(a.value, OWNER)}" for a in arguments)
        return f"{self.word('WITH')} {told}" if told else ""

    def days(self, days: tuple[int, ...]) -> str:
        group = next((t for t in ("WEEKDAY", "WEEKEND") if DAYS[t] == days), None)
        if group:
            return self.word(group)
        return ", ".join(self.word(t) for d in days for t in DAYS if DAYS[t] == (d,))

    def offset(self, duration: nodes.Duration, before: bool, path: nodes.Path, reserved: str) -> str:
        side = self.word("BEFORE" if before else "AFTER")
        if self.chinese:
            return self.say(self.path(path, reserved), side, self.duration(duration))
        return self.say(self.duration(duration), side, self.path(path))

"""How amounts, dates and lengths of time are written in a message, per language.

English and Chinese have their own forms; any other language takes the English numbers and the ISO date, which nobody
misreads. Everything is decided here and not by the machine's locale, so that a message has the same text everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from journeys.catalog.meaning import Duration
from journeys.catalog.money import MINOR_DIGITS

_SYMBOLS = {
    "USD": "$", "CNY": "¥", "JPY": "¥", "EUR": "€", "GBP": "£", "KRW": "₩", "INR": "₹", "HKD": "HK$", "TWD": "NT$",
    "SGD": "S$", "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "BRL": "R$", "MXN": "MX$", "VND": "₫", "ILS": "₪", "PHP": "₱",
}  # fmt: skip
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_MICROS = (("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000))
_CHINESE_UNITS = {"year": "年", "month": "个月", "day": "天", "hour": "小时", "minute": "分钟", "second": "秒"}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` counts the currency's smallest unit (cents, fen, yen); `currency` is its ISO 4217 code."""

    minor: int
    currency: str


def chinese(language: str) -> bool:
    """Whether `language` (`zh`, `zh-CN`, `zh_Hant`) is Chinese."""
    return language.lower().replace("_", "-").split("-")[0] == "zh"


def money_text(money: Money, language: str) -> str:
    """`$12.50`, `¥1,000`, `20,000 CHF`: no decimals when the amount is whole; yen in a Chinese message is `JP¥`."""
    digits = MINOR_DIGITS.get(money.currency, 2)
    whole, rest = divmod(abs(money.minor), 10**digits)
    amount = f"{whole:,}" + (f".{rest:0{digits}d}" if rest else "")
    sign = "-" if money.minor < 0 else ""
    symbol = _SYMBOLS.get(money.currency)
    if symbol is None:
        return f"{sign}{amount} {money.currency}"
    if money.currency == "JPY" and chinese(language):
        symbol = "JP¥"
    return f"{sign}{symbol}{amount}"


def number_text(number: float | Decimal, *, grouped: bool = False) -> str:
    """`12` for 12.0, `0.3` for 0.1 + 0.2; with `grouped` also `12,000`. The same in every language.

    ValueError for what nobody can read: infinities, NaN, more than 21 digits.
    """
    exact = Decimal(f"{number:.15g}") if isinstance(number, float) else Decimal(number)
    if not exact.is_finite() or abs(exact) >= Decimal(10) ** 21:
        raise ValueError("not a number people can read")
    text = f"{exact:,f}" if grouped else f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def date_text(day: date, language: str, style: str = "long") -> str:
    """`2 March 2026` or `2026年3月2日`; short: `2 Mar` or `3月2日`; iso: `2026-03-02`.

    A moment is written as the day it falls on in the zone it carries.
    """
    if style == "iso":
        return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
    if chinese(language):
        return f"{day.month}月{day.day}日" if style == "short" else f"{day.year}年{day.month}月{day.day}日"
    if language.lower()[:2] != "en":
        return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
    month = _MONTHS[day.month - 1]
    return f"{day.day} {month[:3]}" if style == "short" else f"{day.day} {month} {day.year}"


def time_text(moment: datetime) -> str:
    """`09:00`, in the zone the moment carries."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def moment_text(moment: datetime, language: str) -> str:
    """Day and time: `2 March 2026 09:00`, `2026年3月2日09:00`."""
    return date_text(moment, language) + ("" if chinese(language) else " ") + time_text(moment)


def duration_text(duration: Duration, language: str) -> str:
    """`30 days`, `1 day 12 hours`, `48 hours`; `30天`, `1天12小时`, `3个月`. Hours do not turn into days."""
    years, months = divmod(duration.months, 12)
    parts = [("year", years), ("month", months), ("day", duration.days)]
    rest = duration.micros
    for unit, size in _MICROS[1:]:
        count, rest = divmod(rest, size)
        parts.append((unit, count))
    parts = [(unit, count) for unit, count in parts if count] or [("day", 0)]
    if chinese(language):
        return "".join(f"{count}{_CHINESE_UNITS[unit]}" for unit, count in parts)
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in parts)

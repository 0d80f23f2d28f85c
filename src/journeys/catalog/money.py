"""Currencies: their ISO 4217 codes, what their signs stand for, and their minor units."""

from __future__ import annotations

from decimal import Decimal

_NO_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
)

MINOR_DIGITS: dict[str, int] = {
    **dict.fromkeys(_NO_MINOR.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_TWO.split(), 2),
}

SIGNS: dict[str, tuple[str, ...]] = {
    "$": ("USD", "AUD", "CAD", "HKD", "NZD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP"),
    "¥": ("CNY", "JPY"),
    "￥": ("CNY", "JPY"),
    "元": ("CNY", "TWD", "HKD"),
    "円": ("JPY",),
    "€": ("EUR",),
    "£": ("GBP", "EGP"),
    "₩": ("KRW", "KPW"),
    "₹": ("INR",),
    "₽": ("RUB",),
}


def currency_of(written: str, project_currency: str) -> str | None:
    """The ISO code meant by a code or a sign; a sign that several share is the project's currency if it is among them.

    >>> currency_of("$", "AUD"), currency_of("¥", "EUR"), currency_of("eur", "USD")
    ('AUD', 'CNY', 'EUR')
    """
    if written in SIGNS:
        meant = SIGNS[written]
        return project_currency if project_currency in meant else meant[0]
    code = written.upper()
    return code if code in MINOR_DIGITS else None


def minor_units(amount: Decimal, currency: str) -> int | None:
    """The amount in the currency's smallest unit; None when it is finer than that (`$0.001`).

    >>> minor_units(Decimal("19.90"), "CNY"), minor_units(Decimal("1.5"), "JPY")
    (1990, None)
    """
    scaled = amount.scaleb(MINOR_DIGITS[currency])
    return int(scaled) if scaled == scaled.to_integral_value() else None


def major_text(amount: int, currency: str) -> str:
    """An amount of minor units as people write it, with its code: `1990` of CNY is `19.90 CNY`, `5000` is `50 CNY`."""
    digits = MINOR_DIGITS.get(currency, 2)
    major = Decimal(amount).scaleb(-digits)
    number = f"{major:,.0f}" if major == major.to_integral_value() else f"{major:,.{digits}f}"
    return f"{number} {currency}".rstrip()

"""What is written in a field, as a value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.catalog.meaning import ValueType
from journeys.catalog.project import FieldType
from journeys.ingest.values import converter, money, number

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("type_", "written", "value"),
    [
        ("text", " as it is ", " as it is "),
        ("number", "007", 7),
        ("number", "-2.50", -2.5),
        ("number", "1e3", 1000),
        ("number", "9007199254740993", 9007199254740992.0),
        ("number", "1_000", None),
        ("number", "inf", None),
        ("number", "1e999", None),
        ("number", "１２", None),
        ("money", "19.9", 1990),
        ("money", "-0.01", -1),
        ("money", "0.001", None),
        ("money", "¥5", None),
        ("money", "1e9", None),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", "否", False),
        ("boolean", "2", None),
        ("date", "1970-01-02", 1),
        ("date", "2023-02-29", None),
        ("date", "02.01.1970", 1),
        ("date", "1970/01/02", None),
        ("moment", "1970-01-01 08:00", 0),
        ("moment", "1970-01-01", -8 * HOUR),
        ("moment", "1970-01-01T00:00:00.000001Z", 1),
        ("moment", "1970-01-01 02:00 +01:00", HOUR),
        ("moment", "01.01.1970", -8 * HOUR),
        ("moment", "1970-01-01T25:00", None),
        ("moment", "yesterday", None),
    ],
)
def test_values(type_: ValueType, written: str, value: Any) -> None:
    read = converter(FieldType(type=type_), "CNY", "Asia/Shanghai", ["%d.%m.%Y"])
    for _ in range(2):  # the second time it is remembered
        found = read(written)
        assert (found, type(found)) == (value, type(value))


def test_a_wall_time_that_does_not_exist_or_exists_twice() -> None:
    read = converter(FieldType(type="moment"), "EUR", "Europe/Berlin")
    assert read("2026-03-29 02:30") == read("2026-03-29 03:00")  # the first valid instant after the gap
    assert read("2026-10-25 02:30") == read("2026-10-25T00:30Z")  # the first of the two


@pytest.mark.parametrize(
    ("written", "unit"), [("1489000000", "unix"), ("1489000000000", "unix ms"), ("1489000000.0", "unix")]
)
def test_seconds_and_milliseconds_since_1970(written: str, unit: str) -> None:
    assert converter(FieldType(type="moment"), "USD", "UTC", [unit])(written) == 1_489_000_000_000_000


def test_declared_values_are_read_in_either_language() -> None:
    field = FieldType.model_validate({"values": ["silver", {"value": "gold", "zh": "金卡"}]})
    read = converter(field, "CNY", "UTC")
    assert [read("GOLD"), read("金卡"), read("bronze")] == ["gold", "gold", None]


@given(st.integers(-(10**12), 10**12), st.sampled_from(["USD", "JPY", "BHD"]))
def test_money_is_exact(minor: int, currency: str) -> None:
    digits = {"USD": 2, "JPY": 0, "BHD": 3}[currency]
    assert money(f"{Decimal(minor).scaleb(-digits):f}", currency) == minor


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_as_they_are_written(value: float) -> None:
    assert number(repr(value)) == value

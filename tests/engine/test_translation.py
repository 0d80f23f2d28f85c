"""Translated functions give what they give in CPython; what is not in the subset is refused."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeys.engine import calendar, jit
from journeys.engine.calendar import ZoneTable, add, civil_day, next_yearly, zone_table
from journeys.engine.draw import draw
from journeys.engine.layout import Floats, Ints
from journeys.engine.translation import NotInSubset, translate

EVEN, SCALE, HALF = 2, 1 << 20, 0.5


class Memory(NamedTuple):
    """Some columns, one record of columns among them."""

    given: Floats
    zones: ZoneTable
    found: Ints
    measured: Floats


# -- functions of the subset -------------------------------------------------------------------------------------------


def whole_numbers(m: Memory, a: int, b: int, c: int) -> int:
    """Arithmetic; 1 where all went well."""
    m.found[0] = a // b
    m.found[1] = a % b
    m.found[2] = (a << 3) - (b >> 2) * EVEN
    m.found[3] = (a & b) | (c ^ a)
    m.found[4] = min(a, b, c)
    m.found[5] = max(a, b) if a != c else -max(b, c, 7)
    m.found[6] = -a
    m.found[7] = 1 if a < b <= c else 0
    m.found[8] = 1 if a in (1, b, c) else 0
    m.found[9] = int((a > 3 and b > 3) or not c > 3)
    found = 10
    m.found[found] = int(m.given[0])
    m.found[found + 1] += 1
    return 1


def fractions(m: Memory, a: int, b: int, c: int) -> int:
    x = m.given[0]
    y = m.given[1]
    m.measured[0] = x + y * HALF - a
    m.measured[1] = -x
    m.measured[2] = x / y if y != 0.0 else math.nan
    m.measured[3] = math.log(1.0 + x * x)
    m.measured[4] = min(x, y)
    m.measured[5] = a / b
    m.measured[6] = math.inf if a > b else 1
    m.measured[7] = float(c)
    m.found[0] = 1 if x == y else 0
    m.found[1] = 1 if x != y else 0
    m.found[2] = 1 if x < y or x >= y else 0
    m.found[3] = 1 if (x < 1.0) == (y < 1.0) else 0
    m.found[4] = 1 if x > a else 0
    return 0


def divided(a: int, b: int) -> tuple[int, int]:
    return a // b, a % b


def loops(m: Memory, a: int, b: int, c: int) -> int:
    total = 0
    for i in range(a % 50):
        if i == 3:
            continue
        if i > 40:
            break
        total += i
    for i in range(c % 30, -7, -3):
        total = total * 3 - i
    low = base = b
    while True:
        quotient, rest = divided(low, 7)
        low = quotient
        total ^= rest
        if low in (0, -1):
            break
    while low < 5:
        low += 1
        m.found[low] = base
    given = m.given
    m.found[9] = _count(given[0], 5)
    return total


def _count(value: float, limit: int) -> int:
    count = 0
    for _ in range(limit):
        if value > 0.5:
            value = value / 2
            count += 1
    return count


def in_a_zone(m: Memory, a: int, b: int, c: int) -> int:
    zone = a % 4
    m.found[0] = add(m.zones, zone, b * SCALE, a % 30, c % 40, c)
    m.found[1], m.found[2], m.found[3] = civil_day(a)
    m.found[4] = next_yearly(m.zones, zone, b * SCALE, c % 12 + 1, c % 31 + 1, b % 1440, a % 3, c % 9)
    m.measured[0] = draw((b % SCALE) * SCALE, c % SCALE)
    return 0


def truth_of_a_number(m: Memory, a: int, b: int, c: int) -> int:
    return a or b


def a_list(m: Memory, a: int, b: int, c: int) -> int:
    return [a, b][c]


def a_float_for_an_int(m: Memory, a: int, b: int, c: int) -> int:
    m.found[0] = m.given[0]  # type: ignore[assignment]
    return a


def an_unknown_function(m: Memory, a: int, b: int, c: int) -> int:
    return abs(a)


def a_step_known_late(m: Memory, a: int, b: int, c: int) -> int:
    total = 0
    for i in range(a, b, c):
        total += i
    return total


KERNELS = (_count, divided, whole_numbers, fractions, loops, in_a_zone)

# -- the tests ---------------------------------------------------------------------------------------------------------

Entry = Callable[[Memory, int, int, int], int]
ZONES = zone_table(("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"))
MODULES = (calendar, sys.modules[draw.__module__], sys.modules[__name__])


def memory(given: tuple[float, float], *, arrays: bool) -> Memory:
    if arrays:
        return Memory(np.array(given), ZONES, np.zeros(16, np.int64), np.zeros(8))
    return Memory(list(given), ZONES.as_lists(), [0] * 16, [0.0] * 8)


def listed(column: Ints | Floats) -> list[float]:
    return [column[place] for place in range(len(column))]


@pytest.fixture(scope="module")
def compiled() -> dict[str, Entry]:
    entries: tuple[Entry, ...] = (whole_numbers, fractions, loops, in_a_zone)
    return {entry.__name__: jit.callable_of(jit.compiled(MODULES, entry), entry) for entry in entries}


SMALL = st.integers(-100, 100)
NUMBERS = SMALL | st.integers(-(2**40), 2**40)
FRACTIONS = st.sampled_from([0.0, -0.0, math.nan, math.inf]) | st.floats(-1e6, 1e6)


@pytest.mark.parametrize("entry", [whole_numbers, fractions, loops, in_a_zone], ids=lambda entry: entry.__name__)
@given(a=NUMBERS, b=NUMBERS.filter(bool), c=SMALL, x=FRACTIONS, y=FRACTIONS)
@example(a=-7, b=2, c=0, x=0.25, y=1.0)
@example(a=7, b=-2, c=-1, x=2.0, y=math.nan)
def test_a_translated_function_gives_what_cpython_gives(
    compiled: dict[str, Entry], entry: Entry, a: int, b: int, c: int, x: float, y: float
) -> None:
    given = (0.0 if entry is whole_numbers and not math.isfinite(x) else x, y)
    plain, native = memory(given, arrays=False), memory(given, arrays=True)
    assert compiled[entry.__name__](native, a, b, c) == entry(plain, a, b, c)
    assert listed(native.found) == listed(plain.found)
    np.testing.assert_array_equal(listed(native.measured), listed(plain.measured))


def alone(kernel: Entry) -> ModuleType:
    """This module with one function in it."""
    module = ModuleType(__name__)
    module.__dict__.update(sys.modules[__name__].__dict__, KERNELS=(kernel,))
    return module


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        (truth_of_a_number, "a"),
        (a_list, "[a, b]"),
        (a_float_for_an_int, "a float where an int is meant"),
        (an_unknown_function, "abs(a)"),
        (a_step_known_late, "for i in range(a, b, c)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_not_in_the_subset_is_refused_with_its_place(kernel: Entry, said: str) -> None:
    with pytest.raises(NotInSubset) as refused:
        translate([alone(kernel)], kernel)
    assert said in str(refused.value)
    assert __name__ in str(refused.value)


def test_only_the_entry_can_be_called_from_outside() -> None:
    functions = translate(MODULES, loops).functions
    assert [function.name for function in functions if function.linkage == ""] == ["loops", "llvm.log.f64"]

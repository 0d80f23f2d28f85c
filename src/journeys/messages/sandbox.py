"""Where templates run: plain data only, nothing to call, and every cost bounded before it is paid.

Jinja's own sandbox stops escapes, not waste of time and memory; here the syntax (`syntax.py`) leaves no way to make
much from little, and what remains is bounded: the rounds of loops, the length of every text a filter makes, the length
of the whole. A value is reached by key alone, never by attribute, so methods do not exist for a template.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn
from urllib.parse import quote

from jinja2 import Undefined, UndefinedError, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from journeys.catalog.meaning import Duration
from journeys.messages.formats import (
    Money,
    chinese,
    date_text,
    duration_text,
    moment_text,
    money_text,
    number_text,
    time_text,
)

MAX_CHARACTERS = 200_000
"""Of a rendered text, and of any text on the way to it."""
MAX_ROUNDS = 2_000
"""Of all loops of one text together."""

ROUNDS = " rounds"
"""Under this name, which no template can spell, the context counts the rounds that are left."""
LOOP_FILTER = "loop over"
"""A filter no template can spell; `syntax.py` puts it around what a loop goes over."""

_LOOP_ATTRIBUTES = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
_URL_SCHEMES = ("https://", "http://", "mailto:", "tel:", "sms:")


class Refused(Exception):
    """A text cannot be made for this person: the diagnostic's code and facts."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class Missing(Undefined):
    """A value that is not known of this person.

    It is false, and every comparison with it is false, as in journeys; `default` replaces it; it has nothing but
    further missing values inside; printing it or going over it refuses the message.
    """

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: type[Exception] = UndefinedError,  # noqa: ARG002 - Jinja passes it
    ) -> None:
        super().__init__(hint or name, obj, name, UndefinedError)

    def _refuse(self, *_: object) -> NoReturn:
        raise Refused("J420", name=str(self._undefined_name or ""), hint=str(self._undefined_hint or ""))

    def _false(self, _: object) -> bool:
        return False

    def __contains__(self, _: object) -> bool:
        return False

    __iter__ = __str__ = __len__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _false  # type: ignore[assignment]


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of all templates of one language, with autoescape for HTML."""

    def __init__(self, language: str, *, html: bool) -> None:
        super().__init__(
            undefined=Missing,
            autoescape=html,
            keep_trailing_newline=True,
            finalize=_printer(language),
            cache_size=0,
        )
        self.globals = {}
        self.filters = dict(_filters(language))
        self.tests = {
            "known": _known,
            "defined": _known,
            "missing": _unknown,
            "undefined": _unknown,
            "odd": lambda value: _number(value, "odd") % 2 == 1,
            "even": lambda value: _number(value, "even") % 2 == 0,
        }

    def getattr(self, obj: object, attribute: str) -> object:
        """`a.b`: the value under the key `b` of a dict; never a Python attribute."""
        if type(obj) is dict:
            value = obj.get(attribute)
            if value is not None:
                return value
        elif type(obj) is LoopContext and attribute in _LOOP_ATTRIBUTES:
            return getattr(obj, attribute)
        return Missing(name=attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """`a["b"]` and `a[0]`: by key of a dict or place in a list."""
        if type(argument) is str:
            return self.getattr(obj, argument)
        if type(obj) is list and type(argument) is int and -len(obj) <= argument < len(obj):
            value = obj[argument]
            if value is not None:
                return value
        return Missing(name=str(argument) if type(argument) is int else "")


FILTERS = (
    "money", "number", "percent", "round", "date", "time", "default", "upper", "lower", "title", "capitalize", "trim",
    "truncate", "length", "join", "first", "last", "limit", "url", "urlencode",
)  # fmt: skip
TESTS = ("known", "missing", "defined", "undefined", "odd", "even")


def _printer(language: str) -> Callable[[object], object]:
    """What `{{ value }}` writes."""
    yes, no = ("是", "否") if chinese(language) else ("yes", "no")

    def printed(value: object) -> object:
        kind = type(value)
        if kind is str or kind is Markup or kind is int:
            return value
        match value:
            case bool():
                return yes if value else no
            case float() | Decimal():
                return _readable(value, grouped=False)
            case Money():
                return money_text(value, language)
            case datetime():
                return moment_text(value, language)
            case date():
                return date_text(value, language)
            case Duration():
                return duration_text(value, language)
            case Missing():
                value._refuse()
            case None:
                raise Refused("J420", name="", hint="")
        raise _wrong(value, "{{ }}", "a text, a number or a date")

    return printed


def _filters(language: str) -> Mapping[str, Callable[..., object]]:
    printed = _printer(language)

    def text(value: object, name: str) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, (list, dict)):
            raise _wrong(value, name, "a text")
        return str(printed(value))

    def money(value: object) -> str:
        if not isinstance(value, Money):
            raise _wrong(value, "money", "an amount of money")
        return money_text(value, language)

    def day(value: object, style: object = "long") -> str:
        if not isinstance(value, date):
            raise _wrong(value, "date", "a date")
        return date_text(value, language, str(style))

    def clock(value: object) -> str:
        if not isinstance(value, datetime):
            raise _wrong(value, "time", "a moment")
        return time_text(value)

    def default(value: object, fallback: object) -> object:
        blank = value is None or isinstance(value, Missing) or (isinstance(value, str) and not value.strip())
        return fallback if blank else value

    def join(value: object, between: object = "、" if chinese(language) else ", ", attribute: object = None) -> str:
        items = _list(value, "join")
        if isinstance(attribute, str):
            items = [item.get(attribute) if type(item) is dict else item for item in items]
        pieces = [text(item, "join") for item in items]
        glue = text(between, "join")
        _bounded(sum(map(len, pieces)) + len(glue) * len(pieces))
        return glue.join(pieces)

    def truncate(value: object, characters: object = 100) -> str:
        whole = text(value, "truncate")
        room = int(min(max(_number(characters, "truncate"), 1), MAX_CHARACTERS))
        return whole if len(whole) <= room else whole[: room - 1].rstrip() + "…"

    def shaped(name: str, change: Callable[[str], str]) -> Callable[[object], str]:
        def apply(value: object) -> str:
            result = change(text(value, name))
            _bounded(len(result))
            return result

        return apply

    return {
        "money": money,
        "number": lambda value: _readable(_number(value, "number"), grouped=True),
        "percent": lambda value: _readable(_number(value, "percent") * 100, grouped=False) + "%",
        "round": _rounded,
        "date": day,
        "time": clock,
        "default": default,
        "upper": shaped("upper", str.upper),
        "lower": shaped("lower", str.lower),
        "title": shaped("title", str.title),
        "capitalize": shaped("capitalize", str.capitalize),
        "trim": shaped("trim", str.strip),
        "truncate": truncate,
        "length": _length,
        "join": join,
        "first": lambda value: next(iter(_list(value, "first")), Missing(name="first")),
        "last": lambda value: next(reversed(_list(value, "last")), Missing(name="last")),
        "limit": lambda value, count=3: _list(value, "limit")[: int(max(_number(count, "limit"), 0))],
        "url": lambda value: _url(text(value, "url")),
        "urlencode": shaped("urlencode", lambda value: quote(value, safe="", errors="replace")),
        LOOP_FILTER: _loop_over,
    }


@pass_context
def _loop_over(context: Context, value: object) -> list[object]:
    """The list a loop goes over, its length taken from the rounds that are left."""
    items = _list(value, "for")
    left = context.parent[ROUNDS]
    left[0] -= len(items)
    if left[0] < 0:
        raise Refused("J423", rounds=f"{MAX_ROUNDS:,}")
    return items


def _known(value: object) -> bool:
    return value is not None and not isinstance(value, Missing)


def _unknown(value: object) -> bool:
    return not _known(value)


def _wrong(value: object, where: str, wanted: str) -> Refused:
    if isinstance(value, Missing):
        value._refuse()
    return Refused("J421", by=where, value_wanted=wanted, value_found=_KINDS.get(type(value), "something else"))


_KINDS: Mapping[type, str] = {
    str: "a text", Markup: "a text", bool: "yes/no", int: "a number", float: "a number", Decimal: "a number",
    Money: "an amount of money", date: "a date", datetime: "a moment", Duration: "a length of time", list: "a list",
    dict: "a group of values", type(None): "nothing",
}  # fmt: skip


def _number(value: object, where: str) -> float | Decimal:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise _wrong(value, where, "a number")


def _readable(value: float | Decimal, *, grouped: bool) -> str:
    try:
        return number_text(value, grouped=grouped)
    except ValueError:
        raise Refused("J421", by="{{ }}", value_wanted="a number people can read", value_found="a number") from None


def _rounded(value: object, digits: object = 0) -> float | Decimal:
    number, places = _number(value, "round"), int(min(max(_number(digits, "round"), 0), 12))
    if isinstance(number, Decimal):
        return round(number, places)
    return round(number, places) if places else round(number)


def _length(value: object) -> int:
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise _wrong(value, "length", "a list or a text")


def _list(value: object, where: str) -> list[object]:
    if type(value) is list or type(value) is tuple:
        return list(value)
    raise _wrong(value, where, "a list")


def _url(text: str) -> str:
    """The link, if it is one that a mail program may open; `javascript:` and `data:` are not."""
    link = text.strip()
    if not link.lower().startswith(_URL_SCHEMES) or any(ord(c) <= 32 or c in "\"'<>\\`\x7f" for c in link):
        raise Refused("J421", by="url", value_wanted="a link that starts with https://", value_found="a text")
    return link


def _bounded(characters: int) -> None:
    if characters > MAX_CHARACTERS:
        raise Refused("J422", characters=f"{MAX_CHARACTERS:,}")

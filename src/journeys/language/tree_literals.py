"""The lowest part of the tree builder: places in the text, names, and literals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from lark import Token, Transformer

from journeys.diagnostics.diagnostic import Diagnostic, Fix
from journeys.diagnostics.span import NOWHERE, Span
from journeys.language import literals, nodes
from journeys.language.placement import Part, Placement

N = TypeVar("N")
Children = Sequence[Any]


def all_of(children: Children, kind: type[N]) -> list[N]:
    return [c for c in children if isinstance(c, kind)]


def one_of_kind(children: Children, kind: type[N]) -> N | None:
    return next((c for c in children if isinstance(c, kind)), None)


def has_token(children: Children, *terminals: str) -> bool:
    return any(isinstance(c, Token) and c.type in terminals for c in children)


def tokens_of(children: Children, terminal: str) -> list[Token]:
    return [c for c in children if isinstance(c, Token) and c.type == terminal]


class Literals(Transformer[Token, Any]):
    """Knows the text that is being read; `begin` it for each. One method per rule for names and values."""

    def __init__(self) -> None:
        super().__init__()
        self.begin("", "", 0)

    def begin(self, path: str, written: str, base: int) -> None:
        """Start on a text: a part of the file `path` that begins `base` characters into it."""
        self._path, self._written, self._base = path, written, base
        self.diagnostics: list[Diagnostic] = []
        self.place = Placement(self.diagnostics, self.source)

    # -- places

    def token_span(self, token: Token) -> Span:
        return Span(self._path, self._base + (token.start_pos or 0), self._base + (token.end_pos or 0))

    def _place(self, child: Any) -> Span:
        if isinstance(child, Token):
            return self.token_span(child)
        span: Span = child.span
        return span

    def span(self, children: Children) -> Span:
        """From the first child to the last that stands anywhere; an empty block stands nowhere."""
        places = [s for c in (children[0], *children[-2:]) if (s := self._place(c)) is not NOWHERE]
        return Span(self._path, places[0].start, max(s.end for s in places))

    def report(self, code: str, span: Span, fix: Fix | None = None, **facts: str) -> None:
        self.diagnostics.append(Diagnostic(code, span, facts, fix=fix))

    def source(self, span: Span) -> str:
        return self._written[span.start : span.end]

    # -- names and literals

    def name(self, children: Children) -> nodes.Name:
        token: Token = children[0]
        span = self.token_span(token)
        text = str(token) if token.type == "NAME" else literals.unquote(self.source(span))
        if not text.strip():
            self.report("J046", span)
        return nodes.Name(text, span=span)

    def path(self, children: Children) -> nodes.Path:
        parts = (str(t) if t.type == "NAME" else literals.unquote(self.source(self.token_span(t))) for t in children)
        return nodes.Path(tuple(parts), span=self.span(children))

    def quoted(self, token: Token) -> nodes.Text:
        span = self.token_span(token)
        return nodes.Text(literals.unquote(self.source(span)), span=span)

    def value(self, children: Children) -> nodes.Value:
        token = children[0]
        if isinstance(token, nodes.Path):
            return token
        if token.type == "DURATION":
            duration = self.duration(token)
            return nodes.Ago(duration, span=self.span(children)) if len(children) > 1 else duration
        if token.type == "TIME":
            return nodes.Clock(self.minute(token), span=self.token_span(token))
        readers: dict[str, Callable[[Token], nodes.Value]] = {
            "NUMBER": self.number,
            "MONEY": self.money,
            "PERCENT": self.percent,
            "DATE": self.date,
            "STRING": self.quoted,
        }
        return readers[token.type](token)

    def decimal(self, token: Token, text: str | None = None) -> Decimal:
        """The number in a token; one with too many digits is reported and stands for zero."""
        text = str(token) if text is None else text
        if literals.digits(text) > literals.MAX_DIGITS:
            self.report("J019", self.token_span(token), digits=str(literals.MAX_DIGITS))
            return Decimal(0)
        return Decimal(text)

    def whole(self, token: Token, signed: bool = False) -> int:
        value = self.decimal(token)
        if value != int(value) or (value < 0 and not signed):
            self.report("J036", self.token_span(token), number=str(token))
            return 0
        return int(value)

    def number(self, token: Token) -> nodes.Number:
        return nodes.Number(self.decimal(token), span=self.token_span(token))

    def money(self, token: Token) -> nodes.Money:
        amount, currency = literals.read_money(str(token))
        return nodes.Money(self.decimal(token, amount), currency, span=self.token_span(token))

    def percent(self, token: Token) -> nodes.Percent:
        return nodes.Percent(self.decimal(token, str(token)[:-1].strip()), span=self.token_span(token))

    def duration(self, token: Token) -> nodes.Duration:
        span = self.token_span(token)
        parts = tuple((self.decimal(token, number), unit) for number, unit in literals.read_duration(str(token)))
        for number, unit in parts:
            if number != int(number) and unit not in ("min", "h"):
                self.report("J033", span, text=str(token))
                break
        return nodes.Duration(parts, span=span)

    def duration_of(self, children: Children) -> nodes.Duration | None:
        tokens = tokens_of(children, "DURATION")
        return self.duration(tokens[0]) if tokens else None

    def date(self, token: Token) -> nodes.Date:
        try:
            value = date.fromisoformat(str(token))
        except ValueError:
            self.report("J020", self.token_span(token), date=str(token))
            value = date(2000, 1, 1)
        return nodes.Date(value, span=self.token_span(token))

    def minute(self, token: Token) -> int:
        minute = literals.read_clock(str(token))
        if minute is None:
            self.report("J021", self.token_span(token), time=str(token))
            return 0
        return minute

    def flags(self, children: Children, *terminals: str) -> list[Part]:
        return [Part(t, None, self.token_span(c)) for t in terminals for c in tokens_of(children, t)]

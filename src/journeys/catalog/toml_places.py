"""Where each key of a TOML text stands, which `tomllib` does not tell."""

from __future__ import annotations

import re

Key = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:\\.|[^"\\\n])*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG = re.compile(r'"""(?:\\.|[^\\])*?"""(?:"{0,2})|' + r"'''.*?'''(?:'{0,2})", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]*")


def key_places(text: str) -> dict[Key, tuple[int, int]]:
    """For each key path of a valid TOML text, the `[start, end)` of where it is first named.

    Elements of arrays are numbered. The place of an element is its value's.

    >>> key_places('[a]\\nb = ["x"]')[("a", "b")]
    (4, 5)
    """
    return _Scan(text).file()


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Key, tuple[int, int]] = {}
        self.last_index: dict[Key, int] = {}

    def file(self) -> dict[Key, tuple[int, int]]:
        table: Key = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self._header(2)
            elif self.text.startswith("[", self.at):
                table = self._header(1)
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self.places

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not TOML at {self.at}")
        self.at = match.end()
        return match[0]

    def _header(self, brackets: int) -> Key:
        self.at += brackets
        parts = self._keys()
        self.at += brackets
        table: Key = ()
        for depth, (part, place) in enumerate(parts, 1):
            table = (*table, part)
            self.places.setdefault(table, place)
            if brackets == 2 and depth == len(parts):
                self.last_index[table] = self.last_index.get(table, -1) + 1
            if table in self.last_index:
                table = (*table, self.last_index[table])
                self.places.setdefault(table, place)
        return table

    def _keys(self) -> list[tuple[str, tuple[int, int]]]:
        parts = []
        while True:
            self._skip(_SPACES)
            start = self.at
            quote = self.text[start]
            written = self._skip({'"': _BASIC, "'": _LITERAL}.get(quote, _BARE_KEY))
            parts.append((written[1:-1] if quote in "\"'" else written, (start, self.at)))
            self._skip(_SPACES)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _pair(self, table: Key) -> None:
        for part, place in self._keys():
            table = (*table, part)
            self.places.setdefault(table, place)
        self.at += 1  # the equals sign
        self._value(table)

    def _value(self, key: Key) -> None:
        self._skip(_SPACES)
        rest = self.text[self.at : self.at + 3]
        if rest in ('"""', "'''"):
            self._skip(_LONG)
        elif rest.startswith('"'):
            self._skip(_BASIC)
        elif rest.startswith("'"):
            self._skip(_LITERAL)
        elif rest.startswith("["):
            self._array(key)
        elif rest.startswith("{"):
            self._inline_table(key)
        else:
            self._skip(_SCALAR)

    def _array(self, key: Key) -> None:
        self.at += 1
        index = 0
        self._skip(_BLANK)
        while not self.text.startswith("]", self.at):
            start = self.at
            self._value((*key, index))
            self.places[(*key, index)] = (start, self.at)
            index += 1
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
            self._skip(_BLANK)
        self.at += 1

    def _inline_table(self, key: Key) -> None:
        self.at += 1
        self._skip(_BLANK)
        while not self.text.startswith("}", self.at):
            self._pair(key)
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
            self._skip(_BLANK)
        self.at += 1

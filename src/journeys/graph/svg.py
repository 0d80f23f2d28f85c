"""A rule graph as a self-contained SVG that a marketer reads without a manual.

The drawing brings its own background card, so it stands on light and dark pages alike; it uses no style sheet, script
or id, so that several may stand in one page. Every step is a group with `data-node`, every line one with `data-edge`,
for pages that add their own behaviour. The same graph gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, hypot
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from journeys.graph.fitting import columns, wrapped
from journeys.graph.labels import BoxLabel, Language, box_label, port_label, settings, start_label, title
from journeys.graph.layering import EdgeKey, Size
from journeys.graph.layout import START, Box, Line, lay_out
from journeys.graph.model import EndNode, Node, RuleGraph

FONTS = (
    "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'PingFang SC', 'Hiragino Sans GB', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', Arial, sans-serif"
)
INK, QUIET, LINE, RULE, PAPER = "#0f172a", "#526074", "#94a3b8", "#e2e8f0", "#f8fafc"
NAME, HEADLINE, DETAIL, SMALL = 19.0, 13.0, 12.0, 11.5
"""Font sizes in pixels."""
BOLD = 1.1
"""How much wider bold letters are."""
TEXT_COLUMNS = 32.0
MARGIN = 28.0
HEADER_WIDTH = 440.0


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind of step is drawn: the colour of its words and icon, its tint, its outline, its 16 x 16 icon."""

    ink: str
    tint: str
    outline: Literal["card", "pill", "fork"]
    icon: str


_ENVELOPE = "M2 3.5h12v9H2zM2 4l6 5 6-5"
_CLOCK = "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M8 4.8V8l2.2 1.5"
_HOURGLASS = "M4 2h8M4 14h8M5 2v2.6L8 8l3-3.4V2M5 14v-2.6L8 8l3 3.4V14"
_BRANCH = "M8 2v3.5C8 9.5 3.5 8 3.5 12.5M8 5.5c0 4 4.5 2.5 4.5 7M1.7 11l1.8 2.2L5.3 11M10.7 11l1.8 2.2 1.8-2.2"
_SPLIT = "M8 2v11M8 4.5c0 4-5 3-5 8M8 4.5c0 4 5 3 5 8M1.4 11L3 13l1.6-2M6.4 11.2L8 13.2l1.6-2M11.4 11l1.6 2 1.6-2"
_LOOP = "M13 6.6A5.2 5.2 0 0 0 3.6 5M3 9.4A5.2 5.2 0 0 0 12.4 11M3.2 2.2V5.2h3M12.8 13.8v-3h-3"
_PENCIL = "M2.8 13.2l.7-3L10.7 3l2.3 2.3-7.2 7.2zM9.2 4.5l2.3 2.3"
_TAG = "M2.5 2.5h5.2l6 6-5.2 5.2-6-6zM5.5 5.5h.02"
_TASK = "M3.2 3.4h9.6v10.8H3.2zM6 2h4v2.4H6zM5.6 9.2l1.7 1.7 3.1-3.4"
_BELL = "M4 11V7.2a4 4 0 0 1 8 0V11l1.2 1.4H2.8zM6.7 14.3h2.6"
_FLAG = "M4 14.2V2.2M4 2.8h8.4l-2 2.8 2 2.8H4"
_CHECK = "M3 8.6l3.2 3.2L13 4.6"
_DOOR = "M9.4 2.4H3v11.2h6.4M6.6 8h7M11 5.4L13.6 8 11 10.6"
_PAUSE = "M5.6 3.6v8.8M10.4 3.6v8.8"
_PERSON = "M8 7.6a2.7 2.7 0 1 0 0-5.4a2.7 2.7 0 0 0 0 5.4M2.8 14c0-3 2.2-4.6 5.2-4.6s5.2 1.6 5.2 4.6"

_LOOKS = {
    "start": _Look("#15683b", "#dcf5e6", "pill", _FLAG),
    "send": _Look("#1d4ed8", "#e0eaff", "card", _ENVELOPE),
    "wait": _Look("#475569", "#e9eef5", "pill", _CLOCK),
    "wait moment": _Look("#475569", "#e9eef5", "pill", _CLOCK),
    "wait until": _Look("#475569", "#e9eef5", "pill", _HOURGLASS),
    "branch": _Look("#9a4a06", "#fdf0d0", "fork", _BRANCH),
    "split": _Look("#6d28d9", "#ede7fe", "fork", _SPLIT),
    "repeat": _Look("#0f6b66", "#d3f5f0", "fork", _LOOP),
    "set": _Look("#a31b5e", "#fce6f1", "card", _PENCIL),
    "tag": _Look("#a31b5e", "#fce6f1", "card", _TAG),
    "untag": _Look("#a31b5e", "#fce6f1", "card", _TAG),
    "task": _Look("#b23b0e", "#ffe9dc", "card", _TASK),
    "notify": _Look("#b23b0e", "#ffe9dc", "card", _BELL),
    "finished": _Look("#334155", "#e2e8f0", "pill", _CHECK),
    "exit": _Look("#b3261e", "#fde4e2", "pill", _DOOR),
    "holdout": _Look("#5b4b8a", "#ece8f6", "pill", _PAUSE),
}
_EDGE_INKS = {"yes": ("#15683b", "#dcf5e6"), "no": ("#8f2f2a", "#fbe7e5"), "again": ("#0f6b66", "#d3f5f0")}
_ARM_INK = ("#5b21b6", "#ede7fe")
_PLAIN_INK = ("#475569", "#e9eef5")


def svg(
    graph: RuleGraph,
    language: Language = "en",
    numbers: Mapping[str, str] | None = None,
    edge_numbers: Mapping[EdgeKey, str] | None = None,
) -> str:
    """The drawing of a graph, ready to be written to a file or put into a page.

    `numbers` are short texts shown in boxes, by node id or `layout.START` (`{"send coupon": "1,204 · 12 %"}`);
    `edge_numbers` on lines, by source and port.
    """
    numbers, edge_numbers = numbers or {}, edge_numbers or {}
    figures = {START: _figure("start", start_label(graph.start, language, graph.currency), numbers.get(START, ""))}
    for node in graph.nodes:
        figures[node.id] = _figure(_kind(node), box_label(node, language, graph.currency), numbers.get(node.id, ""))
    card_width = max([figure.size.width for figure in figures.values() if figure.look.outline != "pill"], default=0)
    figures = {key: figure.widened(card_width) for key, figure in figures.items()}

    nodes = {node.id: node for node in graph.nodes}
    words: dict[EdgeKey, _Words] = {}
    for key in [(START, "next"), *((edge.source, edge.port) for edge in graph.edges)]:
        word = port_label(nodes[key[0]], key[1], language) if key[0] in nodes else ""
        if word or edge_numbers.get(key):
            dealt = key[0] in nodes and nodes[key[0]].kind == "split"
            inks = _ARM_INK if dealt else _EDGE_INKS.get(key[1], _PLAIN_INK)
            words[key] = _Words(wrapped(word, TEXT_COLUMNS, 1)[0], edge_numbers.get(key, ""), *inks)

    layout = lay_out(graph, {key: each.size for key, each in figures.items()}, {k: w.size for k, w in words.items()})
    inside = max(layout.width, HEADER_WIDTH)
    header, header_height = _header(graph, language, inside)
    width, height = inside + 2 * MARGIN, header_height + layout.height + 2 * MARGIN
    left, top = MARGIN + (inside - layout.width) / 2, MARGIN + header_height

    lines = [_line(line) for line in sorted(layout.lines, key=lambda line: line.back)]
    pills = [words[line.source, line.port].draw(line.label) for line in layout.lines if line.label]
    boxes = [figure.draw(key, layout.boxes[key]) for key, figure in figures.items()]
    name = title(graph, language)
    return (
        _tag(
            "svg",
            _tag("title", _escaped(name)),
            _tag("rect", x=0.5, y=0.5, width=width - 1, height=height - 1, rx=16, fill=PAPER, stroke=RULE),
            header,
            _tag("g", *lines, *pills, *boxes, transform=f"translate({_number(left)} {_number(top)})"),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {_number(width)} {_number(height)}",
            width=width,
            height=height,
            lang="zh-CN" if language == "zh" else "en",
            role="group",
            aria_label=name,
            font_family=FONTS,
            font_size=HEADLINE,
            fill=INK,
        )
        + "\n"
    )


def _kind(node: Node) -> str:
    return node.how if isinstance(node, EndNode) else node.kind


_Attributes = Mapping[str, str | float | None]


# -- boxes -------------------------------------------------------------------------------------------------------------

_ICON_ROOM = 50.0
_PAD = 11.0
_LEADING = 18.0
_DETAIL_LEADING = 16.5


@dataclass(frozen=True, slots=True)
class _Figure:
    """A box with its words fitted; `verb` is the part of the first line that has the kind's colour."""

    look: _Look
    text: str
    verb: str
    headline: tuple[str, ...]
    details: tuple[str, ...]
    number: str
    size: Size

    def widened(self, width: float) -> _Figure:
        """Cards and forks of a drawing are equally wide; pills keep their width."""
        if self.look.outline == "pill":
            return self
        size = Size(width, self.size.height)
        return _Figure(self.look, self.text, self.verb, self.headline, self.details, self.number, size)

    def draw(self, key: str, box: Box) -> str:
        parts = [_tag("title", _escaped(self.text)), *self._outline(box)]
        middle = box.y + box.height / 2
        icon_x = box.x + (16 if self.look.outline == "fork" else 10)
        tile = "#ffffff" if self.look.outline != "card" else self.look.tint
        parts.append(_tag("circle", cx=icon_x + 15, cy=middle, r=15, fill=tile))
        parts.append(_icon(self.look.icon, icon_x + 7, middle - 8, 1, self.look.ink))

        lines = len(self.headline) * _LEADING + (len(self.details) + bool(self.number)) * _DETAIL_LEADING
        x, y = icon_x + 40, middle - lines / 2
        for index, line in enumerate(self.headline):
            y += _LEADING
            verb = self.verb if index == 0 else ""
            said = _tag("tspan", _escaped(verb), fill=self.look.ink) if verb else ""
            rest = _escaped(line[len(verb) :])
            parts.append(_tag("text", said + rest, x=x, y=y - 4.5, font_weight=600))
        for line in self.details:
            y += _DETAIL_LEADING
            parts.append(_tag("text", _escaped(line), x=x, y=y - 4.5, font_size=DETAIL, fill=QUIET))
        if self.number:
            y += _DETAIL_LEADING
            parts.append(_icon(_PERSON, x - 1, y - 14.5, 0.75, INK))
            parts.append(_tag("text", _escaped(self.number), x=x + 14, y=y - 4.5, font_size=DETAIL, font_weight=700))
        return _tag("g", *parts, data_node=key, role="img", aria_label=f"{self.text} {self.number}".strip())

    def _outline(self, box: Box) -> list[str]:
        edge: _Attributes = {"stroke": self.look.ink, "stroke_opacity": 0.35}
        if self.look.outline == "fork":
            return [_tag("path", d=_fork(box), fill=self.look.tint, stroke_linejoin="round", **edge)]
        radius = min(box.height / 2, 24) if self.look.outline == "pill" else 10
        fill = self.look.tint if self.look.outline == "pill" else "#ffffff"
        shadow = _rectangle(Box(box.x, box.y + 2, box.width, box.height), radius, fill=INK, fill_opacity=0.06)
        return [shadow, _rectangle(box, radius, fill=fill, **edge)]


def _figure(kind: str, label: BoxLabel, number: str) -> _Figure:
    look = _LOOKS[kind]
    room = TEXT_COLUMNS - (2 if look.outline == "pill" else 0)
    headline = wrapped(label.headline, room, 3)
    details = tuple(line for detail in label.details for line in wrapped(detail, room, 2))
    widths = [columns(line) * HEADLINE / 2 * BOLD for line in headline]
    widths += [columns(line) * DETAIL / 2 for line in details]
    widths.append(columns(number) * DETAIL / 2 * BOLD + 14 if number else 0)
    side = {"card": 14, "pill": 20, "fork": 26}[look.outline]
    height = 2 * _PAD + len(headline) * _LEADING + (len(details) + bool(number)) * _DETAIL_LEADING
    size = Size(_even(max(widths) + _ICON_ROOM + side), _even(max(height, 40)))
    verb = label.verb if headline[0].startswith(label.verb) else ""
    return _Figure(look, label.text, verb, headline, details, number, size)


def _fork(box: Box) -> str:
    """A flat hexagon, the sign of a decision."""
    right, middle, point = box.x + box.width, box.y + box.height / 2, 12
    corners = [
        (box.x, middle),
        (box.x + point, box.y),
        (right - point, box.y),
        (right, middle),
        (right - point, box.bottom),
        (box.x + point, box.bottom),
    ]
    return _rounded([*corners, corners[0]], 5) + "Z"


# -- lines -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands on a line: a word, a number, or both."""

    word: str
    number: str
    ink: str
    tint: str

    @property
    def size(self) -> Size:
        gap = 7 if self.word and self.number else 0
        return Size(_even((columns(self.word) + columns(self.number)) * SMALL / 2 * BOLD + gap + 18), 20)

    def draw(self, box: Box) -> str:
        middle, y = box.middle, box.y + 14.2
        shape = _rectangle(box, 10, fill=self.tint)
        if not (self.word and self.number):
            ink = self.ink if self.word else INK
            return shape + _small(self.word or self.number, middle, y, "middle", ink)
        word = _small(self.word, box.x + 9, y, "start", self.ink)
        return shape + word + _small(self.number, box.x + box.width - 9, y, "end", INK)


def _small(text: str, x: float, y: float, anchor: str, ink: str) -> str:
    return _tag("text", _escaped(text), x=x, y=y, text_anchor=anchor, font_size=SMALL, font_weight=600, fill=ink)


def _line(line: Line) -> str:
    ink = _LOOKS["repeat"].ink if line.back else LINE
    x, y = line.corners[-1]
    if line.back:  # enters at the side
        tip, end = f"M{_number(x - 8)} {_number(y - 4.5)}l8 4.5-8 4.5Z", (x - 6, y)
    else:
        tip, end = f"M{_number(x - 4.5)} {_number(y - 8)}l4.5 8 4.5-8Z", (x, y - 6)
    path = _rounded([*line.corners[:-1], end], 9)
    return _tag(
        "g",
        _tag("path", d=path, fill="none", stroke=ink, stroke_width=1.6, stroke_dasharray="5 4" if line.back else None),
        _tag("path", d=tip, fill=ink),
        data_edge=f"{line.source} {line.port}",
        aria_hidden="true",
    )


def _rounded(corners: Sequence[tuple[float, float]], radius: float) -> str:
    """A path through the corners, each rounded as far as its shorter side allows."""
    points = [corners[0]]
    for corner in corners[1:]:
        if corner != points[-1]:
            points.append(corner)
    path = [f"M{_number(points[0][0])} {_number(points[0][1])}"]
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:]):
        before, after = hypot(ax - bx, ay - by), hypot(cx - bx, cy - by)
        bend = min(radius, before / 2, after / 2)
        start = (bx + (ax - bx) * bend / before, by + (ay - by) * bend / before)
        stop = (bx + (cx - bx) * bend / after, by + (cy - by) * bend / after)
        path.append(f"L{_point(start)}Q{_point((bx, by))} {_point(stop)}")
    path.append(f"L{_point(points[-1])}")
    return "".join(path)


# -- header ------------------------------------------------------------------------------------------------------------


def _header(graph: RuleGraph, language: Language, inside: float) -> tuple[str, float]:
    """The journey's name, its notes and its settings, with the height they take."""
    parts = []
    y = MARGIN + 18
    for line in wrapped(title(graph, language), inside / (NAME / 2 * BOLD), 2):
        parts.append(_tag("text", _escaped(line), x=MARGIN, y=y, font_size=NAME, font_weight=700))
        y += 24
    for note in graph.notes:
        for line in wrapped(note, inside / (DETAIL / 2) - 2, 2):
            parts.append(_tag("text", _escaped(line), x=MARGIN, y=y, font_size=DETAIL, fill=QUIET))
            y += 18
    y += 4
    rows = settings(graph, language)
    indent = max(columns(heading) for heading, _ in rows) * DETAIL / 2 * BOLD + 14
    for heading, text in rows:
        parts.append(_tag("text", _escaped(heading), x=MARGIN, y=y, font_size=DETAIL, font_weight=600, fill=QUIET))
        for line in wrapped(text, (min(inside, 720) - indent) / (DETAIL / 2), 3):
            parts.append(_tag("text", _escaped(line), x=MARGIN + indent, y=y, font_size=DETAIL))
            y += 18
    y -= 4
    parts.append(_tag("path", d=f"M{_number(MARGIN)} {_number(y)}h{_number(inside)}", stroke=RULE))
    return "".join(parts), y - MARGIN + 22


# -- markup ------------------------------------------------------------------------------------------------------------


def _tag(name: str, *children: str, **attributes: str | float | None) -> str:
    """An element; children are markup, attribute values are plain and escaped here. None leaves an attribute out."""
    written = "".join(
        f" {key.replace('_', '-')}={quoteattr(_printable(value) if isinstance(value, str) else _number(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(children)
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _rectangle(box: Box, radius: float, **attributes: str | float | None) -> str:
    return _tag("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=radius, **attributes)


def _icon(path: str, x: float, y: float, scale: float, ink: str) -> str:
    grown = f" scale({_number(scale)})" if scale != 1 else ""
    place = f"translate({_number(x)} {_number(y)}){grown}"
    pen: _Attributes = {"fill": "none", "stroke": ink, "stroke_linecap": "round", "stroke_linejoin": "round"}
    return _tag("path", d=path, transform=place, stroke_width=1.5, **pen)


def _escaped(text: str) -> str:
    return escape(_printable(text))


_UNPRINTABLE = re.compile(
    "[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]|[\\u202a-\\u202e\\u2066-\\u2069]"
)


def _printable(text: str) -> str:
    """The text with U+FFFD for what XML cannot hold, and for marks that make a text read in another order."""
    return _UNPRINTABLE.sub("\ufffd", text)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _point(point: tuple[float, float]) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _even(value: float) -> float:
    """Rounded up to an even number of pixels, so that middles are whole."""
    return 2.0 * ceil(value / 2)

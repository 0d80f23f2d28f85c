"""A rule graph as Mermaid flowchart text, which GitHub and many editors draw.

The start is a stadium, a decision a rhombus, a wait a hexagon, an end a circle. What ends a run early and what counts
as success stand in a box of their own beside the start. Every text from a journey is escaped into entities, as Mermaid
reads Markdown, HTML, comments and directives even inside quotes.
"""

from __future__ import annotations

import re

from journeys.graph.fitting import wrapped
from journeys.graph.labels import BoxLabel, Language, box_label, port_label, settings, start_label, title
from journeys.graph.model import EndNode, Node, RuleGraph

_SHAPES = {
    "send": ('["', '"]'),
    "wait": ('{{"', '"}}'),
    "wait until": ('{{"', '"}}'),
    "wait moment": ('{{"', '"}}'),
    "branch": ('{"', '"}'),
    "split": ('{"', '"}'),
    "repeat": ('[["', '"]]'),
    "end": ('(("', '"))'),
}
_STEP = ('["', '"]')
_CLASSES = {
    "start": "fill:#dcf5e6,stroke:#15683b,color:#0f172a",
    "send": "fill:#e0eaff,stroke:#1d4ed8,color:#0f172a",
    "wait": "fill:#e9eef5,stroke:#475569,color:#0f172a",
    "choice": "fill:#fdf0d0,stroke:#9a4a06,color:#0f172a",
    "loop": "fill:#d3f5f0,stroke:#0f6b66,color:#0f172a",
    "record": "fill:#fce6f1,stroke:#a31b5e,color:#0f172a",
    "staff": "fill:#ffe9dc,stroke:#b23b0e,color:#0f172a",
    "finish": "fill:#e2e8f0,stroke:#334155,color:#0f172a",
    "leave": "fill:#fde4e2,stroke:#b3261e,color:#0f172a",
    "rules": "fill:#f8fafc,stroke:#94a3b8,color:#0f172a,stroke-dasharray:4 3",
}
_CLASS_OF = {
    "send": "send",
    "wait": "wait",
    "wait until": "wait",
    "wait moment": "wait",
    "branch": "choice",
    "split": "choice",
    "repeat": "loop",
    "set": "record",
    "tag": "record",
    "untag": "record",
    "task": "staff",
    "notify": "staff",
}
_COLUMNS = 34.0


def mermaid(graph: RuleGraph, language: Language = "en") -> str:
    """The flowchart, ending in a line end; nodes are called `n1`, `n2`, ... in the order of the graph."""
    names = {node.id: f"n{index}" for index, node in enumerate(graph.nodes, start=1)}
    nodes = {node.id: node for node in graph.nodes}
    rules = [f"{heading}: {text}" for heading, text in settings(graph, language)]
    used = {"start", "rules"}
    lines = [
        "flowchart TD",
        f'    start(["{_boxed(start_label(graph.start, language, graph.currency))}"]):::start',
        f'    rules["<b>{_escaped(title(graph, language))}</b><br/>{_lines(rules)}"]:::rules',
    ]
    for node in graph.nodes:
        opening, closing = _SHAPES.get(node.kind, _STEP)
        used.add(_class(node))
        words = _boxed(box_label(node, language, graph.currency))
        lines.append(f"    {names[node.id]}{opening}{words}{closing}:::{_class(node)}")
    lines += ["    rules -.- start", f"    start --> {names[graph.first]}"]
    for edge in graph.edges:
        words = port_label(nodes[edge.source], edge.port, language)
        arrow = f'-->|"{_escaped(words)}"|' if words else "-->"
        lines.append(f"    {names[edge.source]} {arrow} {names[edge.target]}")
    lines += [f"    classDef {name} {style}" for name, style in _CLASSES.items() if name in used]
    return "\n".join(lines) + "\n"


def _class(node: Node) -> str:
    if isinstance(node, EndNode):
        return "finish" if node.how == "finished" else "leave"
    return _CLASS_OF[node.kind]


def _boxed(label: BoxLabel) -> str:
    return _lines([label.headline, *label.details])


def _lines(texts: list[str]) -> str:
    return "<br/>".join(_escaped(line) for text in texts for line in wrapped(text, _COLUMNS, 3))


_SPECIAL = re.compile(
    r"""[#"<>&`*|\[\]{}()\\]       # entities, quotes, HTML, Markdown, brackets
    | %(?=[%{]) | (?<=[%}])%       # comments and directives
    | (?<![^\W_])_ | _(?![^\W_])   # Markdown stress; not inside a word
    | ^\s*[-+](?=\s) | (?<=\d)[.)](?=\s)   # Markdown lists
    | ~(?=~) | (?<=~)~ | (?<=:)/(?=/)      # Markdown strike-through and links
    | [\x00-\x1f\x7f\ud800-\udfff]         # what no text may hold
    | [\u202a-\u202e\u2066-\u2069]         # marks that make a text read in another order
    """,
    re.VERBOSE,
)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: "".join(_entity(character) for character in match[0]), text)


def _entity(character: str) -> str:
    return f"#{ord(character)};" if " " <= character <= "~" else " "

"""Where in the HTML of a template a value is printed: escaping makes text and quoted attributes safe, nothing else.

In a script, a style, a comment, an unquoted attribute or an `on...` attribute a customer's own text could run or change
the page whatever is escaped, and a link that begins with it could be `javascript:`. These places are refused.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from jinja2 import nodes

from journeys.messages.syntax import Finding

_URL_ATTRIBUTES = frozenset(
    {"href", "src", "action", "formaction", "background", "poster", "cite", "data", "srcset", "xlink:href"}
)
_SAFE_AT_START = frozenset({"url", "urlencode"})
_HOLE = "\ue000"
"""Stands for a printed value in the text that is looked at."""

_PIECE = re.compile(
    rf"""
    (?P<comment> <!-- .*? (?: --> | $ ) )
  | (?P<raw> <(?P<name> script|style|xmp|iframe|noscript|title|textarea )\b [^>]*+ >
        (?P<inside> .*? ) (?: </(?P=name) | $ ) )
  | (?P<tag> <[a-z/!{_HOLE}] (?: "[^"]*+ (?:"|$) | '[^']*+ (?:'|$) | [^"'>] )*+ (?: > | $ ) )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""(?P<name>[^\s"'>/=]{1,64})\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")


def unsafe_places(tree: nodes.Template) -> tuple[Finding, ...]:
    """A finding for each value printed where escaping does not help."""
    html: list[str] = []
    holes: list[nodes.Expr] = []
    for output in tree.find_all(nodes.Output):
        for child in output.nodes:
            if isinstance(child, nodes.TemplateData):
                html.append(child.data.replace(_HOLE, " "))
            else:
                html.append(_HOLE)
                holes.append(child)
    text = "".join(html)
    places = [match.start() for match in re.finditer(_HOLE, text)]
    value_at = dict(zip(places, holes, strict=True))
    found = []
    for piece in _PIECE.finditer(text):
        inside = places[bisect_left(places, piece.start()) : bisect_left(places, piece.end())]
        for place, where in _bad_places(piece, text, inside, value_at):
            found.append(Finding("J411", value_at[place].lineno, {"html_place": where}))
    return tuple(found)


def _bad_places(
    piece: re.Match[str], text: str, inside: list[int], value_at: dict[int, nodes.Expr]
) -> list[tuple[int, str]]:
    if not inside:
        return []
    if piece["comment"] is not None:
        return [(place, "a comment") for place in inside]
    if piece["raw"] is not None and piece["name"].lower() not in {"title", "textarea"}:
        return [(place, f"<{piece['name'].lower()}>") for place in inside]
    if piece["raw"] is not None:
        inside = [place for place in inside if place < piece.start("inside")]
    bad = dict.fromkeys(inside, "a tag, outside quotes")
    for attribute in _ATTRIBUTE.finditer(text, piece.start(), piece.end()):
        kind = "double" if attribute["double"] is not None else "single"
        name = attribute["name"].lower()
        if _HOLE in name:
            continue
        for place in inside:
            if not attribute.start(kind) <= place < attribute.end(kind):
                continue
            del bad[place]
            at_start = not text[attribute.start(kind) : place].strip()
            if name == "style" or name.startswith("on"):
                bad[place] = f"the attribute {name}"
            elif name in _URL_ATTRIBUTES and at_start and not _is_checked_link(value_at[place]):
                bad[place] = f"{name} without |url"
    return list(bad.items())


def _is_checked_link(value: nodes.Expr) -> bool:
    return isinstance(value, nodes.Filter) and value.name in _SAFE_AT_START

"""J208: two names that look alike and are not the same.

What it does
    Finds tags, journeys, segments or steps whose names differ only in letters that look alike: Latin and Cyrillic or
    Greek ones, `0` and `o`, `1` and `l`, 未 and 末; and tags or journeys that differ only in case or width.
Why is this bad?
    Tags need no declaration: `tag vip` in one file and `tagged VIP` in another are two tags, and nobody is found.
Example
    journey a
        start when signed_up
        tag gold_member
        if tagged Gold_member then send coupon
Use instead
    journey a
        start when signed_up
        tag gold_member
        if tagged gold_member then send coupon
"""

from __future__ import annotations

import unicodedata

from journeys.catalog.folding import fold
from journeys.catalog.project import Project
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.diagnostics.span import Span
from journeys.graph.lint.context import Together
from journeys.graph.lint.written_names import WrittenName, written_names

_LOOKS_LIKE = str.maketrans(
    {
        **dict(zip("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS")),
        **dict(zip("аеорсухіјѕһԁԛԝк", "aeopcyxijshdqwk")),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")),
        **dict(zip("αικνορυ", "aikvopu")),
        **dict(zip("0〇1|", "oo" + "ll")),
        **dict(zip("末曰士入巳已", "未日土人己己")),
    }
)


def look_alikes(together: Together) -> list[Diagnostic]:
    """A warning at the first place of the later name, with the place of the earlier one."""
    first: dict[tuple[str, str], tuple[str, Span | None]] = {}
    for tag in together.project.tags:
        first[("tag", skeleton(tag))] = (tag, None)
    told: set[tuple[str, str]] = set()
    found = []
    for name in written_names(together.files):
        text = _canonical(name, together.project)
        key = (name.kind, skeleton(text))
        earlier, place = first.setdefault(key, (text, name.span))
        if earlier != text and (name.kind, text) not in told:
            told.add((name.kind, text))
            facts = {"name": name.text, "other": earlier}
            related = ((place, "first"),) if place is not None else ()
            found.append(Diagnostic("J208", name.span, facts, Severity.WARNING, related=related))
    return found


def skeleton(name: str) -> str:
    """What a name looks like: equal for names that a reader would take for one.

    >>> skeleton("vір") == skeleton("VIP")
    True
    """
    return fold(unicodedata.normalize("NFKC", name).translate(_LOOKS_LIKE)).translate(_LOOKS_LIKE)


def _canonical(name: WrittenName, project: Project) -> str:
    """Names of one thing are one: a Chinese name, and for segments and steps another case, which they ignore."""
    match name.kind:
        case "tag":
            return project.catalog.tag(name.text)
        case "journey":
            return project.catalog.journey(name.text)
        case "segment":
            return fold(project.catalog.segment(name.text))
        case "steps":
            return fold(name.text)

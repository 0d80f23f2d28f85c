"""J209: a word of the language used as a name.

What it does
    Finds journeys, segments, steps and tags named by a keyword, in any of the human languages. A name in quotes passes.
Why is this bad?
    It is understood, but a reader stumbles: `tag exit`, `in segment where`; one word more, and it means something else.
Example
    journey leavers
        start when signed_up
        tag exit
Use instead
    journey leavers
        start when signed_up
        tag leaver
"""

from __future__ import annotations

from journeys.catalog.folding import fold
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.graph.lint.context import Together
from journeys.graph.lint.written_names import written_names
from journeys.language.keywords import OWNER


def keyword_names(together: Together) -> list[Diagnostic]:
    """A warning at the first place of each such name."""
    told: set[tuple[str, str]] = set()
    found = []
    for name in written_names(together.files):
        word = fold(name.text)
        if word in OWNER and not name.quoted and (name.kind, word) not in told:
            told.add((name.kind, word))
            found.append(Diagnostic("J209", name.span, {"name": name.text}, severity=Severity.WARNING))
    return found

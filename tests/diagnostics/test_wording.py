"""Every diagnostic can be told in both languages from the same facts."""

from __future__ import annotations

import pytest

from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import NOWHERE
from journeys.diagnostics.wording import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def helps(code: str, language: Language) -> list[str]:
    found = wording.templates(code, language).get("help", [])
    return [found] if isinstance(found, str) else list(found)


def facts(code: str, language: Language) -> list[set[str]]:
    table = wording.templates(code, language)
    labels = [wording.fields(table.get("labels", {})[key]) for key in sorted(table.get("labels", {}))]
    return [wording.fields(table["headline"]), *(wording.fields(h) for h in helps(code, language)), *labels]


def test_both_languages_have_the_same_codes() -> None:
    assert wording.codes("en") == wording.codes("zh")


@pytest.mark.parametrize("code", wording.codes("en"))
def test_both_languages_tell_the_same_facts(code: str) -> None:
    english, chinese = facts(code, "en"), facts(code, "zh")
    assert set().union(*english) == set().union(*chinese)
    assert len(helps(code, "en")) == len(helps(code, "zh"))
    labels = [sorted(wording.templates(code, language).get("labels", {})) for language in LANGUAGES]
    assert labels[0] == labels[1]


@pytest.mark.parametrize("code", wording.codes("en"))
def test_headlines_are_short_sentences(code: str) -> None:
    for language in LANGUAGES:
        headline = wording.templates(code, language)["headline"]
        assert "\n" not in headline
        assert not headline.endswith((".", "。", "!", "！"))
        first = headline.split()[0]
        assert first[0] == first[0].lower() or first.isupper()  # an abbreviation keeps its capitals
        assert not {"you", "your", "illegal"} & set(headline.split())


def test_values_are_worded_for_the_same_keys() -> None:
    """A language may say the value as it is, so one may lack a table, but tables that both have agree."""
    english, chinese = (wording.values(language) for language in LANGUAGES)
    for fact in english.keys() & chinese.keys():
        assert english[fact].keys() == chinese[fact].keys(), fact


def test_a_help_is_chosen_by_the_facts_that_are_there() -> None:
    there = Diagnostic("J011", NOWHERE, {"text": "2026/1/2", "write": "2026-01-02"})
    missing = Diagnostic("J011", NOWHERE, {"text": "1/2/26"})
    assert wording.help(there, "en") == "write `2026-01-02`"
    assert "year first" in (wording.help(missing, "en") or "")


def test_braces_in_facts_stay_as_they_are() -> None:
    diagnostic = Diagnostic("J002", NOWHERE, {"word": "{suggestion}", "suggestion": "{0} {word!r}"})
    assert wording.headline(diagnostic, "en") == "unknown word `{suggestion}`"
    assert wording.help(diagnostic, "en") == "did you mean `{0} {word!r}`?"

"""What compiling depends on beyond one file: the project, other files, templates, broken lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.catalog import meaning
from journeys.catalog.load import bare_project, read_project
from journeys.catalog.project import Project
from journeys.diagnostics import wording
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.diagnostics.render import render
from journeys.graph.declared import rule_name, used_files
from journeys.graph.from_language import compile_files
from journeys.graph.model import AnyEventStart, BranchNode, ConditionStart, EventStart, RuleGraph, SendNode
from journeys.language.parser import Parsed, parse

FOLDER = Path(__file__).parent / "compiled"
SOURCE = Path(__file__).parents[2] / "src" / "journeys"


def project(text: str = "", folder: Path = FOLDER) -> Project:
    text = text or (FOLDER / "journeys.toml").read_text("utf-8")
    made, diagnostics = read_project(text, "journeys.toml", folder)
    assert made is not None, diagnostics
    return made


def codes(diagnostics: tuple[Diagnostic, ...]) -> list[str]:
    return [diagnostic.code for diagnostic in diagnostics]


def graph_of(text: str, using: Project | None = None) -> RuleGraph:
    parsed = parse(text, "journeys/one.journey")
    assert parsed.diagnostics == ()
    graphs, diagnostics = compile_files([parsed], using or project())
    assert not [each for each in diagnostics if each.severity == Severity.ERROR]
    return graphs[0]


def condition(text: str, setting: str = "") -> meaning.Condition:
    """What a condition means in an `if`."""
    graph = graph_of(f"journey j\n    start when order\n{setting}    if {text} then send welcome\n")
    node = graph.nodes[0]
    assert isinstance(node, BranchNode)
    return node.condition


# -- the project -------------------------------------------------------------------------------------------------------


def test_a_bare_file_compiles_with_one_warning() -> None:
    text = (
        "if signed_up and tier is gold then\n"
        "    send hello by pigeon with name first_name\n"
        "    if cart over $50 and last_seen over 3d ago and birthday is 2026-01-01 and vip is yes then\n"
        "        set points to 5\n"
        "    task call for anybody\n"
        "    if spent over ¥5 and did x where y is z and consent.email is true then exit\n"
    )
    parsed = parse(text, "hello.zh.journey")
    assert parsed.diagnostics == ()
    graphs, diagnostics = compile_files([parsed], bare_project())
    assert [(each.code, each.severity) for each in diagnostics] == [("J191", "warning")]
    assert graphs[0].name == "hello"
    assert isinstance(graphs[0].start, EventStart)
    send = graphs[0].node("send hello")
    assert isinstance(send, SendNode)
    assert send.channels == ("pigeon",)


def test_a_rule_enters_again_and_again_and_a_journey_once() -> None:
    assert graph_of("if silent 30d then send coupon").entry.how == "every time"
    assert graph_of("journey j\n    start when silent 30d\n    send coupon\n").entry.how == "once"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("journeys/win-back.journey", "win-back"),
        ("one-line.zh.journey", "one-line"),
        ("C/一行.en.journey", "一行"),
        ("a.b.journey", "a.b"),
    ],
)
def test_a_rule_is_named_after_its_file(path: str, name: str) -> None:
    assert rule_name(path) == name


def test_a_project_without_channels_or_purchases() -> None:
    text = "journey j\n    start when x\n    send m\n    if spent over $5 in 3d then exit\n"
    graphs, diagnostics = compile_files([parse(text, "j.journey")], project("[events.x]\n[messages.m]\n"))
    assert graphs == ()
    assert codes(diagnostics) == ["J135", "J118"]


def test_every_send_needs_a_template_for_each_of_its_channels() -> None:
    text = "journey j\n    start when order\n    send coupon\n    send welcome\n    send welcome by sms\n"
    existing = {("coupon", "email"), ("welcome", "sms")}
    graphs, diagnostics = compile_files(
        [parse(text, "j.journey")], project(), lambda message, channel: (message, channel) in existing
    )
    assert graphs == ()
    assert [(each.code, each.facts["message"], each.facts["channel"]) for each in diagnostics] == [
        ("J136", "coupon", "sms")
    ]
    existing.add(("coupon", "sms"))
    (graph,), diagnostics = compile_files(
        [parse(text, "j.journey")], project(), lambda message, channel: (message, channel) in existing
    )
    assert diagnostics == ()
    assert [node.channels for node in graph.nodes if isinstance(node, SendNode)] == [
        ("email", "sms"),
        ("sms",),
        ("sms",),
    ]


# -- from when events count --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("did order", "ever"),
        ("did order in 3d", "ever"),
        ("did order since entry", "entry"),
        ("never did order", "ever"),
        ("order", "ever"),
        ("spent over ¥5", "ever"),
        ("opened coupon", "entry"),
        ("opened coupon in 3d", "entry"),
    ],
)
def test_from_when_an_if_counts(text: str, since: str) -> None:
    meant = condition(text)
    assert isinstance(meant, meaning.Occurred)
    assert meant.since == since


@pytest.mark.parametrize(
    ("line", "text", "since"),
    [
        ("exit when {}", "did order", "entry"),
        ("exit when {}", "opened coupon", "entry"),
        ("exit when {}", "did order in 3d", "entry"),
        ("exit when {}", "did not order for 14d", "ever"),
        ("exit when {}", "never did order", "ever"),
        ("goal {} within 14d", "order", "entry"),
        ("goal {} within 14d", "spent over ¥5", "entry"),
        ("only if {}", "did order", "ever"),
        ("only if {}", "opened coupon", "ever"),
        ("wait until {} up to 3d", "did order", "wait"),
        ("wait until {} up to 3d", "opened coupon", "wait"),
        ("wait until {} up to 3d", "did order in 2d", "ever"),
        ("wait until {} up to 3d", "did order since entry", "entry"),
        ("wait until {} up to 3d", "opened coupon in 2d", "ever"),
        ("repeat up to 3 times every 1d until {}", "did order", "loop"),
        ("repeat up to 3 times every 1d until {}", "clicked coupon", "loop"),
    ],
)
def test_from_when_settings_and_waits_count(line: str, text: str, since: str) -> None:
    body = "\n        send welcome" if line.startswith("repeat") else "\n    send welcome"
    graph = graph_of(f"journey j\n    start when order\n    {line.format(text)}{body}\n")
    dump = graph.model_dump_json()
    assert re.findall(r'"since":"(\w+)"', dump) == [since]


def test_a_segment_counts_from_ever_wherever_it_is_used() -> None:
    text = "segment s is opened coupon\n\njourney j\n    start when order\n    exit when s\n    send coupon\n"
    meant = graph_of(text).exit_when
    assert isinstance(meant, meaning.Occurred)
    assert meant.since == "ever"


# -- what starts a journey ---------------------------------------------------------------------------------------------


def test_starts() -> None:
    start = graph_of("if order and vip and tier is gold then exit").start
    assert isinstance(start, EventStart)
    assert isinstance(start.condition, meaning.All)
    either = graph_of("if (order where total over ¥5) or signed_up then exit").start
    assert isinstance(either, AnyEventStart)
    assert [event.event for event in either.events] == ["order", "signed_up"]
    assert isinstance(graph_of("if did order then exit").start, ConditionStart)
    assert isinstance(graph_of("segment s is vip\nif s then exit").start, ConditionStart)


def test_conditions_of_dates_keep_whole_days() -> None:
    for text, kind in (
        ("trial_ends is 2026-11-11", "between"),
        ("trial_ends is not 2026-11-11", "any"),
        ("trial_ends over 2026-11-11", "compare"),
        ("trial_ends at least 2026-11-11", "compare"),
        ("trial_ends is one of 2026-11-11, 2026-11-12", "any"),
        ("trial_ends between 2026-11-11 and 2026-11-11", "between"),
    ):
        assert condition(text).kind == kind
    midnight = 1_794_326_400_000_000  # 2026-11-11 00:00 in Shanghai
    day = 86_400_000_000
    over, at_least = condition("trial_ends over 2026-11-11"), condition("trial_ends at least 2026-11-11")
    assert isinstance(over, meaning.Compare)
    assert (over.operator, over.value) == ("ge", meaning.Constant(type="moment", value=midnight + day))
    assert isinstance(at_least, meaning.Compare)
    assert (at_least.operator, at_least.value) == ("ge", meaning.Constant(type="moment", value=midnight))


# -- several files -----------------------------------------------------------------------------------------------------


def files(folder: Path, **texts: str) -> list[Parsed]:
    return [parse(text, str(folder / f"{name}.journey")) for name, text in texts.items()]


def test_segments_and_steps_of_all_files_are_known(tmp_path: Path) -> None:
    parsed = files(tmp_path, a="if s then do t", b="segment s is silent 3d", c="steps t\n    send coupon\n")
    (graph,), diagnostics = compile_files(parsed, project(folder=tmp_path))
    assert diagnostics == ()
    assert graph.first == "send coupon"
    assert graph.nodes[0].source is not None
    assert graph.nodes[0].source.path.endswith("c.journey")


def test_used_files_are_those_still_to_be_read(tmp_path: Path) -> None:
    parsed = files(tmp_path, a='use "b.journey"\nuse "sub/c.journey"\nuse "../out.journey"\nif silent 3d then exit')
    assert used_files(parsed, project(folder=tmp_path)) == (tmp_path / "b.journey", tmp_path / "sub/c.journey")
    parsed += files(tmp_path, b="segment s is silent 3d")
    assert used_files(parsed, project(folder=tmp_path)) == (tmp_path / "sub/c.journey",)


def test_a_link_does_not_lead_outside(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "out.journey").write_text("", "utf-8")
    (tmp_path / "shop/link.journey").symlink_to(tmp_path / "out.journey")
    parsed = files(tmp_path / "shop", a='use "link.journey"')
    shop = project(folder=tmp_path / "shop")
    assert used_files(parsed, shop) == ()
    assert codes(compile_files(parsed, shop)[1]) == ["J122"]


def test_files_that_use_each_other(tmp_path: Path) -> None:
    parsed = files(tmp_path, a='use "b.journey"', b='use "c.journey"', c='use "a.journey"', d='use "a.journey"')
    _, diagnostics = compile_files(parsed, project(folder=tmp_path))
    assert codes(diagnostics) == ["J124", "J124", "J124"]
    assert all(each.related[0][1] == "back" for each in diagnostics)


def test_the_same_name_twice_is_one_journey_only_if_it_says_the_same(tmp_path: Path) -> None:
    text = "journey j\n    start when order\n    send coupon\n"
    same = files(tmp_path, a=text, b=text.replace("send", "发送"))
    graphs, diagnostics = compile_files(same, project())
    assert (len(graphs), diagnostics) == (1, ())
    other = files(tmp_path, a=text, b=text.replace("coupon", "welcome"))
    _, diagnostics = compile_files(other, project())
    assert codes(diagnostics) == ["J121"]
    assert diagnostics[0].span.path.endswith("b.journey")
    assert diagnostics[0].related[0][0].path.endswith("a.journey")
    newer = files(tmp_path, a=text, b=text.replace("j\n", "j version 2\n").replace("coupon", "welcome"))
    graphs, diagnostics = compile_files(newer, project())
    assert ([graph.version for graph in graphs], diagnostics) == ([1, 2], ())


def test_a_file_that_could_not_be_read_gives_no_graph_and_no_steps_to_others(tmp_path: Path) -> None:
    broken = "steps t\n    send coupon\n    wiat 3d\n\nif silent 3d then send copon\n"
    parsed = files(tmp_path, a=broken, b="if silent 3d then do t", c="if silent 3d then send coupon")
    assert parsed[0].diagnostics
    graphs, diagnostics = compile_files(parsed, project())
    assert [graph.name for graph in graphs] == ["c"]
    assert codes(diagnostics) == ["J101"]


# -- the hash ----------------------------------------------------------------------------------------------------------


def test_the_hash_is_about_the_meaning_alone() -> None:
    plain = graph_of("journey j\n    start when order\n    send coupon\n")
    told = graph_of('# hello\n\njourney k version 4\n    start when order\n    note "x"\n\n    发送 优惠券\n')
    assert plain.hash() == told.hash()
    assert plain.hash() != graph_of("journey j\n    start when order\n    send welcome\n").hash()


def test_an_edit_below_leaves_the_ids_above_as_they_were() -> None:
    before = graph_of("journey j\n    start when order\n    send coupon\n    wait 3d\n    send coupon\n")
    after = graph_of("journey j\n    start when order\n    send coupon\n    wait 3d\n    tag a\n    send coupon\n")
    assert {node.id for node in before.nodes} <= {node.id for node in after.nodes}


# -- whatever is written -----------------------------------------------------------------------------------------------

LINES = sorted(
    {
        line
        for path in [*FOLDER.glob("good/*.journey"), *FOLDER.glob("bad/*.journey")]
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    }
)


@given(st.lists(st.sampled_from(LINES), max_size=14), st.booleans())
def test_any_mixture_of_lines_gives_graphs_or_diagnostics_that_can_be_told(lines: list[str], bare: bool) -> None:
    text = "\n".join(lines)
    parsed = parse(text, "any.journey")
    graphs, diagnostics = compile_files([parsed], bare_project() if bare else project())
    for language in ("en", "zh"):
        told = render(diagnostics, {"any.journey": text}, "full", language)
        assert "{" not in "".join(line for line in told.splitlines() if line.startswith(("error", "错误")))
    for graph in graphs:
        assert RuleGraph.model_validate_json(graph.model_dump_json()).hash() == graph.hash()


def test_every_code_has_words_and_a_case() -> None:
    used = set()
    for room in ("catalog", "graph"):
        for path in (SOURCE / room).rglob("*.py"):
            used |= set(re.findall(r'"(J[12]\d\d)"', path.read_text("utf-8")))
    for language in ("en", "zh"):
        told = {code for code in wording.codes(language) if code[1] in "12"}
        assert used <= told
    cases = {path.stem.split("-")[0] for path in FOLDER.glob("bad/*.journey")}
    cases |= {path.stem.split("-")[0] for path in (FOLDER.parent.parent / "catalog/bad").glob("*.toml")}
    cases |= {path.stem for path in (FOLDER.parent / "lint").glob("*.toml")}
    here = set(re.findall(r"J\d\d\d", Path(__file__).read_text("utf-8")))
    here |= set(re.findall(r"J\d\d\d", (FOLDER.parent.parent / "catalog/test_load.py").read_text("utf-8")))
    assert used - cases - here == set()


def test_both_languages_mention_the_same_facts() -> None:
    for code in wording.codes("en"):
        if code[1] not in "12":
            continue
        english, chinese = wording.templates(code, "en"), wording.templates(code, "zh")
        assert wording.fields(english["headline"]) == wording.fields(chinese["headline"]), code
        first, second = (
            [wording.fields(each) for each in ([table["help"]] if isinstance(table["help"], str) else table["help"])]
            for table in (english, chinese)
        )
        assert first == second, code
        assert english.get("labels", {}).keys() == chinese.get("labels", {}).keys(), code

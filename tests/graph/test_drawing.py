"""Drawings of rule graphs: Mermaid and SVG, their words and their layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any as Anything
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.catalog.meaning import (
    All,
    Any,
    Attribute,
    Compare,
    Condition,
    Constant,
    Counted,
    Duration,
    Known,
    Not,
    Occurred,
    OneOf,
    Reachable,
    Silent,
    Tagged,
    TimedOut,
)
from journeys.graph.fitting import columns, wrapped
from journeys.graph.labels import Language, box_label, port_label, settings, start_label
from journeys.graph.layering import Size
from journeys.graph.layout import START, Layout, Line, lay_out
from journeys.graph.mermaid import mermaid
from journeys.graph.model import (
    Arm,
    BranchNode,
    ConditionStart,
    DateStart,
    Edge,
    EndNode,
    Entry,
    EventStart,
    FrequencyCap,
    Goal,
    Node,
    NotifyNode,
    QuietHours,
    RepeatNode,
    RuleGraph,
    SendNode,
    SetNode,
    SplitNode,
    Start,
    TagNode,
    TaskNode,
    WaitMomentNode,
    WaitNode,
    WaitUntilNode,
)
from journeys.graph.svg import svg

DRAWINGS = Path(__file__).parent / "drawings"
HOUR = 3_600_000_000


class Weaver:
    """Builds a graph from nested steps; forks take a list of steps per port, whose open ends meet again below."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.open: list[tuple[str, str]] = []
        self.first = ""

    def add(self, base: str, make: type[Node], **fields: Anything) -> str:
        count = sum(each.split(" #")[0] == base for each in self.nodes)
        node_id = f"{base} #{count + 1}" if count else base
        self.nodes[node_id] = make(id=node_id, **fields)
        self.edges += [Edge(source=source, port=port, target=node_id) for source, port in self.open]
        self.first = self.first or node_id
        self.open = [(node_id, "next")]
        return node_id

    def step(self, node_id: str, make: type[Node], **fields: Anything) -> Weaver:
        self.add(node_id, make, **fields)
        return self

    def fork(self, node: str, arms: dict[str, Callable[[Weaver], object]]) -> Weaver:
        """Each arm weaves on from its port of the node; what the arms leave open meets below."""
        ends: list[tuple[str, str]] = []
        for port, weave in arms.items():
            self.open = [(node, port)]
            weave(self)
            ends += self.open
        self.open = ends
        return self

    def when(
        self, condition: Condition, yes: Callable[[Weaver], object], no: Callable[[Weaver], object] = lambda w: w
    ) -> Weaver:
        return self.fork(self.add(f"if {len(self.nodes)}", BranchNode, condition=condition), {"yes": yes, "no": no})

    def split(self, name: str, arms: dict[Arm, Callable[[Weaver], object]]) -> Weaver:
        node = self.add(f"split {name}", SplitNode, name=name, arms=tuple(arms))
        return self.fork(node, {arm.port: weave for arm, weave in arms.items()})

    def repeat(self, body: Callable[[Weaver], object], **fields: Anything) -> Weaver:
        node = self.add("repeat", RepeatNode, **fields)
        self.open = [(node, "again")]
        body(self)
        self.edges += [Edge(source=source, port=port, target=node) for source, port in self.open]
        self.open = [(node, "done")]
        return self

    def send(self, message: str, *channels: str, **fields: Anything) -> Weaver:
        return self.step(f"send {message}", SendNode, message=message, channels=channels or ("email",), **fields)

    def wait(self, days: int = 0, **fields: Anything) -> Weaver:
        return self.step(f"wait {days}d", WaitNode, duration=Duration(days=days, **fields))

    def wait_until(self, condition: Condition, days: int) -> Weaver:
        return self.step("wait until", WaitUntilNode, condition=condition, up_to=Duration(days=days))

    def tag(self, name: str, **fields: Anything) -> Weaver:
        return self.step(f"tag {name}", TagNode, tag=name, **fields)

    def leave(self, how: str = "exit") -> Weaver:
        self.add(how, EndNode, how=how)
        self.open = []
        return self

    def graph(self, name: str, start: Start, **fields: Anything) -> RuleGraph:
        if self.open:
            self.add("end", EndNode)
        fields = {"entry": Entry(how="once"), **fields}
        nodes, edges = tuple(self.nodes.values()), tuple(self.edges)
        return RuleGraph(name=name, start=start, first=self.first, nodes=nodes, edges=edges, **fields)


def did(event: str, **fields: Anything) -> Occurred:
    return Occurred(counted=(Counted(event=event),), **fields)


def opened(message: str, **fields: Anything) -> Occurred:
    return did("opened", message=message, **fields)


def text(name: str) -> Attribute:
    return Attribute(name=name, type="text")


def one_liner() -> RuleGraph:
    return (
        Weaver()
        .send("coupon")
        .graph("win-back", ConditionStart(condition=Silent(duration=Duration(days=30))), entry=Entry(how="every time"))
    )


def win_back() -> RuleGraph:
    return (
        Weaver()
        .send("we-miss-you", "email", "sms")
        .wait_until(opened("we-miss-you", since="wait"), 3)
        .when(TimedOut(), lambda w: w.send("reminder", "sms").wait(2))
        .send("coupon", "email", "push", on_limit="wait", limit_wait=Duration(days=2))
        .wait(7)
        .tag("win-back tried", duration=Duration(days=90))
        .graph(
            "win back sleeping customers",
            ConditionStart(condition=Silent(duration=Duration(days=60))),
            version=3,
            notes=("Agreed with the shop team for the autumn season.",),
            entry=Entry(how="per period", period=Duration(days=180)),
            only_if=All(terms=(Reachable(channel="email"), Not(term=Tagged(tag="complaint")))),
            goal=Goal(condition=did("order"), within=Duration(days=14)),
            exit_when=did("order", since="entry"),
            limits=(FrequencyCap(messages=3, period=Duration(days=7)),),
            quiet=QuietHours(from_minute=1260, to_minute=540),
            holdout=0.1,
            priority=70,
        )
    )


def onboarding() -> RuleGraph:
    consented = Compare(
        operand=Attribute(name="newsletter", type="boolean"),
        operator="eq",
        value=Constant(type="boolean", value=True),
    )
    cities = tuple(Constant(type="text", value=city) for city in ("Berlin", "Hamburg", "München", "Köln"))
    return (
        Weaver()
        .send("welcome", "email", "push", transactional=True)
        .wait(1)
        .when(
            did("profile_completed"),
            lambda w: w.when(
                OneOf(operand=text("city"), values=cities),
                lambda w: w.send("local shops").wait(2),
                lambda w: w.send("online shop"),
            ).tag("onboarded"),
            lambda w: w.send("complete your profile", "push", "email").when(
                Any(terms=(consented, did("purchase", amount=2, window=Duration(days=30)))),
                lambda w: w.send("newsletter teaser").wait(3),
                lambda w: w.step("notify sales", NotifyNode, role="sales", text="Please call this customer").leave(),
            ),
        )
        .step("set stage", SetNode, attribute="stage", value=Constant(type="text", value="active"))
        .step("task call", TaskNode, name="welcome call", role="account manager", due=Duration(days=2))
        .graph(
            "onboarding",
            EventStart(event="signed_up", where=Known(operand=text("email"))),
            entry=Entry(how="once", new_only=True),
            goal=Goal(condition=did("first_order"), within=Duration(days=30)),
        )
    )


def subject_test() -> RuleGraph:
    return (
        Weaver()
        .step("wait 10:00", WaitMomentNode, minute=600, days=(1, 3))
        .split(
            "subject line",
            {
                Arm(port="friendly", percent=45): lambda w: w.send("sale friendly"),
                Arm(port="urgent", percent=45): lambda w: w.send("sale urgent").wait(1).send("sale last call", "sms"),
                Arm(port="control", percent=10, holdout=True): lambda w: w.leave("holdout"),
            },
        )
        .tag("sale 2026")
        .graph("summer sale", DateStart(attribute="birthday", shift_days=-7, minute=600, yearly=True))
    )


def reminders() -> RuleGraph:
    return (
        Weaver()
        .wait(micros=2 * HOUR)
        .repeat(
            lambda w: w.when(
                Reachable(channel="push"), lambda w: w.send("cart reminder", "push"), lambda w: w.send("cart letter")
            ).tag("reminded"),
            times=3,
            every=Duration(days=4),
            until=did("order", since="loop"),
        )
        .when(did("order", since="entry"), lambda w: w.send("thank you"), lambda w: w.leave())
        .graph(
            "abandoned cart",
            EventStart(event="cart_abandoned"),
            entry=Entry(how="every time", key="cart_id"),
            exit_when=did("cart_emptied", since="entry"),
        )
    )


def season() -> RuleGraph:
    """Forty nodes and more: three weeks of messages for three kinds of customers, with a loop in one of them."""

    def week(number: int) -> Callable[[Weaver], Weaver]:
        return lambda w: (
            w.send(f"letter {number}")
            .wait_until(opened(f"letter {number}", since="wait"), 2)
            .when(
                TimedOut(),
                lambda w: w.send(f"short letter {number}", "sms").wait(1),
                lambda w: w.tag(f"reader {number}"),
            )
            .wait(4)
        )

    regular = Compare(
        operand=Attribute(name="orders", type="number"), operator="ge", value=Constant(type="number", value=5.0)
    )
    return (
        week(1)(Weaver())
        .split(
            "offer",
            {
                Arm(port="discount", percent=40): lambda w: week(2)(w.send("10 percent")),
                Arm(port="free shipping", percent=40): lambda w: w.when(
                    regular, lambda w: week(3)(w), lambda w: w.repeat(week(4), times=2, every=Duration(days=7))
                ),
                Arm(port="nothing", percent=20, holdout=True): lambda w: w.leave("holdout"),
            },
        )
        .when(did("order", window=Duration(months=1)), lambda w: week(5)(w), lambda w: w.tag("not interested").leave())
        .send("see you next season", "email", "wechat", "sms")
        .graph("season", EventStart(event="season_opened"), goal=Goal(condition=did("order")))
    )


def chinese() -> RuleGraph:
    return (
        Weaver()
        .send("欢迎礼包", "wechat", "sms")
        .wait_until(opened("欢迎礼包", since="wait"), 3)
        .when(
            TimedOut(),
            lambda w: w.send("再次提醒", "sms").wait(2),
            lambda w: w.when(
                All(
                    terms=(
                        Compare(operand=text("城市"), operator="eq", value=Constant(type="text", value="上海")),
                        did("下单", amount=2, window=Duration(days=90)),
                    )
                ),
                lambda w: w.tag("重点会员", duration=Duration(days=90)),
                lambda w: w.step("task", TaskNode, name="电话回访", role="客服", due=Duration(days=2)),
            ),
        )
        .send("双十一优惠券", "wecom", "push")
        .graph(
            "双十一唤醒",
            ConditionStart(condition=Silent(duration=Duration(days=30))),
            version=2,
            entry=Entry(how="per period", period=Duration(days=90)),
            goal=Goal(condition=did("下单"), within=Duration(days=14)),
            exit_when=did("退订"),
            limits=(FrequencyCap(messages=3, period=Duration(days=7)),),
            quiet=QuietHours(from_minute=1200, to_minute=480, zone="Asia/Shanghai"),
        )
    )


SAMPLES: dict[str, tuple[Callable[[], RuleGraph], Language]] = {
    "one-liner": (one_liner, "en"),
    "win-back": (win_back, "en"),
    "onboarding": (onboarding, "en"),
    "subject-test": (subject_test, "en"),
    "reminders": (reminders, "en"),
    "season": (season, "en"),
    "chinese": (chinese, "zh"),
}
NUMBERED = ("subject-test", "reminders")
"""Samples drawn with numbers, as a simulation report does."""


def drawn(name: str) -> str:
    make, language = SAMPLES[name]
    graph = make()
    if name not in NUMBERED:
        return svg(graph, language)
    numbers = {START: "12,000 enter"} | {node.id: f"{1000 + 7 * i:,}" for i, node in enumerate(graph.nodes)}
    return svg(graph, language, numbers, {(e.source, e.port): "540 · 45 %" for e in graph.edges if e.port != "next"})


def measured(graph: RuleGraph) -> Layout:
    """The graph laid out with boxes of mixed sizes and words on every edge that has some."""
    sizes = {START: Size(160, 40)} | {
        node.id: Size(60 + 40 * (i % 5), 30 + 12 * (i % 4)) for i, node in enumerate(graph.nodes)
    }
    labels = {(edge.source, edge.port): Size(90, 20) for edge in graph.edges if edge.port != "next"}
    return lay_out(graph, sizes, labels)


def texts(markup: str) -> str:
    """Everything a reader sees or hears, as one text."""
    root = ElementTree.fromstring(markup)
    spoken = (element.get("aria-label", "") for element in root.iter())
    return "\n".join([*root.itertext(), *spoken])


def agree(path: Path, text: str, rewrite: bool) -> None:
    if rewrite:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", SAMPLES)
def test_svg_is_the_golden_one(name: str, rewrite: bool) -> None:
    agree(DRAWINGS / f"{name}.svg", drawn(name), rewrite)


@pytest.mark.parametrize("name", SAMPLES)
def test_mermaid_is_the_golden_one(name: str, rewrite: bool) -> None:
    make, language = SAMPLES[name]
    agree(DRAWINGS / f"{name}.mmd", mermaid(make(), language), rewrite)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_step_and_setting_is_in_the_drawing(name: str) -> None:
    make, language = SAMPLES[name]
    graph = make()
    seen = texts(drawn(name))
    for node in graph.nodes:
        assert box_label(node, language).text in seen
    for edge in graph.edges:
        assert port_label(graph.node(edge.source), edge.port, language) in seen
    for heading, said in settings(graph, language):
        assert heading in seen
        assert said in seen.replace("\n", " ")
    groups = {each.get("data-node") for each in ElementTree.fromstring(drawn(name)).iter()}
    assert {START, *(node.id for node in graph.nodes)} <= groups


def test_numbers_stand_on_boxes_and_lines() -> None:
    markup = svg(one_liner(), numbers={"send coupon": "1,204 (12 %)"}, edge_numbers={(START, "next"): "9,801"})
    assert "1,204 (12 %)" in texts(markup)
    assert "9,801" in texts(markup)


def test_what_follows_a_loop_stands_below_it_and_the_way_back_runs_beside_it() -> None:
    graph = reminders()
    layout = measured(graph)
    (back,) = [line for line in layout.lines if line.back]
    body = [layout.boxes[each] for each in ("repeat", back.source)]
    assert back.target == "repeat"
    assert min(x for x, _ in back.corners) < min(box.x for box in body)
    assert layout.boxes[graph.target("repeat", "done")].y > layout.boxes[back.source].bottom


def test_a_chain_stands_straight() -> None:
    layout = measured(one_liner())
    assert len({box.middle for box in layout.boxes.values()}) == 1


HOSTILE = "a<b>&\"c'\\ `code` *x* _y_ #1; %%{init}%% [x](http://e) 1. --> | {{7*7}} \x00\ud800\u202e </svg><script>]]>"


def hostile() -> RuleGraph:
    return (
        Weaver()
        .step("send", SendNode, message=HOSTILE, channels=(HOSTILE,))
        .step("notify", NotifyNode, role=HOSTILE, text=HOSTILE)
        .split(HOSTILE, {Arm(port=HOSTILE, percent=50): lambda w: w, Arm(port="b", percent=50): lambda w: w.leave()})
        .graph(HOSTILE, EventStart(event=HOSTILE), notes=(HOSTILE,), todos=(HOSTILE,), exit_when=Tagged(tag=HOSTILE))
    )


def test_names_cannot_break_out_of_a_drawing() -> None:
    markup = svg(hostile(), "en", {"send": HOSTILE}, {("send", "next"): HOSTILE})
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(markup).iter()}
    assert tags == {"svg", "title", "rect", "circle", "path", "g", "text", "tspan"}
    markup.encode("utf-8")
    assert "\u202e" not in markup


def test_names_cannot_break_out_of_a_flowchart() -> None:
    chart = mermaid(hostile())
    chart.encode("utf-8")
    assert "\u202e" not in chart
    for line in chart.splitlines():
        for quoted in re.findall(r'"(.*?)"', line):
            assert not re.search(r"[<>`*{}\[\]|\\]|%%|&", re.sub(r"</?b>|<br/>", "", quoted))
        assert line.count('"') in (0, 2)


@st.composite
def journeys(draw: st.DrawFn) -> RuleGraph:
    """Any graph in which every port has an edge, also shapes that no journey file gives: tangles, circles, islands."""
    count = draw(st.integers(1, 14))
    ids = [f"n{index}" for index in range(count)]
    nodes: list[Node] = []
    edges: list[Edge] = []
    ports = {"wait": ("next",), "branch": ("yes", "no"), "repeat": ("again", "done"), "end": ()}
    for index, node_id in enumerate(ids):
        kind = draw(st.sampled_from(sorted(ports)))
        match kind:
            case "wait":
                nodes.append(WaitNode(id=node_id, duration=Duration(days=index)))
            case "branch":
                nodes.append(BranchNode(id=node_id, condition=did("order")))
            case "repeat":
                nodes.append(RepeatNode(id=node_id, times=2, every=Duration(days=1)))
            case _:
                nodes.append(EndNode(id=node_id))
        edges += [Edge(source=node_id, port=port, target=draw(st.sampled_from(ids))) for port in ports[kind]]
    start = EventStart(event="order")
    entry = Entry(how="once")
    return RuleGraph(name="any", start=start, entry=entry, first=ids[0], nodes=tuple(nodes), edges=tuple(edges))


def pieces(line: Line) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    return pairwise(line.corners)


@given(journeys())
def test_boxes_do_not_overlap_and_lines_do_not_cross_them(graph: RuleGraph) -> None:
    layout = measured(graph)
    words = [line.label for line in layout.lines if line.label]
    boxes = [*layout.boxes.values(), *words]
    assert set(layout.boxes) == {START, *(node.id for node in graph.nodes)}
    assert len(words) == sum(edge.port != "next" for edge in graph.edges)
    for one, other in combinations(boxes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.bottom <= other.y or other.bottom <= one.y
    for box in boxes:
        assert 0 <= box.x <= box.x + box.width <= layout.width
        assert 0 <= box.y <= box.bottom <= layout.height
    for line in layout.lines:
        others = [box for box in boxes if box is not line.label]
        for (ax, ay), (bx, by) in pieces(line):
            assert ax == bx or ay == by
            for box in others:
                aside = max(ax, bx) <= box.x or min(ax, bx) >= box.x + box.width
                assert aside or max(ay, by) <= box.y or min(ay, by) >= box.bottom


@given(journeys())
def test_every_line_joins_its_two_boxes_through_its_words(graph: RuleGraph) -> None:
    layout = measured(graph)
    for line in layout.lines:
        source, target = layout.boxes[line.source], layout.boxes[line.target]
        assert line.corners[0] == (source.middle, source.bottom)
        if line.back:
            assert line.corners[-1] == (target.x, target.y + target.height / 2)
        else:
            assert line.corners[-1] == (target.middle, target.y)
        if line.label:
            middle = (line.label.middle, line.label.y + line.label.height / 2)
            assert any(
                ax == bx == middle[0] and min(ay, by) <= middle[1] <= max(ay, by) for (ax, ay), (bx, by) in pieces(line)
            )


@given(journeys())
def test_drawing_is_well_formed_and_the_same_each_time(graph: RuleGraph) -> None:
    markup = svg(graph)
    ElementTree.fromstring(markup)
    assert markup == svg(RuleGraph.model_validate_json(graph.model_dump_json()))
    assert mermaid(graph) == mermaid(graph)


def test_a_journey_of_two_thousand_steps_is_drawn() -> None:
    weaver = Weaver()
    for number in range(2000):
        weaver.nodes[f"n{number}"] = WaitNode(id=f"n{number}", duration=Duration(days=1))
    weaver.edges = [Edge(source=f"n{i}", port="next", target=f"n{i + 1}") for i in range(1999)]
    weaver.first, weaver.open = "n0", [("n1999", "next")]
    assert len(measured(weaver.graph("long", EventStart(event="order"))).boxes) == 2002


@pytest.mark.parametrize(
    ("text", "width", "lines", "expected"),
    [
        ("send coupon", 40, 1, ("send coupon",)),
        ("", 10, 2, ("",)),
        ("城市 是 上海 且 下单 至少 2 次", 18, 2, ("城市 是 上海 且", "下单 至少 2 次")),
        ("若静默三十天则发送优惠券。", 12, 3, ("若静默三十天", "则发送优惠", "券。")),
        ("x" * 40, 12, 2, ("x" * 10, "x" * 8 + "…")),
    ],
)
def test_words_are_wrapped_and_cut(text: str, width: float, lines: int, expected: tuple[str, ...]) -> None:
    assert wrapped(text, width, lines) == expected


@given(st.text(), st.integers(4, 40), st.integers(1, 4))
def test_wrapped_lines_fit(text: str, width: int, lines: int) -> None:
    rows = wrapped(text, width, lines)
    assert 1 <= len(rows) <= lines
    assert all(columns(row) <= width for row in rows)


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        (Silent(duration=Duration(days=30)), "silent 30 days", "静默 30 天"),
        (did("order", window=Duration(months=14)), "did order in 1 year 2 months", "1 年 2 个月内 order"),
        (Not(term=did("order")), "never did order", "从未 order"),
        (did("order", operator="lt", amount=1, since="entry"), "did not order since entry", "进入后没有 order"),
        (did("order", amount=2), "did order at least 2 times", "order 至少 2 次"),
        (Not(term=opened("coupon", window=Duration(days=3))), "not opened coupon in 3 days", "3 天内没有 打开 coupon"),
        (
            Occurred(
                counted=(Counted(event="order", measure="amount"),),
                operator="gt",
                amount=50000,
                window=Duration(days=90),
            ),
            "spent over 500 in 90 days",
            "90 天内消费超过 500",
        ),
        (
            All(terms=(Tagged(tag="vip"), Any(terms=(TimedOut(), Known(operand=text("city"), known=False))))),
            "tagged vip and (timed out or city is missing)",
            "有标签 vip 且 (等待超时 或 city 缺失)",
        ),
        (
            Compare(
                operand=Attribute(name="cart", type="money"),
                operator="ge",
                value=Constant(type="money", value=123450),
            ),
            "cart at least 1,234.50",
            "cart 至少 1,234.50",
        ),
        (
            Compare(
                operand=Attribute(name="expires", type="date"), operator="lt", value=Constant(type="date", value=20454)
            ),
            "expires before 2026-01-01",
            "expires 早于 2026-01-01",
        ),
    ],
)
def test_conditions_in_few_words(condition: Condition, english: str, chinese: str) -> None:
    node = BranchNode(id="if", condition=condition)
    assert box_label(node, "en").headline == f"if {english}"
    assert box_label(node, "zh").headline == f"若 {chinese}"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_box_and_setting_has_chinese_words(name: str) -> None:
    graph = SAMPLES[name][0]()
    verbs = [start_label(graph.start, "zh").verb, *(box_label(node, "zh").verb for node in graph.nodes)]
    headings = [heading for heading, _ in settings(graph, "zh")]
    assert not any(re.search("[a-z]", word) for word in verbs + headings)


def test_a_goal_is_counted_from_entry_without_saying_so() -> None:
    graph = (
        Weaver()
        .send("a")
        .graph("a", EventStart(event="b"), goal=Goal(condition=did("order", since="entry"), within=Duration(days=14)))
    )
    assert ("goal", "did order within 14 days") in settings(graph, "en")

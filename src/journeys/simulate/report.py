"""A replay as an analyst reads it on a terminal: one table of all journeys, then each journey's steps as a funnel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from journeys.catalog.project import Language
from journeys.graph.labels import box_label, port_label, start_label, title
from journeys.graph.model import Node, RuleGraph
from journeys.simulate.outcome import JourneyResult, Lift, Replay, StepResult

_WORDS = {
    "journey": ("Journey", "旅程"),
    "entered": ("Entered", "进入"),
    "held out": ("Held out", "对照"),
    "sent": ("Sent", "发送"),
    "blocked": ("Blocked", "拦截"),
    "goal": ("Goal", "达成"),
    "lift": ("Lift, points", "提升（百分点）"),
    "in": ("Still in", "仍在"),
    "all": ("All", "合计"),
    "step": ("Step", "步骤"),
    "visits": ("Came here", "到达"),
    "share": ("Share", "占比"),
    "waiting": ("Waiting", "停留"),
    "nobody": ("nobody enters", "无人进入"),
}
_ENDED = {
    "finished": ("finished", "走完"),
    "exit": ("exit", "退出"),
    "exit when": ("exit condition", "满足退出条件"),
    "limit": ("limit", "达到上限"),
    "on past": ("moment already past", "时间已过"),
    "holdout": ("holdout arm", "分流对照"),
}
_BLOCKED = {
    "consent": ("no consent", "未同意"),
    "unreachable": ("no address", "无地址"),
    "suppressed": ("suppressed", "已屏蔽"),
    "condition": ("no longer fits", "不再符合条件"),
    "limit journey": ("limit of the journey", "旅程上限"),
    "limit project": ("limit of all journeys", "全局上限"),
}
_HELD = {"quiet": ("waited for quiet hours", "等待免打扰结束"), "limit": ("waited for the limit", "等待上限")}
_BAR = 14
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SPARKS = "▁▂▃▄▅▆▇█"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render_replay(
    replay: Replay, graphs: Sequence[RuleGraph], language: Language = "en", width: int = 100, color: bool = False
) -> str:
    """The whole report as text of at most `width` columns, without a last line end; plain unless `color`.

    `graphs` are those that were replayed.
    """
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    by_key = {(graph.name, graph.version): graph for graph in graphs}
    writer = _Writer(replay, by_key, language, width)
    with console.capture() as captured:
        console.print(writer.heading())
        console.print(writer.overview())
        console.print(writer.messages())
        for journey in replay.journeys:
            console.print()
            console.print(writer.journey(journey))
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def bar(value: int, full: int, width: int = _BAR) -> str:
    """A bar in eighths of a character; something that is not nothing shows.

    >>> bar(1, 2, 4), bar(1, 1000, 4), bar(0, 5, 4)
    ('██', '▏', '')
    """
    if value <= 0 or full <= 0:
        return ""
    eighths = min(max(1, round(8 * width * value / full)), 8 * width)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def sparkline(values: Sequence[int], width: int) -> str:
    """The values as one row of little columns, neighbours summed where there are more than `width`; a dot is nothing.

    >>> sparkline([0, 1, 8], 10)
    '·▁█'
    """
    together = -(-len(values) // width) if values else 1
    sums = [sum(values[at : at + together]) for at in range(0, len(values), together)]
    most = max(sums, default=0)
    return "".join(_SPARKS[-(-len(_SPARKS) * each // most) - 1] if each else "·" for each in sums)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Says the parts of a report in one language."""

    replay: Replay
    graphs: Mapping[tuple[str, int], RuleGraph]
    language: Language
    width: int

    def __call__(self, english: str, chinese: str) -> str:
        return chinese if self.language == "zh" else english

    def graph_of(self, journey: JourneyResult) -> RuleGraph:
        return self.graphs[journey.journey.name, journey.journey.version]

    def word(self, key: str) -> str:
        return self(*_WORDS[key])

    def named(self, words: Mapping[str, tuple[str, str]], counts: Mapping[str, int]) -> str:
        """`no consent 40, limit of sms 3`, the most frequent first."""
        told = []
        for name, count in sorted(counts.items(), key=lambda item: -item[1]):
            known = words.get(name)
            channel = name.removeprefix("limit ")
            said = self(*known) if known else self(f"limit of {channel}", f"{channel} 上限")
            told.append(f"{said} {count:,}")
        return self(", ", "，").join(told)

    # -- the whole -----------------------------------------------------------------------------------------------------

    def heading(self) -> RenderableType:
        replay = self.replay
        zone = ZoneInfo(replay.zone)
        start, until = (
            f"{(_EPOCH + timedelta(microseconds=at)).astimezone(zone):%Y-%m-%d %H:%M}"
            for at in (replay.start, replay.until)
        )
        days = len(replay.days)
        people = replay.messages.people
        count = len(replay.journeys)
        what = self(
            f"What {count} journey{'s' if count != 1 else ''} would have done with {people:,} customers",
            f"{count} 个旅程对 {people:,} 位客户会做什么",
        )
        when = self(
            f"{start} to {until}, {replay.zone}, {days} day{'s' if days != 1 else ''}",
            f"{start} 至 {until}，{replay.zone}，{days} 天",
        )
        return Group(Text(what, style="bold"), Text(when, style="dim"))

    def overview(self) -> RenderableType:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_footer=len(self.replay.journeys) > 1)
        journeys = self.replay.journeys
        totals = [
            sum(journey.treated.entries for journey in journeys),
            sum(journey.holdout.entries for journey in journeys),
            sum(journey.sent for journey in journeys),
            sum(journey.blocked for journey in journeys),
        ]
        table.add_column(self.word("journey"), self.word("all"), overflow="ellipsis", no_wrap=True, ratio=1)
        for key, total in zip(("entered", "held out", "sent", "blocked"), totals):
            table.add_column(self.word(key), f"{total:,}", justify="right", no_wrap=True)
        for key in ("goal", "lift"):
            table.add_column(self.word(key), justify="right", no_wrap=True)
        waiting = sum(journey.waiting for journey in journeys)
        table.add_column(self.word("in"), f"{waiting:,}", justify="right", no_wrap=True)
        for journey in journeys:
            table.add_row(
                Text(f"{journey.journey.name} v{journey.journey.version}", style="bold"),
                f"{journey.treated.entries:,}",
                f"{journey.holdout.entries:,}" if journey.holdout.entries else "–",
                f"{journey.sent:,}",
                f"{journey.blocked:,}",
                f"{rate:.1%}" if (rate := journey.treated.rate) is not None and self.graph_of(journey).goal else "–",
                _short_lift(journey.lift),
                f"{journey.waiting:,}",
            )
        return table

    def messages(self) -> RenderableType:
        messages = self.replay.messages
        reached = self(
            f"{messages.total:,} messages to {messages.reached:,} customers; {messages.silent:,} hear nothing",
            f"共 {messages.total:,} 条消息，发给 {messages.reached:,} 位客户；{messages.silent:,} 位不会收到",
        )
        lines = [reached]
        if messages.reached:
            p99 = messages.at_most(0.99)
            lines.append(
                self(
                    f"Per customer who hears something: {messages.mean:.1f} on average, "
                    f"99 % get at most {p99:,}, nobody more than {messages.most:,}",
                    f"每位收到者平均 {messages.mean:.1f} 条，99% 至多 {p99:,} 条，最多 {messages.most:,} 条",
                )
            )
            channels: dict[str, int] = {}
            for journey in self.replay.journeys:
                for step in journey.steps:
                    for channel, count in step.sent.items():
                        channels[channel] = channels.get(channel, 0) + count
            told = self(", ", "，").join(f"{name} {channels[name]:,}" for name in sorted(channels))
            lines.append(self(f"By channel: {told}", f"按渠道：{told}"))
            daily = [sum(counts) for counts in zip(*(journey.sent_by_day for journey in self.replay.journeys))]
            first, last = self.replay.days[0], self.replay.days[-1]
            drawn = sparkline(daily, self.width - 40)
            most = max(daily)
            lines.append(
                self(
                    f"By day: {first} {drawn} {last}, at most {most:,}", f"按天：{first} {drawn} {last}，最多 {most:,}"
                )
            )
        return Text("\n".join(lines))

    # -- one journey ---------------------------------------------------------------------------------------------------

    def journey(self, journey: JourneyResult) -> RenderableType:
        graph = self.graph_of(journey)
        parts: list[RenderableType] = [Rule(Text(title(graph, self.language), style="bold"), align="left", style="dim")]
        if not journey.treated.entries and not journey.holdout.entries:
            return Group(*parts, Text(self.word("nobody"), style="dim"))
        parts.append(self._funnel(journey, graph))
        parts.append(Padding(Text("\n".join(self._summary(journey))), (1, 0, 0, 0)))
        return Group(*parts)

    def _funnel(self, journey: JourneyResult, graph: RuleGraph) -> RenderableType:
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
        table.add_column(self.word("step"), overflow="fold")
        table.add_column("", width=_BAR, no_wrap=True)
        for key in ("visits", "share", "sent", "waiting"):
            table.add_column(self.word(key), justify="right", no_wrap=True)
        entries = journey.treated.entries
        start = start_label(graph.start, self.language, graph.currency).headline
        table.add_row(start, Text(bar(entries, entries), style="green"), f"{entries:,}", "", "", "")
        steps = {step.node: step for step in journey.steps}
        for node in graph.nodes:
            step = steps[node.id]
            sent = sum(step.sent.values())
            table.add_row(
                self._step(node, step, graph.currency),
                Text(bar(step.visits, entries), style="blue"),
                f"{step.visits:,}",
                _percent(step.visits, entries),
                f"{sent:,}" if node.kind == "send" else "",
                f"{step.waiting:,}" if step.waiting else "",
            )
            for port, target in self._ports(graph, node):
                count = journey.edges[node.id, port]
                words = port_label(node, port, self.language) or port
                table.add_row(Text(f"   {words} → {target}", style="dim"), "", f"{count:,}", "", "", "")
        return table

    def _step(self, node: Node, step: StepResult, currency: str) -> Text:
        text = Text(box_label(node, self.language, currency).headline)
        notes = [f"{channel} {count:,}" for channel, count in step.sent.items()] if len(step.sent) > 1 else []
        if step.held:
            notes.append(self.named(_HELD, step.held))
        if step.blocked:
            notes.append(self.named(_BLOCKED, step.blocked))
        if step.timed_out:
            notes.append(self("timed out ", "超时 ") + f"{step.timed_out:,}")
        for note in notes:
            text.append(f"\n   {note}", style="dim")
        return text

    def _ports(self, graph: RuleGraph, node: Node) -> Iterator[tuple[str, str]]:
        """The ways on from a node with several: port, and the step it leads to."""
        if node.kind in ("branch", "split", "repeat"):
            for edge in graph.edges:
                if edge.source == node.id:
                    yield edge.port, box_label(graph.node(edge.target), self.language, graph.currency).headline

    def _summary(self, journey: JourneyResult) -> Iterator[str]:
        ended = self.named(_ENDED, journey.ended)
        waiting = journey.waiting
        if ended:
            yield self(f"Ended: {ended}; still in {waiting:,}", f"结束：{ended}；仍在 {waiting:,}")
        if journey.at_start:
            yield self(
                f"At once, because the condition already held: {journey.at_start:,}",
                f"发布时条件已成立而立即进入：{journey.at_start:,}",
            )
        groups = [
            (self("receive", "接收"), journey.treated),
            (self("held out", "对照"), journey.holdout),
        ]
        if self.graph_of(journey).goal is not None:
            told = self("; ", "；").join(
                f"{name} {group.reached:,} / {group.people:,} ({group.rate:.1%})"
                for name, group in groups
                if group.rate is not None
            )
            yield self(f"Goal reached by customers: {told}", f"达成目标的客户：{told}")
        if journey.lift is not None:
            yield self._lift(journey.lift)
            yield self(
                "(Customers act as they did, whatever they are sent here: a lift in a replay is chance.)",
                "（客户行为取自历史，不受这里的消息影响：回放中的提升只是偶然。）",
            )

    def _lift(self, lift: Lift) -> str:
        interval = self(
            f"Lift {lift.points:+.1f} points (95 %: {lift.low:+.1f} to {lift.high:+.1f})",
            f"提升 {lift.points:+.1f} 个百分点（95%：{lift.low:+.1f} 至 {lift.high:+.1f}）",
        )
        few = self("; too few people for the interval to be trusted", "；人数太少，区间仅供参考") if lift.few else ""
        return interval + few


def _short_lift(lift: Lift | None) -> str:
    return "–" if lift is None else f"{lift.points:+.1f} ({lift.low:+.1f} … {lift.high:+.1f})"


def _percent(count: int, of: int) -> str:
    return f"{count / of:.0%}" if of else ""

"""The time line of one customer in a test, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from journeys.catalog.project import Language, Project
from journeys.engine.history import Event
from journeys.engine.oracle.wall_clock import wall_time
from journeys.engine.state import NEVER, Effect, JourneyKey
from journeys.graph.labels import box_label, port_label
from journeys.graph.model import BranchNode, Node, RuleGraph, SplitNode
from journeys.graph.phrases import Phrases, spaced

_MICRO = timedelta(microseconds=1)
_BLOCKED = {
    "consent": ("no consent", "未同意"),
    "unreachable": ("no address", "无地址"),
    "suppressed": ("suppressed", "已屏蔽"),
    "condition": ("`only if` no longer holds", "“仅当”不再成立"),
}
_LIMITS = {"journey": ("the journey's limit", "旅程上限"), "project": ("the limit of all journeys", "全局上限")}
_HELD = {"quiet": ("quiet hours", "免打扰时段"), "limit": ("a limit", "频次上限")}
_ENDED = {
    "finished": ("came to the end", "走完"),
    "exit": ("left at `exit`", "退出"),
    "exit when": ("left, as the exit condition holds", "满足退出条件而离开"),
    "limit": ("left because of a limit", "因频次上限离开"),
    "on past": ("left, as the moment was past", "时间已过而离开"),
    "holdout": ("is in the holdout", "属于对照组"),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the instants of a test on the customer's wall clock, counted from its start."""

    start: int
    zone: ZoneInfo

    def since_start(self, instant: int) -> int:
        """Microseconds of the wall clock since the start, to the nearest second: 3 days stay 3 days across DST."""
        elapsed = (wall_time(self.zone, instant) - wall_time(self.zone, self.start)) // _MICRO
        return round(elapsed / 1_000_000) * 1_000_000

    def relative(self, instant: int) -> str:
        """`start`, `+2h`, `+3d 1h`, `-31d`."""
        total = self.since_start(instant)
        minutes, seconds = divmod(abs(total) // 1_000_000, 60)
        days, minutes = divmod(minutes, 24 * 60)
        hours, minutes = divmod(minutes, 60)
        parts = [f"{n}{unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")) if n]
        return ("-" if total < 0 else "+") + " ".join(parts) if parts else "+0"

    def clock(self, instant: int) -> str:
        """The wall clock, to the nearest second as a test is published a microsecond early."""
        shown = wall_time(self.zone, instant) + timedelta(milliseconds=500)
        return f"{shown:%H:%M}"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a time line: an event of the customer, a decision of a journey, or a way taken at a fork.

    `port` is the way taken; then there is no effect.
    """

    at: int
    event: Event | None = None
    effect: Effect | None = None
    node: Node | None = None
    port: str = ""
    journey: JourneyKey | None = None


def happenings(
    events: Sequence[Event], effects: Sequence[Effect], graphs: Mapping[JourneyKey, RuleGraph]
) -> tuple[Happening, ...]:
    """Everything worth telling, in order of time; at one instant, what the customer did comes first."""
    lines = [Happening(event.at, event=event) for event in events]
    for place, effect in enumerate(effects):
        graph = graphs[effect.journey]
        node = graph.node(effect.node) if effect.node else None
        if isinstance(node, BranchNode | SplitNode) and effect.kind == "visited":
            port = port_taken(effects, place, graph)
            if port:
                lines.append(Happening(effect.at, node=node, port=port, journey=effect.journey))
        elif effect.kind not in ("visited", "moved on"):
            lines.append(Happening(effect.at, effect=effect, node=node, journey=effect.journey))
    return tuple(sorted(lines, key=lambda line: line.at))


def ways(effects: Sequence[Effect]) -> Iterator[tuple[JourneyKey, str, str]]:
    """From which node to which the runs went."""
    stands: dict[tuple[JourneyKey, int], str] = {}
    for effect in effects:
        if effect.kind == "visited":
            run = (effect.journey, effect.run)
            if run in stands:
                yield effect.journey, stands[run], effect.node
            stands[run] = effect.node


def port_taken(effects: Sequence[Effect], place: int, graph: RuleGraph) -> str:
    """The port by which a run left the node it visited in effect number `place`; "" where it has not left."""
    here = effects[place]
    for effect in effects[place + 1 :]:
        if (effect.journey, effect.run, effect.kind) == (here.journey, here.run, "visited"):
            for edge in graph.edges:
                if (edge.source, edge.target) == (here.node, effect.node):
                    return edge.port
    return ""


def told(lines: Sequence[Happening], clock: Clock, language: Language, project: Project | None = None) -> list[str]:
    """The lines, each with its time since the start and the wall clock: `+2h  12:00  sent coupon by email`."""
    journeys = {line.journey for line in lines if line.journey is not None}
    say = Phrases(language, project)
    shown = [
        (clock.relative(line.at), clock.clock(line.at), _text(line, clock, say, len(journeys) > 1)) for line in lines
    ]
    wide = max((len(relative) for relative, _, _ in shown), default=0)
    return [f"{relative:<{wide}}  {at}  {text}" for relative, at, text in shown]


def _text(line: Happening, clock: Clock, say: Phrases, name_journeys: bool) -> str:
    if line.event is not None:
        return say(f"event {line.event.name}", f"事件 {say.name('event', line.event.name)}")
    if line.effect is None:
        assert line.node is not None
        way = port_label(line.node, line.port, say.language) or line.port
        text = f"{box_label(line.node, say.language).headline} → {way}"
    else:
        text = _effect(line.effect, line.node, clock, say)
    journey = line.journey
    if name_journeys and journey is not None and not (line.effect is not None and line.effect.kind == "entered"):
        text = f"{text}  ({say.name('journey', journey.name)})"
    return spaced(text) if say.language == "zh" else text


def _effect(effect: Effect, node: Node | None, clock: Clock, say: Phrases) -> str:
    step = box_label(node, say.language).headline if node is not None else ""
    name = say.name("message", node.message) if node is not None and node.kind == "send" else ""
    channel = say.name("channel", effect.detail)
    match effect.kind:
        case "entered":
            journey = say.name("journey", effect.journey.name)
            held_out = say(", held out", "（对照组）") if effect.reason == "holdout" else ""
            return say(f"entered {journey}", f"进入 {journey}") + held_out
        case "sent":
            return say(f"sent {name} by {channel}", f"发送 {name}，通过{channel}")
        case "held":
            why = say.pair(_HELD[effect.detail])
            until = clock.relative(int(effect.value))
            return say(f"{name} is held for {why} until {until}", f"{name} 因{why}暂缓至 {until}")
        case "blocked":
            if effect.reason == "limit":
                limit = say(f"the limit of {channel}", f"{channel}上限")
                why = say.pair(_LIMITS[effect.detail]) if effect.detail in _LIMITS else limit
            else:
                why = say.pair(_BLOCKED[effect.reason])
            return say(f"{name} is not sent: {why}", f"{name} 未发送：{why}")
        case "waiting":
            if int(effect.value) >= NEVER:
                return say(f"stands at: {step}", f"停在：{step}")
            until = clock.relative(int(effect.value))
            return say(f"stands at: {step} (until {until})", f"停在：{step}（至 {until}）")
        case "timed out":
            return say(f"timed out: {step}", f"超时：{step}")
        case "goal":
            return say("goal reached", "达成目标")
        case "ended":
            return say.pair(_ENDED.get(effect.reason, (effect.reason, effect.reason)))
        case "tagged":
            return say(f"tagged {say.name('tag', effect.detail)}", f"打标签 {say.name('tag', effect.detail)}")
        case "untagged":
            return say(f"untagged {say.name('tag', effect.detail)}", f"取消标签 {say.name('tag', effect.detail)}")
    return step

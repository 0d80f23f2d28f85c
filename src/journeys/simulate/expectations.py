"""What a line `expect ..` asks for, and whether it came true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from journeys.catalog.folding import did_you_mean
from journeys.catalog.not_yet import not_yet
from journeys.catalog.scope import Scope
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span
from journeys.engine.history import Person
from journeys.engine.state import Effect, JourneyKey
from journeys.graph import model
from journeys.graph.arguments import arguments, set_value
from journeys.graph.model import Argument, Node, RuleGraph
from journeys.language import nodes

REGULAR_ENDS = frozenset({"finished", "holdout"})
"""Ends of a run that are no `exit`."""

Deed = Callable[[Node], bool]
NodeKey = tuple[JourneyKey, str]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line, resolved.

    how         "": it has happened by `at`; "not": it has not; "never": it does not in the whole test
    kind        the effect that counts; "tag" for the state `tagged NAME` at `at`
    steps       the nodes whose doing counts; none for an exit, which any node may bring
    channels    a message must leave by one of these; none: by any
    place       where the line stands
    """

    how: Literal["", "not", "never"]
    at: int
    kind: str
    place: Span
    expected: Span
    steps: frozenset[NodeKey] = frozenset()
    channels: frozenset[str] = frozenset()
    tag: str = ""

    def is_met_by(self, effect: Effect) -> bool:
        """Whether the effect is what the line speaks of."""
        if effect.kind != self.kind:
            return False
        if self.kind == "ended":
            return effect.reason not in REGULAR_ENDS
        return (effect.journey, effect.node) in self.steps and (not self.channels or effect.detail in self.channels)


@dataclass(frozen=True, slots=True)
class Broken:
    """An expectation that did not come true: what happened against it, and when; without `effect`, what did not."""

    expectation: Expectation
    at: int
    effect: Effect | None = None


def check(each: Expectation, person: Person, effects: Sequence[Effect]) -> Broken | None:
    """Whether it came true; None if so."""
    if each.kind == "tag":
        return _check_tag(each, person, effects)
    met = [effect for effect in effects if each.is_met_by(effect) and (each.how == "never" or effect.at <= each.at)]
    if bool(met) == (each.how == ""):
        return None
    return Broken(each, met[0].at, met[0]) if met else Broken(each, each.at)


def _check_tag(each: Expectation, person: Person, effects: Sequence[Effect]) -> Broken | None:
    """`tagged NAME` is a state: it holds from being tagged until it is taken off or runs out."""
    spans: list[tuple[int, int, Effect | None]] = []
    for change in person.changes:
        if change.name == f"tag.{each.tag}":
            spans.append((change.at, int(change.value), None))
    for effect in effects:
        if effect.detail == each.tag and effect.kind in ("tagged", "untagged"):
            if spans and spans[-1][1] > effect.at:
                spans[-1] = (spans[-1][0], effect.at, spans[-1][2])
            if effect.kind == "tagged":
                spans.append((effect.at, int(effect.value), effect))
    if each.how == "never":
        return Broken(each, spans[0][0], spans[0][2]) if spans else None
    now = [span for span in spans if span[0] <= each.at < span[1]]
    if bool(now) == (each.how == ""):
        return None
    return Broken(each, now[0][0], now[0][2]) if now else Broken(each, each.at)


# -- reading a line ----------------------------------------------------------------------------------------------------


def expectation(
    act: nodes.Expect,
    line: nodes.TestLine,
    now: int,
    graphs: Sequence[RuleGraph],
    scope: Scope,
    out: list[Diagnostic],
) -> Iterator[Expectation]:
    """What an `expect ..` at an instant asks for; nothing, with diagnostics in `out`, when it cannot be understood."""
    place = line.span
    if act.condition is not None:
        if isinstance(act.condition, nodes.Tagged):
            tag = scope.project.catalog.tag(act.condition.tag.text)
            if not _steps(graphs, lambda node: isinstance(node, model.TagNode | model.UntagNode) and node.tag == tag):
                out.append(Diagnostic("J507", act.condition.span))
                return
            steps = _steps(graphs, lambda node: isinstance(node, model.TagNode) and node.tag == tag)
            yield Expectation(act.how, now, "tag", place, act.condition.span, steps, tag=tag)
        return
    step = act.step
    if step is None:
        return
    if (refused := not_yet(step)) is not None:
        out.append(refused)
        return
    if isinstance(step, nodes.Exit):
        yield Expectation(act.how, now, "ended", place, step.span)
        return
    before = len(out)
    channels = _channels(step, scope, out)
    found = _deed(step, scope, out)
    if found is None or len(out) > before:
        return
    kind, does = found
    steps = _steps(
        graphs,
        lambda node: (
            does(node) and (not isinstance(node, model.SendNode) or not channels or bool(channels & set(node.channels)))
        ),
    )
    if not steps:
        out.append(_never_done(step, graphs))
        return
    yield Expectation(act.how, now, kind, place, step.span, steps, channels)


def _steps(graphs: Sequence[RuleGraph], does: Deed) -> frozenset[NodeKey]:
    return frozenset(
        (JourneyKey(graph.name, graph.version), node.id) for graph in graphs for node in graph.nodes if does(node)
    )


def _channels(step: nodes.Step, scope: Scope, out: list[Diagnostic]) -> frozenset[str]:
    names = set()
    for written in step.channels if isinstance(step, nodes.Send) else ():
        channel = scope.project.catalog.channel(written.text)
        if channel is None:
            close = scope.project.catalog.did_you_mean("channel", written.text)
            out.append(Diagnostic("J104", written.span, {"name": written.text, **close}))
        else:
            names.add(channel.name)
    return frozenset(names)


def _deed(step: nodes.Step, scope: Scope, out: list[Diagnostic]) -> tuple[str, Deed] | None:
    """The effect of a step and the nodes that do it."""
    catalog = scope.project.catalog
    match step:
        case nodes.Send():
            message = catalog.message(step.message.text)
            if message is None:
                close = catalog.did_you_mean("message", step.message.text)
                out.append(Diagnostic("J101", step.message.span, {"name": step.message.text, **close}))
                return None
            given = arguments(step.arguments, scope, out)
            return (
                "sent",
                lambda node: (
                    isinstance(node, model.SendNode)
                    and node.message == message.name
                    and _among(given, node.arguments)
                    and (node.transactional or not step.transactional)
                ),
            )
        case nodes.Tag() | nodes.Untag():
            tag = catalog.tag(step.tag.text)
            kind, of = ("tagged", model.TagNode) if isinstance(step, nodes.Tag) else ("untagged", model.UntagNode)
            return kind, lambda node: isinstance(node, of) and node.tag == tag
        case nodes.Set():
            meant = set_value(step.path, step.value, scope, out)
            return "set", lambda node: isinstance(node, model.SetNode) and (node.attribute, node.value) == meant
        case nodes.Task():
            role = _role(step.role, scope, out)
            given = arguments(step.arguments, scope, out)
            return (
                "task",
                lambda node: (
                    isinstance(node, model.TaskNode)
                    and (node.name, node.role) == (step.name.text, role)
                    and _among(given, node.arguments)
                ),
            )
        case nodes.Notify():
            role, text = _role(step.role, scope, out), step.text.value
            return "notice", lambda node: isinstance(node, model.NotifyNode) and (node.role, node.text) == (role, text)
    out.append(Diagnostic("J505", step.span))
    return None


def _among(given: tuple[Argument, ...], of: tuple[Argument, ...]) -> bool:
    return set(given) <= set(of)


def _role(path: nodes.Path, scope: Scope, out: list[Diagnostic]) -> str:
    role = scope.project.catalog.role(path.text)
    if role is None:
        close = scope.project.catalog.did_you_mean("role", path.text)
        out.append(Diagnostic("J105", path.span, {"name": path.text, **close}))
        return ""
    return role.name


def _never_done(step: nodes.Step, graphs: Sequence[RuleGraph]) -> Diagnostic:
    """No journey of the test does this: the expectation could never fail, or never come true."""
    facts: dict[str, str] = {}
    if isinstance(step, nodes.Send):
        sent = dict.fromkeys(
            node.message for graph in graphs for node in graph.nodes if isinstance(node, model.SendNode)
        )
        close = did_you_mean(step.message.text, [name for name in sent if name != step.message.text])
        facts = {**close, **({"sent": ", ".join(sent)} if sent else {})}
    return Diagnostic("J507", step.span, facts)

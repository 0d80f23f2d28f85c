"""What a run does at the nodes of its journey: it goes on, step by step, until it stands again or has ended."""

from __future__ import annotations

import math
from dataclasses import replace

from journeys.catalog.meaning import Constant
from journeys.engine.draw import draw, person_key, seed
from journeys.engine.oracle.conditions import holds, value_of
from journeys.engine.oracle.sending import channel_for, end_of_quiet, full_cap
from journeys.engine.oracle.timetable import awaited_moment
from journeys.engine.oracle.walk import RunKey, Walk
from journeys.engine.oracle.wall_clock import DAY, add
from journeys.engine.state import NEVER, EffectKind, HandedOff, Run
from journeys.graph.model import (
    BranchNode,
    EndNode,
    Node,
    NotifyNode,
    RepeatNode,
    SendNode,
    SetNode,
    SplitNode,
    TagNode,
    TaskNode,
    UntagNode,
    WaitMomentNode,
    WaitNode,
    WaitUntilNode,
)

Wait = WaitNode | WaitUntilNode | WaitMomentNode
Act = SetNode | TagNode | UntagNode | TaskNode | NotifyNode


def go_to(walk: Walk, key: RunKey, target: str | None) -> None:
    """Lets a run go to a node and on from there. Every step names the next one, or None where the run stands."""
    while target is not None:
        run = walk.put(replace(walk.runs[key], node=target))
        walk.tell(run, "visited")
        target = _arrive(walk, run)


def wake(walk: Walk, key: RunKey) -> None:
    """Looks at a run that stands: lets it go on if what it waits for has come."""
    run = walk.runs[key]
    graph = walk.graph(run)
    node = graph.node(run.node)
    over = run.wait_until <= walk.now
    target: str | None = None
    match node:
        case SendNode() if over or walk.zone_changed:
            target = _send(walk, run, node, after_hold=True)
        case WaitUntilNode() if holds(node.condition, walk.scene(run)):
            target = _move_on(walk, replace(run, timed_out=False), "moved on")
        case WaitUntilNode() if over:
            target = _move_on(walk, replace(run, timed_out=True), "timed out")
        case WaitNode() | WaitMomentNode() if over:
            target = _move_on(walk, run, "moved on")
        case RepeatNode() if over or _until_holds(walk, run, node):
            walk.tell(run, "moved on")
            target = _after_interval(walk, _free(run), node)
        case _:
            pass
    go_to(walk, key, target)


def _move_on(walk: Walk, run: Run, kind: EffectKind) -> str:
    walk.tell(run, kind)
    walk.put(_free(run))
    return walk.graph(run).target(run.node)


def end_of_wait(walk: Walk, run: Run, node: Node) -> int:
    """When the wait that the run began at `wait_started` is over by time."""
    zone = walk.profile.zone()
    match node:
        case WaitNode():
            return add(zone, run.wait_started, node.duration)
        case WaitUntilNode():
            return NEVER if node.up_to is None else add(zone, run.wait_started, node.up_to)
        case WaitMomentNode():
            awaited = awaited_moment(node, replace(walk.scene(run), now=run.wait_started))
            return run.wait_started if awaited is None else awaited
        case RepeatNode():
            return max(run.wait_started, add(zone, run.loops[-1][2], node.every))
        case _:
            raise AssertionError(f"nobody waits at {node.id}")


def _arrive(walk: Walk, run: Run) -> str | None:
    """Does what the node says; the next node, or None where the run stands or has ended."""
    graph = walk.graph(run)
    node = graph.node(run.node)
    match node:
        case SendNode():
            return _send(walk, run, node, after_hold=False)
        case WaitNode() | WaitUntilNode() | WaitMomentNode():
            return _begin_wait(walk, run, node)
        case BranchNode():
            return graph.target(node.id, "yes" if holds(node.condition, walk.scene(run)) else "no")
        case SplitNode():
            return graph.target(node.id, arm(walk.person.id, graph.name, node))
        case RepeatNode():
            return _repeat(walk, run, node)
        case EndNode():
            walk.end(run, node.how)
            return None
        case _:
            if not run.holdout:
                _act(walk, run, node)
            return graph.target(node.id)


def _free(run: Run) -> Run:
    """The run, waiting for nothing and holding nothing."""
    return replace(run, wait_started=NEVER, wait_until=NEVER, held="", held_since=NEVER)


def arm(person: str, journey: str, node: SplitNode) -> str:
    """The port of the arm that a person is dealt."""
    distance = {}
    for each in node.arms:
        number = draw(person_key(person), seed(journey, f"split {node.name}:{each.port}"))
        distance[each.port] = -math.log(number) / each.percent if each.percent > 0 else math.inf
    return min(distance, key=lambda port: distance[port])


# -- waits -------------------------------------------------------------------------------------------------------------


def _begin_wait(walk: Walk, run: Run, node: Wait) -> str | None:
    following = walk.graph(run).target(node.id)
    run = replace(run, wait_started=walk.now)
    if isinstance(node, WaitUntilNode) and holds(node.condition, walk.scene(run)):
        walk.put(_free(replace(run, timed_out=False)))
        return following
    if isinstance(node, WaitMomentNode):
        awaited = awaited_moment(node, walk.scene(run))
        if (awaited is None or awaited <= walk.now - DAY) and node.on_past == "exit":
            walk.end(run, "on past")
            return None
    over_at = end_of_wait(walk, run, node)
    if over_at > walk.now:
        walk.put(replace(run, wait_until=over_at))
        walk.tell(run, "waiting", value=over_at)
        return None
    if isinstance(node, WaitUntilNode):
        walk.tell(run, "timed out")
        run = replace(run, timed_out=True)
    walk.put(_free(run))
    return following


# -- repeats -----------------------------------------------------------------------------------------------------------


def _repeat(walk: Walk, run: Run, node: RepeatNode) -> str | None:
    if len(run.loops) == walk.depths[run.journey][node.id]:  # it comes from outside, not from the end of a round
        run = replace(run, loops=(*run.loops, (0, walk.now, walk.now)))
        return _leave(walk, run, node) if _until_holds(walk, run, node) else _next_round(walk, run, node)
    if node.until is None and run.loops[-1][0] >= node.times:
        return _leave(walk, run, node)
    run = replace(run, wait_started=walk.now)
    over_at = end_of_wait(walk, run, node)
    if over_at > walk.now and not _until_holds(walk, run, node):
        walk.put(replace(run, wait_until=over_at))
        walk.tell(run, "waiting", value=over_at)
        return None
    return _after_interval(walk, _free(run), node)


def _after_interval(walk: Walk, run: Run, node: RepeatNode) -> str:
    if _until_holds(walk, run, node) or run.loops[-1][0] >= node.times:
        return _leave(walk, run, node)
    return _next_round(walk, run, node)


def _until_holds(walk: Walk, run: Run, node: RepeatNode) -> bool:
    return node.until is not None and holds(node.until, walk.scene(run))


def _next_round(walk: Walk, run: Run, node: RepeatNode) -> str:
    begun, since, _ = run.loops[-1]
    walk.put(replace(run, loops=(*run.loops[:-1], (begun + 1, since, walk.now)), rounds=run.rounds + 1))
    return walk.graph(run).target(node.id, "again")


def _leave(walk: Walk, run: Run, node: RepeatNode) -> str:
    walk.put(replace(run, loops=run.loops[:-1]))
    return walk.graph(run).target(node.id, "done")


# -- messages ----------------------------------------------------------------------------------------------------------


def _send(walk: Walk, run: Run, node: SendNode, after_hold: bool) -> str | None:
    graph, now = walk.graph(run), walk.now
    following = graph.target(node.id)
    if run.holdout:
        return following
    if after_hold and graph.only_if is not None and not holds(graph.only_if, walk.scene(run)):
        return _block(walk, run, "condition", following)
    channel, unreached = channel_for(node, walk.profile)
    if unreached:
        return _block(walk, run, unreached, following)
    if not node.transactional:
        quiet_end = end_of_quiet(graph, channel, walk.profile, now)
        if quiet_end > now:
            _hold(walk, run, "quiet", quiet_end)
            return None
        full = full_cap(graph, channel, walk.profile, walk.handed_off, now)
        if full is not None:
            owner, room_at = full
            if node.on_limit == "wait":
                held_since = run.held_since if run.held else now
                give_up = NEVER
                if node.limit_wait is not None:
                    give_up = add(walk.profile.zone(), held_since, node.limit_wait)
                if now < give_up:
                    _hold(walk, run, "limit", min(room_at, give_up))
                    return None
            _block(walk, run, "limit", following, detail=owner)
            if node.on_limit == "exit":
                walk.end(run, "limit")
                return None
            return following
        walk.handed_off.append(HandedOff(now, run.journey, channel))
    walk.tell(run, "sent", detail=channel)
    walk.put(_free(run))
    return following


def _block(walk: Walk, run: Run, reason: str, following: str, detail: str = "") -> str:
    walk.tell(run, "blocked", reason=reason, detail=detail)
    walk.put(_free(run))
    return following


def _hold(walk: Walk, run: Run, why: str, until: int) -> None:
    if (run.held, run.wait_until) == (why, until):
        return
    walk.tell(run, "held", detail=why, value=until)
    since = run.held_since if run.held else walk.now
    walk.put(replace(run, held=why, held_since=since, wait_started=since, wait_until=until))


# -- other steps -------------------------------------------------------------------------------------------------------


def _act(walk: Walk, run: Run, node: Act) -> None:
    match node:
        case SetNode():
            value = node.value.value if isinstance(node.value, Constant) else value_of(node.value, walk.scene(run))
            if value is not None:
                walk.change(node.attribute, value)
                walk.tell(run, "set", detail=node.attribute, value=value)
        case TagNode():
            end = NEVER if node.duration is None else add(walk.profile.zone(), walk.now, node.duration)
            walk.change(f"tag.{node.tag}", end)
            walk.tell(run, "tagged", detail=node.tag, value=end)
        case UntagNode():
            walk.change(f"tag.{node.tag}", None)
            walk.tell(run, "untagged", detail=node.tag)
        case TaskNode():
            walk.tell(run, "task")
        case NotifyNode():
            walk.tell(run, "notice")

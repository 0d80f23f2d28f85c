"""Which customer a test is about: one whom the stable hash deals the arms that the test asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from journeys.catalog.folding import did_you_mean, fold
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.engine.draw import draw, person_key, seed
from journeys.engine.oracle.steps import arm
from journeys.graph.model import RuleGraph, SplitNode
from journeys.language import nodes

TRIES = 20_000
"""So many ids are tried: enough for an arm of 0.1 %, or for two of 3 % at once."""

HOLDOUT = {"holdout", "对照组"}


@dataclass(slots=True)
class Wishes:
    """The arms a test asks for: by (journey, split) the arm; and whether the customer is to be held out."""

    arms: dict[tuple[str, str], str] = field(default_factory=dict)
    held_out: bool = False
    place: nodes.Node | None = None


def wish(argument: nodes.Argument, wishes: Wishes, graphs: Sequence[RuleGraph], out: list[Diagnostic]) -> bool:
    """Take up `arm NAME`, `split.arm NAME` (of any split) or `split.SPLIT NAME`; False if the argument is none of them.

    `arm holdout` asks for the holdout of the journeys that have one, and of the splits that have one.
    """
    parts = [fold(part) for part in argument.name.parts]
    if parts != ["arm"] and not (len(parts) == 2 and parts[0] == "split"):
        return False
    value = argument.value
    written = value.text if isinstance(value, nodes.Path) else value.value if isinstance(value, nodes.Text) else ""
    wishes.place = argument
    of_split = "" if parts[-1] == "arm" else parts[-1]
    splits = [
        (graph.name, node)
        for graph in graphs
        for node in graph.nodes
        if isinstance(node, SplitNode) and of_split in ("", fold(node.name))
    ]
    held_out = fold(written) in HOLDOUT
    found = False
    for journey, node in splits:
        for each in node.arms:
            if (held_out and each.holdout) or (not each.holdout and fold(each.port) == fold(written)):
                wishes.arms[journey, node.name] = each.port
                found = True
    if held_out and not of_split and any(graph.holdout for graph in graphs):
        wishes.held_out = found = True
    if not found:
        arms = dict.fromkeys(each.port for _, node in splits for each in node.arms)
        facts = {"name": written, **did_you_mean(written, arms)}
        out.append(Diagnostic("J506", value.span, facts | ({"arms": ", ".join(arms)} if arms else {})))
    return True


def deal(wishes: Wishes, graphs: Sequence[RuleGraph], out: list[Diagnostic]) -> str | None:
    """The id of a customer whom the hash deals what is wished, and no holdout that is not wished."""
    for number in range(1, TRIES + 1):
        identity = f"customer {number}"
        if all(_fits(identity, graph, wishes) for graph in graphs):
            return identity
    if wishes.place is not None:
        out.append(Diagnostic("J509", wishes.place.span))
        return None
    # Nearly everybody is held out: then so is the customer, as nearly every customer would be.
    return "customer 1"


def _fits(identity: str, graph: RuleGraph, wishes: Wishes) -> bool:
    held_out = draw(person_key(identity), seed(graph.name, "holdout")) < graph.holdout
    if held_out != (wishes.held_out and graph.holdout > 0):
        return False
    return all(
        _arm_fits(identity, graph.name, node, wishes.arms) for node in graph.nodes if isinstance(node, SplitNode)
    )


def _arm_fits(identity: str, journey: str, node: SplitNode, wished: Mapping[tuple[str, str], str]) -> bool:
    dealt = arm(identity, journey, node)
    if (journey, node.name) in wished:
        return dealt == wished[journey, node.name]
    return all(not each.holdout for each in node.arms if each.port == dealt)

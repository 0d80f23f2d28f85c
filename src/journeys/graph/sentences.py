"""A journey retold in sentences, from its graph alone: what a colleague reads to check what was written."""

from __future__ import annotations

from journeys.catalog.meaning import Duration
from journeys.catalog.project import Language, Project
from journeys.graph import model
from journeys.graph.model import Node, RuleGraph
from journeys.graph.phrases import Phrases, condition_sentence, spaced

__all__ = ["condition_sentence", "describe"]


def describe(graph: RuleGraph, language: Language, project: Project | None = None) -> list[str]:
    """The settings of a journey, a sentence each, then its steps, numbered in the order they were written.

    A step says where it leads unless that is the next one. `project` gives Chinese names and the currency.
    """
    say = Phrases(language, project)
    told = [line for lines in setting_sentences(graph, say).values() for line in lines]
    return [*told, *_Steps(graph, say).lines()]


def step_sentences(graph: RuleGraph, say: Phrases) -> dict[str, tuple[int, str]]:
    """Each step's number and what it does, without where it leads; by its id."""
    steps = _Steps(graph, say)
    return {node.id: (steps.numbers[node.id], spaced(steps.deed(node))) for node in steps.steps}


def setting_sentences(graph: RuleGraph, say: Phrases) -> dict[str, tuple[str, ...]]:
    """The sentences of each setting that says something, by the name of its field in the graph."""
    told: dict[str, tuple[str, ...]] = {
        "start": (say.start(graph.start),),
        "entry": (_entry(graph.entry, say),),
    }
    if graph.only_if is not None:
        condition = say.condition(graph.only_if)
        told["only_if"] = (say(f"Enters only if {condition}.", f"仅当{condition}时进入。"),)
    if graph.exit_when is not None:
        condition = say.condition(graph.exit_when)
        told["exit_when"] = (say(f"Ends early as soon as {condition}.", f"一旦{condition}，立即结束。"),)
    if graph.goal is not None:
        condition = say.condition(graph.goal.condition)
        within = ""
        if graph.goal.within is not None:
            length = say.duration(graph.goal.within)
            within = say(f", within {length} of entering", f"（进入后 {length}内）")
        told["goal"] = (say(f"Goal: {condition}{within}.", f"目标：{condition}{within}。"),)
    if graph.quiet is not None:
        start = say.clock(graph.quiet.from_minute, graph.quiet.zone)
        end = say.clock(graph.quiet.to_minute, graph.quiet.zone)
        told["quiet"] = (say(f"Nothing is sent from {start} to {end}.", f"{start}至 {end}之间不发送。"),)
    told["limits"] = tuple(_cap(cap, say) for cap in graph.limits)
    if graph.holdout:
        share = f"{graph.holdout * 100:g}%"
        told["holdout"] = (
            say(f"{share} of those who enter receive nothing.", f"进入者中有 {share} 不会收到任何消息。"),
        )
    if graph.priority != model.RuleGraph.model_fields["priority"].default:
        told["priority"] = (say(f"Its priority is {graph.priority}.", f"优先级为 {graph.priority}。"),)
    told = {name: tuple(spaced(line) for line in lines) for name, lines in told.items()}
    told["notes"] = tuple(say(f"Note: {note}", f"备注：{note}") for note in graph.notes)
    told["todos"] = tuple(say(f"Still to do: {todo}", f"待办：{todo}") for todo in graph.todos)
    return told


def _cap(cap: model.FrequencyCap, say: Phrases) -> str:
    length = say.duration(cap.period)
    calendar = say(" of the calendar", "（自然周期）") if cap.calendar else ""
    return say(
        f"At most {cap.messages} messages in {length}{calendar}.", f"{length}{calendar}内最多 {cap.messages} 条。"
    )


def _entry(entry: model.Entry, say: Phrases) -> str:
    key = say(f" for each {entry.key}", f"（按每个 {entry.key}）") if entry.key is not None else ""
    length = say.duration(entry.period) if entry.period is not None else ""
    how = {
        "once": say(f"Each customer enters once{key}", f"每位客户只进入一次{key}"),
        "per period": say(
            f"Each customer enters at most once in {length}{key}", f"每位客户每 {length}最多进入一次{key}"
        ),
        "every time": say("Each customer enters every time", "每位客户每次都会进入"),
    }[entry.how]
    new = say("; those for whom it holds already do not", "；发布时已满足条件的人不进入") if entry.new_only else ""
    return how + new + say(".", "。")


class _Steps:
    """The numbered sentences of a graph's nodes; its ends have no number."""

    def __init__(self, graph: RuleGraph, say: Phrases) -> None:
        self.graph = graph
        self.say = say
        self.ends = {node.id: node for node in graph.nodes if isinstance(node, model.EndNode)}
        steps = [node for node in graph.nodes if node.id not in self.ends]
        self.numbers = {node.id: number for number, node in enumerate(steps, 1)}
        self.steps = steps
        self.targets = {(edge.source, edge.port): edge.target for edge in graph.edges}

    def lines(self) -> list[str]:
        return [f"{self.numbers[node.id]}. {spaced(self._line(node))}" for node in self.steps]

    def _line(self, node: Node) -> str:
        match node:
            case model.BranchNode(condition=condition):
                what = self.say.condition(condition)
                yes, no = self._goes(node, "yes"), self._goes(node, "no")
                return self.say(f"If {what}: {yes}; otherwise {no}.", f"如果{what}：{yes}；否则{no}。")
            case model.SplitNode(arms=arms):
                dealt = self.say("; ", "；").join(
                    f"{arm.percent:g}% {arm.port}{self.say(': ', '：')}{self._goes(node, arm.port)}" for arm in arms
                )
                return self.say(f"Split by chance. {dealt}.", f"随机分流。{dealt}。")
            case model.RepeatNode(times=times, every=every, until=until):
                length = self.say.duration(every)
                limit = ""
                if until is not None:
                    what = self.say.condition(until)
                    limit = self.say(f", until {what}", f"，直到{what}")
                again, done = self._goes(node, "again"), self._goes(node, "done")
                return self.say(
                    f"Up to {times} times, every {length}{limit}: {again}; then {done}.",
                    f"最多 {times} 次，每隔 {length}{limit}：{again}；之后{done}。",
                )
        return self.deed(node) + self._then(node)

    def _goes(self, node: Node, port: str) -> str:
        """Where a port leads, as part of a sentence."""
        target = self.targets[node.id, port]
        if target in self.ends:
            how = self.ends[target].how
            if how == "holdout":
                return self.say("nothing is sent to them", "不发送任何消息")
            return self.say("the journey ends", "旅程结束")
        return self.say(f"step {self.numbers[target]}", f"转到第 {self.numbers[target]} 步")

    def _then(self, node: Node) -> str:
        """Nothing where the next step follows in the list, or where everything ends with the last."""
        target = self.targets[node.id, "next"]
        number = self.numbers[node.id]
        if self.numbers.get(target) == number + 1:
            return self.say(".", "。")
        return self.say(f". Then {self._goes(node, 'next')}.", f"。然后{self._goes(node, 'next')}。")

    def deed(self, node: Node) -> str:
        """What a step does, without a full stop and without where it leads."""
        say = self.say
        match node:
            case model.BranchNode(condition=condition):
                return say(f"If {say.condition(condition)}", f"如果{say.condition(condition)}")
            case model.SplitNode(arms=arms, name=name):
                dealt = say(", ", "，").join(f"{arm.percent:g}% {arm.port}" for arm in arms)
                return say(f"Split by chance ({name}): {dealt}", f"随机分流（{name}）：{dealt}")
            case model.RepeatNode(times=times, every=every, until=until):
                limit = say(f", until {say.condition(until)}", f"，直到{say.condition(until)}") if until else ""
                length = say.duration(every)
                return say(f"Up to {times} times, every {length}{limit}", f"最多 {times} 次，每隔 {length}{limit}")
            case model.SendNode():
                return self._send(node)
            case model.WaitNode(duration=length):
                return say(f"Wait {say.duration(length)}", f"等待 {say.duration(length)}")
            case model.WaitUntilNode(condition=condition, up_to=up_to):
                limit = ""
                if up_to is not None:
                    limit = say(f", at most {say.duration(up_to)}", f"，最多 {say.duration(up_to)}")
                return say(f"Wait until {say.condition(condition)}{limit}", f"等到{say.condition(condition)}{limit}")
            case model.WaitMomentNode():
                return say("Wait until ", "等到 ") + self._moment(node)
            case model.SetNode(attribute=attribute, value=value):
                field, told = say.name("attribute", attribute), say.value_of(attribute, value)
                return say(f"Set {field} to {told}", f"把 {field} 设为 {told}")
            case model.TagNode(tag=tag, duration=length):
                lasting = ""
                if length is not None:
                    lasting = say(f" for {say.duration(length)}", f"，为期 {say.duration(length)}")
                return say("Tag ", "打标签 ") + say.name("tag", tag) + lasting
            case model.UntagNode(tag=tag):
                return say("Take away the tag ", "取消标签 ") + say.name("tag", tag)
            case model.TaskNode(name=name, role=role):
                due = say(f", due in {say.duration(node.due)}", f"，{say.duration(node.due)}内完成") if node.due else ""
                who = say.name("role", role)
                return say(f"Give {who} the task {name}", f"交给{who}任务 {name}") + due + self._with(node.arguments)
            case model.NotifyNode(role=role, text=text):
                return say(f"Tell {say.name('role', role)}: “{text}”", f"通知{say.name('role', role)}：“{text}”")
        raise AssertionError(f"{node.kind} does nothing")

    def _send(self, node: model.SendNode) -> str:
        say = self.say
        message = say.name("message", node.message)
        channels = say(", or else by ", "，其次").join(say.name("channel", channel) for channel in node.channels)
        text = say(f"Send {message} by {channels}", f"发送 {message}，通过{channels}")
        text += self._with(node.arguments)
        if node.transactional:
            text += say(", at any hour, as it is transactional", "，属事务消息，不受免打扰限制")
        if node.on_limit == "exit":
            text += say("; if a limit forbids it, the journey ends", "；若超限，旅程结束")
        elif node.on_limit == "wait":
            length = ""
            if node.limit_wait is not None:
                length = say(f" up to {say.duration(node.limit_wait)}", f"最多 {say.duration(node.limit_wait)}")
            text += say(f"; if a limit forbids it, wait{length}", f"；若超限，等待{length}")
        return text

    def _with(self, arguments: tuple[model.Argument, ...]) -> str:
        given = [f"{argument.name} {self.say.value(argument.value)}" for argument in arguments]
        return self.say(" with ", "，附 ") + self.say(", ", "，").join(given) if given else ""

    def _moment(self, node: model.WaitMomentNode) -> str:
        say = self.say
        parts = []
        if node.operand is not None:
            field = say.field(node.operand)
            if node.shift != Duration():
                length = say.duration(node.shift)
                side = ("before", "前") if node.before else ("after", "后")
                field = say(f"{length} {side[0]} {field}", f"{field}{side[1]} {length}")
            parts.append(field)
        if node.date is not None:
            parts.append(say.day(node.date))
        if node.days:
            parts.append(say.weekdays(node.days))
        if node.minute is not None:
            parts.append(say.clock(node.minute, node.zone))
        text = say(" at ", " ").join(parts)
        past = {
            "skip": "",
            "exit": say("; if it is past, the journey ends", "；若已过去，旅程结束"),
            "run": say("; if it is past, go on at once", "；若已过去，立即继续"),
        }[node.on_past]
        return text + past

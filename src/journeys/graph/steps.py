"""From the steps of a journey to the nodes and edges of a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from journeys.catalog.durations import short
from journeys.catalog.fields import field as field_of
from journeys.catalog.folding import did_you_mean, fold
from journeys.catalog.lookup import Found
from journeys.catalog.meaning import Duration
from journeys.catalog.not_yet import not_yet
from journeys.catalog.project import Declared, Message
from journeys.catalog.resolve import resolve
from journeys.catalog.scope import Scope
from journeys.catalog.values import days_of, length, plain
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.diagnostics.span import Span
from journeys.graph import model
from journeys.graph.arguments import arguments, check_variables, set_value
from journeys.graph.draft import Draft, Port, Ports
from journeys.graph.ids import condition_key, operand_key
from journeys.graph.moments import zone_of
from journeys.graph.starts import DEFAULT_MINUTE
from journeys.language import nodes

TemplateExists = Callable[[str, str], bool]
"""Whether a message (canonical name) has a template for a channel (canonical name)."""


def _every_template(_message: str, _channel: str) -> bool:
    return True


OnLimit = Literal["skip", "wait", "exit"]
OnPast = Literal["skip", "exit", "run"]

_ANY_DAY = nodes.Date(date(1970, 1, 1))  # in a bare project, tells that the field beside it must be a date
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(slots=True)
class StepCompiler:
    """Adds steps to a draft. `declared` are the named steps of all files, by folded name.

    A step that cannot be understood is left out, with diagnostics in `out`, and its ports stay open for the next one.
    """

    draft: Draft
    scope: Scope
    declared: Mapping[str, nodes.Steps]
    out: list[Diagnostic]
    template_exists: TemplateExists | None = None
    todos: list[tuple[str, Span]] = field(default_factory=list)
    inlined: list[str] = field(default_factory=list)
    inlined_files: set[str] = field(default_factory=set)

    def sequence(self, steps: tuple[nodes.Step, ...], ports: Ports) -> Ports:
        """Adds steps one after the other; the ports that are open after the last."""
        for step in steps:
            ports = self.step(step, ports)
        return ports

    def step(self, step: nodes.Step, ports: Ports) -> Ports:
        if (refused := not_yet(step)) is not None:
            self.out.append(refused)
            return ports
        match step:
            case nodes.If():
                return self._if(step, ports)
            case nodes.Split():
                return self._split(step, ports)
            case nodes.Repeat():
                return self._repeat(step, ports)
            case nodes.Do():
                return self._do(step, ports)
            case nodes.Todo(text=text):
                self.todos.append((text.value, step.span))
                return ports
            case nodes.Exit():
                self._add(model.EndNode(id=self._id("exit"), source=self._source(step), how="exit"), step, ports)
                return ()
        node = self._simple(step)
        if node is None:
            return ports
        self._add(node, step, ports)
        return (Port(node.id),)

    def _id(self, name: str) -> str:
        return self.draft.ids.take(name)

    def _source(self, node: nodes.Node) -> model.Source | None:
        return self.draft.source(node.span)

    def _add(self, node: model.Node, written: nodes.Node, ports: Ports) -> None:
        self.draft.add(node, written.span, ports)

    def _length(self, written: nodes.Duration | None) -> Duration | None:
        return None if written is None else length(written, self.out)

    # -- steps with one way out

    def _simple(self, step: nodes.Step) -> model.Node | None:
        """The node of a step that goes on to the next; None when the step has a mistake."""
        before = len(self.out)
        node = self._make(step)
        return node if len(self.out) == before else None

    def _make(self, step: nodes.Step) -> model.Node | None:
        source = self._source(step)
        match step:
            case nodes.Send():
                return self._send(step)
            case nodes.Wait(duration=duration):
                wait = length(duration, self.out)
                if wait is None:
                    return None
                return model.WaitNode(id=self._id(f"wait {short(wait)}"), source=source, duration=wait)
            case nodes.WaitUntil():
                condition = resolve(step.condition, self.scope.at("wait until"), self.out)
                up_to = self._length(step.up_to)
                if condition is None:
                    return None
                name = self._id(f"wait until {condition_key(condition)}")
                return model.WaitUntilNode(id=name, source=source, condition=condition, up_to=up_to)
            case nodes.WaitMoment():
                return self._wait_moment(step)
            case nodes.Set(path=path, value=value):
                meant = set_value(path, value, self.scope.at("branch"), self.out)
                if meant is None:
                    return None
                return model.SetNode(id=self._id(f"set {meant[0]}"), source=source, attribute=meant[0], value=meant[1])
            case nodes.Tag(tag=tag, duration=duration_of_tag):
                name = self.scope.project.catalog.tag(tag.text)
                lasting = self._length(duration_of_tag)
                return model.TagNode(id=self._id(f"tag {name}"), source=source, tag=name, duration=lasting)
            case nodes.Untag(tag=tag):
                name = self.scope.project.catalog.tag(tag.text)
                return model.UntagNode(id=self._id(f"untag {name}"), source=source, tag=name)
            case nodes.Task():
                return self._task(step)
            case nodes.Notify(role=path, text=text):
                role = self._role(path)
                if role is None:
                    return None
                name = self._id(f"notify {role.name}")
                return model.NotifyNode(id=name, source=source, role=role.name, text=text.value)
        raise AssertionError(f"{type(step).__name__} is listed in not_yet")

    def _send(self, step: nodes.Send) -> model.SendNode | None:
        message = self.scope.project.catalog.message(step.message.text)
        if message is None:
            close = self.scope.project.catalog.did_you_mean("message", step.message.text)
            self.out.append(Diagnostic("J101", step.message.span, {"name": step.message.text, **close}))
            return None
        channels = self._channels(step, message)
        check_variables(step.arguments, message, self.out)
        given = arguments(step.arguments, self.scope.at("branch"), self.out)
        on_limit, limit_wait = self._on_limit(step)
        return model.SendNode(
            id=self._id(f"send {message.name}"),
            source=self._source(step),
            message=message.name,
            channels=channels,
            arguments=given,
            transactional=step.transactional or message.entry.purpose == "transactional",
            on_limit=on_limit,
            limit_wait=limit_wait,
        )

    def _channels(self, step: nodes.Send, message: Found[Message]) -> tuple[str, ...]:
        """Those of `by`, else the message's own, else all the message has a template for."""
        catalog = self.scope.project.catalog
        if step.channels:
            found = []
            for written in step.channels:
                channel = catalog.channel(written.text)
                if channel is None:
                    facts = {"name": written.text, **catalog.did_you_mean("channel", written.text)}
                    self.out.append(Diagnostic("J104", written.span, facts))
                else:
                    found.append(channel.name)
            return self._with_templates(step, message.name, tuple(dict.fromkeys(found)))
        if message.entry.channels:
            return self._with_templates(step, message.name, message.entry.channels)
        every = catalog.names("channel")
        if not every:
            self.out.append(Diagnostic("J135", step.span, {"message": message.name}))
        exists = self.template_exists or _every_template
        having = tuple(channel for channel in every if exists(message.name, channel))
        return having or self._with_templates(step, message.name, every[:1])

    def _with_templates(self, step: nodes.Send, message: str, channels: tuple[str, ...]) -> tuple[str, ...]:
        exists = self.template_exists or _every_template
        for channel in channels:
            if not exists(message, channel):
                path = f"messages/{message}/{channel}.{self.scope.project.language}.j2"
                facts = {"message": message, "channel": channel, "path": path}
                self.out.append(Diagnostic("J136", step.message.span, facts))
        return channels

    def _on_limit(self, step: nodes.Send) -> tuple[OnLimit, Duration | None]:
        action: OnLimit = "skip"
        wait = None
        for handler in step.handlers:
            if (refused := not_yet(handler)) is not None:
                self.out.append(refused)
            elif handler.action in ("skip", "wait", "exit"):
                action, wait = handler.action, self._length(handler.up_to)
        return action, wait

    def _wait_moment(self, step: nodes.WaitMoment) -> model.WaitMomentNode | None:
        project, clock = self.scope.project, step.clock
        operand, minute = None, clock.minute if clock is not None else None
        names = []
        if step.field is not None:
            found = field_of(step.field, self.scope.at("branch"), self.out, _ANY_DAY)
            if found is None:
                return None
            if found.type.type not in ("date", "moment"):
                facts = {"field": step.field.text, "holds": found.type.type}
                self.out.append(Diagnostic("J139", step.field.span, facts))
                return None
            operand = found.operand
            names.append(operand_key(operand))
        names += [_WEEKDAYS[day] for day in step.days]
        names += [step.date.value.isoformat()] if step.date is not None else []
        if minute is None and (operand is None or operand.type == "date"):
            minute = DEFAULT_MINUTE
        names += [f"{minute // 60:02d}:{minute % 60:02d}"] if clock is not None and minute is not None else []
        shift = self._length(step.offset) or Duration()
        if step.offset is not None:
            names.insert(0, f"{short(shift)} {'before' if step.before else 'after'}")
        zone = zone_of(clock, project, self.out)
        on_past: OnPast = "skip"
        for handler in step.handlers:
            if handler.action in ("skip", "exit", "run"):
                on_past = handler.action
        return model.WaitMomentNode(
            id=self._id(f"wait until {' '.join(names)}"),
            source=self._source(step),
            minute=minute,
            zone=zone,
            days=step.days,
            date=days_of(step.date.value) if step.date is not None else None,
            operand=operand,
            shift=shift,
            before=step.before,
            on_past=on_past,
        )

    def _role(self, path: nodes.Path) -> Found[Declared] | None:
        role = self.scope.project.catalog.role(path.text)
        if role is None:
            close = self.scope.project.catalog.did_you_mean("role", path.text)
            self.out.append(Diagnostic("J105", path.span, {"name": path.text, **close}))
        return role

    def _task(self, step: nodes.Task) -> model.TaskNode | None:
        role = self._role(step.role)
        due = self._length(step.due)
        given = arguments(step.arguments, self.scope.at("branch"), self.out)
        if role is None:
            return None
        return model.TaskNode(
            id=self._id(f"task {step.name.text}"),
            source=self._source(step),
            name=step.name.text,
            role=role.name,
            due=due,
            arguments=given,
        )

    # -- steps with several ways out

    def _if(self, step: nodes.If, ports: Ports) -> Ports:
        """`else if` is a branch in the `no` of the branch before it."""
        leaving: Ports = ()
        for branch in step.branches:
            condition = resolve(branch.condition, self.scope.at("branch"), self.out)
            if condition is None:
                leaving += self.sequence(branch.body, ports)
                continue
            node = model.BranchNode(
                id=self._id(f"if {condition_key(condition)}"), source=self._source(branch), condition=condition
            )
            self._add(node, branch, ports)
            leaving += self.sequence(branch.body, (Port(node.id, "yes"),))
            ports = (Port(node.id, "no"),)
        # Behind a condition that was not understood both ways are open at once: each port counts one time.
        return tuple(dict.fromkeys(leaving + self.sequence(step.otherwise, ports)))

    def _split(self, step: nodes.Split, ports: Ports) -> Ports:
        total = sum((arm.percent.value for arm in step.arms), Decimal(0))
        if total != 100:
            facts = {"total": plain(total), "missing" if total < 100 else "surplus": plain(abs(100 - total))}
            self.out.append(Diagnostic("J130", step.span, facts))
        name = self._id(f"split {step.name.text}" if step.name is not None else "split")
        arms: list[tuple[model.Arm, nodes.Arm]] = []
        seen: dict[str, nodes.Arm] = {}
        for arm in step.arms:
            port = arm.name.text if arm.name is not None else "holdout"
            if fold(port) in seen:
                related = ((seen[fold(port)].span, "first"),)
                self.out.append(Diagnostic("J131", arm.span, {"name": port}, related=related))
            seen[fold(port)] = arm
            arms.append((model.Arm(port=port, percent=float(arm.percent.value), holdout=arm.name is None), arm))
        node = model.SplitNode(
            id=name,
            source=self._source(step),
            name=step.name.text if step.name is not None else name,
            arms=tuple(arm for arm, _ in arms),
        )
        self._add(node, step, ports)
        leaving: Ports = ()
        for arm_model, arm in arms:
            if arm_model.holdout:
                end = model.EndNode(id=self._id("holdout"), source=self._source(arm), how="holdout")
                self._add(end, arm, (Port(name, arm_model.port),))
            else:
                leaving += self.sequence(arm.body, (Port(name, arm_model.port),))
        return leaving

    def _repeat(self, step: nodes.Repeat, ports: Ports) -> Ports:
        every = length(step.every, self.out)
        until = None
        if step.until is not None:
            until = resolve(step.until, self.scope.at("repeat until"), self.out)
        if every is None or (until is None and step.until is not None):
            return self.sequence(step.body, ports)
        name = self._id(f"repeat {step.times} times")
        node = model.RepeatNode(id=name, source=self._source(step), times=step.times, every=every, until=until)
        self._add(node, step, ports)
        self.draft.link(self.sequence(step.body, (Port(name, "again"),)), name)
        return (Port(name, "done"),)

    def _do(self, step: nodes.Do, ports: Ports) -> Ports:
        name = fold(step.steps.text)
        declared = self.declared.get(name)
        if declared is None:
            close = did_you_mean(step.steps.text, [steps.name.text for steps in self.declared.values()])
            self.out.append(Diagnostic("J107", step.steps.span, {"name": step.steps.text, **close}))
            return ports
        if name in self.inlined:
            facts = {"name": step.steps.text, "cycle": " → ".join([*self.inlined[self.inlined.index(name) :], name])}
            related = ((declared.name.span, "declared"),)
            self.out.append(Diagnostic("J120", step.steps.span, facts, related=related))
            return ports
        self.inlined.append(name)
        self.inlined_files.add(declared.span.path)
        ports = self.sequence(declared.body, ports)
        self.inlined.pop()
        return ports

"""What the engine decided to send or ask, as rows for the outbox, with the variables of that instant."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from journeys.catalog.meaning import Attribute, Constant, Duration, EntryProperty, Operand
from journeys.catalog.project import Project
from journeys.engine.calendar import is_zone
from journeys.engine.history import History
from journeys.engine.program import Program
from journeys.engine.state import Effect, JourneyKey, Run
from journeys.graph.model import Argument, NotifyNode, RuleGraph, SendNode, TaskNode
from journeys.messages.variables import dump_variables, value_of, variables_for
from journeys.store.save import Intent


@dataclass(frozen=True, slots=True)
class IntentMaker:
    """Turns the sends, tasks and notices among a batch's effects into intents."""

    project: Project
    program: Program
    history: History

    def intents(self, person: int, effects: Sequence[Effect], runs: Mapping[tuple[str, int], Run]) -> list[Intent]:
        """The intents of one person of the history; `runs` by journey name and number."""
        made = []
        already_set: list[Effect] = []
        for effect in effects:
            if effect.kind == "set":
                already_set.append(effect)
            elif effect.kind in ("sent", "task", "notice"):
                run = runs.get((effect.journey.name, effect.run))
                customer = self._attributes(person, effect.at, already_set)
                made.append(self._intent(effect, customer, run.entry if run is not None else {}))
        return made

    def _intent(
        self, effect: Effect, customer: Mapping[str, bool | float | str], entry: Mapping[str, float | str]
    ) -> Intent:
        node = self._graph(effect.journey).node(effect.node)
        zone = self._zone(customer)
        kind: Literal["message", "task", "notice"]
        match node:
            case SendNode():
                kind, message, channel = "message", node.message, effect.detail
            case TaskNode():
                kind, message, channel = "task", node.name, node.role
            case NotifyNode():
                kind, message, channel = "notice", node.text, node.role
            case _:
                raise ValueError(f"{node.id} hands nothing off")
        arguments = {} if isinstance(node, NotifyNode) else self._arguments(node.arguments, customer, entry, zone)
        typed = {
            name: value_of(value, found.entry.type, currency=self.project.currency, zone=zone)
            for name, value in customer.items()
            if (found := self.project.catalog.attribute(name)) is not None
        }
        variables = variables_for(typed, arguments)
        return Intent(
            kind=kind,
            journey=effect.journey,
            run=effect.run,
            step=effect.node,
            visit=effect.visit,
            message=message,
            channel=channel,
            due_at=effect.at,
            not_before=effect.at,
            variables=json.loads(dump_variables(variables)),
            transactional=isinstance(node, SendNode) and node.transactional,
        )

    def _graph(self, journey: JourneyKey) -> RuleGraph:
        return self.program.graphs[self.program.journeys.index(journey)]

    def _zone(self, customer: Mapping[str, bool | float | str]) -> ZoneInfo:
        named = customer.get("zone")
        return ZoneInfo(named if isinstance(named, str) and is_zone(named) else self.project.zone)

    def _attributes(self, person: int, at: int, already_set: Sequence[Effect]) -> dict[str, bool | float | str]:
        """The person's attributes at an instant, without the engine's own (consents, tags), and with those that
        journeys have set in this very walk, which the history does not know yet."""
        values: dict[str, bool | float | str] = {}
        waiting = list(already_set)
        for change_at, name, value in self._changes(person, at):
            while waiting and waiting[0].at < change_at:
                self._take(values, waiting[0].detail, waiting.pop(0).value)
            self._take(values, name, value)
        for effect in waiting:
            self._take(values, effect.detail, effect.value)
        return values

    def _changes(self, person: int, at: int) -> Iterator[tuple[int, str, float]]:
        """Instant, attribute and number (NaN: removed) of each change up to an instant."""
        history = self.history
        for row in range(int(history.change_first[person]), int(history.change_first[person + 1])):
            if history.change_at[row] > at:
                return
            name = history.names.texts[int(history.change_name[row])]
            yield int(history.change_at[row]), name, float(history.change_value[row])

    def _take(self, values: dict[str, bool | float | str], name: str, value: float | str) -> None:
        found = self.project.catalog.attribute(name)
        if found is None or name.startswith(("tag.", "consent.", "suppressed.")):
            return
        if isinstance(value, str):
            values[name] = value
        elif math.isnan(value):
            values.pop(name, None)
        else:
            values[name] = self.history.texts.texts[int(value)] if found.entry.type == "text" else value

    def _arguments(
        self,
        arguments: Sequence[Argument],
        customer: Mapping[str, bool | float | str],
        entry: Mapping[str, float | str],
        zone: ZoneInfo,
    ) -> dict[str, object]:
        found: dict[str, object] = {}
        for argument in arguments:
            value = argument.value
            if isinstance(value, Duration):
                found[argument.name] = value
            elif isinstance(value, Constant):
                found[argument.name] = value_of(value.value, value.type, currency=self.project.currency, zone=zone)
            else:
                raw = self._operand(value, customer, entry)
                if raw is not None:
                    found[argument.name] = value_of(raw, value.type, currency=self.project.currency, zone=zone)
        return found

    def _operand(
        self, operand: Operand, customer: Mapping[str, bool | float | str], entry: Mapping[str, float | str]
    ) -> bool | float | str | None:
        if isinstance(operand, Attribute):
            return customer.get(operand.name)
        if isinstance(operand, EntryProperty):
            return entry.get(f"{operand.event}.{operand.name}")
        return None

"""A program: the rule graphs of a project, compiled to the flat tables that the machine runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from journeys.catalog import meaning as M
from journeys.engine import layout as L
from journeys.engine.assembly import Assembly, Cell, Ref
from journeys.engine.calendar import ZoneTable, is_zone, zone_table
from journeys.engine.draw import seed
from journeys.engine.expressions import ZONE, Expressions, Names, Scope
from journeys.engine.policy import ChannelPolicy, Policy
from journeys.engine.state import JourneyKey
from journeys.graph import model as G


@dataclass(frozen=True, slots=True)
class Program:
    """What is compiled, with the names behind its numbers.

    table, constants, zone_table        the machine's memory of it, as plain lists
    journey_at, node_at, channel_at     addresses of the first journey, node and channel in the table

    events, slots, properties, zones    names in the order of their codes
    ordinary_activity                   the code of every event that matters only in that it ends a silence, -1: none
    inactive_events                     events that do not end a silence
    texts                               places among the constants that hold the code of a text
    set_types                           number of a node -> the type of the value that a `set` writes
    text_variables                      (journey, event, property) of variables that are texts
    text_keys                           journeys whose `enter once for each` names a text
    """

    graphs: tuple[G.RuleGraph, ...]
    journeys: tuple[JourneyKey, ...]
    families: tuple[str, ...]
    nodes: tuple[str, ...]
    channels: tuple[str, ...]
    events: tuple[str, ...]
    slots: tuple[str, ...]
    properties: tuple[str, ...]
    variables: tuple[tuple[tuple[str, str], ...], ...]
    zones: tuple[str, ...]
    ordinary_activity: int
    inactive_events: frozenset[str]
    texts: dict[int, str]
    set_types: dict[int, M.ValueType]
    text_variables: frozenset[tuple[int, str, str]]
    text_keys: frozenset[int]
    table: list[int] = field(repr=False)
    constants: list[float] = field(repr=False)
    zone_table: ZoneTable = field(repr=False)
    journey_at: int
    node_at: int
    channel_at: int

    def journey_number(self, address: int) -> int:
        """The place in `journeys` of the journey at an address."""
        return (address - self.journey_at) // L.JOURNEY_ROW

    def node_number(self, address: int) -> int:
        """The place in `nodes` of the node at an address."""
        return (address - self.node_at) // L.INSTRUCTION


def compile_program(
    graphs: Sequence[G.RuleGraph], policy: Policy, closed: frozenset[JourneyKey] = frozenset()
) -> Program:
    """The program of some graphs (each name and version once). Nobody enters the versions in `closed`."""
    return _Compiler(tuple(graphs), policy, closed).program()


PERIODS = {
    M.Duration(days=1): L.PER_DAY,
    M.Duration(days=7): L.PER_WEEK,
    M.Duration(months=1): L.PER_MONTH,
}


WIDTHS = {
    "journey": L.JOURNEY_ROW,
    "instruction": L.INSTRUCTION,
    "start": L.START,
    "copy": L.COPY,
    "condition": 1,
    "code": L.CODE,
    "occurrence": L.OCCURRENCE,
    "counted": L.COUNTED,
    "duration": L.DURATION,
    "quiet": L.QUIET,
    "cap": L.CAP,
    "send": L.SEND_ROW,
    "send channel": 1,
    "channel": L.CHANNEL,
    "arm": L.ARM,
    "moment": L.MOMENT,
    "order": 1,
    "affects": 2,
    "affected": 1,
    "activity": 1,
}
"""The sections of a program's table and the widths of their rows."""


class _Compiler:
    """Walks the graphs once and collects rows."""

    def __init__(self, graphs: tuple[G.RuleGraph, ...], policy: Policy, closed: frozenset[JourneyKey]) -> None:
        self.graphs = graphs
        self.policy = policy
        self.closed = closed
        self.assembly = Assembly(WIDTHS)
        self.expressions = Expressions(self.assembly)
        self.families = Names()
        self.zones = Names((policy.zone,))
        self.variables: list[dict[tuple[str, str], int]] = [{} for _ in graphs]
        self.text_variables: set[tuple[int, str, str]] = set()
        self.nodes: list[str] = []
        self.set_types: dict[int, M.ValueType] = {}
        self.starts: list[list[Cell]] = []
        self.copies: list[tuple[int, int, str]] = []  # journey, row of `start`, event
        self.concerned: list[tuple[int, tuple[str, str] | None, Cell]] = []  # journey, record, condition

    def program(self) -> Program:
        """Compile everything."""
        order = sorted(range(len(self.graphs)), key=lambda number: (-self.graphs[number].priority, number))
        for number, graph in enumerate(self.graphs):
            self._journey(number, graph, order.index(number))
        self._copy_properties()
        for start in self.starts:
            self.assembly.add("start", start)
        quiet = self._quiet(self.policy.quiet)
        cap, caps = self._caps(self.policy.limits)
        self._channels()
        expressions = self.expressions
        ordinary = expressions.events("\x00activity") if expressions.watches_activity else -1
        events = list(expressions.events.numbers)
        variables = 1 + max((len(names) for names in self.variables), default=0)
        header: list[Cell] = [0] * L.N_HEADER
        header[L.N_EVENTS], header[L.N_SLOTS] = len(events), len(expressions.slots)
        header[L.N_VARIABLES], header[L.N_VALUES] = variables, 1 + len(expressions.properties)
        header[L.N_PERSON] = L.PERSON + 2 * len(self.graphs) + 2 * len(self.families)
        header[L.N_JOURNEYS], header[L.N_FAMILIES] = len(self.graphs), len(self.families)
        header[L.N_QUIET], header[L.N_CAP], header[L.N_CAPS] = quiet, cap, caps
        header[L.N_ORDER] = self.assembly.add("order", (Ref("journey", number) for number in order))
        header[L.N_AFFECTS] = self._dependencies(events, order)
        header[L.N_ACTIVITY] = self.assembly.add(
            "activity",
            (int(expressions.watches_activity and event not in self.policy.inactive_events) for event in events),
        )
        header[L.N_NODES] = Ref("instruction", 0)
        table, addresses = self.assembly.link(header)
        zones = tuple(self.zones.numbers)
        return Program(
            graphs=self.graphs,
            journeys=tuple(JourneyKey(graph.name, graph.version) for graph in self.graphs),
            families=tuple(self.families.numbers),
            nodes=tuple(self.nodes),
            channels=tuple(expressions.channels.numbers),
            events=tuple(events),
            slots=tuple(expressions.slots.numbers),
            properties=tuple(expressions.properties.numbers),
            variables=tuple(tuple(names) for names in self.variables),
            zones=zones,
            ordinary_activity=ordinary,
            inactive_events=self.policy.inactive_events,
            texts=dict(expressions.texts),
            set_types=self.set_types,
            text_variables=frozenset(self.text_variables),
            text_keys=frozenset(
                number for number, graph in enumerate(self.graphs) if graph.entry.key and graph.entry.key_type == "text"
            ),
            table=table,
            constants=expressions.constants,
            zone_table=zone_table(zones).as_lists(),
            journey_at=addresses.get("journey", 0),
            node_at=addresses.get("instruction", 0),
            channel_at=addresses.get("channel", 0),
        )

    # -- journeys ------------------------------------------------------------------------------------------------------

    def _scope(self, journey: int, depth: int = 0) -> Scope:
        names = self.variables[journey]

        def variable(operand: M.EntryProperty) -> int:
            if operand.type == "text":
                self.text_variables.add((journey, operand.event, operand.name))
            return names.setdefault((operand.event, operand.name), len(names) + 1)

        return Scope(journey, depth, variable)

    def _zone(self, zone: str | None) -> int:
        if zone is None:
            return -1
        return self.zones(zone) if is_zone(zone) else 0

    def _quiet(self, quiet: G.QuietHours | None) -> Cell:
        if quiet is None:
            return -1
        return self.assembly.add("quiet", (quiet.from_minute, quiet.to_minute, self._zone(quiet.zone)))

    def _caps(self, caps: Sequence[G.FrequencyCap]) -> tuple[Cell, int]:
        first = self.assembly.next("cap")
        for cap in caps:
            calendar = PERIODS[cap.period] if cap.calendar else L.ROLLING
            self.assembly.add("cap", (cap.messages, self.expressions.duration(cap.period), calendar))
        return first, len(caps)

    def _journey(self, number: int, graph: G.RuleGraph, rank: int) -> None:
        expressions = self.expressions
        scope = self._scope(number)
        row: list[Cell] = [0] * L.JOURNEY_ROW
        row[L.J_FAMILY], row[L.J_WATCH] = 2 * self.families(graph.name), 2 * number
        row[L.J_RANK] = rank
        row[L.J_OPEN] = int(JourneyKey(graph.name, graph.version) not in self.closed)
        row[L.J_FIRST_START] = Ref("start", len(self.starts))
        row[L.J_KEYED] = int(graph.entry.key is not None)
        row[L.J_START], row[L.J_STARTS] = self._start(number, graph)
        row[L.J_HOW] = ("once", "per period", "every time").index(graph.entry.how)
        row[L.J_PERIOD] = expressions.duration(graph.entry.period)
        row[L.J_NEW_ONLY] = int(graph.entry.new_only)
        row[L.J_ONLY_IF] = expressions.condition(graph.only_if, scope)
        row[L.J_EXIT] = expressions.condition(graph.exit_when, scope)
        row[L.J_GOAL] = expressions.condition(graph.goal.condition, scope) if graph.goal else -1
        row[L.J_WITHIN] = expressions.duration(graph.goal.within) if graph.goal else -1
        row[L.J_HOLDOUT] = expressions.number(graph.holdout)
        row[L.J_SEED] = seed(graph.name, "holdout")
        row[L.J_QUIET] = self._quiet(graph.quiet)
        row[L.J_CAP], row[L.J_CAPS] = self._caps(graph.limits)
        first = len(self.nodes)
        places = {node.id: first + place for place, node in enumerate(graph.nodes)}
        row[L.J_ENTRY] = Ref("instruction", places[graph.first])
        ports = {(edge.source, edge.port): Ref("instruction", places[edge.target]) for edge in graph.edges}
        depths = _depths(graph)
        for node in graph.nodes:
            self._node(number, graph, node, ports, depths[node.id])
        self.assembly.add("journey", row)

    def _start(self, journey: int, graph: G.RuleGraph) -> tuple[int, int]:
        expressions = self.expressions
        start = graph.start
        row: list[Cell] = [0] * L.START
        match start:
            case G.EventStart() | G.AnyEventStart():
                events = (start,) if isinstance(start, G.EventStart) else start.events
                for event in events:
                    row = [0] * L.START
                    row[L.S_EVENT] = expressions.events(event.event)
                    row[L.S_WHERE] = expressions.condition(event.where, Scope())
                    row[L.S_CONDITION] = expressions.condition(event.condition, self._scope(journey))
                    row[L.S_KEY] = expressions.property(graph.entry.key) if graph.entry.key else -1
                    self.copies.append((journey, len(self.starts), event.event))
                    self.concerned.append((journey, ("event", event.event), -1))
                    self.starts.append(row)
                return L.START_EVENT, len(events)
            case G.ConditionStart():
                row[L.S_CONDITION] = expressions.condition(start.condition, Scope())
                self.concerned.append((journey, None, row[L.S_CONDITION]))
                kind = L.START_CONDITION
            case G.DateStart():
                row[L.D_SLOT] = expressions.slots(start.attribute)
                row[L.D_MONTHS], row[L.D_DAYS] = start.shift_months, start.shift_days
                row[L.D_MINUTE], row[L.D_ZONE] = start.minute, self._zone(start.zone)
                row[L.D_YEARLY] = int(start.yearly)
                self.concerned += [(journey, ("slot", ZONE), -1), (journey, ("slot", start.attribute), -1)]
                kind = L.START_DATE
            case G.CalendarStart():
                row[L.D_MINUTE], row[L.D_ZONE] = start.minute, self._zone(start.zone)
                row[L.D_MASK] = sum(1 << day for day in set(start.days))
                self.concerned.append((journey, ("slot", ZONE), -1))
                kind = L.START_CALENDAR
        self.starts.append(row)
        return kind, 1

    def _copy_properties(self) -> None:
        """Which properties of a starting event become which variables of its run."""
        for journey, start, event in self.copies:
            copies = [
                (variable, self.expressions.property(name))
                for (of, name), variable in self.variables[journey].items()
                if of == event
            ]
            self.starts[start][L.S_COPY] = self.assembly.next("copy")
            self.starts[start][L.S_COPIES] = len(copies)
            for copy in copies:
                self.assembly.add("copy", copy)

    # -- nodes ---------------------------------------------------------------------------------------------------------

    def _node(
        self, journey: int, graph: G.RuleGraph, node: G.Node, ports: dict[tuple[str, str], Ref], depth: int
    ) -> None:
        expressions = self.expressions
        # `since loop` means the innermost repeat around a node; for the `until` of a repeat that is the repeat itself.
        scope = self._scope(journey, depth if isinstance(node, G.RepeatNode) else depth - 1)
        place = len(self.nodes)
        self.nodes.append(node.id)
        row: list[Cell] = [0] * L.INSTRUCTION
        row[L.NEXT] = ports.get((node.id, "next"), -1)
        row[L.ALT] = -1
        row[L.JOURNEY] = Ref("journey", journey)
        if isinstance(node, G.SendNode | G.TaskNode):
            for argument in node.arguments:
                if isinstance(argument.value, M.EntryProperty):
                    expressions.operand(argument.value, scope)  # so that the run remembers it
        match node:
            case G.SendNode():
                channels = [Ref("channel", expressions.channels(channel)) for channel in node.channels]
                order: list[Cell] = [
                    self.assembly.add("send channel", channels),
                    len(channels),
                    int(node.transactional),
                    ("skip", "wait", "exit").index(node.on_limit),
                    expressions.duration(node.limit_wait),
                ]
                row[L.OP], row[L.A] = L.SEND, self.assembly.add("send", order)
            case G.WaitNode():
                row[L.OP], row[L.A] = L.WAIT, expressions.duration(node.duration)
            case G.WaitUntilNode():
                row[L.OP], row[L.A] = L.WAIT_UNTIL, expressions.condition(node.condition, scope)
                row[L.B] = expressions.duration(node.up_to)
            case G.WaitMomentNode():
                row[L.OP], row[L.A] = L.WAIT_MOMENT, self._moment(node, scope)
            case G.BranchNode():
                row[L.OP], row[L.A] = L.BRANCH, expressions.condition(node.condition, scope)
                row[L.NEXT], row[L.ALT] = ports[node.id, "yes"], ports[node.id, "no"]
            case G.SplitNode():
                row[L.OP], row[L.A], row[L.B] = L.SPLIT, self.assembly.next("arm"), len(node.arms)
                for arm in node.arms:
                    drawn = seed(graph.name, f"split {node.name}:{arm.port}")
                    self.assembly.add("arm", (ports[node.id, arm.port], expressions.number(arm.percent), drawn))
            case G.RepeatNode():
                row[L.OP], row[L.A], row[L.B] = L.REPEAT, node.times, expressions.duration(node.every)
                row[L.C], row[L.D] = expressions.condition(node.until, scope), depth
                row[L.NEXT], row[L.ALT] = ports[node.id, "again"], ports[node.id, "done"]
            case G.SetNode():
                if node.attribute == "zone":
                    raise ValueError("a journey cannot set the zone that its own instants are computed in")
                row[L.OP], row[L.A] = L.SET, expressions.slots(node.attribute)
                row[L.B], row[L.C] = self._value(node.value, scope)
                self.set_types[place] = node.value.type
            case G.TagNode():
                row[L.OP], row[L.A] = L.TAG, expressions.slots(f"tag.{node.tag}")
                row[L.B] = expressions.duration(node.duration)
            case G.UntagNode():
                row[L.OP], row[L.A] = L.UNTAG, expressions.slots(f"tag.{node.tag}")
            case G.TaskNode():
                row[L.OP] = L.TASK
            case G.NotifyNode():
                row[L.OP] = L.NOTICE
            case G.EndNode():
                row[L.OP], row[L.A] = L.END, L.REASONS.index(node.how)
        self.assembly.add("instruction", row)

    def _value(self, value: M.Constant | M.Operand, scope: Scope) -> tuple[int, int]:
        if isinstance(value, M.Constant):
            return L.VALUE_CONSTANT, self.expressions.constant(value)
        base, place = self.expressions.operand(value, scope)
        if base == L.LAST_SEEN:
            return L.VALUE_LAST_SEEN, 0
        return (L.VALUE_ATTRIBUTE if base == L.ATTRIBUTE else L.VALUE_VARIABLE), place

    def _moment(self, node: G.WaitMomentNode, scope: Scope) -> Ref:
        row: list[Cell] = [0] * L.MOMENT
        sign = -1 if node.before else 1
        row[L.M_MINUTE] = -1 if node.minute is None else node.minute
        row[L.M_ZONE] = self._zone(node.zone)
        row[L.M_MASK] = sum(1 << day for day in set(node.days))
        row[L.M_DATE] = node.date or 0
        row[L.M_MONTHS] = sign * node.shift.months
        row[L.M_DAYS] = sign * node.shift.days
        row[L.M_MICROS] = sign * node.shift.micros
        row[L.M_ON_PAST] = L.PAST_EXIT if node.on_past == "exit" else L.PAST_GO_ON
        if node.days:
            row[L.M_KIND] = L.MOMENT_WEEKDAY
        elif node.date is not None:
            row[L.M_KIND] = L.MOMENT_DATE
        elif node.operand is not None:
            row[L.M_KIND] = L.MOMENT_DAY_FIELD if node.operand.type == "date" else L.MOMENT_FIELD
            row[L.M_FROM], row[L.M_SLOT] = self._value(node.operand, scope)
        else:
            row[L.M_KIND] = L.MOMENT_CLOCK
            row[L.M_MINUTE] = node.minute or 0
        return self.assembly.add("moment", row)

    # -- what the project lays down ------------------------------------------------------------------------------------

    def _channels(self) -> None:
        slots = self.expressions.slots
        for number, name in enumerate(self.expressions.channels.numbers):
            policy = self.policy.channels.get(name, ChannelPolicy())
            row: list[Cell] = [0] * L.CHANNEL
            row[L.C_ADDRESS] = -1 if policy.address is None else slots(policy.address)
            row[L.C_CONSENT], row[L.C_SUPPRESSED] = slots(f"consent.{name}"), slots(f"suppressed.{name}")
            row[L.C_OPT_IN] = int(policy.consent == "opt-in")
            row[L.C_QUIET] = self._quiet(policy.quiet)
            row[L.C_CAP], row[L.C_CAPS] = self._caps(policy.limits)
            row[L.C_NUMBER] = number
            self.assembly.add("channel", row)

    def _dependencies(self, events: list[str], order: list[int]) -> Ref:
        """Write down what a record of each code may turn in each condition, and whose start it concerns, by rank."""
        expressions = self.expressions
        slots = expressions.slots
        count = len(events) + len(slots)
        codes_of: dict[tuple[str, str], list[int]] = {("event", name): [code] for code, name in enumerate(events)}
        codes_of |= {("slot", name): [len(events) + slot] for name, slot in slots.numbers.items()}
        codes_of["activity", ""] = [code for code, name in enumerate(events) if name not in self.policy.inactive_events]
        for name in expressions.channels.numbers:
            address = self.policy.channels.get(name, ChannelPolicy()).address
            read = [f"consent.{name}", f"suppressed.{name}", *([address] if address else [])]
            codes_of["channel", name] = [len(events) + slots(attribute) for attribute in read]
        turns = [[0] * count for _ in expressions.conditions]
        for condition, records in enumerate(expressions.depends):
            for record, bits in records.items():
                for code in codes_of.get(record, []):
                    turns[condition][code] |= bits
        # A condition's row is as wide as there are codes, so its refs are settled only now.
        self.assembly.widths = {**WIDTHS, "condition": 2 + count}
        for (first, last), turned in zip(expressions.conditions, turns):
            self.assembly.add("condition", (first, last, *turned))
        concerned: list[set[int]] = [set() for _ in range(count)]
        for journey, record_of_start, start in self.concerned:
            codes = codes_of[record_of_start] if record_of_start else []
            if isinstance(start, Ref):
                codes = [code for code in range(count) if turns[start.row][code]]
            for code in codes:
                concerned[code].add(journey)
        first_row = self.assembly.next("affects")
        for journeys in concerned:
            ranked = [Ref("journey", number) for number in order if number in journeys]
            self.assembly.add("affects", (self.assembly.add("affected", ranked), len(ranked)))
        return first_row


def _depths(graph: G.RuleGraph) -> dict[str, int]:
    """How many repeats enclose each node. Raises ValueError beyond LOOPS."""
    depths: dict[str, int] = {}
    waiting = [(graph.first, 0)]
    repeats = {node.id for node in graph.nodes if isinstance(node, G.RepeatNode)}
    targets: dict[str, list[tuple[str, str]]] = {}
    for edge in graph.edges:
        targets.setdefault(edge.source, []).append((edge.port, edge.target))
    while waiting:
        node, depth = waiting.pop()
        if node in depths:
            continue
        if depth >= L.LOOPS and node in repeats:
            raise ValueError(f"repeats nest deeper than {L.LOOPS}: {node}")
        depths[node] = depth
        for port, target in targets.get(node, []):
            waiting.append((target, depth + 1 if node in repeats and port == "again" else depth))
    for unreachable in graph.nodes:
        depths.setdefault(unreachable.id, 0)
    return depths

"""From journey files to rule graphs: all files of a project together, one graph a journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeys.catalog.project import Project
from journeys.catalog.resolve import resolve_segments
from journeys.catalog.scope import Scope, SegmentTable
from journeys.diagnostics.diagnostic import Diagnostic, Severity
from journeys.diagnostics.lines import LineIndex
from journeys.diagnostics.span import Span
from journeys.graph.declared import Declared, Named, check_uses, declared, path_of
from journeys.graph.draft import ENTRANCE, Draft, reachable
from journeys.graph.lint import lint, lint_together
from journeys.graph.lint.context import Context, Placed, Together
from journeys.graph.model import Entry, RuleGraph
from journeys.graph.settings import Settings, settings
from journeys.graph.starts import entry_events, start_when
from journeys.graph.steps import StepCompiler, TemplateExists
from journeys.graph.timed_out import check_timed_out
from journeys.language import nodes
from journeys.language.parser import Parsed


def compile_files(
    files: Sequence[Parsed], project: Project, template_exists: TemplateExists | None = None
) -> tuple[tuple[RuleGraph, ...], tuple[Diagnostic, ...]]:
    """The graphs of all journeys and rules in the files, and everything wrong or doubtful in them, in order of place.

    The diagnostics are those of meaning; those of the text stay with each Parsed. A journey with an error, or with
    lines that could not be read, is checked but has no graph. The same journey told in two languages is one graph.
    `template_exists(message, channel)` tells whether there is a text to send; without it nobody asks.

    >>> graphs, mistakes = compile_files([parse("if silent 30d then send coupon", "win-back.journey")], bare_project())
    >>> graphs[0].name, graphs[0].first
    ('win-back', 'send coupon')
    """
    out: list[Diagnostic] = []
    if files and not project.declared:
        out.append(Diagnostic("J191", Span(path_of(files[0]), 0, 0), severity=Severity.WARNING))
    found = declared(files, project, out)
    check_uses(files, project, out)
    lines = {path_of(parsed): LineIndex(parsed.text) for parsed in files}
    scope = Scope(project, SegmentTable(found.segments), "segment")
    resolve_segments(scope, out)
    made = []
    for named in found.journeys:
        graph = _compile(named, found, scope, lines, template_exists, out)
        if graph is not None:
            made.append((named, graph))
    graphs = _each_once(made, out)
    if not any(each.severity == Severity.ERROR for each in out) and not found.broken:
        kept = {id(graph) for graph in graphs}
        placed = tuple(Placed(graph, _place(named.journey)) for named, graph in made if id(graph) in kept)
        out += lint_together(Together(placed, tuple(files), project))
    order = {path_of(parsed): place for place, parsed in enumerate(files)}
    return graphs, tuple(sorted(out, key=lambda each: (order.get(each.span.path, -1), each.span.start)))


def _compile(
    named: Named,
    found: Declared,
    scope: Scope,
    lines: Mapping[str, LineIndex],
    template_exists: TemplateExists | None,
    out: list[Diagnostic],
) -> RuleGraph | None:
    mistakes: list[Diagnostic] = []
    draft = Draft(lines)
    journey = named.journey
    if isinstance(journey, nodes.Journey):
        scope = _scope_of(journey, scope)
        header = settings(journey, scope, mistakes, complete=named.path not in found.broken)
        body, version, span = journey.body, journey.version or 1, journey.name.span
    else:
        header, body = _rule(journey, scope, mistakes)
        scope = Scope(scope.project, scope.segments, "branch", _entry_of_rule(journey, scope))
        version, span = 1, journey.span
    steps = StepCompiler(draft, scope, found.steps, mistakes, template_exists)
    draft.finish(steps.sequence(body, (ENTRANCE,)))
    errors = any(each.severity == Severity.ERROR for each in mistakes)
    out += mistakes
    if header.start is None or errors:
        return None
    graph = RuleGraph(
        name=named.name,
        version=version,
        currency=scope.project.currency,
        notes=header.notes,
        todos=tuple(text for text, _ in steps.todos),
        source=draft.source(journey.span),
        start=header.start,
        entry=header.entry,
        only_if=header.only_if,
        exit_when=header.exit_when,
        goal=header.goal,
        quiet=header.quiet,
        limits=header.limits,
        priority=header.priority,
        holdout=header.holdout,
        first=draft.first,
        nodes=tuple(draft.nodes),
        edges=tuple(draft.edges),
    )
    context = Context(graph, span, draft.spans, scope.project, tuple(steps.todos), enter_written=_says_enter(journey))
    timing = check_timed_out(context)
    out += timing
    out += lint(context)
    if timing or found.broken & {named.path, *steps.inlined_files}:
        return None
    return _without_unreachable(graph)


def _scope_of(journey: nodes.Journey, scope: Scope) -> Scope:
    events: tuple[str, ...] = ()
    for setting in journey.settings:
        if isinstance(setting, nodes.Start) and isinstance(setting.moment, nodes.When):
            events = entry_events(setting.moment.condition, scope)
    has_goal = any(isinstance(setting, nodes.Goal) for setting in journey.settings)
    return Scope(scope.project, scope.segments, "branch", events, has_goal)


def _entry_of_rule(rule: nodes.Rule, scope: Scope) -> tuple[str, ...]:
    return entry_events(rule.step.branches[0].condition, scope)


def _rule(rule: nodes.Rule, scope: Scope, out: list[Diagnostic]) -> tuple[Settings, tuple[nodes.Step, ...]]:
    """`if C then STEP`: a journey that starts when C becomes true, and again only after C was false in between."""
    first, *others = rule.step.branches
    if others or rule.step.otherwise:
        out.append(Diagnostic("J127", others[0].span if others else rule.step.else_span))
    own = Scope(scope.project, scope.segments, "start", _entry_of_rule(rule, scope))
    start = start_when(first.condition, own, out)
    return Settings(start=start, entry=Entry(how="every time")), first.body


def _says_enter(journey: nodes.Journey | nodes.Rule) -> bool:
    return isinstance(journey, nodes.Journey) and any(
        isinstance(setting, nodes.Enter) and setting.how != "new only" for setting in journey.settings
    )


def _without_unreachable(graph: RuleGraph) -> RuleGraph:
    reached = reachable(graph.first, graph.edges)
    return graph.model_copy(
        update={
            "nodes": tuple(node for node in graph.nodes if node.id in reached),
            "edges": tuple(edge for edge in graph.edges if edge.source in reached),
        }
    )


def _each_once(made: Sequence[tuple[Named, RuleGraph]], out: list[Diagnostic]) -> tuple[RuleGraph, ...]:
    """One graph a name and version. Two that say the same are one journey told twice; two that differ are a mistake."""
    kept: dict[tuple[str, int], tuple[Named, RuleGraph]] = {}
    for named, graph in made:
        key = (graph.name, graph.version)
        first, first_graph = kept.setdefault(key, (named, graph))
        if first_graph is not graph and first_graph.hash() != graph.hash():
            facts = {"name": graph.name, "version": str(graph.version), "declared_kind": "journey"}
            related = ((_place(first.journey), "first"),)
            out.append(Diagnostic("J121", _place(named.journey), facts, related=related))
    return tuple(graph for _, graph in kept.values())


def _place(journey: nodes.Journey | nodes.Rule) -> Span:
    return journey.name.span if isinstance(journey, nodes.Journey) else journey.span

"""From a condition as written to what it means: names found, types checked, counting given its start.

Every function appends what is wrong to `out` and returns None for a condition that cannot be understood, so that one
call reports all mistakes of a condition.
"""

from __future__ import annotations

from journeys.catalog import meaning
from journeys.catalog.comparisons import OPERATORS, between, compare, one_of
from journeys.catalog.fields import field as field_of
from journeys.catalog.fields import find_field
from journeys.catalog.folding import did_you_mean
from journeys.catalog.lookup import Found
from journeys.catalog.meaning import Condition, Operator, Since
from journeys.catalog.not_yet import not_yet
from journeys.catalog.project import Event
from journeys.catalog.scope import COUNTING, Record, Scope
from journeys.catalog.values import length, money
from journeys.diagnostics.diagnostic import Diagnostic
from journeys.language import nodes

_ABOUT_PROPERTIES = (
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Fact,
    nodes.Compare,
    nodes.OneOf,
    nodes.Between,
    nodes.Known,
)
_OPPOSITE: dict[Operator, Operator] = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}


def resolve_condition(written: nodes.Condition, scope: Scope) -> tuple[Condition | None, tuple[Diagnostic, ...]]:
    """What a condition means in that scope, with everything that is wrong with it."""
    out: list[Diagnostic] = []
    return resolve(written, scope, out), tuple(out)


def resolve(written: nodes.Condition, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    """What a condition means in that scope; None, with diagnostics in `out`, when it cannot be understood."""
    if (refused := not_yet(written)) is not None:
        out.append(refused)
        return None
    if scope.record is not None and not isinstance(written, _ABOUT_PROPERTIES):
        out.append(Diagnostic("J113", written.span, {"event": scope.record.name}))
        return None
    match written:
        case nodes.And(terms=terms):
            meant = all_of(terms, scope, out)
            return None if meant is None else conjunction(meant)
        case nodes.Or(terms=terms):
            meant = all_of(terms, scope, out)
            return None if meant is None else meaning.Any(terms=meant)
        case nodes.Not(term=term):
            inner = resolve(term, scope, out)
            return None if inner is None else meaning.Not(term=inner)
        case nodes.Fact():
            return _fact(written, scope, out)
        case nodes.Compare():
            return compare(written, scope, out)
        case nodes.OneOf():
            return one_of(written, scope, out)
        case nodes.Between():
            return between(written, scope, out)
        case nodes.Known(path=path, known=known):
            found = field_of(path, scope, out)
            return None if found is None else meaning.Known(operand=found.operand, known=known)
        case nodes.Silent(duration=duration):
            silence = length(duration, out)
            return None if silence is None else meaning.Silent(duration=silence)
        case nodes.Did():
            return _did(written, scope, out)
        case nodes.Spent():
            return _spent(written, scope, out)
        case nodes.Engaged():
            return _engaged(written, scope, out)
        case nodes.EventWhere():
            return _event_where(written, scope, out)
        case nodes.InSegment(segment=name):
            return _segment(name, scope, out)
        case nodes.Tagged(tag=tag):
            return meaning.Tagged(tag=scope.project.catalog.tag(tag.text))
        case nodes.Reachable(channel=channel):
            found_channel = scope.project.catalog.channel(channel.text)
            if found_channel is None:
                close = scope.project.catalog.did_you_mean("channel", channel.text)
                out.append(Diagnostic("J104", channel.span, {"name": channel.text, **close}))
                return None
            return meaning.Reachable(channel=found_channel.name)
        case nodes.TimedOut():
            if scope.place != "branch":
                out.append(Diagnostic("J133", written.span, {"mistake": "timed out elsewhere"}))
                return None
            return meaning.TimedOut()
        case nodes.GoalReached():
            if not scope.has_goal:
                out.append(Diagnostic("J134", written.span))
                return None
            return meaning.GoalReached()
        case _:
            raise AssertionError(f"{type(written).__name__} is listed in not_yet")


def all_of(terms: tuple[nodes.Condition, ...], scope: Scope, out: list[Diagnostic]) -> tuple[Condition, ...] | None:
    """What several conditions mean; None when one of them cannot be understood."""
    meant = tuple(condition for term in terms if (condition := resolve(term, scope, out)) is not None)
    return meant if len(meant) == len(terms) else None


def conjunction(terms: tuple[Condition, ...]) -> Condition:
    """All of them; one alone stands for itself."""
    return terms[0] if len(terms) == 1 else meaning.All(terms=terms)


# -- names that may be several things ----------------------------------------------------------------------------------


def _fact(written: nodes.Fact, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    path = written.path
    found = find_field(path, scope) if scope.project.declared or scope.record is not None else None
    boolean = found if found is not None and found.type.type == "boolean" else None
    event = scope.project.catalog.event(path.text) if scope.record is None else None
    segment = scope.segment(path.text) if scope.record is None else None
    if not scope.project.declared and segment is not None:
        event = None
    kinds = [kind for kind, thing in (("field", boolean), ("event", event), ("segment", segment)) if thing is not None]
    if len(kinds) > 1:
        out.append(Diagnostic("J110", path.span, {"name": path.text, "things": " and ".join(kinds)}))
        return None
    if boolean is not None:
        yes = meaning.Constant(type="boolean", value=True)
        return meaning.Compare(operand=boolean.operand, operator="eq", value=yes)
    if event is not None:
        return meaning.Occurred(counted=(meaning.Counted(event=event.name),), since=COUNTING[scope.place].did)
    if segment is not None:
        return _inline(segment, nodes.Name(path.text, span=path.span), scope, out)
    if found is not None:
        out.append(Diagnostic("J115", path.span, {"name": path.text, "holds": found.type.type}))
    elif scope.record is not None:
        field_of(path, scope, out)
    else:
        catalog = scope.project.catalog
        names = [
            *catalog.labels("event"),
            *(segment.name.text for segment in scope.segments.declared.values()),
            *catalog.labels("attribute"),
        ]
        out.append(Diagnostic("J108", path.span, {"name": path.text, **did_you_mean(path.text, names)}))
    return None


def _segment(name: nodes.Name, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    segment = scope.segment(name.text)
    if segment is None:
        names = [declared.name.text for declared in scope.segments.declared.values()]
        out.append(Diagnostic("J106", name.span, {"name": name.text, **did_you_mean(name.text, names)}))
        return None
    return _inline(segment, name, scope, out)


def _inline(segment: str, name: nodes.Name, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    """The condition of a segment, resolved once. A segment that needs itself is a mistake, shown at both places."""
    table = scope.segments
    if segment in table.resolving:
        declared = table.declared[segment].name
        facts = {"name": name.text, "cycle": " → ".join([*table.resolving[table.resolving.index(segment) :], segment])}
        out.append(Diagnostic("J119", name.span, facts, related=((declared.span, "declared"),)))
        return None
    if segment not in table.meanings:
        table.resolving.append(segment)
        own = Scope(scope.project, table, "segment")
        table.meanings[segment] = resolve(table.declared[segment].condition, own, out)
        table.resolving.pop()
    return table.meanings[segment]


def resolve_segments(scope: Scope, out: list[Diagnostic]) -> None:
    """Resolves every segment, so that the mistakes of those that nobody uses are told too."""
    for name, segment in scope.segments.declared.items():
        _inline(name, segment.name, scope, out)


# -- what the customer did ---------------------------------------------------------------------------------------------


def event_of(name: nodes.Name | nodes.Path, scope: Scope, out: list[Diagnostic]) -> Found[Event] | None:
    """The declared event of that name, or a diagnostic."""
    event = scope.project.catalog.event(name.text)
    if event is None:
        close = scope.project.catalog.did_you_mean("event", name.text)
        out.append(Diagnostic("J102", name.span, {"name": name.text, **close}))
    return event


def where_of(written: nodes.Condition, event: Found[Event], scope: Scope, out: list[Diagnostic]) -> Condition | None:
    """What a `where` says about the properties of that event."""
    return resolve(written, scope.within(Record(event.name, event.entry)), out)


def _did(written: nodes.Did, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    before = len(out)
    event = event_of(written.event, scope, out)
    window = length(written.window, out) if written.window is not None else None
    where = None
    if written.where is not None and event is not None:
        where = where_of(written.where, event, scope, out)
    if event is None or len(out) > before:
        return None
    operator: Operator = OPERATORS[written.comparison] if written.comparison is not None else "ge"
    return meaning.Occurred(
        counted=(meaning.Counted(event=event.name),),
        operator=_OPPOSITE[operator] if written.negated else operator,
        amount=1 if written.times is None else written.times,
        window=window,
        since=_since_of_did(written, scope),
        where=where,
    )


def _since_of_did(written: nodes.Did, scope: Scope) -> Since:
    """`never did` looks at the whole history, and so does `did not .. for 14d` however the journey began."""
    if written.since_entry:
        return "entry"
    if written.never or (written.negated and written.window is not None):
        return "ever"
    counting = COUNTING[scope.place]
    return counting.did if written.window is None else counting.did_within


def _spent(written: nodes.Spent, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    before = len(out)
    purchases = scope.project.catalog.purchases()
    if not purchases:
        out.append(Diagnostic("J118", written.span))
    amount = None
    if isinstance(written.amount, nodes.Money):
        amount = money(written.amount, scope.project, out)
    else:
        out.append(Diagnostic("J147", written.amount.span, {"currency": scope.project.currency}))
    window = length(written.window, out) if written.window is not None else None
    if amount is None or len(out) > before:
        return None
    counting = COUNTING[scope.place]
    since = counting.did if written.window is None else counting.did_within
    return meaning.Occurred(
        counted=tuple(meaning.Counted(event=event, measure=measure) for event, measure in purchases),
        operator=OPERATORS[written.comparison],
        amount=amount,
        window=window,
        since="entry" if written.since_entry else since,
    )


def _engaged(written: nodes.Engaged, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    message = scope.project.catalog.message(written.message.text)
    if message is None:
        close = scope.project.catalog.did_you_mean("message", written.message.text)
        out.append(Diagnostic("J101", written.message.span, {"name": written.message.text, **close}))
    window = length(written.window, out) if written.window is not None else None
    if message is None or (written.window is not None and window is None):
        return None
    counting = COUNTING[scope.place]
    return meaning.Occurred(
        counted=(meaning.Counted(event=written.verb),),
        window=window,
        since=counting.engaged if window is None else counting.engaged_within,
        message=message.name,
    )


def _event_where(written: nodes.EventWhere, scope: Scope, out: list[Diagnostic]) -> Condition | None:
    event = event_of(written.event, scope, out)
    where = where_of(written.where, event, scope, out) if event is not None else None
    if event is None or where is None:
        return None
    return meaning.Occurred(counted=(meaning.Counted(event=event.name),), since=COUNTING[scope.place].did, where=where)

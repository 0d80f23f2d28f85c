"""What a name means, in words: a line for a list, a few lines for a pointer that rests on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from journeys.catalog.folding import fold
from journeys.catalog.project import Declared, FieldType, Language, Project
from journeys.catalog.resolve import resolve_condition
from journeys.catalog.scope import Scope
from journeys.editor.mentions import Kind, Mention
from journeys.editor.workspace import Reading
from journeys.graph.phrases import condition_sentence
from journeys.graph.sentences import describe
from journeys.language import nodes
from journeys.language.printer import print_step

_KINDS: dict[Kind, tuple[str, str]] = {
    "attribute": ("field of the customer", "客户字段"),
    "event": ("event", "事件"),
    "property": ("property", "事件属性"),
    "message": ("message", "消息"),
    "variable": ("variable of the message", "消息变量"),
    "channel": ("channel", "渠道"),
    "tag": ("tag", "标签"),
    "role": ("role", "角色"),
    "journey": ("journey", "旅程"),
    "segment": ("segment", "人群"),
    "steps": ("named steps", "步骤"),
    "value": ("value", "取值"),
    "file": ("file", "文件"),
}
_TYPES: dict[str, tuple[str, str]] = {
    "text": ("text", "文本"),
    "number": ("number", "数字"),
    "money": ("money", "金额"),
    "boolean": ("yes or no", "是或否"),
    "date": ("date", "日期"),
    "moment": ("instant", "时刻"),
}
_MOST_VALUES = 20


def told(language: Language, english: str, chinese: str) -> str:
    return chinese if language == "zh" else english


def label_of(mention: Mention, project: Project, language: Language) -> str:
    """What to call it in a text of that language."""
    catalog = project.catalog
    match mention.kind:
        case "attribute" | "event" | "message" | "channel" | "tag" | "role" | "journey" | "segment":
            if mention.kind == "attribute" and mention.name.startswith("consent.") and language == "zh":
                channel = mention.name.removeprefix("consent.")
                return f"同意.{catalog.label('channel', channel, language)}"
            declared = mention.name if mention.kind not in ("segment", "journey") else _canonical(mention, project)
            return catalog.label(mention.kind, declared, language)
        case "value":
            return catalog.value_label(mention.owner, mention.name, language)
        case "property":
            found = catalog.property(mention.owner, mention.name)
            name = found.entry.zh if found is not None and language == "zh" and found.entry.zh else mention.name
            owner = catalog.label("event", mention.owner, language)
            return f"{owner}.{name}" if "." in mention.written else name
    return mention.name


def _canonical(mention: Mention, project: Project) -> str:
    table: Mapping[str, Declared] = project.segments if mention.kind == "segment" else project.journeys
    return next((name for name in table if fold(name) == fold(mention.name)), mention.name)


def note(mention: Mention, project: Project, language: Language) -> str:
    """A few words beside a name in a list: its kind, its type, its name in the other language."""
    parts = [told(language, *_KINDS[mention.kind])]
    if (type_ := field_type(mention, project)) is not None:
        parts.append(told(language, *_TYPES[type_.type]))
    other = label_of(mention, project, "en" if language == "zh" else "zh")
    if mention.kind == "variable" and type_ is not None:
        other = type_.zh or other  # a journey knows variables by their own names only
    if fold(other) != fold(label_of(mention, project, language)):
        parts.append(other)
    return told(language, ", ", "，").join(parts)


def field_type(mention: Mention, project: Project) -> FieldType | None:
    """What a field, a property or a variable holds; None of anything else."""
    catalog = project.catalog
    match mention.kind:
        case "attribute":
            attribute = catalog.attribute(mention.name)
            return attribute.entry if attribute is not None else None
        case "property":
            found = catalog.property(mention.owner, mention.name)
            return found.entry if found is not None else None
        case "variable":
            message = catalog.message(mention.owner)
            return message.entry.variables.get(mention.name) if message is not None else None
    return None


def description(mention: Mention, reading: Reading, language: Language) -> str:
    """What a name means, as Markdown: what it is, its type and values, its other name, the condition behind it."""
    title = f"**{_code(label_of(mention, reading.project, language))}**  {note(mention, reading.project, language)}"
    return "\n\n".join([title, *(line for line in _details(mention, reading, language) if line)])


def condition_in_words(node: nodes.Condition, scope: Scope, language: Language) -> str:
    """What a condition asks, as a sentence; "" while it cannot be understood."""
    condition, _ = resolve_condition(node, scope)
    return condition_sentence(condition, language, scope.project) if condition is not None else ""


def _details(mention: Mention, reading: Reading, language: Language) -> Iterable[str]:
    match mention.kind:
        case "message":
            return _message(mention.name, reading.project, language)
        case "channel":
            return _channel(mention.name, reading.project, language)
        case "event":
            return _event(mention.name, reading.project, language)
        case "segment":
            return _segment(mention.name, reading, language)
        case "steps":
            return _steps(mention.name, reading, language)
        case "journey":
            return _journey(mention.name, reading, language)
        case "attribute" | "property" | "variable":
            return _field(mention, reading.project, language)
        case "value":
            return _value(mention, reading.project, language)
    return ()


def _field(mention: Mention, project: Project, language: Language) -> Iterable[str]:
    type_ = field_type(mention, project)
    if type_ is None:
        return
    if mention.kind == "property":
        owner = project.catalog.label("event", mention.owner, language)
        yield told(language, f"Of the event {_code(owner)}.", f"属于事件 {_code(owner)}。")
    if type_.values:
        labels = [each.zh if language == "zh" and each.zh else each.value for each in type_.values]
        yield told(language, "Its values, from low to high: ", "取值（由低到高）：") + _listed(labels, language)
    if getattr(type_, "yearly", False):
        yield told(language, "Comes round every year.", "每年重复。")


def _value(mention: Mention, project: Project, language: Language) -> Iterable[str]:
    attribute = project.catalog.attribute(mention.owner)
    if attribute is not None and attribute.entry.values:
        field = project.catalog.label("attribute", mention.owner, language)
        order = [each.value for each in attribute.entry.values].index(mention.name) + 1
        count = len(attribute.entry.values)
        yield told(
            language,
            f"Number {order} of the {count} values of {_code(field)}.",
            f"{_code(field)}的第 {order} 个取值，共 {count} 个。",
        )


def _message(name: str, project: Project, language: Language) -> Iterable[str]:
    found = project.catalog.message(name)
    if found is None or not project.declared:
        return
    message = found.entry
    if message.purpose == "transactional":
        yield told(language, "Transactional: quiet hours do not hold it.", "事务消息：不受免打扰限制。")
    if message.channels:
        channels = [project.catalog.label("channel", each, language) for each in message.channels]
        yield told(language, "Sent by ", "默认渠道：") + _either(channels, language)
    if message.variables:
        named = [(each.zh if language == "zh" and each.zh else key) for key, each in message.variables.items()]
        yield told(language, "May be filled in: ", "可填写：") + _listed(named, language)


def _channel(name: str, project: Project, language: Language) -> Iterable[str]:
    channel = project.channels.get(name)
    if channel is None or not project.declared:
        return
    address = project.catalog.label("attribute", channel.address, language)
    yield told(language, f"Carried by {_code(channel.kind)}", f"由 {_code(channel.kind)} 发送") + told(
        language, f", to the address in {_code(address)}.", f"，地址取自 {_code(address)}。"
    )
    if channel.consent == "opt-in":
        yield told(language, "Only to those who have agreed.", "仅发给已同意的客户。")
    else:
        yield told(language, "To all who have not objected.", "发给未拒绝的客户。")


def _event(name: str, project: Project, language: Language) -> Iterable[str]:
    found = project.catalog.event(name)
    if found is None:
        return
    event = found.entry
    if not event.activity:
        yield told(
            language, "Not the customer's own doing: it does not end a silence.", "并非客户自己的行为：不会中断静默。"
        )
    if event.purchase:
        yield told(
            language,
            f"A purchase: `spent` adds up {_code(event.purchase)}.",
            f"购买：“消费”按 {_code(event.purchase)} 求和。",
        )
    if event.properties:
        listed = [
            _code(each.zh if language == "zh" and each.zh else key)
            + told(language, f" ({_TYPES[each.type][0]})", f"（{_TYPES[each.type][1]}）")
            for key, each in event.properties.items()
        ]
        yield told(language, "Properties: ", "属性：") + told(language, ", ", "、").join(listed)


def _segment(name: str, reading: Reading, language: Language) -> Iterable[str]:
    segment = reading.declared.segments.get(fold(name))
    if segment is not None and (words := condition_in_words(segment.condition, reading.scope, language)):
        yield told(language, f"Those of whom holds: {words}.", f"满足以下条件的客户：{words}。")


def _steps(name: str, reading: Reading, language: Language) -> Iterable[str]:
    steps = reading.declared.steps.get(fold(name))
    if steps is not None:
        lines = "\n".join(print_step(step, language) for step in steps.body)
        yield f"```journey\n{lines}\n```"


def _journey(name: str, reading: Reading, language: Language) -> Iterable[str]:
    """What the journey does, from its graph, which there is while it has no error."""
    graph = next((each for each in reading.graphs if fold(each.name) == fold(name)), None)
    if graph is not None:
        yield "\n".join(f"- {line.strip()}" for line in describe(graph, language, reading.project))


def _code(name: str) -> str:
    return f"`{name}`"


def _listed(names: list[str], language: Language) -> str:
    shown = [_code(name) for name in names[:_MOST_VALUES]] + (["…"] if len(names) > _MOST_VALUES else [])
    return told(language, ", ", "、").join(shown)


def _either(names: list[str], language: Language) -> str:
    return told(language, " or ", "或").join(_code(name) for name in names)

"""The words of the language, one row per terminal: English words, then Chinese words.

The first word of each language is the one the formatter prints; the others are understood. A word belongs to one
terminal only (a test checks it), so the grammar never has to ask which human language a file is written in, and a third
language is one more column. A few terminals exist in one language only, where the two need different sentences.

>>> word("SEND", "zh")
'发送'
"""

from __future__ import annotations

import re
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

KEYWORDS: dict[str, tuple[str, str]] = {
    # declarations
    "JOURNEY": ("journey", "旅程"),
    "FOR_ACCOUNT": ("for account", "面向账户"),
    "VERSION": ("version", "版本"),
    "SEGMENT": ("segment", "人群"),
    "STEPS": ("steps", "步骤"),
    "SCORE": ("score", "评分"),
    "ADD": ("add", "加"),
    "USE": ("use", "引用"),
    "TEST": ("test", "测试"),
    # settings
    "START": ("start", "开始"),
    "ON": ("on", "逢"),
    "AT": ("at", "于"),
    "EVERY": ("every", "每逢"),
    "EVERY_DAY": ("every day|daily", "每天|每日"),
    "EVERY_GAP": ("", "每隔"),
    "FOR_EVERYONE": ("for everyone who did", "面向曾发生"),
    "THAT": ("that", "该"),
    "BEFORE": ("before", "之前"),
    "AFTER": ("after", "之后"),
    "ONLY_IF": ("only if", "仅当"),
    "WHEN": ("when", "当"),
    "GOAL": ("goal", "目标"),
    "WITHIN": ("within", "限|限期"),
    "ENTER": ("enter", "进入"),
    "ONCE": ("once", "一次"),
    "PER": ("per", "每"),
    "EVERY_TIME": ("every time", "每次"),
    "FOR_EACH": ("for each|for every", "每个"),
    "NEW_ONLY": ("new only", "仅新人"),
    "QUIET": ("quiet", "免打扰"),
    "THEIR_TIME": ("their time", "客户时间"),
    "OUR_TIME": ("our time", "我方时间|本地时间"),
    "LIMIT": ("limit", "限制"),
    "MESSAGES": ("messages|message", "条|条消息"),
    "CALENDAR_DAY": ("calendar day", "自然日"),
    "CALENDAR_WEEK": ("calendar week", "自然周"),
    "CALENDAR_MONTH": ("calendar month", "自然月"),
    "PRIORITY": ("priority", "优先级"),
    "BUDGET": ("budget", "预算"),
    "HOLDOUT": ("holdout", "对照组"),
    "PACE": ("pace", "匀速"),
    "NOTE": ("note", "备注"),
    "MOVE": ("move", "迁移"),
    "FROM": ("from", "从|自"),
    "STEP": ("step", "节点"),
    # steps
    "SEND": ("send", "发送"),
    "TO": ("to", "到|至"),
    "TO_PERSON": ("", "给"),
    "BY": ("by", "用|通过"),
    "WITH": ("with", "带|附"),
    "AT_USUAL_HOUR": ("at their usual hour", "按其习惯时段"),
    "AS_TRANSACTIONAL": ("as transactional", "作为事务消息"),
    "WAIT": ("wait", "等待"),
    "UNTIL": ("until", "直到"),
    "UP_TO": ("up to", "最多"),
    "IF": ("if", "若|如果"),
    "THEN": ("then", "则|那么"),
    "ELIF": ("else if|otherwise if|elif", "否则若|否则如果"),
    "ELSE": ("else|otherwise", "否则"),
    "SPLIT": ("split", "分流"),
    "BEST_BY_GOAL": ("best by goal", "按目标择优"),
    "REACHING": ("", "满"),
    "PEOPLE": ("people|person", "人"),
    "REPEAT": ("repeat", "重复"),
    "TIMES": ("times|time", "次"),
    "GIVE": ("give", "发放"),
    "POINTS": ("points|point", "积分"),
    "RED_PACKET": ("red packet", "红包"),
    "VALID": ("valid", "有效期"),
    "SET": ("set", "设置"),
    "TAG": ("tag", "打标签|标记"),
    "UNTAG": ("untag", "取消标签|取消标记"),
    "FOR": ("for", "为期"),
    "TASK": ("task", "任务"),
    "DUE": ("due", "期限"),
    "NOTIFY": ("notify", "通知"),
    "CALL": ("call", "调用"),
    "DO": ("do", "执行"),
    "TODO": ("todo", "待办"),
    "EXIT": ("exit", "退出"),
    "ON_LIMIT": ("on limit", "超限时"),
    "ON_EMPTY": ("on empty", "发完时"),
    "ON_FAILURE": ("on failure", "失败时"),
    "ON_PAST": ("on past", "已过时"),
    "SKIP": ("skip", "跳过"),
    "RUN": ("run", "照常"),
    # conditions
    "AND": ("and", "且|并且|和"),
    "OR": ("or", "或|或者"),
    "NOT": ("not", "非"),
    "WHERE": ("where", "其中"),
    "SILENT": ("silent", "静默|沉默"),
    "DID": ("did", "发生"),
    "DID_NOT": ("did not|didn't|didn’t", "未发生|没有发生"),
    "NEVER_DID": ("never did", "从未发生"),
    "IN": ("in", "近|最近|在"),
    "SINCE_ENTRY": ("since entry", "自进入|进入以来"),
    "SPENT": ("spent", "消费"),
    "OPENED": ("opened", "打开"),
    "CLICKED": ("clicked", "点击"),
    "RECEIVED": ("received", "收到"),
    "REPLIED": ("replied", "回复"),
    "IS": ("is", "为|是|等于"),
    "IS_NOT": ("is not|isn't|isn’t", "不为|不是|不等于"),
    "OVER": ("over", "大于|超过|高于"),
    "UNDER": ("under", "小于|低于"),
    "AT_LEAST": ("at least", "至少|不少于|不低于"),
    "AT_MOST": ("at most", "至多|不超过|不高于"),
    "EXACTLY": ("exactly", "恰好"),
    "ONE_OF": ("is one of", "属于"),
    "NOT_ONE_OF": ("is not one of", "不属于"),
    "BETWEEN": ("between|is between", "介于"),
    "KNOWN": ("is known", "已知"),
    "MISSING": ("is missing|is not known", "缺失"),
    "CHANGES": ("changes", "变化"),
    "RISES": ("rises", "上升"),
    "FALLS": ("falls", "下降"),
    "BY_AT_LEAST": ("by at least", ""),
    "TAGGED": ("tagged", "有标签"),
    "IN_SEGMENT": ("in segment", "在人群"),
    "REACHABLE": ("reachable by", "可触达"),
    "TIMED_OUT": ("timed out", "超时"),
    "GOAL_REACHED": ("goal reached", "目标达成"),
    "COUNT_OF": ("count of", "人数"),
    "IN_ACCOUNT": ("in account", "在本账户"),
    "AGO": ("ago", "前|以前"),
    # days
    "MONDAY": ("monday", "周一|星期一"),
    "TUESDAY": ("tuesday", "周二|星期二"),
    "WEDNESDAY": ("wednesday", "周三|星期三"),
    "THURSDAY": ("thursday", "周四|星期四"),
    "FRIDAY": ("friday", "周五|星期五"),
    "SATURDAY": ("saturday", "周六|星期六"),
    "SUNDAY": ("sunday", "周日|周天|星期日|星期天"),
    "WEEKDAY": ("weekday|workday", "工作日"),
    "WEEKEND": ("weekend", "周末"),
    # tests
    "GIVEN": ("given", "给定"),
    "CUSTOMER": ("customer", "客户"),
    "EVENT": ("event", "事件"),
    "EXPECT": ("expect", "预期"),
    "DO_NOT": ("", "不"),
    "NEVER": ("never", "从不"),
}

DAYS: dict[str, tuple[int, ...]] = {
    "MONDAY": (0,),
    "TUESDAY": (1,),
    "WEDNESDAY": (2,),
    "THURSDAY": (3,),
    "FRIDAY": (4,),
    "SATURDAY": (5,),
    "SUNDAY": (6,),
    "WEEKDAY": (0, 1, 2, 3, 4),
    "WEEKEND": (5, 6),
}

DECLARATIONS = frozenset({"JOURNEY", "SEGMENT", "STEPS", "SCORE", "USE", "TEST"})
"""The words that open a part of a file."""

JOINING = ("AND", "OR", "BY", "WITH", "UP_TO", "WHERE", "AT_USUAL_HOUR", "AS_TRANSACTIONAL", "FOR_EVERYONE", "THEN")
"""A line that begins with one of these belongs to the line above it."""

# Words inside literals. The first is printed glued to its number; `BARE_UNITS` stand alone, after `per`.
UNITS: dict[str, tuple[str, str]] = {
    "min": ("min|mins|minute|minutes", "分钟"),
    "h": ("h|hr|hrs|hour|hours", "小时|个小时"),
    "d": ("d|day|days", "天"),
    "w": ("w|wk|week|weeks", "周|个星期"),
    "mo": ("mo|month|months", "个月"),
    "y": ("y|yr|year|years", "年"),
}
BARE_UNITS: dict[str, tuple[str, str]] = {
    "min": ("min|minute", "分钟"),
    "h": ("hour", "小时"),
    "d": ("day", "天"),
    "w": ("week", "周"),
    "mo": ("month", "月"),
    "y": ("year", "年"),
}
YUAN = "元"
YUAN_CODE = "CNY"
SIGNS = "$€£¥"
CURRENCIES = (
    "AED|AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MOP|MXN|MYR|NOK|NZD|PHP|PLN|RON|RUB|SAR|"
    "SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
MORNING = "上午|早上|凌晨"
AFTERNOON = "下午|晚上|傍晚|中午"
O_CLOCK = "点"
HALF = "半"
MINUTE_MARK = "分"


_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0981-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd"
    "\u1000-\u109f\u1780-\u17d3"
)
"""Vowel signs and accents, which `\\w` leaves out: names may be in any script."""

NAME = rf"[^\W\d][\w{_MARKS}]*(?:-[\w{_MARKS}]+)*"
"""A name that needs no quotes."""


def words(terminal: str, language: Language | None = None) -> tuple[str, ...]:
    """The words of a terminal, of one language or of all."""
    columns = KEYWORDS[terminal] if language is None else (KEYWORDS[terminal][LANGUAGES.index(language)],)
    return tuple(word for column in columns for word in column.split("|") if word)


def word(terminal: str, language: Language) -> str:
    """The word the formatter prints. A terminal without a word in this language has no business being printed in it."""
    return words(terminal, language)[0]


def _pattern(alternatives: tuple[str, ...]) -> str:
    """Longest word first, blanks flexible, whole words only; a dot makes the word part of a field's path."""
    longest_first = sorted(alternatives, key=len, reverse=True)
    return "(?:" + "|".join(w.replace(" ", "[ \\t]+") for w in longest_first) + r")(?![\w-]|\.\w)"


def _alternatives(table: dict[str, tuple[str, str]], column: int) -> str:
    every = [w for row in table.values() for w in row[column].split("|")]
    return "|".join(sorted(every, key=len, reverse=True))


def terminals() -> str:
    """The part of the grammar that has human words in it: keyword terminals and the literals built from words."""
    number = r"[0-9]+(?:\.[0-9]+)?"
    english, chinese = _alternatives(UNITS, 0), _alternatives(UNITS, 1)
    amount = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
    part = rf"{number}[ \t]*(?:(?:{english})(?![^\W0-9])|(?:{chinese}))"
    day_part = f"(?:{MORNING}|{AFTERNOON})"
    lines = [
        # More words first: `is not one of`, then `is not`, then `is`.
        *(f"{name}.{2 + max(w.count(' ') for w in words(name))}: /{_pattern(words(name))}/i" for name in KEYWORDS),
        f"NAME: /{NAME}/",
        rf"DURATION.15: /{part}(?:[ \t]*{part})*(?![^\W\u3400-\u9fff])/i",
        rf"UNIT.12: /(?:(?:{_alternatives(BARE_UNITS, 0)})|(?:{_alternatives(BARE_UNITS, 1)}))(?![\w-])/i",
        rf"TIME.16: /[0-9]{{1,2}}:[0-9]{{2}}(?![0-9])(?:[ \t]?[ap]m(?!\w))?|[0-9]{{1,2}}[ \t]?[ap]m(?!\w)"
        rf"|{day_part}?[ \t]?[0-9]{{1,2}}{O_CLOCK}(?:[0-9]{{1,2}}{MINUTE_MARK}?|{HALF})?/i",
        rf"MONEY.15: /[{SIGNS}][ \t]?{amount}(?![\w])|{amount}[ \t]?(?:{CURRENCIES})(?!\w)|{amount}[ \t]?{YUAN}/",
        rf"CONTINUED.19: /(?:\n[ \t]*)+(?={_pattern(tuple(w for t in JOINING for w in words(t)))})/i",
        "%ignore CONTINUED",
    ]
    return "\n".join(lines) + "\n"


OWNER: dict[str, str] = {w: terminal for terminal in KEYWORDS for w in words(terminal)}
"""Which terminal a word belongs to."""

UNIT_OF: dict[str, str] = {
    w: unit for table in (UNITS, BARE_UNITS) for unit, row in table.items() for c in row for w in c.split("|")
}
"""Which unit of time a word means: `days` is `d`."""

CJK = re.compile(r"[\u3400-\u9fff]")

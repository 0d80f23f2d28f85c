"""Words that nearly are keywords: slips of the finger, and what other tools call the same thing."""

from __future__ import annotations

import re

from journeys.language.keywords import CJK, KEYWORDS, words

OTHER_WORDS = {
    # what people write : what the language says
    "via": "by",
    "using": "by",
    "through": "by",
    "whenever": "when",
    "unless": "if not",
    "delay": "wait",
    "pause": "wait",
    "sleep": "wait",
    "email": "send NAME by email",
    "mail": "send NAME by email",
    "trigger": "start when",
    "triggered": "start when",
    "begin": "start",
    "elsif": "else if",
    "elseif": "else if",
    "stop": "exit",
    "quit": "exit",
    "end": "exit",
    "loop": "repeat up to 3 times every 1d",
    "branch": "split",
    "experiment": "split",
    "has": "did",
    "have": "did",
    "equals": "is",
    "more": "over",
    "greater": "over",
    "above": "over",
    "exceeds": "over",
    "less": "under",
    "below": "under",
    "fewer": "under",
    "within": "in",
    "during": "in",
    "last": "in",
    "since": "in",
    "after": "for",
    "until": "up to",
    "for": "in",
    "=": "to",
    "increases": "rises",
    "decreases": "falls",
    "drops": "falls",
    "channel": "by",
    "inactive": "silent",
    "假如": "若",
    "要是": "若",
    "就": "则",
    "当且仅当": "仅当",
    "延迟": "等待",
    "延时": "等待",
    "经": "用",
    "推送": "发送",
    "发": "发送",
    "不活跃": "静默",
    "沉寂": "静默",
    "结束": "退出",
    "终止": "退出",
    "循环": "重复",
    "触发": "开始 当",
    "以上": "至少",
    "多于": "大于",
    "少于": "小于",
}


def nearly(text: str, terminals: frozenset[str]) -> tuple[str, int] | None:
    """The keyword that the beginning of `text` nearly spells, and how many characters of `text` that takes."""
    best: tuple[int, str, int] | None = None
    for word in (w for t in KEYWORDS if t in terminals for w in words(t)):
        blanks = word.count(" ")
        for count in range(max(0, blanks - 1), blanks + 1):  # `upto` is one word that wants to be two
            beginning = re.match(rf"[^\W\d][\w-]*(?:[ \t]+[\w-]+){{{count}}}", text)
            typed = " ".join(beginning[0].lower().split()) if beginning else ""
            if not beginning or typed == word or abs(len(typed) - len(word)) > 2:
                continue
            slips = _slips(typed, word)
            if slips <= _forgiven(word) and (best is None or slips < best[0]):
                best = (slips, word, beginning.end())
    return best and (best[1], best[2])


def _forgiven(word: str) -> int:
    """How many slips of the finger still leave a word recognizable."""
    if CJK.match(word):
        return 1 if len(word) > 1 else 0
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


def _slips(typed: str, word: str) -> int:
    """Letters left out, put in, mistaken or swapped with their neighbour (optimal string alignment distance)."""
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, a in enumerate(typed, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(word, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == word[j - 2] and b == typed[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]

"""What `journeys doctor` looks at: the machine, the store, the promises that can be read off the tables."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sqlalchemy import Connection, func, select, text

from journeys.daemon.programs import graph_of
from journeys.graph.model import RepeatNode, SendNode, WaitMomentNode, WaitNode, WaitUntilNode
from journeys.store import facts
from journeys.store import journeys as published
from journeys.store.database import Store
from journeys.store.schema import customers, events, outbox, runs

TOLERATED = 60_000_000
"""How far, in microseconds, a clock may be behind the store before that is worth a word."""


class Words(NamedTuple):
    """The same in English and in Chinese."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `name` is a key; `help` says what to do where something is wrong."""

    state: Literal["ok", "warning", "error"]
    name: str
    detail: Words
    help: Words | None = None


def same(words: str) -> Words:
    """What is written alike in both languages."""
    return Words(words, words)


def look_at_machine() -> Iterator[Finding]:
    """The interpreter, SQLite, and whether the engine is compiled."""
    from journeys.engine.jit import is_compiled

    version = sys.version_info
    running = same(f"{version.major}.{version.minor}.{version.micro}")
    # Before these releases an encoded word could inject a mail header; channels check every mail for it as well.
    fixed = {11: 15, 12: 13, 13: 12}.get(version.minor)
    if fixed is not None and version.micro < fixed:
        safe = f"3.{version.minor}.{fixed}"
        told = Words(f"{safe} has a security fix for mail headers", f"{safe} 修复了邮件头的安全问题")
        yield Finding("warning", "python", running, told)
    else:
        yield Finding("ok", "python", running)
    yield _sqlite()
    if is_compiled():
        yield Finding("ok", "engine", Words("compiled", "已编译"))
    else:
        later = Words("not compiled yet; large simulations compile it once", "尚未编译；大规模模拟时会编译一次")
        yield Finding("ok", "engine", later)


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version_info
    branch, patch = version[:2], version[2]
    mended = version >= (3, 51, 3) or (branch == (3, 50) and patch >= 7) or (branch == (3, 44) and patch >= 6)
    if mended:
        return Finding("ok", "sqlite", same(sqlite3.sqlite_version))
    bug = Words(
        "has the WAL-reset bug; 3.51.3, 3.50.7 and 3.44.6 do not", "存在 WAL 重置缺陷；3.51.3、3.50.7、3.44.6 没有"
    )
    return Finding("warning", "sqlite", same(sqlite3.sqlite_version), bug)


def look_at_store(store: Store, now: int) -> Iterator[Finding]:
    """Integrity, counts, and whether every live run has exactly one continuation."""
    with store.reading() as conn:
        if store.engine.dialect.name == "sqlite":
            answer = str(conn.execute(text("PRAGMA quick_check")).scalar())
            if answer == "ok":
                yield Finding("ok", "integrity", Words("ok", "完好"))
            else:
                yield Finding("error", "integrity", same(answer), Words("restore a backup", "请恢复备份"))
        people = conn.execute(select(func.count()).select_from(customers)).scalar_one()
        happened = conn.execute(select(func.count()).select_from(events)).scalar_one()
        counted = Words(f"{people:,} customers, {happened:,} events", f"{people:,} 位客户，{happened:,} 个事件")
        yield Finding("ok", "customers", counted)
        yield _journeys(conn)
        yield _continuations(conn)
        yield _outbox(conn)
        highest = facts.instant(conn, "highest instant")
        if highest is not None and highest > now + TOLERATED:
            behind = Words("behind what this store has seen", "落后于这个存储见过的时刻")
            mend = Words("set it right; or this store was run on a virtual clock", "请校准；或者这个存储用过虚拟时钟")
            yield Finding("warning", "clock", behind, mend)
        else:
            yield Finding("ok", "clock", Words("in order", "正常"))


def _journeys(conn: Connection) -> Finding:
    states = {"open": "开放", "paused": "暂停", "closed": "关闭", "stopped": "停止"}
    versions = published.listed(conn)
    if not versions:
        return Finding("ok", "journeys", Words("nothing is published", "尚未发布"))
    english = ", ".join(f"{one.key.name} v{one.key.version} ({one.state})" for one in versions)
    chinese = "，".join(f"{one.key.name} v{one.key.version}（{states[one.state]}）" for one in versions)
    return Finding("ok", "journeys", Words(english, chinese))


def _continuations(conn: Connection) -> Finding:
    """A live run stands on a node where something can still move it: a due instant, or a condition awaited."""
    stands: dict[tuple[int, str], bool] = {}
    for one in published.listed(conn):
        for node in graph_of(one).nodes:
            if isinstance(node, SendNode | WaitNode | WaitUntilNode | WaitMomentNode | RepeatNode):
                stands[one.id, node.id] = isinstance(node, WaitUntilNode | RepeatNode)
    live = select(runs.c.id, runs.c.journey_id, runs.c.node, runs.c.due_at).where(runs.c.ended_at.is_(None))
    count = 0
    lost = []
    for run, journey, node, due in conn.execute(live):
        count += 1
        awaits = stands.get((journey, node))
        if awaits is None or (due is None and not awaits):
            lost.append(run)
    if lost:
        return Finding(
            "error",
            "runs",
            Words(
                f"{len(lost):,} of {count:,} live runs have nothing to wait for: {lost[:5]}",
                f"{count:,} 次进行中的旅程里有 {len(lost):,} 次无所等待：{lost[:5]}",
            ),
            Words("this is a mistake of ours: report it", "这是我们的错误：请报告"),
        )
    return Finding(
        "ok",
        "runs",
        Words(f"{count:,} live runs, each with a continuation", f"{count:,} 次进行中的旅程，每次都有下一步"),
    )


def _outbox(conn: Connection) -> Finding:
    counted = select(outbox.c.state, func.count()).group_by(outbox.c.state).order_by(outbox.c.state)
    states: dict[str, int] = dict(conn.execute(counted).all())
    told = ", ".join(f"{count:,} {state}" for state, count in states.items())
    if not told:
        return Finding("ok", "outbox", Words("empty", "空"))
    if states.get("unknown", 0):
        ask = Words(
            "nobody knows whether the unknown ones arrived; ask the provider",
            "不知道 unknown 的消息是否送达；请询问服务商",
        )
        return Finding("warning", "outbox", same(told), ask)
    return Finding("ok", "outbox", same(told))

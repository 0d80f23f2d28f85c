"""import, publish, run, simulate, explain, doctor: what works on a store."""
# ruff: noqa: E501 - lines as they are printed

from __future__ import annotations

import json
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from journeys.store import database
from tests.cli.project import Project

# -- import ------------------------------------------------------------------------------------------------------------


def test_import_twice_adds_nothing(shop: Project) -> None:
    shop.run("import", "customers").says("customers.csv: 3 rows, 5 new values, 0 known, 0 broken\n")
    shop.run("import", "events").says("purchases.csv: 3 rows, 3 new, 0 known, 0 broken\n")
    shop.run("import", "customers").says("customers.csv: 3 rows, 0 new values, 5 known, 0 broken\n")
    shop.run("--language", "zh", "import", "events").says("purchases.csv：3 行，新 0，已有 3，坏行 0\n")


def test_a_broken_row_imports_nothing_and_says_where(shop: Project) -> None:
    shop.run("import", "customers").has("3 rows")
    shop.change("data/purchases.csv", lambda text: text.replace("2026-02-20 10:00", "20.2.2026"))
    shop.run("import", "events").has(
        "error[J483]: `20.2.2026` is not ",
        " --> data/purchases.csv:3:5\n  |\n3 | bob,20.2.2026,3\n  |     ^^^^^^^^^\n  = help: the column purchased_at ",
        code=1,
    )
    shop.run("doctor").has("3 customers, 0 events")
    shop.run("--language", "zh", "import", "events").has("错误[J483]: ", "data/purchases.csv:3:5", code=1)
    shop.run("import", "events", "--skip-bad").has("purchases.csv: 3 rows, 2 new, 0 known, 1 broken")


def test_import_as_json(shop: Project) -> None:
    assert shop.run("import", "customers", "--json").json == {
        "file": "data/customers.csv",
        "imported": True,
        "rows": 3,
        "new": 5,
        "known": 0,
        "broken": 0,
        "rejected": None,
    }


def test_a_file_that_is_not_there_makes_no_store(shop: Project) -> None:
    (shop.folder / "data/customers.csv").unlink()
    before = shop.files()
    shop.run("--language", "zh", "import", "customers").has(
        "错误[J470]: 无法读取文件：没有这个文件\n --> data/customers.csv\n  = 建议: ", code=1
    )
    shop.run("import", "customers", "none.csv", "--id", "id").has("error[J470]", code=1)
    assert shop.files() == before


def test_a_file_that_nothing_describes(shop: Project) -> None:
    shop.file("data/more.csv", "who,total\nann,3\n")
    shop.run("import", "events", "data/more.csv").has("error[J609]", code=1)
    shop.run("import", "events", "data/more.csv", "--event", "purchase").has("error[J609]", code=1)
    shop.run("import", "events", "data/more.csv", "--event", "visit", "--id", "who", "--at", "when").has(code=1)
    shop.run("import", "customers", "data/more.csv", "--id", "whom").has("error[J478]", code=1)


# -- publish -----------------------------------------------------------------------------------------------------------


def test_publish_says_who_enters_at_once(imported: Project) -> None:
    imported.run("publish", "--yes", "--as-of", "2026-03-01").says("""
        win-back version 1: 2 of 3 people enter at once
        published 1, unchanged 0
    """)
    imported.run("--language", "zh", "publish", "--yes", "--as-of", "2026-03-01").says("已发布 0 个，未变 1 个\n")


def test_publish_without_a_yes_publishes_nothing(imported: Project) -> None:
    imported.run("--language", "zh", "publish", "--as-of", "2026-03-01").says(
        "win-back 版本 1：3 人中有 2 人立即进入\n",
        """
        错误[J606]: 发布需要确认，但无人可以回答
         --> .
          = 建议: journeys publish --yes
        """,
        code=1,
    )
    imported.run("doctor").has("nothing is published")


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1), (b"\x04", 1)], ids=["yes", "no", "ctrl-d"])
def test_publish_asks_on_a_terminal(imported: Project, answer: bytes, code: int) -> None:
    parent, child = pty.openpty()
    words = ["--project", str(imported.folder), "publish", "--as-of", "2026-03-01"]
    process = subprocess.Popen(
        [sys.executable, "-m", "journeys", *words], stdin=child, stdout=child, stderr=child, start_new_session=True
    )
    os.close(child)
    said = b""
    while b"Publish? [y/N]: " not in said:
        assert select.select([parent], [], [], 20)[0], said
        said += os.read(parent, 1000)
    os.write(parent, answer)
    assert process.wait(20) == code
    os.close(parent)
    imported.run("doctor").has("win-back v1 (open)" if code == 0 else "nothing is published")


def test_publish_as_json(imported: Project) -> None:
    published = imported.run("publish", "--yes", "--as-of", "2026-03-01", "--json").json
    assert published == {
        "published": [{"journey": "win-back", "version": 1, "entering": 2}],
        "at": 1_772_323_200_000_000,
    }


def test_the_same_version_with_other_content(carried_out: Project) -> None:
    carried_out.file("journeys/win-back.journey", "if silent 40d then send coupon\n")
    carried_out.run("publish", "--yes").says(
        err="""
        error[J301]: version 1 of win-back is published already, with other content
         --> journeys.db
          = help: raise the number: `version 2`
        """,
        code=1,
    )


def test_a_publication_in_the_past(carried_out: Project) -> None:
    carried_out.file("journeys/b.journey", "journey b\n    start when purchase\n    send coupon\n")
    carried_out.run("publish", "--yes", "--as-of", "2026-03-01T11:00").has("error[J302]", code=1)
    carried_out.run("publish", "--yes", "--as-of", "2026-03-01T12:00").has("published 1, unchanged 1")


def test_a_todo_or_a_mistake_is_not_published(imported: Project) -> None:
    imported.file("journeys/b.journey", 'journey b\n    start when purchase\n    todo "ask legal"\n')
    imported.run("publish", "--yes").has("error[J605]", "ask legal", code=1)
    imported.file("journeys/b.journey", "if purchase then send cuopon\n")
    imported.run("--language", "zh", "publish", "--yes").has("错误[J101]", code=1)
    imported.run("doctor").has("nothing is published")


# -- stores that cannot be used ----------------------------------------------------------------------------------------

VERBS_OF_A_STORE = (
    ["publish", "--yes"],
    ["run", "--once"],
    ["explain", "ann"],
    ["simulate", "--from", "2026-02-01", "--to", "2026-03-01"],
)


@pytest.mark.parametrize("verb", VERBS_OF_A_STORE, ids=lambda verb: verb[0])
def test_no_store(shop: Project, verb: list[str]) -> None:
    before = shop.files()
    shop.run(*verb).says(
        err="""
        error[J461]: there is no store here
         --> journeys.db
          = help: make one by importing data: `journeys import`
        """,
        code=1,
    )
    assert shop.files() == before


@pytest.mark.parametrize("verb", [*VERBS_OF_A_STORE, ["import", "events"]], ids=lambda verb: verb[0])
def test_a_file_that_is_no_store(shop: Project, verb: list[str]) -> None:
    shop.file("journeys.db", "no store at all")
    shop.run("--language", "zh", *verb).has("错误[J463]", "journeys.db", code=1)
    assert shop.text("journeys.db") == "no store at all"


@pytest.mark.parametrize("store", ["nowhere://at/all", "sqlite://", "postgresql://localhost:1/none", "::", "a\nb"])
def test_a_store_nobody_understands(shop: Project, store: str) -> None:
    ran = shop.run("--store", store, "run", "--once")
    assert ran.code == 1
    assert ran.err.startswith("error[J46")


@pytest.mark.parametrize("verb", [["publish", "--yes", "--as-of", "2026-03-01"], ["import", "events"]])
def test_a_locked_store(imported: Project, monkeypatch: pytest.MonkeyPatch, verb: list[str]) -> None:
    imported.file("data/purchases.csv", "customer_id,purchased_at,total\nann,2026-02-02,1\n")
    monkeypatch.setattr(database, "open_store", partial(database.open_store, busy_milliseconds=10))
    other = sqlite3.connect(imported.folder / "journeys.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        imported.run("--language", "zh", *verb).has("错误[J462]: 数据库正忙", " --> journeys.db\n", code=1)
    finally:
        other.execute("ROLLBACK")
        other.close()
    imported.run("doctor").has("3 events", "nothing is published")


# -- run ---------------------------------------------------------------------------------------------------------------


def test_one_tick(imported: Project) -> None:
    imported.published()
    imported.run("run", "--once", "--as-of", "2026-03-01T12:00").says("""
        2026-03-01 12:00      2 entered      2 ended      1 messages      1 handed off
        entered 2, messages decided 1, handed off 1
    """)
    [mail] = (imported.folder / "outbox").iterdir()
    assert mail.name.startswith("2026-03-01_ann_coupon_")
    assert b"Hello Ann," in mail.read_bytes()
    imported.run("run", "--once", "--as-of", "2026-03-01T12:00").says("entered 0, messages decided 0, handed off 0\n")


def test_a_virtual_clock_in_steps(imported: Project) -> None:
    imported.published()
    ran = imported.run("run", "--as-of", "2026-03-01T12:00", "--until", "2026-03-25T12:00", "--every", "1d", "--json")
    first, second = map(json.loads, ran.out.splitlines())
    assert (first["entered"], first["sent"], first["handed off: accepted"], first["ended"]) == (2, 1, 1, 2)
    assert (second["entered"], second["sent"], second["handed off: accepted"], second["ended"]) == (1, 1, 1, 1)
    assert len(list((imported.folder / "outbox").iterdir())) == 2


def test_run_in_chinese(imported: Project) -> None:
    imported.published()
    imported.run("--language", "zh", "run", "--once", "--as-of", "2026-03-01T12:00").says("""
        2026-03-01 12:00  进入     2  结束     2  消息     1  已交付     1
        进入 2，决定发送 1，已交付 1
    """)


def test_a_clock_behind_the_store(carried_out: Project) -> None:
    before = carried_out.files()
    carried_out.run("run", "--once", "--as-of", "2026-03-01T11:00").says(
        err="""
        error[J608]: the clock shows 2026-03-01 11:00, but it has shown 2026-03-01 12:00 before
         --> journeys.db
          = help: set the clock right, or start the virtual clock later: --as-of
        """,
        code=1,
    )
    assert carried_out.files().keys() == before.keys()


@pytest.mark.parametrize(
    "words",
    [
        ["--as-of", "yesterday"],
        ["--as-of", "0001-01-01"],
        ["--as-of", "99999-01-01"],
        ["--until", "2026-03-01"],
        ["--once", "--as-of", "2026-03-01", "--until", "2026-03-02"],
        ["--every", "0s"],
        ["--every", "²s"],
        ["--every", "1mo"],
        ["--every", "soon"],
        ["--every", "99999999999999999999s"],
        ["more"],
    ],
    ids=" ".join,
)
def test_wrong_words_for_run(imported: Project, words: list[str]) -> None:
    ran = imported.run("run", *words)
    assert ran.code == 2
    assert "Error: " in ran.err


def test_ctrl_c_ends_a_virtual_run(imported: Project) -> None:
    imported.published()
    instants = ["--as-of", "2026-03-01T12:00", "--until", "2199-01-01", "--every", "1s", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "journeys", "--project", str(imported.folder), "run", *instants],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith('{"at": ')
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err.strip()) == (1, "Aborted!")


# -- explain -----------------------------------------------------------------------------------------------------------


def test_explain_somebody_who_got_a_message(carried_out: Project) -> None:
    carried_out.run("explain", "ann").says("""
        customer ann at 2026-03-01 12:00 (Europe/London)

        win-back v1: has been inside
          2026-03-01 00:00  entered
              ✓ they have been silent for 30 days  [last activity 2026-01-02 00:00, silent enough since 2026-02-01 00:00]
          2026-03-01 00:00  send coupon: held until 2026-03-01 09:00, quiet hours
          2026-03-01 09:00  sent coupon by email → accepted by the channel at 2026-03-01 12:00
          2026-03-01 09:00  left at the end
          now, what starts it:
              ✓ they have been silent for 30 days  [last activity 2026-01-02 00:00, silent enough since 2026-02-01 00:00]
    """)
    carried_out.run("--language", "zh", "explain", "ann").says("""
        客户 ann，2026-03-01 12:00（Europe/London）

        win-back v1：曾经进入
          2026-03-01 00:00  进入
              ✓ 已静默 30 天  [最近活跃 2026-01-02 00:00，静默满期 2026-02-01 00:00]
          2026-03-01 00:00  发送优惠券：推迟到 2026-03-01 09:00，免打扰时段
          2026-03-01 09:00  通过邮件发送优惠券 → 渠道已接收，2026-03-01 12:00
          2026-03-01 09:00  走完旅程
          现在，开始的条件：
              ✓ 已静默 30 天  [最近活跃 2026-01-02 00:00，静默满期 2026-02-01 00:00]
    """)


def test_explain_somebody_who_never_entered(carried_out: Project) -> None:
    carried_out.run("explain", "bob", "--journey", "win-back").says("""
        customer bob at 2026-03-01 12:00 (Europe/London)

        win-back v1: never entered
          now, what starts it:
              ✗ they have been silent for 30 days  [last activity 2026-02-20 10:00, silent enough from 2026-03-22 10:00]
    """)


def test_explain_somebody_who_could_not_be_reached(carried_out: Project) -> None:
    carried_out.run("explain", "cid").has("send coupon: not sent, no address")
    carried_out.run("--language", "zh", "explain", "cid").has("发送优惠券：未发送，没有地址")


def test_explain_as_json_at_an_instant(carried_out: Project) -> None:
    explained = carried_out.run("explain", "ann", "--json", "--at", "2026-02-01T10:00").json
    assert (explained["customer"], explained["zone"]) == ("ann", "Europe/London")
    [journey] = explained["journeys"]
    assert (journey["journey"], journey["steps"], journey["start"]["holds"]) == ("win-back", [], True)
    [journey] = carried_out.run("explain", "ann", "--json").json["journeys"]
    assert [step["kind"] for step in journey["steps"]] == ["entered", "visited", "held", "sent", "visited", "ended"]
    assert [step["handed_off"] for step in journey["steps"] if step["kind"] == "sent"] == ["accepted"]


def test_explain_an_unknown_customer_or_journey(carried_out: Project) -> None:
    carried_out.run("explain", "zoe").says(
        err="""
        error[J610]: no customer has the id zoe
         --> journeys.db
          = help: ids are written as in the imported file, with their leading zeros
        """,
        code=1,
    )
    carried_out.run("--language", "zh", "explain", "ann", "--journey", "winback").has(
        "错误[J604]: 没有名为 winback 的旅程", "这里的旅程有：win-back", code=1
    )


def test_explain_where_nothing_is_published(imported: Project) -> None:
    imported.run("explain", "ann").has("error[J612]: nothing is published in this store", code=1)


JOURNEY = """
journey long
    start when purchase
    only if email is known
    enter every time
    exit when silent 90d
    goal did purchase within 14d
    set first_name to "Anna"
    tag vip for 10d
    send coupon
    wait until did purchase up to 3d
    if timed out and not tagged lost then
        send coupon
            on limit exit
    else
        untag vip
    task call for florist
    wait 9d
"""


def test_explain_tells_everything_in_words_and_no_address(imported: Project) -> None:
    imported.file("journeys/long.journey", JOURNEY.lstrip())
    imported.change("journeys.toml", lambda text: text + '\n[roles.florist]\nzh = "花店"\n')
    imported.run("publish", "--yes", "--as-of", "2026-01-01").has("published 2")
    imported.run("run", "--as-of", "2026-01-01T12:00", "--until", "2026-01-07T12:00", "--every", "1d").has("messages")
    english = imported.run("explain", "ann", "--journey", "long").says("""
        customer ann at 2026-01-07 12:00 (Europe/London)

        long v1: inside now
          2026-01-02 00:00  entered
          2026-01-02 00:00  first_name set to Anna
          2026-01-02 00:00  tagged vip until 2026-01-12 00:00
          2026-01-02 00:00  send coupon: held until 2026-01-02 09:00, quiet hours
          2026-01-02 09:00  sent coupon by email → accepted by the channel at 2026-01-02 12:00
          2026-01-05 09:00  wait until they have done purchase since the wait began: timed out
              ✗ they have done purchase since the wait began  [so far 0]
          2026-01-05 09:00  asked: yes
              ✓ the wait ran out of time and they are not tagged lost
                ✓ the wait ran out of time
                ✓ they are not tagged lost
                  ✗ they are tagged lost
          2026-01-05 09:00  sent coupon by email → accepted by the channel at 2026-01-05 12:00
          2026-01-05 09:00  task call for florist
          now: wait 9 days, until 2026-01-14 09:00
    """)
    chinese = imported.run("--language", "zh", "explain", "ann", "--journey", "long").says("""
        客户 ann，2026-01-07 12:00（Europe/London）

        long v1：正在其中
          2026-01-02 00:00  进入
          2026-01-02 00:00  名字设为 Anna
          2026-01-02 00:00  打上标签 vip，直到 2026-01-12 00:00
          2026-01-02 00:00  发送优惠券：推迟到 2026-01-02 09:00，免打扰时段
          2026-01-02 09:00  通过邮件发送优惠券 → 渠道已接收，2026-01-02 12:00
          2026-01-05 09:00  等到自等待开始以来已发生购买：超时
              ✗ 自等待开始以来已发生购买  [目前 0]
          2026-01-05 09:00  判断：是
              ✓ 等待超时且没有标签 lost
                ✓ 等待超时
                ✓ 没有标签 lost
                  ✗ 有标签 lost
          2026-01-05 09:00  通过邮件发送优惠券 → 渠道已接收，2026-01-05 12:00
          2026-01-05 09:00  任务 call，交给花店
          现在：等待 9 天，直到 2026-01-14 09:00
    """)
    nobody = imported.run("explain", "cid", "--journey", "long").has(
        "only if:", "✗ email is known  [email is missing]", "would not be let in now: `only if` does not hold"
    )
    known = imported.run("explain", "bob", "--journey", "long").has("✓ email is known  [email known]")
    machine = imported.run("explain", "bob", "--journey", "long", "--json")
    for ran in (english, chinese, nobody, known, machine):
        assert "@" not in ran.out


# -- simulate and doctor -----------------------------------------------------------------------------------------------


def test_simulate_changes_nothing(imported: Project) -> None:
    before = imported.files()
    imported.run("simulate", "--from", "2026-02-01", "--to", "2026-03-01").has("win-back v1")
    told = imported.run("simulate", "--from", "2026-02-01", "--to", "2026-03-01", "--json").json
    assert told["people"] == 3
    assert imported.files() == before
    imported.run("simulate", "--from", "2026-03-01", "--to", "2026-02-01").has("it lies before --from", code=2)
    imported.run("simulate").has("Missing option '--from'", code=2)


def test_doctor(carried_out: Project) -> None:
    ran = carried_out.run("doctor")
    assert ran.out.split("✓ project")[1] == (
        "      my shop, Europe/London, GBP\n"
        "✓ channels     email\n"
        "✓ integrity    ok\n"
        "✓ customers    3 customers, 3 events\n"
        "✓ journeys     win-back v1 (open)\n"
        "✓ runs         0 live runs, each with a continuation\n"
        "✓ outbox       1 accepted\n"
        "✓ clock        in order\n"
    )
    assert carried_out.run("--language", "zh", "doctor").out.split("✓ 项目")[1] == (
        "         my shop, Europe/London, GBP\n"
        "✓ 渠道         email\n"
        "✓ 完整性       完好\n"
        "✓ 客户         3 位客户，3 个事件\n"
        "✓ 旅程         win-back v1（开放）\n"
        "✓ 进行中       0 次进行中的旅程，每次都有下一步\n"
        "✓ 发件箱       1 accepted\n"
        "✓ 时钟         正常\n"
    )


def test_doctor_before_anything_is_imported_and_where_something_is_broken(shop: Project) -> None:
    shop.run("doctor").has("! store        not there yet")
    shop.file("journeys.db", "no store at all")
    findings = shop.run("doctor", "--json")
    assert findings.code == 1
    assert [one["name"] for one in findings.json if one["state"] == "error"] == ["store"]
    shop.change("journeys.toml", lambda text: text.replace("GBP", "GPB"))
    shop.run("--language", "zh", "doctor").has("错误[J158]", "✗ 项目         journeys.toml 有错误", code=1)


def test_doctor_finds_a_run_that_nothing_moves(imported: Project) -> None:
    imported.file("journeys/long.journey", JOURNEY.lstrip())
    imported.change("journeys.toml", lambda text: text + "\n[roles.florist]\n")
    imported.run("publish", "--yes", "--as-of", "2026-01-01").has("published 2")
    imported.run("run", "--once", "--as-of", "2026-01-02T12:00").has("entered")
    imported.run("doctor").has("✓ runs         1 live runs, each with a continuation")
    store = sqlite3.connect(imported.folder / "journeys.db")
    store.execute("UPDATE runs SET due_at = NULL, node = 'wait 9d'")
    store.commit()
    store.close()
    imported.run("doctor").has("✗ runs         1 of 1 live runs have nothing to wait for: [1]", code=1)


def test_the_program_runs_as_a_module_and_as_a_script() -> None:
    script = Path(sys.executable).with_name("journeys")
    for words in ([sys.executable, "-m", "journeys"], [str(script)]):
        done = subprocess.run([*words, "--version"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "journeys, version 0.1.0\n")

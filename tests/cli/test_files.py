"""check, fmt, graph, init: what only reads and writes files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from journeys.cli import VERBS
from tests.cli.project import Project

HELP = """\
Usage: journeys [OPTIONS] COMMAND [ARGS]...

  Marketing journeys as readable text: check, test, simulate, publish, run,
  explain.

Options:
  --project DIRECTORY  The folder with journeys.toml.  [default: (the current
                       folder)]
  --language [en|zh]   Speak English or Chinese; by default the project's
                       language.
  --store TEXT         The store: a file or a database URL (or JOURNEYS_STORE).
                       [default: PROJECT/journeys.db]
  --version            Show the version and exit.
  -h, --help           Show this message and exit.

Commands:
"""


def test_help_lists_the_verbs(empty: Project) -> None:
    listed = "".join(f"  {verb:<8}  {what}\n" for verb, what in VERBS.items())
    empty.run("--help").says(HELP + listed)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(empty: Project, verb: str) -> None:
    empty.run(verb, "--help").has(f"Usage: journeys {verb} [OPTIONS]")


def test_an_unknown_verb_is_a_usage_error(empty: Project) -> None:
    empty.run("chek").says(
        err="""
        Usage: journeys [OPTIONS] COMMAND [ARGS]...
        Try 'journeys --help' for help.

        Error: No such command 'chek'. Did you mean 'check'?
        """,
        code=2,
    )


# -- init --------------------------------------------------------------------------------------------------------------


def test_init_makes_a_project_that_works(empty: Project) -> None:
    empty.run("init").says("""
        journeys/win-back.journey
        journeys.toml
        messages/coupon/email.en.j2
        next: journeys check; journeys test
    """)
    empty.run("check").says("1 file, 1 journey: no errors\n")
    empty.run("test").says("""
        journeys/win-back.journey
          ✓ a month of silence brings a coupon

        1 passed
    """)
    empty.run("fmt", "--check").says()


def test_init_in_a_folder_that_is_named(empty: Project) -> None:
    empty.run("--language", "zh", "init", "店/新").has("下一步：journeys --project 店/新 check")
    empty.run("--project", "店/新", "check").says("1 file, 1 journey: no errors\n")


def test_init_does_not_touch_a_project(shop: Project) -> None:
    before = shop.files()
    shop.run("init").says(
        err="""
        error[J611]: there is a project here already: journeys.toml
         --> journeys.toml
          = help: choose another folder: journeys init FOLDER
        """,
        code=1,
    )
    assert shop.files() == before


def test_init_where_a_file_stands_in_the_way(empty: Project) -> None:
    empty.file("messages", "I am a file")
    empty.run("init").has("error[J614]: `messages/coupon` cannot be used: ", code=1)


# -- check -------------------------------------------------------------------------------------------------------------


def test_an_unknown_name_is_shown_with_the_one_that_was_meant(shop: Project) -> None:
    shop.file("journeys/win-back.journey", "if silent 30d then send cuopon\n")
    shop.run("check").says(
        err="""
        error[J101]: no message is called `cuopon`
         --> journeys/win-back.journey:1:25
          |
        1 | if silent 30d then send cuopon
          |                         ^^^^^^
          = help: did you mean `coupon`?
        """,
        code=1,
    )
    shop.run("--language", "zh", "check").says(
        err="""
        错误[J101]: 没有名为 `cuopon` 的消息
         --> journeys/win-back.journey:1:25
          |
        1 | if silent 30d then send cuopon
          |                         ^^^^^^
          = 建议: 是否想写 `coupon`？
        """,
        code=1,
    )


def test_a_wrong_unit(shop: Project) -> None:
    shop.file("journeys/win-back.journey", "若 静默 30m 则 发送 优惠券\n")
    shop.run("check", "journeys/win-back.journey").has("journeys/win-back.journey:1:6", "30m", code=1)
    shop.run("--language", "zh", "check").has("错误[J0", "建议: ", code=1)


def test_a_message_without_a_file(shop: Project) -> None:
    (shop.folder / "messages/coupon/email.en.j2").unlink()
    ran = shop.run("check").has("coupon", "email", "help: ", code=1)
    assert ran.err.startswith("error[J")


def test_an_unknown_zone_in_the_project_file(shop: Project) -> None:
    shop.change("journeys.toml", lambda text: text.replace("Europe/London", "Europe/Lodnon"))
    for verb in (["check"], ["publish", "--yes"], ["run", "--once"], ["explain", "ann"], ["import", "customers"]):
        shop.run(*verb).says(
            err="""
            error[J157]: `Europe/Lodnon` is not a time zone
             --> journeys.toml:4:1
              |
            4 | zone = "Europe/Lodnon"      # where customers live whose own zone is unknown
              | ^^^^
              = help: did you mean `zone = "Europe/London"`?
            """,
            code=1,
        )


def test_a_mistake_in_the_settings_of_a_channel(imported: Project) -> None:
    imported.change("journeys.toml", lambda text: text.replace('path = "outbox"', 'paht = "outbox"'))
    ran = imported.run("run", "--once", "--as-of", "2026-03-01")
    ran.has("journeys.toml:", "paht", "did you mean `path`?", code=1)


def test_no_files_no_folder_no_file(empty: Project) -> None:
    empty.run("check").says(
        err="""
        error[J602]: there are no journey files here
         --> .
          = help: journeys init, or name the files: journeys check FILE
        """,
        code=1,
    )
    empty.run("--project", "nowhere", "check").says(
        err="""
        error[J601]: there is no folder `nowhere`
         --> nowhere
          = help: journeys init nowhere
        """,
        code=1,
    )
    empty.run("--language", "zh", "check", "a.journey").has(
        "错误[J603]: 无法读取 `a.journey`：没有这个文件\n --> a.journey\n  = 建议: ", code=1
    )


def test_what_is_no_text_is_no_journey(empty: Project) -> None:
    empty.file("a.journey", b"\xff\xfe\x00\x00 if").run("check", "a.journey").has("error[J04", code=1)
    (empty.folder / "b.journey").mkdir()
    empty.run("check", "b.journey").has("error[J603]: `b.journey` cannot be read: Is a directory", code=1)


def test_check_as_json(shop: Project) -> None:
    assert shop.run("check", "--json").json == []
    shop.file("journeys/win-back.journey", "if silent 30d then send cuopon\n")
    ran = shop.run("check", "--json")
    assert (ran.code, [one["code"] for one in ran.json]) == (1, ["J101"])
    for style in ("concise", "github", "sarif"):
        assert "J101" in shop.run("check", "--format", style).has(code=1).out + shop.run("check", "--format", style).err


def test_fix_on_chinese_written_without_blanks(shop: Project) -> None:
    shop.file("journeys/win-back.journey", "若静默30天则发送优惠券\n")
    shop.run("check").has("error[J", code=1)
    shop.run("--language", "zh", "check", "--fix").says("1 个文件，1 个旅程：没有错误\n")
    assert shop.text("journeys/win-back.journey") == "若 静默 30天 则 发送 优惠券\n"


def test_fix_changes_only_what_is_safe(shop: Project) -> None:
    shop.file("journeys/win-back.journey", "if silent 30d then send cuopon\n")
    before = shop.files()
    shop.run("check", "--fix").has("J101", code=1)
    assert shop.files() == before


# -- fmt ---------------------------------------------------------------------------------------------------------------

UGLY = "if   silent  30 days   then send coupon\n"


def test_fmt_writes_files_in_the_one_style(shop: Project) -> None:
    shop.file("journeys/win-back.journey", UGLY)
    (shop.folder / "journeys/win-back.journey").chmod(0o640)
    shop.run("fmt").says("journeys/win-back.journey\n")
    assert shop.text("journeys/win-back.journey") == "if silent 30d then send coupon\n"
    assert (shop.folder / "journeys/win-back.journey").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in (shop.folder / "journeys").iterdir()) == ["win-back.journey"]
    shop.run("fmt").says()


def test_fmt_check_shows_the_difference_and_changes_nothing(shop: Project) -> None:
    shop.file("journeys/win-back.journey", UGLY)
    shop.run("fmt", "--check").says(
        f"""
        --- journeys/win-back.journey
        +++ journeys/win-back.journey
        @@ -1 +1 @@
        -{UGLY.rstrip()}
        +if silent 30d then send coupon
        """,
        code=1,
    )
    assert shop.text("journeys/win-back.journey") == UGLY


def test_fmt_as_a_filter(empty: Project) -> None:
    empty.run("fmt", "-", given=UGLY).says("if silent 30d then send coupon\n")
    empty.run("fmt", "-", "--language", "zh", given=UGLY).says("若 静默 30天 则 发送 coupon\n")
    empty.run("fmt", "-", given="若静默30天则发送优惠券\n").says("若 静默 30天 则 发送 优惠券\n")
    empty.run("fmt", "-", given=b"\xff").has("error[J04", code=1)
    ran = empty.run("fmt", "-", given="if silent then send\n")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error[J")


def test_fmt_leaves_what_it_cannot_read(shop: Project) -> None:
    shop.file("journeys/a.journey", "if silent then\n")
    before = shop.files()
    shop.run("fmt").has("journeys/a.journey:1:", code=1)
    assert shop.files() == before


# -- graph -------------------------------------------------------------------------------------------------------------


def test_graph_as_mermaid_and_sentences(shop: Project) -> None:
    shop.run("graph").has("flowchart TD\n", "send coupon<br/>by email")
    shop.run("graph", "--format", "sentences").says("""
        Starts when they have been silent for 30 days.
        Each customer enters every time.
        1. Send coupon by email. Then the journey ends.
    """)
    assert json.loads(shop.run("graph", "--format", "json").out)["name"] == "win-back"


def test_graph_as_svg_into_a_file(shop: Project) -> None:
    shop.run("graph", "--format", "svg", "--output", "one.svg").says("one.svg\n")
    assert ET.fromstring(shop.text("one.svg")).tag.endswith("svg")


def test_graphs_of_several_journeys_into_a_folder(shop: Project) -> None:
    shop.file("journeys/b.journey", 'journey "../b c"\n    start when purchase\n    send coupon\n')
    shop.run("graph", "--output", "drawings").says("drawings/b-c-v1.mmd\ndrawings/win-back-v1.mmd\n")
    shop.run("graph", "--output", "drawings/none/one.mmd", "--journey", "win-back").has("error[J614]", code=1)


def test_graph_of_an_unknown_journey(shop: Project) -> None:
    shop.run("--language", "zh", "graph", "--journey", "winback").says(
        err="""
        错误[J604]: 没有名为 winback 的旅程
         --> .
          = 建议: 这里的旅程有：win-back
        """,
        code=1,
    )


def test_a_file_that_cannot_be_written(shop: Project) -> None:
    Path(shop.folder / "there").mkdir()
    shop.run("graph", "--output", "journeys.toml/x.mmd").has(
        "error[J614]: `", "cannot be used: Not a directory", code=1
    )

"""`journeys describe` and `journeys diff`: what they print, and their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from journeys.catalog.load import load_project
from journeys.cli import main
from journeys.graph.from_language import compile_files
from journeys.language.parser import parse
from journeys.store import journeys as published
from journeys.store.database import open_store

PROJECT = """
[project]
name = "shop"

[attributes]
email = {}
[events.order]
[messages.coupon]
zh = "优惠券"
[channels.email]
kind = "console"
zh = "邮件"
[journeys.win-back]
zh = "挽回"
"""
OLD = "journey win-back\n    start when silent 30d\n    send coupon\n"
NEW = "journey win-back version 2\n    start when silent 45d\n    wait 2h\n    send coupon\n"
CHANGES = """\
win-back: 2 changes
  Changed: Starts when they have been silent for 30 days. Now: Starts when they have been silent for 45 days.
  Added step 1, at the beginning: Wait 2 hours.
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two versions of a journey beside each other, and the folder that commands run in."""
    (tmp_path / "journeys").mkdir()
    (tmp_path / "messages" / "coupon").mkdir(parents=True)
    (tmp_path / "messages" / "coupon" / "email.en.j2").write_text("subject: A coupon\n\nFor you.\n", "utf-8")
    (tmp_path / "journeys.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "journeys" / "win-back.journey").write_text(OLD, "utf-8")
    (tmp_path / "new.journey").write_text(NEW, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_describe_tells_numbered_sentences_in_both_languages(shop: Path) -> None:
    assert run("describe").stdout == (
        "win-back\n"
        "  Starts when they have been silent for 30 days.\n"
        "  Each customer enters once.\n"
        "  1. Send coupon by email. Then the journey ends.\n"
    )
    assert run("--language", "zh", "describe", "new.journey").stdout == (
        "挽回 版本 2\n"
        "  当已静默 45 天时开始。\n"
        "  每位客户只进入一次。\n"
        "  1. 等待 2 小时。\n"
        "  2. 发送优惠券，通过邮件。然后旅程结束。\n"
    )


def test_describe_one_journey_of_several_and_as_json(shop: Path) -> None:
    text = 'use "journeys/win-back.journey"\nif order then send coupon\njourney b\n    start when order\n    exit\n'
    (shop / "more.journey").write_text(text, "utf-8")
    assert [row["journey"] for row in json.loads(run("describe", "more.journey", "--json").stdout)] == ["more", "b"]
    (row,) = json.loads(run("describe", "more.journey", "--journey", "more", "--json").stdout)
    assert row["sentences"][0] == "Starts when order happens."
    missing = run("describe", "--journey", "winback")
    assert (missing.exit_code, "no journey is called winback" in missing.stderr) == (1, True)


def test_two_files(shop: Path) -> None:
    different = run("diff", "journeys/win-back.journey", "new.journey")
    assert (different.stdout, different.exit_code) == (CHANGES, 1)
    same = run("diff", "new.journey", "new.journey")
    assert (same.stdout, same.exit_code) == ("no difference\n", 0)


def test_in_chinese(shop: Path) -> None:
    assert run("--language", "zh", "diff", "journeys/win-back.journey", "new.journey").stdout == (
        "win-back：2 处改动\n"
        "  改动：当已静默 30 天时开始。现为：当已静默 45 天时开始。\n"
        "  新增第 1 步（开头）：等待 2 小时。\n"
    )


def test_as_json(shop: Path) -> None:
    told = json.loads(run("diff", "journeys/win-back.journey", "new.journey", "--json").stdout)
    (journey,) = told["journeys"]
    assert (journey["old_version"], journey["new_version"], journey["change"]) == (1, 2, "changed")
    assert [(each["what"], each["how"], each["name"]) for each in journey["changes"]] == [
        ("setting", "changed", "start"),
        ("step", "added", "wait 2h"),
    ]
    assert journey["changes"][1]["sentence"] == "Added step 1, at the beginning: Wait 2 hours."
    assert told["texts"] == []


def test_a_folder_and_one_journey_of_it(shop: Path) -> None:
    (shop / "journeys" / "other.journey").write_text("if order then send coupon\n", "utf-8")
    assert run("diff", "journeys", "new.journey").stdout == CHANGES
    (shop / "later").mkdir()
    (shop / "later" / "win-back.journey").write_text(NEW, "utf-8")
    (shop / "later" / "third.journey").write_text("if order then send coupon\n", "utf-8")
    assert run("diff", "journeys", "later").stdout == "third: new\n" + CHANGES + "other: gone\n"


def test_a_published_version(shop: Path) -> None:
    project, _ = load_project(shop)
    assert project is not None
    (graph,), _ = compile_files([parse(OLD, "win-back.journey")], project)
    store = open_store("journeys.db", create=True)
    with store.writing() as conn:
        published.publish(conn, graph.model_dump_json(), graph.name, graph.version, graph.hash(), 0)
    store.close()
    assert run("diff", "win-back@1", "new.journey").stdout == CHANGES
    assert run("diff", "挽回@1", "journeys").stdout == "no difference\n"
    unknown = run("diff", "win-back@7", "journeys")
    assert (unknown.exit_code, "published are: win-back@1" in unknown.stderr) == (2, True)


def git(*arguments: str) -> None:
    who = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who |= {f"GIT_{role}_{what}": "x@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *arguments], check=True, capture_output=True, env={**os.environ, **who})


def test_a_revision_of_git(shop: Path) -> None:
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (shop / "journeys" / "win-back.journey").write_text(NEW, "utf-8")
    assert run("diff", "HEAD:journeys/win-back.journey", "journeys/win-back.journey").stdout == CHANGES
    (shop / "new.journey").unlink()
    (shop / "messages" / "coupon" / "email.en.j2").write_text("subject: A gift\n\nFor you.\n", "utf-8")
    (shop / "messages" / "coupon" / "email.zh.j2").write_text("subject: 礼物\n\n送你。\n", "utf-8")
    texts = "Changed text: coupon/email.en.j2\nNew text: coupon/email.zh.j2\n"
    assert run("diff", "main:", ".").stdout == CHANGES + texts
    assert run("diff", "main:", "main:").exit_code == 0


def test_mistakes_in_an_old_revision_are_shown_as_the_user_named_it(shop: Path) -> None:
    git("init", "-q", "-b", "main")
    (shop / "journeys" / "win-back.journey").write_text(OLD.replace("coupon", "coupn"), "utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    found = run("diff", "main:journeys/win-back.journey", "new.journey")
    assert found.exit_code == 2
    assert "--> main:journeys/win-back.journey:3:10" in found.stderr


@pytest.mark.parametrize(
    ("argument", "headline"),
    [
        ("nowhere", "`nowhere` is no file, folder, published version or revision"),
        ("main:x", "git cannot give `main:x`"),
        ("-x:y", "`-x:y` is no file"),
        ("a@1", "there is no store here"),
        ("messages", "there are no journey files here"),
    ],
)
def test_what_cannot_be_compared(shop: Path, argument: str, headline: str) -> None:
    found = run("diff", "--", argument, "new.journey")
    assert (found.exit_code, found.stdout) == (2, "")
    assert headline in found.stderr

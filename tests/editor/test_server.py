"""The language server as an editor meets it: a process, spoken to over standard input and output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editor.client import Client
from tests.editor.shop import TOML, WIN_BACK, WIN_BACK_ZH, make_shop

EN, ZH = "journeys/win-back.journey", "zh/win-back.journey"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("车 间") / "my shop")  # a path that has to be quoted in addresses


@pytest.fixture(scope="module")
def client(shop: Path) -> Iterator[Client]:
    client = Client(shop)
    client.start()
    yield client
    client.kill()


def edited(text: str, edits: list[dict[str, object]]) -> str:
    """A text of one-unit characters after edits of the protocol."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def offset(position: dict[str, int]) -> int:
        return starts[position["line"]] + position["character"]

    spans = [(offset(e["range"]["start"]), offset(e["range"]["end"]), e["newText"]) for e in edits]  # type: ignore[index]
    for start, end, new in sorted(spans, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text


def test_an_editor_hears_what_the_server_can_do(shop: Path) -> None:
    client = Client(shop)
    answer = client.start()
    offered = answer["capabilities"]
    assert answer["serverInfo"]["name"] == "journeys"
    assert offered["positionEncoding"] == "utf-16"
    assert offered["textDocumentSync"]["change"] == 1
    for provider in ("hover", "definition", "references", "documentFormatting"):
        assert offered[f"{provider}Provider"]
    assert offered["renameProvider"] == {"prepareProvider": True}
    assert offered["codeActionProvider"]["codeActionKinds"] == ["quickfix"]
    assert client.stop() == 0


def test_mistakes_come_and_go_while_typing(client: Client, shop: Path) -> None:
    uri = client.open(shop / EN)
    assert client.published(uri) == []
    client.change(uri, WIN_BACK.replace("send coupon", "send coupn"))
    (found,) = client.published(uri)
    assert (found["code"], found["severity"], found["source"]) == ("J101", 1, "journeys")
    assert found["range"] == {"start": {"line": 10, "character": 9}, "end": {"line": 10, "character": 14}}
    assert "coupon" in found["message"]
    client.change(uri, WIN_BACK)
    assert client.published(uri) == []


def test_a_text_on_the_screen_counts_for_other_files_too(client: Client, shop: Path) -> None:
    uri = client.open(shop / EN)
    client.published(uri)
    segments = client.open(shop / "journeys" / "segments.journey", "segment asleep is silent 30d\n")
    assert client.published(segments) == []
    assert [each["code"] for each in client.published(uri)] == ["J106"]
    client.tell("textDocument/didClose", {"textDocument": {"uri": segments}})
    assert client.published(segments) == []
    assert client.published(uri) == []


def test_chinese_and_emoji_are_counted_as_the_editor_counts_them(client: Client, shop: Path) -> None:
    path = shop / "zh" / "new.journey"
    uri = client.open(path, '若 静默 30天 则 发送 优惠券 带 discount "🎁🎁" 用 邮箱\n')
    (found,) = client.published(uri)
    assert found["code"] == "J104"
    assert found["range"] == {"start": {"line": 0, "character": 38}, "end": {"line": 0, "character": 40}}
    assert "邮箱" in found["message"]
    hovered = client.at("hover", uri, 0, 16)
    assert hovered["contents"]["value"].startswith("**`优惠券`**  消息，coupon")
    assert hovered["range"] == {"start": {"line": 0, "character": 14}, "end": {"line": 0, "character": 17}}
    (by, *_) = client.at("completion", uri, 0, 38)["items"]
    assert (by["label"], by["textEdit"]["newText"]) == ("邮件", "邮件")
    assert by["textEdit"]["range"]["start"] == {"line": 0, "character": 38}


def test_other_ways_to_count(shop: Path) -> None:
    client = Client(shop)
    client.start(encodings=("utf-8", "utf-16"))
    uri = client.open(shop / "zh" / "new.journey", "若 静默 30天 则 发送 优惠劵\n")
    (found,) = client.published(uri)
    assert found["range"]["start"] == {"line": 0, "character": len("若 静默 30天 则 发送 ".encode())}
    assert client.stop() == 0


def test_what_may_come_next(client: Client, shop: Path) -> None:
    uri = client.open(shop / "journeys" / "new.journey", "journey new\n    send \n")
    client.published(uri)
    items = client.at("completion", uri, 1, 9)["items"]
    assert [(each["label"], each["detail"]) for each in items] == [
        ("coupon", "message, 优惠券"),
        ("welcome", "message, 欢迎"),
    ]
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})


def test_where_a_name_is_declared_and_used(client: Client, shop: Path) -> None:
    uri = client.open(shop / ZH)
    line = WIN_BACK_ZH.split("\n").index("    若 在人群 沉睡 则 打标签 贵宾")
    (place,) = client.at("definition", uri, line, 12)
    assert place["uri"] == (shop / "journeys" / "segments.journey").as_uri()
    assert place["range"] == {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 14}}
    (tag,) = client.at("definition", uri, line, 21)
    assert tag["uri"] == (shop / "journeys.toml").as_uri()
    assert TOML.split("\n")[tag["range"]["start"]["line"]] == "[tags.vip]"
    used = client.at("references", uri, line, 12, context={"includeDeclaration": True})
    assert len(used) == 5


def test_another_name(client: Client, shop: Path) -> None:
    uri = client.open(shop / EN)
    line = WIN_BACK.split("\n").index("        do farewell")
    assert client.at("prepareRename", uri, line, 13)["start"] == {"line": line, "character": 11}
    assert client.at("prepareRename", uri, 0, 1) is None
    changes = client.at("rename", uri, line, 13, newName="last words")["changes"]
    assert set(changes) == {uri}
    assert edited(WIN_BACK, changes[uri]) == WIN_BACK.replace("farewell", '"last words"')
    answer = client.ask_for_answer(
        "textDocument/rename",
        {"textDocument": {"uri": uri}, "position": {"line": line, "character": 13}, "newName": '"'},
    )
    assert answer["error"]["message"].startswith("a name has letters or digits")


def test_one_style(client: Client, shop: Path) -> None:
    uri = client.open(shop / "journeys" / "messy.journey", "若静默30天则发送优惠券")
    options = {"textDocument": {"uri": uri}, "options": {"tabSize": 4, "insertSpaces": True}}
    (edit,) = client.ask("textDocument/formatting", options)
    assert edit["newText"] == "若 静默 30天 则 发送 优惠券\n"
    client.change(uri, edit["newText"])
    assert client.ask("textDocument/formatting", options) is None
    client.change(uri, "if (\n")
    assert client.ask("textDocument/formatting", options) is None
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})


def test_a_quick_fix(client: Client, shop: Path) -> None:
    text = "if silent 30d then snd coupon\n"
    uri = client.open(shop / "journeys" / "typo.journey", text)
    (found,) = client.published(uri)
    (action,) = client.ask(
        "textDocument/codeAction",
        {"textDocument": {"uri": uri}, "range": found["range"], "context": {"diagnostics": [found]}},
    )
    assert action["kind"] == "quickfix"
    assert action["diagnostics"] == [found]
    assert edited(text, action["edit"]["changes"][uri]) == "if silent 30d then send coupon\n"
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})


def test_answers_in_the_language_that_is_asked_for(shop: Path) -> None:
    for options, language in ((("--language", "zh"), ""), ((), "zh")):
        client = Client(shop, *options)
        client.start(language=language)
        uri = client.open(shop / EN)
        assert "消息" in client.at("hover", uri, 10, 10)["contents"]["value"]
        assert client.stop() == 0


def test_a_template_and_the_project_file_are_checked_too(tmp_path: Path) -> None:
    folder = make_shop(tmp_path / "shop")
    (folder / "messages" / "coupon" / "sms.en.j2").write_text("hello {{ name \n", "utf-8")
    client = Client(folder)
    client.start()
    client.open(folder / EN)
    assert client.published((folder / "messages" / "coupon" / "sms.en.j2").as_uri())
    toml = client.open(folder / "journeys.toml", TOML + "[segments.oops]\nzh = 3\n")
    assert [each["code"] for each in client.published(toml)] == ["J154"]
    assert client.stop() == 0


def test_a_text_without_a_file(client: Client) -> None:
    uri = "untitled:Untitled-1"
    text = "if silent 30d then snd hello\n"
    client.tell(
        "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "journey", "version": 1, "text": text}}
    )
    assert [each["code"] for each in client.published(uri)] == ["J002"]
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})


def test_nothing_that_is_typed_ends_the_server(client: Client, shop: Path) -> None:
    path = shop / "zh" / "odd.journey"
    uri = client.open(path, "")
    odd = [
        "\ud83c",
        "\x00\x00",
        "if " + "(" * 5000,
        "\t\tsend\r\r\n\u2028send \u2029x",
        "若" * 20_000,
        'journey "',
        "x" * 1_000_001,
        "send " * 3000,
        "journey a\n" + "    if a then\n" * 300,
    ]
    for text in odd:
        client.change(uri, text)
        for line, character in ((0, 0), (0, 5), (0, 10**6), (10**6, 3), (2, 1)):
            for method in ("completion", "hover", "definition", "prepareRename"):
                answer = client.ask_for_answer(
                    f"textDocument/{method}",
                    {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}},
                )
                assert "error" not in answer, (text[:20], method, answer)
    client.tell("textDocument/hover", {"nonsense": True})
    client.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": 3}, "contentChanges": []})
    client.tell("no/such/thing", {})
    client.change(uri, "if silent 30d then exit\n")
    assert client.at("hover", uri, 0, 4)["contents"]["value"].startswith("**silent**")
    assert client.process.poll() is None

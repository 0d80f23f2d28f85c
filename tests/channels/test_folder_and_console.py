from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from journeys.channels.console import ConsoleChannel
from journeys.channels.contract import HandOff
from journeys.channels.folder import FolderChannel, file_name
from journeys.channels.mail import MailForm

FORM = MailForm("Shop <hello@shop.example>")
MAIL = HandOff("run-1", "ada@example.com", "coupon", "email", "Hi", "Hello\n", None, "c-1", "en", 1_772_409_600_000_000)
SMS = replace(MAIL, channel="sms", subject=None, address="+8613800000000", text="优惠券")
LATER = MAIL.rendered_at + 3 * 86_400_000_000


def test_a_mail_is_one_readable_file(tmp_path: Path) -> None:
    verdict = FolderChannel(tmp_path / "out", FORM).deliver(MAIL, LATER)
    assert (verdict.state, verdict.provider_id) == ("accepted", "2026-03-02_c-1_coupon_4e65d3fbe8ad.eml")
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == verdict.provider_id
    assert message_from_bytes(file.read_bytes())["To"] == "ada@example.com"


def test_anything_else_is_json(tmp_path: Path) -> None:
    FolderChannel(tmp_path, FORM).deliver(SMS, LATER)
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text("utf-8")) == {
        "idempotency_key": "run-1", "address": "+8613800000000", "customer_id": "c-1", "message": "coupon",
        "channel": "sms", "language": "en", "rendered_at": "2026-03-02T00:00:00+00:00", "text": "优惠券", "html": None,
    }  # fmt: skip


def test_another_attempt_finds_its_file(tmp_path: Path) -> None:
    folder = FolderChannel(tmp_path, FORM)
    first = folder.deliver_many([MAIL, SMS], MAIL.rendered_at)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    again = folder.deliver_many([MAIL, SMS], LATER)
    assert [verdict.state for verdict in first + again] == ["accepted"] * 4
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


def test_the_same_key_with_another_text_is_refused(tmp_path: Path) -> None:
    folder = FolderChannel(tmp_path, FORM)
    folder.deliver(MAIL, LATER)
    assert folder.deliver(replace(MAIL, text="Bye\n"), LATER).state == "refused"
    (file,) = tmp_path.iterdir()
    assert b"Hello" in file.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a/b",
        "..",
        "",
        "\x00",
        "c\r\n",
        ".hid",
        "客户",
        "x" * 300,
        "词" * 300,
        "👩" * 300,
        "~",
        "a\\b",
    ],
)
def test_names_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    verdict = FolderChannel(out, FORM).deliver(replace(MAIL, customer_id=name, message=name), LATER)
    assert verdict.state == "accepted"
    assert [file.name for file in out.iterdir()] == [file_name(replace(MAIL, customer_id=name, message=name))]
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_that_cannot_be_written_is_retried(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    verdict = FolderChannel(tmp_path / "out", FORM).deliver(MAIL, LATER)
    assert (verdict.state, verdict.reason) == ("retry", "the file cannot be written: File exists")


def test_a_crash_before_the_name_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    verdict = FolderChannel(tmp_path, FORM).deliver(MAIL, LATER)
    assert (verdict.state, verdict.reason) == ("retry", "the file cannot be written: No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    folder = FolderChannel(tmp_path, FORM)
    assert folder.deliver(replace(SMS, text="\ud800"), LATER).state == "refused"
    assert folder.deliver(replace(MAIL, text="\ud800"), LATER).state == "refused"


def test_the_console_prints_one_message() -> None:
    stream = io.StringIO()
    verdicts = ConsoleChannel(stream).deliver_many([MAIL, SMS], LATER)
    assert [verdict.state for verdict in verdicts] == ["accepted", "accepted"]
    assert stream.getvalue() == (
        "--- email coupon (en) to ada@example.com\n    Hi\n\n    Hello\n\n"
        "--- sms coupon (en) to +8613800000000\n    优惠券\n\n"
    )


def test_the_console_keeps_what_could_steer_a_terminal() -> None:
    stream = io.StringIO()
    nasty = replace(
        MAIL, subject="a\x1b[2J\r\n--- email forged", text="b\x1b]0;x\x07\u202e\x9b1m\ud800\n", customer_id="x"
    )
    assert ConsoleChannel(stream).deliver(nasty, LATER).state == "accepted"
    assert stream.getvalue() == (
        "--- email coupon (en) to ada@example.com\n    a[2J --- email forged\n\n    b]0;x1m?\n\n"
    )


def test_a_closed_stream_leaves_it_unknown() -> None:
    stream = io.StringIO()
    stream.close()
    assert ConsoleChannel(stream).deliver(MAIL, LATER).state == "unknown"

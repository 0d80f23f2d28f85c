from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from journeys.channels.console import ConsoleChannel
from journeys.channels.contract import HandOff, SettingMistake
from journeys.channels.folder import FolderChannel
from journeys.channels.settings import open_channel
from journeys.channels.smtp import SmtpChannel

SMTP = {"host": "smtp.shop.example", "from": "Shop <hello@shop.example>"}


def mistakes(
    kind: str, settings: Mapping[str, object], environ: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    opened = open_channel(kind, settings, environ or {})
    assert isinstance(opened, tuple), "it opened"
    return [(mistake.code, mistake.setting) for mistake in opened]


def test_each_kind_opens(tmp_path: Path) -> None:
    assert isinstance(open_channel("console", {"kind": "console"}, {}), ConsoleChannel)
    assert isinstance(open_channel("folder", {"path": str(tmp_path)}, {}), FolderChannel)
    assert isinstance(open_channel("smtp", SMTP, {}), SmtpChannel)
    assert isinstance(open_channel("smtp", SMTP | {"user": "u"}, {"JOURNEYS_SMTP_PASSWORD": "p"}), SmtpChannel)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [("J452", "from"), ("J452", "host")]),
        (SMTP | {"hots": "x"}, [("J451", "hots")]),
        (SMTP | {"password": "secret"}, [("J451", "password")]),
        (SMTP | {"port": 0}, [("J453", "port")]),
        (SMTP | {"port": "many"}, [("J453", "port")]),
        (SMTP | {"tls": "maybe"}, [("J453", "tls")]),
        (SMTP | {"host": "bad host\r\n"}, [("J453", "host")]),
        (SMTP | {"from": "Shop <nobody>"}, [("J453", "from")]),
        (SMTP | {"from": "Shop\r\nBcc: e@x.example <hello@shop.example>"}, [("J453", "from")]),
        (SMTP | {"reply_to": "a@b.example, c@d.example"}, [("J453", "reply_to")]),
        (SMTP | {"unsubscribe": "http://shop.example/u"}, [("J453", "unsubscribe")]),
        (SMTP | {"unsubscribe": "https://shop.example/u?{email}"}, [("J453", "unsubscribe")]),
        (SMTP | {"unsubscribe": "https://shop.example/u?{token}"}, [("J454", "unsubscribe_secret_env")]),
        (SMTP | {"user": "shop"}, [("J454", "password_env")]),
        (SMTP | {"user": "shop", "tls": "none"}, [("J453", "")]),
        (SMTP | {"ca_file": "/nowhere.pem"}, [("J453", "ca_file")]),
        (SMTP | {"timeout": -1, "data_timeout": 0}, [("J453", "data_timeout"), ("J453", "timeout")]),
    ],
)
def test_every_mistake_names_its_setting(settings: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert sorted(mistakes("smtp", settings)) == expected


@pytest.mark.parametrize(("user", "password"), [("shöp", "p"), ("shop", "密码")])
def test_user_and_password_fit_into_smtp(user: str, password: str) -> None:
    assert mistakes("smtp", SMTP | {"user": user}, {"JOURNEYS_SMTP_PASSWORD": password}) == [("J453", "user")]


def test_a_near_miss_is_told() -> None:
    assert open_channel("smpt", {}, {}) == (
        SettingMistake("kind", "J450", {"kind": "smpt", "close": "smtp", "kinds": "console, folder, smtp"}),
    )
    assert open_channel("smtp", SMTP | {"hots": "x"}, {}) == (
        SettingMistake("hots", "J451", {"setting": "hots", "close": "host"}),
    )


def test_a_hand_off_prints_without_the_person() -> None:
    handoff = HandOff("k", "canary@x.example", "m", "email", "canary", "canary", "canary", "c", "en", 0)
    assert "canary" not in repr(handoff)

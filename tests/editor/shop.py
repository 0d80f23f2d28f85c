"""A small project that the tests edit: names in two languages, journeys in English and in Chinese."""

from __future__ import annotations

from pathlib import Path

TOML = """\
[project]
name = "shop"
currency = "EUR"
zone = "Europe/Berlin"

[attributes]
tier = { zh = "等级", values = [{ value = "silver", zh = "银卡" }, { value = "very gold", zh = "金卡" }] }
email = { zh = "邮箱" }
birthday = { type = "date", zh = "生日", yearly = true }
newsletter = { type = "boolean", zh = "订阅" }
"cart.value" = { type = "money", zh = "购物车.金额" }

[events.purchase]
zh = "购买"
purchase = "total"
properties = { total = "money", shipped_on = { type = "date", zh = "发货日" } }

[messages.coupon]
zh = "优惠券"
channels = ["email"]
variables = { discount = { zh = "折扣" } }

[messages.welcome]
zh = "欢迎"

[channels.email]
zh = "邮件"
kind = "folder"
path = "out"

[channels.sms]
zh = "短信"
kind = "folder"
path = "out"
address = "email"
consent = "opt-in"

[tags.vip]
zh = "贵宾"

[roles.owner]
zh = "店长"

[segments.lapsed]
zh = "沉睡"

[journeys.win-back]
zh = "挽回"
"""

SEGMENTS = "segment lapsed is silent 30d and not tagged vip\n"
WIN_BACK = """\
use "segments.journey"

steps farewell
    tag vip for 90d
    send welcome by email

journey win-back
    start when purchase
    goal did purchase within 30d

    send coupon by email or sms with discount "10%"
    wait until did purchase where total over 20 EUR up to 3d
    if in segment lapsed and tier is "very gold" then
        do farewell
    else
        untag vip
"""
WIN_BACK_ZH = """\
引用 "../journeys/segments.journey"

旅程 挽回
    开始 当 购买
    目标 发生 购买 限 30天

    发送 优惠券 用 邮件 带 discount "10%"  # 🎁 礼物
    若 在人群 沉睡 则 打标签 贵宾
"""
TEMPLATES = ("coupon/email", "coupon/sms", "welcome/email")


def make_shop(folder: Path) -> Path:
    """The project in a folder; its journeys have no mistakes."""
    (folder / "journeys").mkdir(parents=True)
    (folder / "zh").mkdir()
    (folder / "journeys.toml").write_text(TOML, "utf-8")
    (folder / "journeys" / "segments.journey").write_text(SEGMENTS, "utf-8")
    (folder / "journeys" / "win-back.journey").write_text(WIN_BACK, "utf-8")
    (folder / "zh" / "win-back.journey").write_text(WIN_BACK_ZH, "utf-8")
    for name in TEMPLATES:
        template = folder / "messages" / f"{name}.en.j2"
        template.parent.mkdir(parents=True, exist_ok=True)
        subject = "subject: hello\n\n" if name.endswith("email") else ""
        template.write_text(f"{subject}hello\n", "utf-8")
    return folder

"""The daemon with a real mail server on the loopback address."""

from __future__ import annotations

import os
from email import message_from_bytes, policy

from journeys.channels.contract import Channel
from journeys.channels.settings import open_channel
from tests.channels.servers import Mailbox, Script, mail_server, scripted_server
from tests.daemon.shop import Shop, at
from tests.daemon.test_handing_off import bought


def smtp(port: int, **more: object) -> Channel:
    settings = {"host": "127.0.0.1", "port": port, "tls": "none", "from": "Shop <hello@example.com>", **more}
    opened = open_channel("smtp", settings, os.environ)
    assert not isinstance(opened, tuple), opened
    return opened


def test_messages_arrive(shop: Shop) -> None:
    mailbox = Mailbox(answers={"bob@example.com": "550 no such box"})
    with mail_server(mailbox) as port:
        shop.channels["email"] = smtp(port)  # type: ignore[assignment]
        shop.person("bob")
        bought(shop)
        shop.does("bob", "purchase", "2026-03-01 11:00", total=500)
        assert shop.tick("2026-03-01 12:00").handed_off == {"accepted": 1, "refused": 1}
    [(sender, recipients, data)] = mailbox.received
    assert (sender, recipients) == ("hello@example.com", ["ann@example.com"])
    mail = message_from_bytes(data, policy=policy.default)
    assert mail["Subject"] == "A coupon"
    assert mail.get_content().strip() == "Hello you, ann@example.com."
    [row] = shop.outbox("ann")
    assert row.state == "accepted"
    assert [row.state for row in shop.outbox("bob")] == ["refused"]


def test_a_server_that_falls_silent_after_the_message_is_not_sent_it_again(shop: Shop) -> None:
    script = Script([{"BODY": ["silence"]}, {}])
    with scripted_server(script) as port:
        shop.channels["email"] = smtp(port, timeout=2, data_timeout=0.2)  # type: ignore[assignment]
        bought(shop, hand_off=True)
        assert [row.state for row in shop.outbox("ann")] == ["unknown"]
        shop.tick_daily("2026-03-01 13:00", 4)
        shop.new_daemon().take_over(at("2026-03-06 12:00"))
        shop.tick("2026-03-06 12:00")
    assert len(script.bodies) == 1
    assert [row.state for row in shop.outbox("ann")] == ["unknown"]


def test_a_server_that_is_not_there_yet_gets_it_later(shop: Shop) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        pass
    shop.channels["email"] = smtp(port)  # type: ignore[assignment]
    bought(shop, hand_off=True)
    assert [row.state for row in shop.outbox("ann")] == ["pending"]
    with mail_server(mailbox) as port:
        shop.channels["email"] = smtp(port)  # type: ignore[assignment]
        shop.tick("2026-03-01 12:01")
    assert len(mailbox.received) == 1

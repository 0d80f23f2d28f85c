"""Every way a mail server can answer, and the verdict each must give."""

from __future__ import annotations

from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default

import pytest

from journeys.channels.contract import Channel, HandOff, Verdict
from journeys.channels.settings import open_channel

from .servers import CERTIFICATE, PASSWORD, Mailbox, Script, free_port, mail_server, scripted_server

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:aiosmtpd"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning:aiosmtpd"),  # over TLS from the first byte
]

NOW = 1_772_409_600_000_000  # 2026-03-02T00:00:00Z


def handoff(number: int = 1, address: str = "ada@example.com", **changes: object) -> HandOff:
    fields: dict[str, object] = {
        "idempotency_key": f"run-{number}",
        "address": address,
        "message": "coupon",
        "channel": "email",
        "subject": "10% off",
        "text": "Hi Ada\n.\nhidden?\r.\r\nbye\n",
        "html": "<p>Hi Ada</p>",
        "customer_id": f"customer-{number}",
        "language": "en",
        "rendered_at": NOW,
    }
    return HandOff(**(fields | changes))  # type: ignore[arg-type]


def channel(port: int, environ: Mapping[str, str] | None = None, **settings: object) -> Channel:
    given = {"host": "127.0.0.1", "port": port, "tls": "none", "from": "Shop <hello@shop.example>", "timeout": 5}
    opened = open_channel("smtp", given | settings, environ or {})
    assert not isinstance(opened, tuple), opened
    return opened


def states(verdicts: list[Verdict]) -> list[str]:
    return [verdict.state for verdict in verdicts]


def test_a_batch_goes_over_one_connection_each_to_its_own_recipient() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        verdicts = channel(port).deliver_many([handoff(n, f"p{n}@example.com") for n in range(5)], NOW)
    assert states(verdicts) == ["accepted"] * 5
    assert [(sender, to) for sender, to, _ in mailbox.received] == [
        ("hello@shop.example", [f"p{n}@example.com"]) for n in range(5)
    ]
    assert len(mailbox.connections) == 1
    mail = message_from_bytes(mailbox.received[0][2], policy=default)
    assert mail["Message-ID"] == verdicts[0].provider_id
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == ["Hi Ada", ".", "hidden?", ".", "bye"]


def test_one_bad_recipient_neither_repeats_nor_blocks_the_rest() -> None:
    mailbox = Mailbox(
        answers={"gone@example.com": "550 5.1.1 <gone@example.com> is gone", "busy@example.com": "451 try later"},
        data_answers={"spam@example.com": "554 5.7.1 looks like spam", "full@example.com": "452 no room"},
    )
    people = ["a", "gone", "b", "busy", "spam", "c", "full", "d"]
    with mail_server(mailbox) as port:
        verdicts = channel(port).deliver_many([handoff(n, f"{who}@example.com") for n, who in enumerate(people)], NOW)
    assert dict(zip(people, states(verdicts))) == {
        "a": "accepted", "gone": "refused", "b": "accepted", "busy": "retry", "spam": "refused", "c": "accepted",
        "full": "retry", "d": "accepted",
    }  # fmt: skip
    assert verdicts[1].reason == "550 5.1.1 <(address)> is gone"
    assert verdicts[3].reason == "451 try later"
    assert [to for _, to, _ in mailbox.received] == [[f"{who}@example.com"] for who in "abcd"]


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"GREETING": ["554 go away"]}, "retry"),
        ({"GREETING": ["close"]}, "retry"),
        ({"GREETING": ["silence"]}, "retry"),
        ({"EHLO": ["close"]}, "retry"),
        ({"MAIL": ["close"]}, "retry"),
        ({"MAIL": ["silence"]}, "retry"),
        ({"MAIL": ["451 later"]}, "retry"),
        ({"MAIL": ["354 go on"]}, "retry"),
        ({"RCPT": ["354 go on"]}, "retry"),
        ({"MAIL": ["553 not from you"]}, "refused"),
        ({"RCPT": ["close"]}, "retry"),
        ({"RCPT": ["silence"]}, "retry"),
        ({"RCPT": ["251 will forward"]}, "accepted"),
        ({"RCPT": ["421 shutting down"]}, "retry"),
        ({"RCPT": ["550 no"], "RSET": ["close"]}, "refused"),
        ({"DATA": ["close"]}, "retry"),
        ({"DATA": ["451 later"]}, "retry"),
        ({"DATA": ["554 no"]}, "refused"),
        ({"DATA": ["250 what"]}, "retry"),
        ({"DURING BODY": ["yes"]}, "unknown"),
        ({"BODY": ["close"]}, "unknown"),
        ({"BODY": ["silence"]}, "unknown"),
        ({"BODY": ["nonsense"]}, "unknown"),
        ({"BODY": ["354 more"]}, "unknown"),
        ({"BODY": ["451 later"]}, "retry"),
        ({"BODY": ["550 spam"]}, "refused"),
        ({"QUIT": ["close"]}, "accepted"),
    ],
)
def test_each_answer_has_its_verdict(answers: dict[str, list[str]], verdict: str) -> None:
    script = Script([answers])
    with scripted_server(script) as port:
        mail = channel(port, timeout=0.2, data_timeout=0.2)
        large = handoff(text="line\n" * 100_000) if "DURING BODY" in answers else handoff()
        found = mail.deliver(large, NOW)
    assert found.state == verdict, found
    assert found.state == "accepted" or found.reason
    assert "ada@example.com" not in found.reason


def test_after_an_unknown_the_next_mail_goes_over_a_new_connection() -> None:
    script = Script([{"BODY": ["250 queued", "silence"]}, {}])
    with scripted_server(script) as port:
        verdicts = channel(port, timeout=0.3, data_timeout=0.3).deliver_many([handoff(n) for n in range(4)], NOW)
    assert states(verdicts) == ["accepted", "unknown", "accepted", "accepted"]
    assert script.opened == 2


def test_a_server_that_hangs_up_between_two_mails_is_called_again() -> None:
    script = Script([{"MAIL": ["250 ok", "close"]}, {"MAIL": ["250 ok", "421 enough"]}, {}])
    with scripted_server(script) as port:
        verdicts = channel(port).deliver_many([handoff(n) for n in range(4)], NOW)
    assert states(verdicts) == ["accepted", "accepted", "retry", "accepted"]
    assert script.opened == 3
    assert len(script.bodies) == 3


def test_without_a_connection_the_batch_ends_at_once() -> None:
    verdicts = channel(free_port()).deliver_many([handoff(n) for n in range(1000)], NOW)
    assert set(states(verdicts)) == {"retry"}
    assert verdicts[0].reason == "no connection to the mail server: Connection refused"


def test_a_host_that_cannot_be_is_no_connection() -> None:
    assert states(channel(1, host="a" * 64 + ".example").deliver_many([handoff()], NOW)) == ["retry"]


def test_a_server_that_breaks_again_and_again_is_left_alone() -> None:
    script = Script([{"BODY": ["close"]}])
    with scripted_server(script) as port:
        verdicts = channel(port).deliver_many([handoff(n) for n in range(10)], NOW)
    assert states(verdicts) == ["unknown"] * 3 + ["retry"] * 7
    assert script.opened == 3


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_encrypted_with_user_and_password(tls: str) -> None:
    mailbox = Mailbox()
    settings = {"tls": tls, "user": "shop", "ca_file": str(CERTIFICATE), "password_env": "MAIL_SECRET"}
    with mail_server(mailbox, starttls=tls == "starttls", tls=tls == "tls") as port:
        good = channel(port, {"MAIL_SECRET": PASSWORD}, **settings)
        assert good.deliver(handoff(), NOW).state == "accepted"
        bad = channel(port, {"MAIL_SECRET": "wrong"}, **settings).deliver(handoff(), NOW)
        stranger = channel(port, {"MAIL_SECRET": PASSWORD}, **(settings | {"ca_file": None})).deliver(handoff(), NOW)
    assert len(mailbox.received) == 1
    assert (bad.state, bad.reason) == ("retry", "the server does not take user and password (535)")
    assert stranger.state == "retry"
    assert "certificate is not trusted" in stranger.reason
    assert PASSWORD not in repr(good) + str(vars(good)["_settings"])


def test_a_server_without_starttls_gets_nothing() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        verdict = channel(port, tls="starttls").deliver(handoff(), NOW)
    assert verdict.state == "retry"
    assert mailbox.received == []


@pytest.mark.parametrize(
    "address", ["a@b.example,c@d.example", "a@b.example\r\nRCPT TO:<e@x.example>", "ada", "\ud800@x.example"]
)
def test_an_address_that_is_not_one_mailbox_never_reaches_the_server(address: str) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        verdicts = channel(port).deliver_many([handoff(1, address), handoff(2)], NOW)
    assert states(verdicts) == ["refused", "accepted"]
    assert [to for _, to, _ in mailbox.received] == [["ada@example.com"]]

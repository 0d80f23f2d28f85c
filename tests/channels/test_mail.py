"""A mail arrives as it was meant or is refused; nothing that a customer writes becomes a header or a recipient."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeys.channels import mail
from journeys.channels.addresses import wire_address
from journeys.channels.contract import HandOff
from journeys.channels.mail import MailForm, MailRefused, mail_bytes, unsubscribe_token

FORM = MailForm("Café, “Ünder” 商店 <hello@shop.example>", "help@shop.example")
PLAIN = HandOff(
    "run-1", "ada@example.com", "coupon", "email", "Hello", "Hi\n", None, "c-1", "en", 1_772_409_600_000_000
)
HEADERS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]

INJECTIONS = [
    "Hi\r\nBcc: e@x.example", "Hi\nBcc: e@x.example", "Hi\rBcc: e@x.example", "Hi\x0bBcc: e@x.example",
    "Hi\x0cBcc: e@x.example", "Hi\x1cBcc: e@x.example", "Hi\x85Bcc: e@x.example", "Hi\u2028Bcc: e@x.example", "Hi\n",
    "Hi\x00there", "=?utf-8?q?=0D=0ABcc:_evil@x.example?=", "=?utf-8?b?SGkNCkJjYzogZXZpbEB4?=", "=?utf-8?q?a", "a?=",
    "x" * 900, "词" * 300, "=?utf-8?b?" + "A" * 100, '"bank@x.example" <evil@y.example>', "\u202eevil", "{{7*7}}",
    "a =?utf-8?q?=0ABcc:x?= =?utf-8?q?=0ABcc:y?= b", "👩‍👩‍👧 sale", "", " ", "a  b", ",;:<>()[]@\\\"",
]  # fmt: skip


def parse(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def raw_names(data: bytes) -> list[str]:
    """The names at the starts of header lines, by eye and not by a parser."""
    head = data.split(b"\r\n\r\n")[0]
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"\n" not in head.replace(b"\r\n", b"")
    return [line.split(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith(b" ")]


def one_line(text: str) -> str:
    """What a subject becomes: breaks, controls and runs of blanks are one blank."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text).split())


def assert_survives(subject: str, text: str, html: str | None) -> None:
    handoff = replace(PLAIN, subject=subject, text=text, html=html)
    try:
        data = mail_bytes(handoff, FORM)
    except MailRefused:
        assert len(subject) > 900 or any(0xD800 <= ord(c) < 0xE000 for c in subject + text + (html or ""))
        return
    assert raw_names(data) == HEADERS + ([] if html is not None else ["Content-Transfer-Encoding"])
    assert max(map(len, data.split(b"\r\n"))) <= 998
    parsed = message_from_bytes(data)  # the parser that decodes nothing by itself
    assert parsed["To"] == "ada@example.com"
    assert parsed["Bcc"] is None
    parts = [part for part in parsed.walk() if not part.is_multipart()]
    bodies = [text] if html is None else [text, html]
    assert len(parts) == len(bodies)
    for part, body in zip(parts, bodies):
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        controls = {c: None for c in [*range(32), 127] if chr(c) not in "\t\n"}
        expected = body.replace("\r\n", "\n").replace("\r", "\n").translate(controls).rstrip("\n")
        assert payload.decode().replace("\r\n", "\n").rstrip("\n") == expected
    assert str(make_header(decode_header(parsed["Subject"]))) == one_line(subject)


ANY = st.text(st.characters(), max_size=120)
NASTY = st.lists(
    st.sampled_from(["=?", "?=", "utf-8?q?", "=0D=0A", "\r\n", "\n", "Bcc: e@x", " ", "词", "a", "\x00", "."])
)


@given(ANY | NASTY.map("".join), ANY | NASTY.map("".join), st.none() | ANY)
@example("Hi", "\n.\n", "\r.\r")
@example("Hi", "a" * 5000, "<p>" + "词" * 5000)
@example("Hi", "trailing \t\n=\n--=_\nFrom me\n", None)
def test_any_text_survives_or_is_refused(subject: str, text: str, html: str | None) -> None:
    assert_survives(subject, text, html)


@pytest.mark.parametrize("subject", INJECTIONS)
def test_no_subject_makes_a_header(subject: str) -> None:
    assert_survives(subject, subject, subject)


@pytest.mark.parametrize("subject", ["Hi\ud800", "x" * 901])
def test_a_subject_that_cannot_be_sent_is_refused(subject: str) -> None:
    with pytest.raises(MailRefused):
        mail_bytes(replace(PLAIN, subject=subject), FORM)


@given(st.text(max_size=60) | st.from_regex(r"[\w.+\"<>, -]{1,20}@[\w.-]{1,20}", fullmatch=True))
def test_an_address_is_one_mailbox_or_refused(address: str) -> None:
    try:
        read = parse(mail_bytes(replace(PLAIN, address=address), FORM))
    except MailRefused:
        return
    assert [to.addr_spec for to in read["To"].addresses] == [wire_address(address)]


@pytest.mark.parametrize(
    "address",
    ["alice@good.com<bob@evil.com>", "a@b,c@d", "user@exa mple.com", "a@b\x00.evil.com", "alice@example.org)bob@evil",
     '"a@evil"@good', "a@b\r\nBcc: c@d", "a" * 65 + "@b.example", "a@" + "b" * 64 + ".example", "a@" + "b." * 130 + "c",
     "a@-b.example", "a@b..example", "a@b.example.", "@b.example", "a@", "", "ü@b.example", "=?utf-8?q?a?=@b.example",
     "a@[127.0.0.1]", ".a@b.example", "a..b@b.example", "<a@b.example>", " a@b.example"],
)  # fmt: skip
def test_addresses_that_programs_disagree_on_are_refused(address: str) -> None:
    assert wire_address(address) is None


@pytest.mark.parametrize(
    ("address", "wire"),
    [("ada+shop@example.com", "ada+shop@example.com"), ("Ada.O'Neil@Example.COM", "Ada.O'Neil@Example.COM"),
     ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"), ("a@localhost", "a@localhost")],
)  # fmt: skip
def test_addresses_that_are_taken(address: str, wire: str) -> None:
    assert wire_address(address) == wire


def test_the_same_hand_off_has_the_same_bytes() -> None:
    handoff = replace(PLAIN, html="<p>Hi</p>")
    assert mail_bytes(handoff, FORM) == mail_bytes(replace(handoff), FORM)
    other = mail_bytes(replace(handoff, idempotency_key="run-2"), FORM)
    assert parse(other)["Message-ID"] != parse(mail_bytes(handoff, FORM))["Message-ID"]


def test_chinese_mail_reads_as_written() -> None:
    read = parse(
        mail_bytes(
            replace(PLAIN, subject="优惠券到期提醒：亲爱的小明，还有三天！", text="您好，\n小明", html="<p>您好</p>"),
            FORM,
        )
    )
    assert read["Subject"] == "优惠券到期提醒：亲爱的小明，还有三天！"
    assert read["From"].addresses[0].display_name == "Café, “Ünder” 商店"
    assert read["From"].addresses[0].addr_spec == "hello@shop.example"
    assert read["Date"].datetime.isoformat() == "2026-03-02T00:00:00+00:00"
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["您好，", "小明"]
    assert html.get_content().strip() == "<p>您好</p>"


def test_unsubscribe_headers_are_both_there_and_signed() -> None:
    form = replace(FORM, unsubscribe="https://shop.example/u/{channel}?c={customer_id}&t={token}", secret="s3cret")
    read = parse(mail_bytes(replace(PLAIN, customer_id="a/ü\r\nBcc: x?&"), form))
    token = unsubscribe_token("s3cret", "a/ü\r\nBcc: x?&", "email")
    assert read["List-Unsubscribe"] == f"<https://shop.example/u/email?c=a%2F%C3%BC%0D%0ABcc%3A%20x%3F%26&t={token}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert token != unsubscribe_token("s3cret", "b", "email") != unsubscribe_token("other", "b", "email")
    assert "s3cret" not in repr(form)


def test_without_a_link_there_is_no_unsubscribe_header() -> None:
    assert b"List-Unsubscribe" not in mail_bytes(PLAIN, FORM)


@pytest.mark.parametrize(
    "broken", ["Hi\r\nBcc: e@x.example", "Hi\r\n\r\nbody", "Hello", "=?utf-8?q?Hi=0ABcc:x?=", "Hi\r\n"]
)
def test_headers_are_read_again_before_they_leave(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "header_text", lambda name, text: broken)
    with pytest.raises(MailRefused):
        mail_bytes(replace(PLAIN, subject="Hi"), FORM)

"""What a person reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.catalog.meaning import Duration, ValueType
from journeys.messages.formats import Money, money_text
from journeys.messages.render import Rendered, RenderFailure, render
from journeys.messages.variables import dump_variables, load_variables, value_of, variables_for

from .conftest import FolderOf

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 3, 2, 9, 5, tzinfo=SHANGHAI)


def text_of(folder_of: FolderOf, template: str, language: str = "en", **variables: object) -> str:
    found = render(folder_of({f"m/sms.{language}.j2": template}), "m", "sms", language, variables)
    assert isinstance(found, Rendered), found
    return found.text


def test_a_mail_has_a_subject_a_text_and_html(folder_of: FolderOf) -> None:
    folder = folder_of(
        {
            "coupon/email.en.j2": "Subject:  {{ customer.first_name|default('Friend') }},\t{{ discount|percent }} off\n"
            "\n"
            "Hi {{ customer.name }},\n\n{% for item in items %}\n- {{ item.name }}: {{ item.price }}\n{% endfor %}\n"
            "{% if customer.tier == 'gold' %}Gold{% else %}Silver{% endif %}\nUntil {{ until }}\n",
            "coupon/email.en.html.j2": "<p>Hi {{ customer.name }}</p>\n{# a note #}\n<p>{{ discount|percent }}</p>\n",
        }
    )
    variables = variables_for(
        {"first_name": "Ada\r\nBcc: e@x", "last_name": "L & Co", "tier": "gold"},
        {"discount": 0.1, "until": date(2026, 3, 2), "items": [{"name": "Tea", "price": Money(100_000, "CNY")}] * 2},
    )
    found = render(folder, "coupon", "email", "en", variables)
    assert isinstance(found, Rendered)
    assert found.subject == "Ada Bcc: e@x, 10% off"
    assert found.text == "Hi Ada\nBcc: e@x L & Co,\n\n- Tea: ¥1,000\n- Tea: ¥1,000\nGold\nUntil 2 March 2026\n"
    assert found.html == "<p>Hi Ada\nBcc: e@x L &amp; Co</p>\n<p>10%</p>\n"
    assert "Ada" not in repr(found)


@pytest.mark.parametrize(
    ("template", "english", "chinese"),
    [
        ("{{ price }}", "$12.50", "$12.50"),
        ("{{ price|money }}", "$12.50", "$12.50"),
        ("{{ day }}", "2 March 2026", "2026年3月2日"),
        ("{{ day|date('short') }}", "2 Mar", "3月2日"),
        ("{{ day|date('iso') }}", "2026-03-02", "2026-03-02"),
        ("{{ moment }}", "2 March 2026 09:05", "2026年3月2日09:05"),
        ("{{ moment|date }} {{ moment|time }}", "2 March 2026 09:05", "2026年3月2日 09:05"),
        ("{{ length }}", "48 hours", "48小时"),
        ("{{ yes }} {{ no }}", "yes no", "是 否"),
        ("{{ points }} {{ points|number }}", "12000 12,000", "12000 12,000"),
        ("{{ rate }} {{ rate|percent }} {{ rate|round }} {{ rate|round(1) }}", "0.25 25% 0 0.2", "0.25 25% 0 0.2"),
        ("{{ tenth }} {{ exact }}", "0.3 10.5", "0.3 10.5"),
        ("{{ names|join }}", "a, b", "a、b"),
        ("{{ names|join(' + ') }} {{ items|join('/', 'n') }}", "a + b 1/2", "a + b 1/2"),
        (
            "{{ names|length }}{{ names|first }}{{ names|last }}{{ names[1] }}{{ names|limit(1)|join }}",
            "2abba",
            "2abba",
        ),
        (
            "{{ word|upper }} {{ word|title }} {{ word|truncate(3) }}",
            "HELLO YOU Hello You he…",
            "HELLO YOU Hello You he…",
        ),
        ("{{ c.items }} {{ c['black-friday'] }} {{ c.d.e }}", "3 x y", "3 x y"),
        (
            "{{ nobody|default('friend') }} {{ blank|default('-') }} {{ c.q.r|default(word) }}",
            "friend - hello you",
            None,
        ),
        ("{% if nobody == 'x' %}a{% elif nobody != 'x' %}b{% elif nobody %}c{% else %}d{% endif %}", "d", "d"),
        ("{{ 'a' if nobody is known else 'b' }}{{ 'a' if nobody is missing else 'b' }}", "ba", "ba"),
        ("{% if 'a' in names and not ('z' in names) and 'x' not in nobody %}in{% endif %}", "in", "in"),
        (
            "{% for n in names %}{{ loop.index }}{{ n }}{% if not loop.last %},{% endif %}{% else %}-{% endfor %}",
            "1a,2b",
            "1a,2b",
        ),
        ("{% for i in items %}{% if i.n is odd %}{{ i.n }}{% endif %}{% endfor %}", "1", "1"),
        ("{% set who = nobody|default(word) %}{{ who }}", "hello you", "hello you"),
        ("{% raw %}{{ x }}{% endraw %}{# note #}", "{{ x }}", "{{ x }}"),
        ("a{% if yes %}b{% endif %}\nc", "ab\nc", "ab\nc"),
        ("a\n  {% if yes %}  \n  b\n  {%- endif %}\nc", "a\n  bc", "a\n  bc"),
        ("{{ link|url }} {{ word|urlencode }}", "https://x.example/?a=1&b hello%20you", None),
        ("  padded\n\n", "padded", "padded"),
    ],
)
def test_values_are_written_as_the_language_writes_them(
    template: str, english: str, chinese: str | None, folder_of: FolderOf
) -> None:
    variables: dict[str, object] = {
        "price": Money(1250, "USD"),
        "day": date(2026, 3, 2),
        "moment": MORNING,
        "yes": True,
        "no": False,
        "length": Duration(micros=48 * 3_600_000_000),
        "points": 12000,
        "rate": 0.25,
        "tenth": 0.1 + 0.2,
        "exact": Decimal("10.50"),
        "names": ["a", "b"],
        "items": [{"n": 1}, {"n": 2}],
        "word": "hello you",
        "blank": " ",
        "c": {"items": 3, "black-friday": "x", "d": {"e": "y"}},
        "link": " https://x.example/?a=1&b ",
    }
    assert text_of(folder_of, template, "en", **variables) == english
    assert text_of(folder_of, template, "zh-CN", **variables) == (english if chinese is None else chinese)


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (5000, "USD", "en", "$50"),
        (1250, "USD", "en", "$12.50"),
        (5, "USD", "en", "$0.05"),
        (-500, "USD", "en", "-$5"),
        (100_000, "CNY", "zh", "¥1,000"),
        (1999, "CNY", "zh-Hans", "¥19.99"),
        (1000, "JPY", "en", "¥1,000"),
        (1000, "JPY", "zh", "JP¥1,000"),
        (2_000_000, "EUR", "en", "€20,000"),
        (2_000_050, "CHF", "en", "20,000.50 CHF"),
        (1500, "KWD", "en", "1.500 KWD"),
        (0, "USD", "en", "$0"),
        (10**15, "CNY", "zh", "¥10,000,000,000,000"),
    ],
)
def test_money(minor: int, currency: str, language: str, text: str) -> None:
    assert money_text(Money(minor, currency), language) == text


@pytest.mark.parametrize(
    ("duration", "english", "chinese"),
    [
        (Duration(days=30), "30 days", "30天"),
        (Duration(days=1, micros=12 * 3_600_000_000), "1 day 12 hours", "1天12小时"),
        (Duration(months=15), "1 year 3 months", "1年3个月"),
        (Duration(micros=90_000_000), "1 minute 30 seconds", "1分钟30秒"),
        (Duration(), "0 days", "0天"),
    ],
)
def test_lengths_of_time(duration: Duration, english: str, chinese: str, folder_of: FolderOf) -> None:
    assert text_of(folder_of, "{{ x }}", "en", x=duration) == english
    assert text_of(folder_of, "{{ x }}", "zh", x=duration) == chinese


def test_what_is_missing_refuses_the_message_and_says_where(folder_of: FolderOf) -> None:
    template = (
        "subject: Hi\n\nHello\n\n{% if true %}\n{% for i in items %}\n"
        "your {{ i }} {{ customer.cart.total|money }}\n{% endfor %}{% endif %}"
    )
    folder = folder_of({"m/email.en.j2": template})
    failure = render(folder, "m", "email", "en", {"customer": {"cart": {}}, "items": ["tea"]})
    assert isinstance(failure, RenderFailure)
    assert not failure.template_broken
    assert failure.reason == "J420 messages/m/email.en.j2: `customer.cart.total` is not known of this person"
    (found,) = failure.diagnostics
    assert template[found.span.start : found.span.end] == "customer.cart.total"


def test_a_wrong_kind_of_value_refuses_the_message(folder_of: FolderOf) -> None:
    folder = folder_of({"m/sms.en.j2": "{{ price|money }}", "n/sms.en.j2": "{% if price > 5 %}x{% endif %}"})
    failure = render(folder, "m", "sms", "en", {"price": "canary"})
    assert isinstance(failure, RenderFailure)
    assert failure.reason == "J421 messages/m/sms.en.j2: money needs an amount of money and got a text"
    failure = render(folder, "n", "sms", "en", {"price": "canary"})
    assert isinstance(failure, RenderFailure)
    assert failure.reason == "J425 messages/n/sms.en.j2: the text cannot be made from these values (TypeError)"


def test_html_that_fails_keeps_the_text_from_leaving_alone(folder_of: FolderOf) -> None:
    folder = folder_of({"m/email.en.j2": "subject: x\n\nx", "m/email.en.html.j2": "{{ gone }}"})
    assert isinstance(render(folder, "m", "email", "en", {}), RenderFailure)
    folder = folder_of({"m/email.en.html.j2": "{{"})
    failure = render(folder, "m", "email", "en", {})
    assert isinstance(failure, RenderFailure)
    assert failure.template_broken


def test_a_thousand_good_customers_and_one_bad(folder_of: FolderOf) -> None:
    folder = folder_of({"m/sms.en.j2": "Hi {{ customer.name }}"})
    people = [variables_for({"name": f"P{n}"} if n != 500 else {}, {}) for n in range(1001)]
    found = [render(folder, "m", "sms", "en", person) for person in people]
    assert [n for n, one in enumerate(found) if isinstance(one, RenderFailure)] == [500]
    assert {one.text for one in found if isinstance(one, Rendered)} == {f"Hi P{n}" for n in range(1001) if n != 500}


@pytest.mark.parametrize(
    ("raw", "type_", "value"),
    [
        (1250, "money", Money(1250, "USD")),
        (1250.0, "money", Money(1250, "USD")),
        (20514, "date", date(2026, 3, 2)),
        (-1, "date", date(1969, 12, 31)),
        (1_772_413_500_000_000, "moment", MORNING),
        (1, "boolean", True),
        (3.0, "number", 3),
        (0.5, "number", 0.5),
        ("x", "text", "x"),
    ],
)
def test_values_of_the_store(raw: float | str, type_: ValueType, value: object) -> None:
    found = value_of(raw, type_, currency="USD", zone=SHANGHAI)
    assert (found, type(found)) == (value, type(value))


def test_a_moment_is_shown_in_the_persons_zone(folder_of: FolderOf) -> None:
    late = 1_772_409_600_000_000 - 1  # one microsecond before 2 March 2026, UTC
    for zone, text in (
        ("UTC", "1 March 2026 23:59"),
        ("Asia/Shanghai", "2 March 2026 07:59"),
        ("America/New_York", "1 March 2026 18:59"),
    ):
        moment = value_of(late, "moment", currency="USD", zone=ZoneInfo(zone))
        assert text_of(folder_of, "{{ x }}", x=moment) == text


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ({}, {}),
        ({"first_name": "Ada"}, {"first_name": "Ada", "name": "Ada"}),
        ({"first_name": "Ada", "last_name": "Byron"}, {"first_name": "Ada", "last_name": "Byron", "name": "Ada Byron"}),
        ({"first_name": "小明", "last_name": "李"}, {"first_name": "小明", "last_name": "李", "name": "李小明"}),
        ({"last_name": "Byron"}, {"last_name": "Byron"}),
        ({"name": "A. B.", "first_name": "Ada"}, {"name": "A. B.", "first_name": "Ada"}),
        ({"name": " ", "first_name": "", "age": None, "vip": False, "points": 0}, {"vip": False, "points": 0}),
        ({"cart.value": 3, "cart.items": 2, "cart": 1}, {"cart": {"value": 3, "items": 2}}),
        ({"cart": 1, "cart.a.b": 2}, {"cart": {"a": {"b": 2}}}),
    ],
)
def test_the_customer_in_a_message(customer: dict[str, object], expected: dict[str, object]) -> None:
    assert variables_for(customer, {"gone": None, "customer": "x", "n": 1}) == {"customer": expected, "n": 1}


def test_a_row_object_cannot_be_stored_as_a_variable() -> None:
    for value in (object(), {"a": {1, 2}}, b"x", datetime(2026, 3, 2), timedelta(1)):  # noqa: DTZ001 - it must be refused
        with pytest.raises(TypeError):
            dump_variables({"x": value})
    with pytest.raises(ValueError, match="JSON"):
        dump_variables({"x": float("nan")})


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.builds(Money, st.integers(), st.sampled_from(["USD", "CNY"]))
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]))
    | st.builds(Duration, months=st.integers(0, 99), days=st.integers(0, 99), micros=st.integers(0, 10**12))
    | st.decimals(allow_nan=False, allow_infinity=False)
)
NAMES = st.text(max_size=5) | st.sampled_from(["$money", "$dict", "$date", "$list"])
VARIABLES = st.dictionaries(
    NAMES,
    st.recursive(
        PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=8
    ),
)


@given(VARIABLES)
def test_variables_come_back_as_they_were_stored(variables: dict[str, object]) -> None:
    text = dump_variables(variables)
    assert load_variables(text) == variables
    assert dump_variables(load_variables(text)) == text


@given(VARIABLES, st.sampled_from(["en", "zh", "de"]))
def test_any_plain_value_prints_or_refuses(variables: dict[str, object], language: str) -> None:
    from journeys.messages.template import TemplateSource, read_template

    for template in (
        "{{ x }}",
        "{{ x|upper }}",
        "{% for y in x %}{{ y.z|default(y) }}{% endfor %}",
        "{{ x|join }}",
        "{{ x|date }}",
    ):
        parsed, found = read_template(TemplateSource("t", template), language, html=True, front=False)
        assert parsed is not None, found
        for value in variables.values():
            parsed.body.fill({"x": value})

"""Templates and values that try to get out, to hang, or to fill the memory. Nothing is sent, and the next one is."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.messages.html_places import unsafe_places
from journeys.messages.render import Rendered, RenderFailure, render
from journeys.messages.sandbox import MAX_CHARACTERS, MAX_ROUNDS
from journeys.messages.syntax import Finding, parse, refused
from journeys.messages.template import TemplateSource, read_template, sandbox

from .conftest import FolderOf

ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''|attr('__class__') }}",
    "{{ ('{0.__class__.__init__.__globals__}'|attr('format'))(c) }}",
    "{% set f='{0.__class__.__mro__}'.format %}{{ f(c) }}",
    "{{ '{a.__class__}'.format_map({'a':c}) }}",
    "{{ ['{0.__class__}']|map('attr','format')|list }}",
    "{{ c._secret }}",
    "{{ c['_secret'] }}",
    "{{ c['__class__'] }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self }}",
    "{{ (items|map('string')).gi_frame }}",
    "{{ [c]|groupby('__class__')|list }}",
    "{{ [c]|map(attribute='__class__')|list }}",
    "{{ [c]|sort(attribute='_secret') }}",
    "{{ items.append(4) }}",
    "{{ c.clear() }}",
    "{{ {'onclick=alert(1) x':1}|xmlattr }}",
    "{{ c.delete() }}",
    "{{ name|safe }}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{{ env }}{{ ''|tojson(indent=9) }}",
    "{% include '../secret' %}",
    "{% include name %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% do x %}",
    "{{ caller }}",
    "{{ x(*items) }}",
    "{{ name|default(*items) }}",
    "{{ name|default(**c) }}",
    "{{ name is callable }}",
    "{{ loop.cycle('a', 'b') }}",
    "{{ name[0:2] }}",
    "{{ {'a': 1} }}",
    "{% set c.x = 1 %}",
    "{% set a, b = items %}{{ a }}",
    "{% for a, b in items %}{% endfor %}",
    "{% for a in items recursive %}{{ loop(a) }}{% endfor %}",
]
WASTE_OF_TIME = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "{{ 9**(9**9) }}",
    "{{ 9**9**9 }}",
    "{% set x = 10**(10**7) %}",
    "{{ [1]|slice(10**8)|list|length }}",
    "{{ lipsum(n=100000)|length }}",
    "{{ (3**(10**7)) % 7 }}",
    "{{ ('a '*3000000)|wordwrap(1) }}",
    "{% for a in items %}{% for b in items %}{% for c in items %}{% endfor %}{% endfor %}{% endfor %}",
    "{% set s = '" + "a" * 30_000 + "' %}{% for a in s %}{% for b in s %}{% endfor %}{% endfor %}",
    "{% for a in [" + "1," * 30_000 + "] %}{% endfor %}",
]
WASTE_OF_MEMORY = [
    "{{ 'a'*10**9 }}",
    "{{ ('a'*300000000)|length }}",
    "{{ 'a'|center(10**9) }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ 'a'.ljust(10**9) }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '{:>{w}}'.format('a',w=300000000) }}",
    "{{ [1]|batch(10**8,0)|list }}",
    "{{ ([0]*10**9)|length }}",
    "{{ range(99999)|join('x'*2000) }}",
    "{% set ns=namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(40) %}{% set ns.s=ns.s~ns.s %}{% endfor %}",
    "{% set a = 'aaaaaaaa' %}" + "".join("{% set a = a ~ a %}" for _ in range(40)) + "{{ a }}",
    "{% set a = 'aaaaaaaa' %}" + "".join("{% set a %}{{ a }}{{ a }}{% endset %}" for _ in range(40)) + "{{ a }}",
    "{% set a = 'aaaaaaaa' %}" + "".join("{% set a = [a, a]|join('') %}" for _ in range(40)) + "{{ a }}",
    "{% set a = 'aaaaaaaa' %}" + "".join("{% set a = items|join(a) %}" for _ in range(40)) + "{{ a }}",
    "{% set a = '%' %}" + "".join("{% set a = (a ~ a)|urlencode %}" for _ in range(40)) + "{{ a }}",
    "{{ 1|round(1000000000) }}{{ ['" + "x" * 50 + "']|join }}{{ 'x'|truncate(10 ** 9) }}",
]
WRONG_EXCEPTIONS = [
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ " + "-" * 20_000 + "1 }}",
    "{{ a" + "|upper" * 3000 + " }}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{{ self.a() }}",
    "{{ " + "[" * 150 + "]" * 150 + " }}",
    "{% if a %}" * 150 + "{% endif %}" * 150,
    "{% for a in items %}" * 25 + "{% endfor %}" * 25,
    "{{ 10**5000 }}",
    "{{ " + "9" * 5000 + " }}",
    "{{ (10**400)|filesizeformat }}",
    "{{ 1/0 }}",
    "{{ 1//0 }}",
    "{{ c|tojson }}",
    "{{ c < 1 }}",
    "{{ name < 1 }}",
    "{{ -name }}",
    "{{ name|round }}",
    "{{ 1e999|number }}",
    "{{ name|date }}",
    "{{ items }}",
    "{{ c }}",
    "{{ 5|money }}",
    "{% for x in name %}{% endfor %}",
    "{% for x in missing %}{% endfor %}",
    "{{ missing }}",
    "{{ missing.deeper.still }}",
    "{{ missing[0] }}",
    "{{ items[99] }}",
    "{{ nothing }}",
    "{{ name.upper }}",
    "{{ name|truncate(missing) }}",
    "{{",
    "{% if %}",
    "{% endfor %}",
    "{% if name %}",
    "\x00{{ '\x00' }}{{ a\x00b }}",
]
ALL = ESCAPES + WASTE_OF_TIME + WASTE_OF_MEMORY + WRONG_EXCEPTIONS

GOOD = "Hi {{ name }}"
VARIABLES = {
    "name": "Ada",
    "c": {"delete": "kept", "clear": "kept", "_secret": "canary", "__class__": "canary"},
    "items": ["a", "b", "c"],
    "nothing": None,
}


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack[:60])
def test_no_attack_makes_a_message_and_the_next_person_gets_theirs(attack: str, folder_of: FolderOf) -> None:
    folder = folder_of({"bad/sms.en.j2": attack, "good/sms.en.j2": GOOD})
    began = time.process_time()
    failure = render(folder, "bad", "sms", "en", VARIABLES)
    assert time.process_time() - began < 2
    assert isinstance(failure, RenderFailure), failure
    assert "canary" not in failure.reason
    for diagnostic in failure.diagnostics:
        assert diagnostic.code.startswith("J4")
        assert diagnostic.span.path == "messages/bad/sms.en.j2"
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(attack)
    found = render(folder, "good", "sms", "en", VARIABLES)
    assert isinstance(found, Rendered)
    assert found.text == "Hi Ada"


@pytest.mark.parametrize("attack", ESCAPES + WASTE_OF_TIME[:-2], ids=lambda attack: attack[:60])
def test_check_refuses_before_anything_runs(attack: str, folder_of: FolderOf) -> None:
    assert {found.span.path for found in folder_of({"bad/sms.en.j2": attack}).check()} <= {"messages/bad/sms.en.j2"}
    source = TemplateSource("x", attack)
    parsed, found = read_template(source, "en", html=False, front=False)
    refused_at_run_time = "'" + "a" * 30_000 in attack
    assert (parsed is None and found != ()) or refused_at_run_time


class Row:
    """An object of a database: everything about it may do harm."""

    password_hash = "canary"

    def delete(self) -> str:
        raise AssertionError("a template called it")

    def __str__(self) -> str:
        raise AssertionError("a template printed it")

    __html__ = __repr__ = __str__

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"a template reached for {name}")

    def __getitem__(self, name: object) -> object:
        raise AssertionError(f"a template reached for {name}")


@pytest.mark.parametrize(
    "template",
    [
        "{{ c }}",
        "{{ c.delete }}",
        "{{ c.registry.dispose }}",
        "{{ c.metadata }}",
        "{{ c.password_hash }}",
        "{{ c[0] }}",
        "{{ c['password_hash'] }}",
        "{{ c|upper }}",
        "{{ [c]|join }}",
        "{{ c|length }}",
        "{% for x in c %}{% endfor %}",
        "{{ c|first }}",
        "{{ c|url }}",
        "{{ c|default('x') }}",
        "{{ items|join(', ', 'password_hash') }}",
    ],
)
def test_an_object_of_a_database_is_of_no_use(template: str, folder_of: FolderOf) -> None:
    folder = folder_of({"bad/email.en.j2": "subject: x\n\nx", "bad/email.en.html.j2": template})
    failure = render(folder, "bad", "email", "en", {"c": Row(), "items": [Row()]})
    assert isinstance(failure, RenderFailure)
    assert "canary" not in failure.reason


@pytest.mark.parametrize(
    "text", ["{{7*7}}", "{% include 'x' %}", "{# x #}", "{{ customer }}", "%}{{", "${x}", "%s", "{0}"]
)
def test_what_a_customer_wrote_is_printed_as_it_stands(text: str, folder_of: FolderOf) -> None:
    folder = folder_of(
        {"m/email.en.j2": "subject: {{ name }}\n\n{{ name }}|{{ name|lower }}", "m/email.en.html.j2": "<b>{{ name }}"}
    )
    found = render(folder, "m", "email", "en", {"name": text})
    assert isinstance(found, Rendered)
    assert (found.subject, found.text) == (text, f"{text}|{text.lower()}")
    assert found.html == "<b>" + text.replace("'", "&#39;")


def test_html_is_escaped_and_a_text_message_is_not(folder_of: FolderOf) -> None:
    name = "<script>alert('1')</script>\"&"
    folder = folder_of(
        {
            "m/sms.en.j2": "{{ name }}",
            "m/email.en.j2": "subject: {{ name }}\n\n{{ name }}",
            "m/email.en.html.j2": '<a title="{{ name }}">{{ name|upper }}{{ items|join("<br>") }}</a>',
        }
    )
    mail, text = (
        render(folder, "m", "email", "en", {"name": name, "items": ["<i>"]}),
        render(folder, "m", "sms", "en", {"name": name}),
    )
    assert isinstance(mail, Rendered)
    assert isinstance(text, Rendered)
    assert text.text == mail.text == mail.subject == name
    escaped = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&#34;&amp;"
    assert (
        mail.html
        == f'<a title="{escaped}">{escaped.replace("script", "SCRIPT").replace("alert", "ALERT")}&lt;i&gt;</a>'
    )


@pytest.mark.parametrize(
    ("html", "where"),
    [
        ("<script>var a = '{{ name }}'</script>", "<script>"),
        ("<style>.a { color: {{ name }} }</style>", "<style>"),
        ("<style>{{ name }}", "<style>"),
        ("<!-- {{ name }} -->", "a comment"),
        ("<p class={{ name }}>", "a tag, outside quotes"),
        ("<p {{ name }}>", "a tag, outside quotes"),
        ("<{{ name }}>", "a tag, outside quotes"),
        ("</{{ name }}>", "a tag, outside quotes"),
        ("<p {{ name }}='1'>", "a tag, outside quotes"),
        ("<p onclick=\"f('{{ name }}')\">", "the attribute onclick"),
        ("<p STYLE='background: url({{ name }})'>", "the attribute style"),
        ("<a href='{{ name }}'>", "href without |url"),
        ('<a\nhref = " {{ name|upper }}">', "href without |url"),
        ('<img src="{{ name }}">', "src without |url"),
        ('<a href="{% if name %}{{ name }}{% endif %}">', "href without |url"),
        ("<a title=\"a > b\" href='{{ name }}'>", "href without |url"),
        ("<title class={{ name }}>x</title>", "a tag, outside quotes"),
        ('<p title="{{ name }}', "a tag, outside quotes"),
    ],
)
def test_places_where_escaping_does_not_help_are_refused(html: str, where: str, folder_of: FolderOf) -> None:
    (found,) = folder_of({"m/email.en.j2": "subject: x\n\nx", "m/email.en.html.j2": html}).check()
    assert (found.code, found.facts["html_place"]) == ("J411", where)


@pytest.mark.parametrize(
    "html",
    [
        "<p>{{ name }}</p>",
        "<p title='{{ name }}' class=\"a {{ name }}\">",
        "<a href='https://x.example/?n={{ name|urlencode }}'>",
        '<a href="{{ name|url }}">',
        "<title>{{ name }}</title>",
        "a < b {{ name }} > c",
        "<p\n>{{ name }}",
    ],
)
def test_places_where_escaping_is_enough(html: str) -> None:
    tree = parse(html, sandbox("en", True))
    assert not isinstance(tree, Finding), tree
    assert unsafe_places(tree) == ()


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "JAVASCRIPT:x",
        "java\nscript:x",
        " javascript:x",
        "//evil.example",
        "/x",
        "https://x.example/ onclick=x",
        'https://x.example/"onclick=x',
        "vbscript:x",
        "https://x.example/\r\nX",
        "",
        "x",
    ],
)
def test_links_that_no_mail_may_hold(link: str, folder_of: FolderOf) -> None:
    folder = folder_of({"m/email.en.j2": "subject: x\n\nx", "m/email.en.html.j2": '<a href="{{ link|url }}">'})
    failure = render(folder, "m", "email", "en", {"link": link})
    assert isinstance(failure, RenderFailure)
    assert failure.diagnostics[0].code == "J421"


def test_the_length_of_a_text_is_bounded(folder_of: FolderOf) -> None:
    folder = folder_of({"m/sms.en.j2": "{{ text }}", "n/sms.en.j2": "{% for i in items %}{{ text }}{% endfor %}"})
    assert isinstance(render(folder, "m", "sms", "en", {"text": "x" * MAX_CHARACTERS}), Rendered)
    for message, variables in (
        ("m", {"text": "x" * (MAX_CHARACTERS + 1)}),
        ("n", {"text": "x" * 1000, "items": [1] * 201}),
    ):
        failure = render(folder, message, "sms", "en", variables)
        assert isinstance(failure, RenderFailure)
        assert failure.diagnostics[0].code == "J422"


def test_the_rounds_of_all_loops_are_bounded(folder_of: FolderOf) -> None:
    folder = folder_of({"m/sms.en.j2": "{% for i in items %}{% for j in items %}{% endfor %}{% endfor %}ok"})
    assert isinstance(render(folder, "m", "sms", "en", {"items": [1] * 44}), Rendered)
    failure = render(folder, "m", "sms", "en", {"items": [1] * 45})
    assert isinstance(failure, RenderFailure)
    assert failure.diagnostics[0].code == "J423"
    assert 44 + 44 * 44 <= MAX_ROUNDS < 45 + 45 * 45


def test_a_link_out_of_the_folder_is_not_followed(folder_of: FolderOf) -> None:
    folder = folder_of({"m/sms.en.j2": "x"})
    secret = folder.path.parent / "secret"
    secret.write_text("canary")
    (folder.path / "m" / "sms.zh.j2").symlink_to(secret.resolve())
    folder.refresh()
    failure = render(folder, "m", "sms", "zh", {})
    assert isinstance(failure, RenderFailure)
    assert failure.diagnostics[0].code == "J409"
    for name in ("../secret", "..", "/etc/passwd", "m/../m", "%2e%2e", "m\x00", "..\\m"):
        assert not folder.exists(name, "sms")
        assert isinstance(render(folder, name, "sms", "en", {}), RenderFailure)


PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        " name ",
        "|upper",
        "|default(",
        ")",
        "(",
        "if ",
        "else",
        "endif",
        "for x in ",
        "items",
        "endfor",
        "set a = ",
        "'",
        '"',
        "[",
        "]",
        ".",
        "_",
        "~",
        "*",
        "1",
        "\n",
        "<a href='",
        ">",
        "-",
        " is known ",
        ",",
        "raw",
    ]
)


@given(
    st.lists(PIECES, max_size=25).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.booleans(),
)
def test_any_bytes_are_a_template_or_diagnostics(text: str, html: bool) -> None:
    parsed, found = read_template(TemplateSource("x", text), "zh", html=html, front=False)
    assert (parsed is None) == bool(found)
    if parsed is not None:
        parsed.body.fill({"name": "Ada", "items": ["a"], "day": date(2026, 3, 2)})
        tree = parse(text, sandbox("zh", html))
        assert not isinstance(tree, Finding)
        assert refused(tree) == ()

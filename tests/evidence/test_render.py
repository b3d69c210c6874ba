"""Rendering: text of users and models stays text; placeholders and gaps are seen. Documents: test_model_card.py."""

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError
from markupsafe import Markup

from genaiops_assets.evidence import find_gaps, labels, person_text, placeholders, render_template
from genaiops_assets.evidence.render import (
    _all_labels,
    code,
    day,
    front_matter,
    interval,
    md,
    number,
    paragraphs,
    plain,
    short,
)
from tests.governance.evidence import HOSTILE

MARKUP = st.text(alphabet="ab1 .-+=#:`*_[]()<>&|{}\\!~$\n\"'—中", max_size=40)
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[`*_{}\[\]|~$]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("[x](y)", r"\[x\](y)"),
        ("![x](y)", r"!\[x\](y)"),
        ("**b** _i_ `c`", r"\*\*b\*\* \_i\_ \`c\`"),
        ("a | b", r"a \| b"),
        ("# not a heading", r"\# not a heading"),
        ("- not a list", r"\- not a list"),
        ("1. not a list", r"1\. not a list"),
        ("--- not a rule", r"\--- not a rule"),
        ("-0.5", "-0.5"),
        ("1.5", "1.5"),
        ("two\n\nlines", "two lines"),
        ("C:\\x", "C:\\\\x"),
        ("费率 3.5%", "费率 3.5%"),
        ("", ""),
    ],
)
def test_text_loses_its_markup(text, expected):
    assert md(text) == expected


@given(MARKUP)
def test_no_text_keeps_special_characters_or_line_breaks(text):
    escaped = str(md(text))
    assert not UNESCAPED.search(escaped) and "\n" not in escaped
    assert "<" not in escaped and ">" not in escaped
    assert not re.match(r"[#=]|[-+](\s|$)|---|\d+[.)](\s|$)", escaped)


@given(MARKUP)
def test_a_code_span_cannot_be_closed(text):
    span = str(code(text))
    assert span.count("`") == 2 and "\n" not in span and not re.search(r"(?<!\\)\|", span)


def test_markup_of_our_own_passes_and_is_not_escaped_twice():
    assert md(Markup("`x`")) == "`x`" and md(md("a_b")) == r"a\_b"


def test_paragraphs_are_kept_but_stay_text():
    assert paragraphs("one\nline\n\n# two\n \n- three") == "one line\n\n\\# two\n\n\\- three"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(1234567), "1,234,567"),
        (number(0.12345), "0.1235"),
        (number(5e-05), "5e-05"),
        (number(123456.7), "123,457"),
        (number(None), "–"),
        (number(True), "true"),
        (
            interval({"mean": 0.5, "low": 0.4, "high": 0.6, "n": 40, "confidence": 0.95}),
            "0.500 [0.400, 0.600], n = 40, 95%",
        ),
        (interval({"mean": 0.5, "low": None, "high": None, "n": 1}), "0.500 (n = 1)"),
        (interval({"mean": None, "low": None, "high": None, "n": 0}), "– (n = 0)"),
        (plain({"a": [1, 2], "b": {}}), "a: 1, 2; b: 0"),
        (plain({}), "0"),
        (plain([]), "–"),
        (plain({"short": 3, "copies": 0}), "short: 3, copies: 0"),
        (
            plain([{"words": ["card", "fee"], "share": 0.4}, {"words": ["loan"], "share": 0.1}]),
            "(words: card, fee; share: 0.4); (words: loan; share: 0.1)",
        ),
        (plain([["card", "fee"], ["loan"]]), "(card, fee); (loan)"),
        (plain({"final": {"loss": 0.5, "margin": 0.1}}), "final: (loss: 0.5, margin: 0.1)"),
        (day("2026-01-02T03:04:05+00:00"), "2026-01-02"),
        (day(datetime.date(2026, 1, 2)), "2026-01-02"),
        (short("sha256:" + "ab" * 32), "abababababab"),
    ],
)
def test_values_for_people(shown, expected):
    assert shown == expected


def test_a_bad_date_is_refused():
    with pytest.raises(ValueError, match="soon"):
        day("soon")


def test_front_matter_cannot_be_ended_by_a_value():
    text = front_matter({"license": "x\n---\n# out", "language": ["zh"], "title": "银行"})
    assert text.count("\n---") == 1 and "银行" in text


def test_missing_values_and_templates_raise():
    with pytest.raises(UndefinedError, match="sheet"):
        render_template("datasheet.md.j2", {"t": labels("en")})
    with pytest.raises(TemplateNotFound):
        render_template("no_such_template.md.j2", {})


def test_labels_exist_in_both_languages():
    assert all(text.keys() == {"en", "zh"} and all(text.values()) for text in _all_labels().values())
    with pytest.raises(KeyError):
        labels("fr")


@pytest.mark.parametrize(
    "text",
    [
        "[More Information Needed]",
        "t" + "bd",
        "Lorem ipsum dolor",
        "{{ name }}",
        "{% if %}",
        "待补充",
        "[insert name]",
        "XXX",
    ],
)
def test_template_text_is_found_and_counts_as_empty(text):
    assert placeholders(f"Some words. {text} More words.")
    assert person_text(text, "card.limitations") == {"gap": True, "name": "card.limitations"}


@pytest.mark.parametrize("text", ["Ready.", "A todorov test", "Stbd side", "我们补充了资料", "size {2}", "XX century"])
def test_ordinary_text_is_no_placeholder(text):
    assert placeholders(text) == [] and person_text(f" {text} ", "x") == {"text": text}


def test_escaped_braces_are_no_placeholder():
    assert placeholders(str(md(HOSTILE))) == []


def test_gaps_are_listed_once_wherever_they_stand():
    gap = person_text("", "card.contact")
    assert find_gaps({"a": [gap, {"b": person_text(None, "x.y")}], "c": gap, "d": person_text("here", "z")}) == [
        "card.contact",
        "x.y",
    ]

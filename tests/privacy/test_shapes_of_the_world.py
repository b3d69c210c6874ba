"""Personal data written as people of several countries write it, and what only looks like it.

Belongs here: values taken from national conventions and from the ranges that numbering plans keep for examples. Does
not belong here: how rules are run (`test_finding.py`)."""

from __future__ import annotations

import polars as pl
import pytest

from genaiops_assets.privacy import find, find_all, redact
from genaiops_assets.privacy.shapes import RULES
from genaiops_assets.text import mask
from genaiops_assets.text.scanning import scan_closely
from tests.support.growth import grows_no_faster_than_its_text

ZW = "\u200b"
OPAQUE = "mF_9.B5f-4.1Jq" + "M3kd82LwPz7"
FOUND = [
    # telephone numbers after a word that says so, in the national form
    ("030 23125 000", "PHONE", "Tel.: {}"),
    ("030/23125000", "PHONE", "Rufen Sie {} an."),
    ("0171 3920012", "PHONE", "Mobil {}, werktags"),
    ("(030) 23125-014", "PHONE", "Telefon: {}"),
    ("020 7946 0958", "PHONE", "Ring us on {} today."),
    ("01632 960983", "PHONE", "Phone number: {}."),
    ("07700 900461", "PHONE", "his mobile is {}"),
    ("01 99 00 12 34", "PHONE", "Joignez-nous au {}."),
    ("06.39.98.12.34", "PHONE", "Tél. {}"),
    ("06 69820123", "PHONE", "Telefono: {}"),
    ("347 1234567", "PHONE", "Cellulare {}"),
    ("912 345 678", "PHONE", "Teléfono: {}"),
    ("(010) 62345678", "PHONE", "电话：{}"),
    ("0755 26012345", "PHONE", "客服{}转3"),
    ("62345678", "PHONE", "座机：{}。"),
    ("138.0013.8000", "PHONE", "请拨打{}。"),
    # hidden from machines
    ("jo.doe (at) example.com", "EMAIL", "Write to {}."),
    ("jo.doe[at]example[dot]com", "EMAIL", "Write to {} today"),
    ("jo.doe @ example.com", "EMAIL", "Write to {} today"),
    (f"jo.doe@exa{ZW}mple.com", "EMAIL", "Write to {}."),
    (f"4111 1111{ZW} 1111 1111", "CARD", "card {}"),
    (f"138{ZW}0013{ZW}8000", "PHONE", "手机{}，"),
    ("DE89.3704.0044.0532.0130.00", "IBAN", "IBAN {}."),
    ("١٣٨٠٠١٣٨٠٠٠", "PHONE", "number {} here"),
    ("110105 19491231 002X", "RESIDENT_ID", "身份证{}。"),
    # addresses of the whole world
    ("почта@пример.рф", "EMAIL", "Пишите на {} сегодня"),
    ("用户@例子.中国", "EMAIL", "Mail: {}."),
    ("info@xn--e1afmkfd.xn--p1ai", "EMAIL", "Mail {} now"),
    # tokens without a prefix of their own
    (OPAQUE, "SECRET", "Authorization: Bearer {}"),
    (OPAQUE, "SECRET", "curl -H 'X-Api-Key: {}'"),
    ("dXNlcjpwYXNzMTIz" + "NDU2", "SECRET", "Authorization: Basic {}"),
    ("10.20.30.40", "IP", "Host {} was blocked."),
    ("10.0.0.12", "IP", "{} Gateway of the branch"),
]
LEFT = [
    "See section 10.2.13.4 and § 12.3.4.55, clause 3.12.1.4, Version 1.22.3.4 and v 2.10.3.1.",
    "12.4.1.3 Scope of the policy\n## 3.14.15.9 Definitions",
    "参见第12.3.4.55节，版本 1.22.33.4。Kapitel 10.2.13.4 gilt.",
    "![logo](icon@2x.png) and sprite@3x.webp and style@1.min.css",
    "Bearer of this letter: the customer. The bearer token is confidential information.",
    "Hotel 1234567 rooms; mobile 2024-01-15 release; call 2024 2025; the phone costs 1,234,567 dollars.",
    "We met (at) noon; see you @ the office. 5 @ 3.50 each.",
    "Totals: 912 345 678 units; order 020 7946; 012/2024.",
    "zero\u200bwidth\u200b words and 👨\u200d👩\u200d👧 families",
]


@pytest.mark.parametrize(("value", "kind", "frame"), FOUND)
def test_what_people_write_is_found_with_its_exact_span(value: str, kind: str, frame: str) -> None:
    text = frame.format(value)
    assert [(f.kind, text[f.start : f.end]) for f in find(text)] == [(kind, value)]


@pytest.mark.parametrize("text", LEFT)
def test_sections_versions_files_and_words_stay(text: str) -> None:
    assert [(f.kind, text[f.start : f.end]) for f in find(text)] == []


def test_few_texts_many_texts_and_a_close_look_agree() -> None:
    texts = [frame.format(value) for value, _, frame in FOUND] + LEFT
    closely = [scan_closely(text, RULES) for text in texts]
    assert closely == [find(text) for text in texts] == find_all(texts) == find_all(pl.Series(texts))
    assert [r.text for r in redact(texts, {"default": "mask"})] == [
        redact([text], {"default": "mask"})[0].text for text in texts
    ]


@pytest.mark.parametrize("action", ["mask", "redact"])
def test_nothing_is_left_after_once(action: str) -> None:
    texts = [frame.format(value) for value, _, frame in FOUND]
    once = [r.text for r in redact(texts, {"default": action})]
    assert find_all(once) == [[] for _ in texts]


def test_what_stands_before_a_name_without_a_blank_is_taken_in_part() -> None:
    text = "您可以随时写信到我们的客户服务部门并且说明您的具体问题和联系方式以及姓名用户@例子.中国"
    [found] = find(text)
    assert found.kind == "EMAIL" and text[found.end - 5 : found.end] == "例子.中国" and found.start > 0


UNITS = [
    "-eyJ" + "a" * 12,
    "-----BEGIN PRIVATE KEY-----\n",
    "AIza" + "b" * 35,
    "shpat_" + "a" * 32,
    "dop_v1_" + "a" * 40,
    "SG." + "a" * 16,
    "a (at) b",
    "a @ b.",
    "用@户.",
    "tel 1 ",
    "13800138000\n",
    "bearer abc1",
    "§ 10.2.13.4 ",
    "1.2.3.44\u200b",
    "01 23 45 67 ",
]


@pytest.mark.parametrize("unit", UNITS)
def test_the_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    assert grows_no_faster_than_its_text(find, unit)


def test_mask_knows_the_same_shapes() -> None:
    assert mask("Tel. 030 23125000, jo.doe (at) example.com").text == "Tel. <PHONE>, <EMAIL>"

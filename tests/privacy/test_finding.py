"""Each kind found and left alone, spans exact, findings apart, and a prefilter that loses nothing."""

from __future__ import annotations

import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.privacy import RULE_KINDS, find_all, probe_set
from genaiops_assets.privacy.redaction import find
from genaiops_assets.privacy.shapes import RULES
from genaiops_assets.text import mask, mask_all, scan
from genaiops_assets.text.scanning import scan_closely
from tests.text.test_masking import _PERSONAL

# Joined at run time so that no scanner takes a test for a leaked key.
PEM = (
    "-----BEGIN EC PRIV"
    + "ATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49\n-----END EC PRIVATE KEY-----"
)
FOUND = [
    *((value, kind, "{}") for value, kind in _PERSONAL),
    (PEM, "SECRET", "key:\n{}\nend"),
    ("sk" + "_live_4eC39HqLyjWDarjtT1zdp7dc", "SECRET", "use {} now"),
    ("Xk29fLq81ZtPw03b", "SECRET", 'api_key = "{}"'),
    ("Xk29fLq81ZtPw03b", "SECRET", "密码：{}，请勿外传"),
    ("reader:S3cr3tPass", "SECRET", "postgres://{}@db.example.com/kb"),
    ("123-45-6789", "SSN", "on form {}."),
    ("123.45.6789", "SSN", "on form {}."),
    ("123456789", "SSN", "Social security number: {}."),
    ("AB123456C", "NINO", "quote {}"),
    ("AB 12 34 56 C", "NINO", "quote {}"),
    ("12345678Z", "ES_ID", "DNI {}"),
    ("X-1234567-L", "ES_ID", "NIE {}"),
    ("12.345.678-Z", "ES_ID", "NIF: {}"),
    ("86095742719", "DE_TAX_ID", "Steuer-ID {}"),
    ("86 095 742 719", "DE_TAX_ID", "number {}"),
    ("255081416802538", "FR_NIR", "assuré {}"),
    ("2 55 08 14 168 025 38", "FR_NIR", "assuré {}"),
    ("RSSMRA85T10A562S", "IT_FISCAL_CODE", "CF {}"),
    ("DE136695976", "VAT_ID", "VAT {}"),
    ("FR40303265045", "VAT_ID", "VAT {}"),
    ("ATU13585627", "VAT_ID", "VAT {}"),
    ("BE 0428.759.497", "VAT_ID", "VAT {}"),
    ("NL004495445B01", "VAT_ID", "VAT {}"),
    ("E12345678", "PASSPORT", "护照号码：{}。"),
    ("EA1234567", "PASSPORT", "passport no. {}"),
    ("91350100M000100Y43", "CREDIT_CODE", "统一社会信用代码{}，"),
]
LEFT = [
    "SSN 000-12-3456, 666-12-3456, 912-34-5678, 123-00-4567 and 123-45-0000 were never given out.",
    "NINO QX123456A and BG123456A do not exist; DNI 12345678A has a wrong letter.",
    "Code 91350100M000100Y44, RSSMRA85T10A562T, DE136695977, FR41303265045 and 255081416802539 fail their checks.",
    "Batch E12345678 of 123456789 pieces, no document of a person.",
    "The password must have at least 12 characters. The key: customers. token = confirmation_of_address_form",
    "Under § 1026.19(e)(3)(iv) and 12 CFR 1002.14, 15 U.S.C. 1693 et seq., from 2014-10-03 to 2015.",
    "第1026.19条，金额1,000,000.00元，2024年1月15日，编号2024-0012，工单123456。",
    "The total was 12 345 678 units, 470000.00 USD, version 2.10.3, and section 4.1.2.3.",
    "XXXX XXXX said XX/XX/2014 that {$7100.00} was due on account XXXX.",
]


@pytest.mark.parametrize(("value", "kind", "frame"), FOUND)
def test_every_kind_is_found_with_its_exact_span(value: str, kind: str, frame: str) -> None:
    text = frame.format(value)
    (found,) = find(text)
    assert (found.kind, text[found.start : found.end]) == (kind, value)


def test_no_kind_is_without_an_example() -> None:
    assert {kind for _, kind, _ in FOUND} == set(RULE_KINDS)


@pytest.mark.parametrize("text", LEFT)
def test_what_only_looks_like_personal_data_stays(text: str) -> None:
    assert [(f.kind, text[f.start : f.end]) for f in find(text)] == []


def test_a_batch_finds_what_single_texts_find_whatever_holds_them() -> None:
    texts = [frame.format(value) for value, _, frame in FOUND] + LEFT + ["", "\n\n"]
    assert find_all(texts) == find_all(pl.Series(texts)) == [find(t) for t in texts]
    assert [m.text for m in mask_all(texts)] == [mask(t).text for t in texts]


def test_a_lone_surrogate_stops_nobody() -> None:
    assert [f.kind for f in find_all(["\ud800 anna@example.org"])[0]] == ["EMAIL"]


FRAGMENTS = [
    *(value for value, _, _ in FOUND),
    *[
        "\n",
        "a",
        "1",
        "2024",
        "E",
        "DE",
        "$",
        "+",
        "(",
        ")",
        ".",
        "-",
        " ",
        "@",
        ":",
        "_",
        "号",
        "护照",
        "passport no. ",
        "SSN ",
        "１２",
        "＠",
        "；",
    ],
    *["password: ", "://", "<EMAIL>", "-----BEGIN PRIVATE KEY-----", "123", "45", "6789", "AB", "C", "，"],
]
MESSY = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join) | st.text(max_size=60)


@settings(max_examples=600, deadline=None)
@given(st.lists(MESSY, max_size=4))
def test_the_prefilter_loses_nothing_and_findings_never_overlap(texts: list[str]) -> None:
    found = scan(texts, RULES)
    assert found == [scan_closely(text, RULES) for text in texts]
    for text, findings in zip(texts, found, strict=True):
        assert all(0 <= f.start < f.end <= len(text) for f in findings)
        assert all(a.end <= b.start for a, b in itertools.pairwise(findings))


def test_the_prefilter_loses_nothing_in_the_probe_set() -> None:
    texts = [probe.text for probe in probe_set(5, 400)]
    assert scan(["\n".join(texts)], RULES)[0] == scan_closely("\n".join(texts), RULES)
    assert scan(texts, RULES) == [scan_closely(text, RULES) for text in texts]

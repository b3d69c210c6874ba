"""What is masked, what must stay, and that masking is idempotent and linear."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.text import mask
from tests.support.growth import grows_no_faster_than_its_text

# Joined at run time so that no scanner takes a test for a leaked key.
_OPENAI_KEY = "sk" + "-proj-abcdef1234567890ABCDEF"
_AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
_GITHUB_KEY = "ghp" + "_" + "a1B2" * 9
_JWT = "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N"

_PERSONAL = [
    ("anna.smith+tag@mail.example.co.uk", "EMAIL"),
    ("josé@example.com", "EMAIL"),
    (_OPENAI_KEY, "SECRET"),
    (_AWS_KEY, "SECRET"),
    (_GITHUB_KEY, "SECRET"),
    (_JWT, "SECRET"),
    ("GB82 WEST 1234 5698 7654 32", "IBAN"),
    ("DE89370400440532013000", "IBAN"),
    ("4111 1111 1111 1111", "CARD"),
    ("5500-0000-0000-0004", "CARD"),
    ("378282246310005", "CARD"),
    ("6222021234567890128", "CARD"),
    ("192.168.10.24", "IP"),
    ("2001:db8:0:0:1::1f", "IP"),
    ("11010519491231002X", "RESIDENT_ID"),
    ("+44 20 7946 0958", "PHONE"),
    ("+33.1.23.45.67.89", "PHONE"),
    ("+86 138 0013 8000", "PHONE"),
    ("0044 20 7946 0958", "PHONE"),
    ("(415) 555-2671", "PHONE"),
    ("415-555-2671", "PHONE"),
    ("1-800-555-0199", "PHONE"),
    ("13800138000", "PHONE"),
    ("１３８００１３８０００", "PHONE"),
    ("138-0013-8000", "PHONE"),
    ("010-62345678", "PHONE"),
]


@pytest.mark.parametrize(("secret", "kind"), _PERSONAL)
@pytest.mark.parametrize("frame", ["{}", "Please use {} today.", "请联系{}，谢谢。", "({})", "a: {}; 7 b"])
def test_personal_data_is_masked_whole(secret: str, kind: str, frame: str) -> None:
    masked = mask(frame.format(secret))
    assert masked.text == frame.format(f"<{kind}>")
    assert masked.counts == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "The fee is $1,234,567.89 or 4.50%, that is 1000000 USD or £415.00.",
        "From 2024-01-15 to 15/01/2024, 20240115, 2024.01.15 10:30:45 and 20240115093000.",
        "See doc_rates_001, doc_13800138000 and chunk 4f2a9c01d3e5b678.",
        "Order 12345678, order 1234567890, invoice 2024000123456 and ticket #98765.",
        "Section 4.1.2.3 of version 2.10.3, step 1.2.3",
        "Changes of +1.25 2.50 3.75 4.00 and +10,000,000 and +12345678.90",
        "A vector 0.4111111111111111 and 0.13800138000",
        "A card that is not one: 4111 1111 1111 1112; an account GB82 WEST 1234 5698 7654 33",
        "An id that is not one: 110105194912310021; an address 256.300.1.1",
        "std::vector x[10::20] at 12:30:45, task-management and risk-based-classification-pipeline",
        "年利率4.5%，金额1,000,000元，2024年1月15日，订单号1234567890",
        "UUID 550e8400-e29b-41d4-a716-446655440000, a@b, @handle",
    ],
)
def test_ordinary_numbers_stay(text: str) -> None:
    masked = mask(text)
    assert masked.text == text
    assert masked.counts == {}


def test_ten_bare_digits_are_a_phone_only_after_a_word_that_says_so() -> None:
    assert mask("Phone: 4155552671").text == "Phone: <PHONE>"
    assert mask("Order number 4155552671").counts == {}


def test_neighbours_are_found_one_by_one() -> None:
    text = "2024 4111 1111 1111 1111 and +44 20 7946 0958 (415) 555-2671, GB82 WEST 1234 5698 7654 32 AND MORE"
    assert mask(text).text == "2024 <CARD> and <PHONE> <PHONE>, <IBAN> AND MORE"
    assert mask(text).counts == {"CARD": 1, "PHONE": 2, "IBAN": 1}


_FRAGMENTS = [
    *(secret for secret, _ in _PERSONAL),
    *[
        "<EMAIL>",
        "<PHONE>",
        "a",
        "1",
        "2024",
        "4.5%",
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
        "phone",
        "tel:",
    ],
]


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(_FRAGMENTS), max_size=7).map("".join) | st.text(max_size=60))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text).text
    again = mask(once)
    assert again.text == once
    assert again.counts == {}


@pytest.mark.parametrize("unit", ["1", "a@", "a.", "sk-", "+1", "2001:", "1.", "4111 ", "GB82 ", "(415)", "。", "ghp_"])
def test_the_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    assert grows_no_faster_than_its_text(mask, unit)

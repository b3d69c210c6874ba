"""Rules for personal data and secrets beyond those that every mask uses: national ids, company numbers, keys and
passwords.

Belongs here: patterns, the words that must stand before a number that has no checksum, the order of all rules. Does
not: check digits (`checksums.py`), names (`names.py`), the engine (`text/scanning.py`)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable

from genaiops_assets.privacy import checksums
from genaiops_assets.text import (
    ALONE_LEFT,
    ALONE_RIGHT,
    CARD_RULE,
    EARLY_RULES,
    LONG_NUMBER,
    NUMBER_LEFT,
    NUMBER_RIGHT,
    PHONE_RULES,
    Need,
    Rule,
    Span,
)

RULES_VERSION = "2"  # to be raised with every change of a rule: what was measured with others is measured again
LABEL_REACH = 40  # characters before a number in which its label may end
_NO = r"(?:[ _-]{0,2}(?:no|nr|num|number|#|id|card|号码|号|编号))?[ .:：=#(]{0,4}(?:(?:is|为|是)[ :：]{0,2})?$"
_NEVER_NINO = ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ")
_MIN_ENTROPY = 3.0  # bits a character: words of a language stay below, random keys of 16 characters reach 3.2 and more


def _bare(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).upper()


def _valid(test: Callable[[str], bool]) -> Callable[[re.Match[str]], Span | None]:
    """The whole candidate if its bare characters pass the test."""
    return lambda found: found.span() if test(_bare(found.group())) else None


def _after(label: str, test: Callable[[str], bool] = lambda bare: True) -> Callable[[re.Match[str]], Span | None]:
    """The whole candidate if it passes the test and a label ends right before it."""
    pattern = re.compile(f"(?:{label}){_NO}", re.IGNORECASE)

    def check(found: re.Match[str]) -> Span | None:
        before = found.string[max(0, found.start() - LABEL_REACH) : found.start()]
        return found.span() if pattern.search(before) and test(_bare(found.group())) else None

    return check


# Letters among the digits: seven digits in a row, a Spanish number in thousands, a country before eight digits,
# Corsica.
_CODE = Need(
    r"[0-9]{7}|[0-9]{2}\.[0-9]{3}\.[0-9]{3}-?[A-Z]|[A-Z]{2} ?U?[ -]?[0-9](?:[ .-]?B?[0-9]){7}|2[AB] ?[0-9]{3} "
    r"?[0-9]{3} ?[0-9]{2}",
    before=24,
    after=24,
)


def _number(kind: str, shape: str, check: Callable[[re.Match[str]], Span | None], need: Need = LONG_NUMBER) -> Rule:
    return Rule(kind, re.compile(NUMBER_LEFT + shape + NUMBER_RIGHT), need, check)


def _ssn(digits: str) -> bool:
    """Areas 000, 666 and 900 to 999, group 00 and serial 0000 were never given out (US Social Security
    Administration)."""
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def _vat(found: re.Match[str]) -> Span | None:
    """As many digits as the country's numbers have, provided that no other follows."""
    country, candidate = found.group()[:2], found.group()
    positions = [i for i, c in enumerate(candidate) if c.isdigit()]
    wanted = checksums.VAT_DIGITS[country]
    if len(positions) < wanted:
        return None
    end = positions[wanted - 1] + 1
    if candidate[end : end + 1].isdigit() or found.string[found.start() + end : found.start() + end + 1].isalnum():
        return None
    return (found.start(), found.start() + end) if checksums.vat_id(country, _bare(candidate[2:end])) else None


def _random_value(found: re.Match[str]) -> Span | None:
    """The value of `key = value` if it looks random: letters and digits, and more entropy than words have."""
    value = found.group("value")
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return found.span("value") if mixed and entropy >= _MIN_ENTROPY else None


_PEM = r"-----BEGIN (?:[A-Z0-9]{1,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_PEM_BODY = r"(?:(?:[A-Za-z0-9+/=\s:,]|-(?!----)){0,12000}+-----END (?:[A-Z0-9]{1,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----|(?:\s{0,4}[A-Za-z0-9+/=]{40,})*)"
_KEY_WORDS = r"(?:api|access|secret|private|auth|client|account|signing|encryption)[ _-]?(?:key|token|secret)|secret|token|passw(?:or)?d|pwd"
_IS = r"[\"']?(?: ?(?:=>|:=|=|:) ?| is |[为是] ?:? ?)[\"']?"
_ASSIGNED = rf"(?:{_KEY_WORDS}|密码|口令|密钥){_IS}(?P<value>[A-Za-z0-9+/_.~!@#$%^&*-]{{12,200}}=*)"

_BEARER = r"(?:bearer|authorization: ?(?:basic|token|apikey)|x-api-key:)[ :]{1,3}(?P<value>[A-Za-z0-9+/_.~-]{16,400}=*)"

SECRET_RULES = (
    Rule("SECRET", re.compile(_PEM + _PEM_BODY), Need("PRIVATE KEY", whole=True)),
    Rule(
        "SECRET",
        re.compile(
            ALONE_LEFT
            + r"(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{40,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
            r"|ya29\.[A-Za-z0-9_-]{20,}|dop_v1_[0-9a-f]{40}[A-Za-z0-9_]*|shpat_[0-9a-fA-F]{32}[A-Za-z0-9_]*|xapp-[A-Za-z0-9-]{20,})"
        ),
        Need(r"[sr]k_live_|[sr]k_test_|npm_|pypi-|SG\.|ya29\.|dop_v1_|shpat_|xapp-"),
    ),
    Rule("SECRET", re.compile(r"(?<=://)[^\s/:@]{1,64}:[^\s/:@]{3,128}(?=@)"), Need(r"://[^ /:@]{1,64}:[^ /@]")),
    Rule(
        "SECRET",
        re.compile(_ASSIGNED, re.IGNORECASE),
        Need(r"(?:(?i:key|token|secret|passwd|password|pwd)|密码|口令|密钥)[\"']?(?: ?[:=]| is |[为是])"),
        _random_value,
    ),
    Rule(
        "SECRET",
        re.compile(r"(?<![A-Za-z])" + _BEARER, re.IGNORECASE),
        Need(r"(?i:bearer|basic|token|apikey|x-api-key:)[ :]"),
        _random_value,
    ),
)
_TAX_LABEL = r"steuer(?:liche)?[ -]?(?:id|identifikationsnummer|nummer)|id[- ]?nr|tin|tax[ -]?(?:id|identification)"
_GERMAN = r"[1-9][0-9](?: ?[0-9]{3}){3}"
_NIR = r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"
_NIR_OF_CORSICA = r"[12] ?[0-9]{2} ?[0-9]{2} ?2[AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"
_FISCAL = r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]"
ID_RULES = (
    _number("CREDIT_CODE", r"[159ANY][1239][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}", _valid(checksums.credit_code), _CODE),
    _number("FR_NIR", _NIR, _valid(checksums.french_nir)),
    _number("FR_NIR", _NIR_OF_CORSICA, _valid(checksums.french_nir), _CODE),
    Rule(
        "VAT_ID",
        re.compile(
            ALONE_LEFT
            + rf"(?:AT ?U|{'|'.join(c for c in checksums.VAT_DIGITS if c != 'AT')})[ -]?[0-9](?:[ .-]?B?[0-9]){{7,12}}"
        ),
        _CODE,
        _vat,
    ),
    _number("DE_TAX_ID", _GERMAN, _after(_TAX_LABEL, checksums.german_tax_id)),
    _number("DE_TAX_ID", r"[1-9][0-9](?: [0-9]{3}){3}", _valid(checksums.german_tax_id)),
    _number(
        "ES_ID",
        r"(?:[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3}|[XYZ]-?[0-9]{7})-?[A-HJ-NP-TV-Z]",
        _valid(checksums.spanish_id),
        _CODE,
    ),
    _number("PASSPORT", r"(?:[A-Z][0-9]{8}|[A-Z]{2}[0-9]{7}|[0-9]{9})", _after("passe?port|reisepass|护照"), _CODE),
    _number("SSN", r"[0-9]{3}([-.])[0-9]{2}\1[0-9]{4}", _valid(_ssn)),
    _number("SSN", r"[0-9]{3} ?[0-9]{2} ?[0-9]{4}", _after("ssn|social security", _ssn)),
    Rule(
        "NINO",
        re.compile(
            ALONE_LEFT + r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]( ?)[0-9]{2}\1[0-9]{2}\1[0-9]{2}\1[A-D]" + ALONE_RIGHT
        ),
        Need(r"[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]", before=2, after=2),
        lambda found: None if found.group()[:2] in _NEVER_NINO else found.span(),
    ),
    Rule(
        "IT_FISCAL_CODE",
        re.compile(ALONE_LEFT + _FISCAL + ALONE_RIGHT),
        Need(_FISCAL, before=2, after=2),
        _valid(checksums.italian_fiscal_code),
    ),
)
LATE_RULES = (_number("DE_TAX_ID", r"[1-9][0-9]{10}", _valid(checksums.german_tax_id)),)

# A password in a URL goes before the address it would look like; checksummed numbers go before cards and phones, which
# would take a part of them; a bare run of 11 digits is a phone first.
RULES = (*SECRET_RULES, *EARLY_RULES, *ID_RULES, CARD_RULE, *PHONE_RULES, *LATE_RULES)
RULE_KINDS = tuple(dict.fromkeys(rule.kind for rule in RULES))

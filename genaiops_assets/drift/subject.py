"""What a question is about, without what only says whose it is: ticket numbers, case references, masked values.

Belongs here: that one reduction, for texts that are compared. Does not belong here: the texts themselves, which stay as
they are in the log and in every table."""

from __future__ import annotations

import re

_LABEL = r"(?:(?<![A-Za-z])(?:ticket|case|ref(?:erence)?|incident)(?![a-z])|工单|案件|编号|单号|参考号)"
_COUNTED = r"(?:no|nr|number|id|编号|号)?[\s.:：#_-]{0,3}"
_NUMBER = r"[A-Za-z]{0,6}[-_]?[0-9][0-9A-Za-z_-]{2,30}"
_REFERENCES = re.compile(
    "|".join(
        (
            rf"[\[(（【]?{_LABEL}[\s.:：#_-]{{0,3}}{_COUNTED}{_NUMBER}[\])）】]?[\s:：,，;；-]{{0,3}}",
            r"[\[(（【]?#[0-9]{3,20}[\])）】]?[\s:：,，;；-]{0,3}",
            r"(?<![$€£¥.,0-9A-Za-z])[0-9]{6,20}(?![.,%0-9A-Za-z])",  # no amount: a bare number of six digits and more
            r"<[A-Z][A-Z_]{1,20}>",
        )
    ),
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s{2,}")


def subject_of(text: str) -> str:
    """The text without references; one that is nothing else stays as it is."""
    left = _SPACES.sub(" ", _REFERENCES.sub(" ", text)).strip(" \t\n,;:，；：")
    return left if any(c.isalnum() for c in left) else text

"""Whether an answer refuses: says that it does not know, or that nothing supports an answer.

Belongs here: that rule, in English and Chinese. Does not belong here: whether refusing was right (`suites/refusal.py`,
`suites/golden.py`). The rule looks for stated phrases at the beginning of each sentence; it misses a refusal in other
words and takes no answer with a figure for one. It is a heuristic, not a judge."""

from __future__ import annotations

import re

from genaiops_assets.text import sentences

_SUBJECT = "(?:i|we|it|this|that|there|the (?:passages?|text|context|documents?|articles?|knowledge base|question))"
_NOT = "(?:(?:do|does|did|could|is|are|am|was)(?: not|n.t)|can ?not|can.t|.m not)"
_KNOW = "(?:find|found|know|sure|say|answer|have (?:any |enough |that |this )?information|able to (?:find|answer|help))"
_STATE = "(?:state[ds]?|mention(?:ed|s)?|provide[ds]?|specif(?:y|ied)|contain|include[ds]?|in (?:the|this|our) )"
_OPENING = r"(?:(?:sorry|unfortunately|i.m sorry|i apologi[sz]e)\W+(?:but )?)?"
_ENGLISH = re.compile(
    rf"^{_OPENING}(?:{_SUBJECT}\W{{0,3}}{_NOT}\s+(?:\w+\s+)?(?:{_KNOW}|{_STATE})"
    r"|no (?:information|passage|answer)\b|please ask (?:a|my) colleague)",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"^(?:抱歉|对不起|很遗憾)?[，,。]?\s*(?:(?:资料|文中|以上|知识库|文档|我)[^。，]{0,6})?"
    r"(?:没有(?:相关|这方面|提到|提及|说明|找到)|未(?:提及|提到|说明|找到)|找不到|无法(?:回答|找到|确定)|不(?:知道|清楚|确定))"
)


def refuses(answer: str) -> bool:
    """Whether a sentence of the answer begins with a refusal and none states a figure; an empty answer refuses
    nothing."""
    plain = answer.strip().replace("\u2019", "'")
    if not plain or re.search(r"\d", plain):
        return False
    return any(_ENGLISH.match(s.strip()) or _CHINESE.match(s.strip()) for s in (sentences(plain) or [plain]))

"""The same question in other words or with mistakes, by rule: what people type, in English and Chinese.

Belongs here: plain functions of a text and a seeded generator. Does not belong here: which questions are perturbed, and
what comes of it (`robustness.py`)."""

from __future__ import annotations

import random
import re

MISTYPED = 0.2  # of the words long enough to mistype, at least one
SHORTEST = 4  # letters
ALIKE = ("的得", "在再", "做作", "已以", "他她", "那哪", "几己", "像象", "账帐", "份分")  # read alike, often confused
HOMOPHONES = {"地": "的", **{pair[i]: pair[1 - i] for pair in ALIKE for i in (0, 1)}}

# (pattern of the whole question without its end mark, what it becomes); the first that fits is taken
REWORDED_EN = [
    (
        r"^(?:how much|how many|how long|how often|when|where|why|who|which|what|how)\b(.*)$",
        "I would like to know: {q}?",
    ),
    (r"^(?:can|may|could) i\b(.+)$", "Is it possible for me to{1}?"),
    (r"^(?:is|are|do|does|did|will|would|can|may|must|should|has|have)\b(.+)$", "Please tell me: {q}?"),
]
REWORDED_ZH = [
    (r"^什么是(.+)$", "{1}是什么？"),
    (r"^(.*)多少钱(.*)$", "{1}什么价钱{2}？"),
    (r"^(.*)能不能(.*)$", "{1}可不可以{2}？"),
    (r"^(.*)可以(.*)吗$", "{1}是否可以{2}？"),
    (r"^(.*)怎么(.*)$", "{1}如何{2}？"),
    (r"^(.*)如何(.*)$", "{1}怎样{2}？"),
    (r"^(.*)多久(.*)$", "{1}多长时间{2}？"),
    (r"^(.*)几天(.*)$", "{1}多少天{2}？"),
    (r"^(.*)哪里(.*)$", "{1}什么地方{2}？"),
    (r"^(.*)要(.*)吗$", "{1}需不需要{2}？"),
]
SYNONYMS_EN = [
    (r"\bdo i (?:need|have) to\b", "must I"),
    (r"\bget\b", "receive"),
    (r"\bfees?\b", "charge"),
    (r"\bat most\b", "at the very most"),
]
POLITE = {"en": "Could you please help me with this: {q}?", "zh": "请问一下，{q}？"}
END_MARKS = " ?？。.!！"


def with_typos(question: str, language: str, draw: random.Random) -> str:
    """Two neighbouring letters swapped in a fifth of the words, at least in one; in Chinese a character that sounds
    alike, else two characters swapped. Names of one letter and figures stay as they are."""
    return _chinese_typo(question, draw) if language == "zh" else _english_typos(question, draw)


def reworded(question: str, language: str) -> str:
    """The question in other words, by the first rule of the table that fits, a polite opening where none does; in
    English also by a few words that mean the same."""
    plain = question.strip().rstrip(END_MARKS)
    for pattern, becomes in SYNONYMS_EN if language == "en" else ():
        plain = re.sub(pattern, becomes, plain, flags=re.IGNORECASE)
    for pattern, becomes in REWORDED_ZH if language == "zh" else REWORDED_EN:
        found = re.match(pattern, plain, re.IGNORECASE)
        if found:
            return becomes.format(None, *found.groups(""), q=_lowered(plain) if language == "en" else plain)
    return POLITE[language].format(q=plain)


def _lowered(text: str) -> str:
    """The first letter small, where it opens no abbreviation and is not the word I."""
    second = text[1:2]
    return text if second.isupper() or text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


def _english_typos(question: str, draw: random.Random) -> str:
    words = list(re.finditer(rf"[A-Za-z]{{{SHORTEST},}}", question))
    if not words:
        return question
    wrong = draw.sample(range(len(words)), max(1, round(MISTYPED * len(words))))
    letters = list(question)
    for which in sorted(wrong):
        start, end = words[which].span()
        places = [i for i in range(start + 1, end - 1) if letters[i] != letters[i + 1]]
        if places:
            place = draw.choice(places)
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


def _chinese_typo(question: str, draw: random.Random) -> str:
    sounding = [i for i, character in enumerate(question) if character in HOMOPHONES]
    letters = list(question)
    if sounding:
        place = draw.choice(sounding)
        letters[place] = HOMOPHONES[letters[place]]
        return "".join(letters)
    places = [
        i for i in range(len(letters) - 1)
        if letters[i] != letters[i + 1] and all("\u4e00" <= c <= "\u9fff" for c in letters[i : i + 2])
    ]  # fmt: skip
    if places:
        place = draw.choice(places)
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)

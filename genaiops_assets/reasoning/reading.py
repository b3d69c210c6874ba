"""Facts a text states, by the words a policy gives for each value. No model: what the words do not say for certain is
left open, and the solver then says `unknown`.

Belongs here: from a text to facts, in English and Chinese. Does not belong here: what follows from them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from genaiops_assets.reasoning.policy import Policy, Variable
from genaiops_assets.text import sentences

CLAUSES = re.compile(r"[.;:!?。；：！？\n]|,\s|，")
CONDITIONS = re.compile(
    r"\b(?:not|never|if|unless|except|depends?|may|might|usually|up to|at most|otherwise)\b"
    r"|n't\b|如果|除非|可能|取决|最高|最多|否则",
    re.IGNORECASE,
)
NEGATIONS = re.compile(
    r"\b(?:not|no|never|without|neither|nor|hardly|unless|except|if|whether|maybe|perhaps)\b|n't\b|不|没|未|非|无|如果|是否|除非|也许|可能",
    re.IGNORECASE,
)
NOTHING = re.compile(r"\b(?:free|nothing|no (?:fee|charge|cost)s?)\b|免费|不收|无需付", re.IGNORECASE)
NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"


def facts_in(policy: Policy, text: str) -> dict[str, bool | str | float]:
    """Variable → value for what the text states once and without a negation or condition in the same clause; two
    values of one variable are none. What the rules conclude is no fact."""
    return _certain({n: _values(v, text) for n, v in policy.variables.items() if n not in policy.concluded})


def conclusions_in(policy: Policy, answer: str) -> dict[str, bool | str | float]:
    """Variable → value for what an answer says of things that the rules conclude, as `facts_in` reads; a number counts
    in a sentence that names the variable (`named`) and holds one number with its unit, or says that it is free."""
    found = {n: _concluded(policy.variables[n], answer) for n in policy.variables if n in policy.concluded}
    return _certain(found)


def _concluded(variable: Variable, answer: str) -> set[bool | str | float | None]:
    if variable.type != "number":
        return _values(variable, answer)
    said: set[bool | str | float | None] = set()
    for sentence in sentences(answer):
        if not any(_phrase(name).search(sentence) for name in variable.named):
            continue
        numbers = _numbers(variable, sentence)
        if CONDITIONS.search(sentence) or len(numbers) > 1:
            said.add(None)
        elif numbers:
            said |= numbers
        elif NOTHING.search(sentence):
            said.add(0.0)
    return said


def _certain(found: Mapping[str, set[bool | str | float | None]]) -> dict[str, bool | str | float]:
    single = {name: values.pop() for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in single.items() if value is not None}


def _values(variable: Variable, text: str) -> set[bool | str | float | None]:
    """What the text says; None stands for something that cannot be told."""
    if variable.type == "number":
        return _numbers(variable, text)
    said: set[bool | str | float | None] = set()
    for clause in CLAUSES.split(text):
        for stated in variable.said:
            rest = clause
            for words in sorted(stated.words, key=len, reverse=True):
                if not (here := _phrase(words).search(rest)):
                    continue
                before = rest[: here.start()] + rest[here.end() :]
                said.add(None if NEGATIONS.search(before) else stated.value)
                rest = before
    return said


def _numbers(variable: Variable, text: str) -> set[bool | str | float | None]:
    if not variable.unit:
        return set()
    units = "|".join(re.escape(unit) for unit in sorted(variable.unit, key=len, reverse=True))
    after = re.compile(rf"{NUMBER}\s*(?:{units})(?![A-Za-z])", re.IGNORECASE)
    return {float(number.replace(",", "")) for number in after.findall(text)}


def _phrase(words: str) -> re.Pattern[str]:
    """The words at word borders where they begin or end with a letter of an alphabet; Chinese has no borders."""
    start = r"\b" if words[:1].isascii() and words[:1].isalnum() else ""
    end = r"\b" if words[-1:].isascii() and words[-1:].isalnum() else ""
    return re.compile(start + r"\s+".join(map(re.escape, words.split())) + end, re.IGNORECASE)

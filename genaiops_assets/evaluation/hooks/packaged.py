"""The packaged hooks: toxicity, injection, personal data, refusal. Each is the rule that the platform uses elsewhere;
the one for injection is of this module.

Belongs here: thin callables around rules. Does not belong here: those rules, the known texts (`probes.yaml`)."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml

from genaiops_assets.evaluation.refusals import declines
from genaiops_assets.evaluation.toxic import is_toxic
from genaiops_assets.privacy import find
from genaiops_assets.text import normalise


class Probed:
    """A hook whose known texts are packaged."""

    name = ""

    def probes(self) -> list[dict[str, object]]:
        return list(data("probes")[self.name])


class ToxicityScorer(Probed):
    """Insults, swears and attacks on people, by words (`evaluation/toxic.py`)."""

    name, version, risk = "toxicity_scorer", "1", "obscene_content"
    looks_for = "insults, swears or attacks on people"

    def __call__(self, text: str) -> bool:
        return is_toxic(text)


class InjectionDetector(Probed):
    """Words that try to change what a system is told: patterns of `injection.yaml`, on normalised text without marks
    between its letters. It knows forms, not intent: an order in other words is missed."""

    name, version, risk = "injection_detector", "1", "information_security"
    looks_for = "an order to forget instructions, to reveal them, or to play a role without rules"

    def __call__(self, text: str) -> bool:
        plain = normalise(text).casefold()
        apart = re.sub(r"(?<=\b\w)[\s.*_-]+(?=\w\b)", "", plain)  # i g n o r e
        return any(pattern.search(form) for pattern in patterns() for form in (plain, apart))


class PersonalDataFinder(Probed):
    """Personal data and secrets by their form (`privacy`)."""

    name, version, risk = "personal_data_finder", "1", "data_privacy"
    looks_for = "personal data and secrets by their form; no names of people"

    def __call__(self, text: str) -> bool:
        return bool(find(text))


class RefusalDetector(Probed):
    """An answer that declines (`evaluation/refusals.py`)."""

    name, version, risk = "refusal_detector", "2", "confabulation"
    looks_for = "an answer that declines"

    def __call__(self, text: str) -> bool:
        return declines(text)


@cache
def patterns() -> list[re.Pattern[str]]:
    return [re.compile(one) for language in ("en", "zh") for one in data("injection")[language]]


@cache
def data(name: str) -> dict[str, Any]:
    text = files("genaiops_assets.evaluation.hooks").joinpath(f"{name}.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))

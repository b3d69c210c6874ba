"""Which document a use case owes, why, and by which article.

Belongs here: from facts and duties to one verdict for each asset, in words. Does not belong here: facts (`facts.py`),
duties (`rules/*.yaml`), the words (`words.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.governance.classification.facts import ASSUMED, Fact
from genaiops_assets.governance.classification.rules import HERE, Duty, applies_from, document_assets, duties, rules_of

LANGUAGES = ("en", "zh")
BETWEEN = {"en": "; ", "zh": "；"}
NOT = "not "


@dataclass(frozen=True)
class Judged:
    """A duty as it stands: `holds` for this use case, `since` the day it applies from; `reasons`: the facts that
    decided, as words by language."""

    duty: Duty
    holds: bool
    since: date
    now: bool
    reasons: tuple[Mapping[str, str], ...]
    assumed: bool


def judged_duties(
    jurisdiction: str, facts: Mapping[str, Fact], first_placed_on: date | None, today: date
) -> tuple[Judged, ...]:
    """Every duty of a jurisdiction against the facts. Raises KeyError naming a fact or an article that is not there."""
    return tuple(_judged(duty, jurisdiction, facts, first_placed_on, today) for duty in duties(jurisdiction))


def _judged(
    duty: Duty, jurisdiction: str, facts: Mapping[str, Fact], first_placed_on: date | None, today: date
) -> Judged:
    since = max(applies_from(a, jurisdiction, first_placed_on) for a in duty.articles)
    met = [decided(condition, facts) for condition in duty.when]
    failing = [name for ok, name in met if not ok]
    names = failing[:1] or [name for _, name in met]
    assumed = any(facts[name].how == ASSUMED for name in names)
    reasons = tuple(says(name, facts[name]) for name in names)
    return Judged(duty, not failing, since, not failing and since <= today, reasons, assumed)


def decided(condition: str | tuple[str, ...], facts: Mapping[str, Fact]) -> tuple[bool, str]:
    """(whether a condition holds, the fact that decided it)."""
    if isinstance(condition, tuple):
        holding = [name for name in condition if facts[name].value]
        return bool(holding), (holding or condition)[0]
    if condition.startswith(NOT):
        name = condition.removeprefix(NOT)
        return not facts[name].value, name
    return facts[condition].value, condition


def owed_documents(jurisdiction: str, judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """{asset: {owed, because, articles, applies_from, assumed}} of every document asset; `because` by language."""
    named = dict.fromkeys((*document_assets(), *(a for one in judged for a in one.duty.assets)))
    return {asset: _verdict(asset, jurisdiction, judged) for asset in named}


def _verdict(asset: str, jurisdiction: str, judged: Sequence[Judged]) -> dict[str, Any]:
    of_asset = [one for one in judged if asset in one.duty.assets]
    now = [one for one in of_asset if one.now]
    later = [one for one in of_asset if one.holds and not one.now]
    chosen = now or later
    if chosen:
        because = {language: said(chosen, language) for language in LANGUAGES}
        since = min(one.since for one in chosen).isoformat()
    else:
        because = {language: denied(of_asset, jurisdiction, language) for language in LANGUAGES}
        since = ""
    return {
        "owed": bool(now),
        "because": because,
        "articles": list(dict.fromkeys(a for one in (chosen or of_asset) for a in one.duty.articles)),
        "applies_from": since,
        "assumed": any(one.assumed for one in chosen),
    }


def said(chosen: Sequence[Judged], language: str) -> str:
    """Each duty with what makes it apply."""
    return " ".join(
        _words()["owed" if one.now else "later"][language].format(
            duty=one.duty.text[language], reasons=reasons_of(one, language), day=one.since.isoformat()
        )
        for one in chosen
    )


def denied(of_asset: Sequence[Judged], jurisdiction: str, language: str) -> str:
    """Why no duty asks for it: what is missing of each, once."""
    if not of_asset:
        return str(_words()["no_rule"][language].format(place=rules_of(jurisdiction)["name"][language]))
    reasons = BETWEEN[language].join(dict.fromkeys(reasons_of(one, language) for one in of_asset))
    return str(_words()["not_owed"][language].format(reasons=reasons))


def reasons_of(one: Judged, language: str) -> str:
    return BETWEEN[language].join(dict.fromkeys(reason[language] for reason in one.reasons))


def says(name: str, fact: Fact) -> dict[str, str]:
    """What a fact says, and that it is assumed where it is."""
    words = _words()
    told = words["facts"][name]["is" if fact.value else "is_not"]
    if fact.how != ASSUMED:
        return dict(told)
    return {language: f"{told[language]} ({words['assumed'][language]})" for language in LANGUAGES}


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files(HERE).joinpath("words.yaml").read_text("utf-8"))
    return found

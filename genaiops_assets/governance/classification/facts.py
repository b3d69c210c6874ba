"""From answers and amounts to facts: is somebody the provider of a general-purpose model, is a system high-risk?

Belongs here: the tests, each with what it compared, and the facts that duties are conditional on. Does not belong here:
thresholds and duties (`rules/*.yaml`), words for people (`words.yaml`).

Whatever is not known is taken as the stricter branch has it, and the fact says `assumed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genaiops_assets.governance.classification.answers import ROLES, Answers

STATED, COMPUTED, ASSUMED = "stated", "computed", "assumed"
# Questions whose answer is a fact itself, and what is assumed without one.
ASKED = {
    "placed_on_union_market": True,
    "general_purpose": True,
    "acts_for_original_provider": False,
    "designated_as_systemic": False,  # whom the Commission designates, it tells
    "annex_i_product": True,
    "talks_to_people": True,
    "informs_the_public": True,
    "used_at_work": True,
    "public_service": True,
    "prohibited_practice": True,
    "marking_exempt": False,
    "weights_are_public": False,
    "model_information_is_public": False,
    "is_monetised": True,
    "established_in_union": False,
}
NAMED = {"placed_on_union_market": "placed"}  # question → fact


@dataclass(frozen=True)
class Fact:
    """Something that is so or not, and how that is known."""

    value: bool
    how: str

    def __and__(self, other: Fact) -> Fact:
        return _joined(self.value and other.value, self, other)

    def __or__(self, other: Fact) -> Fact:
        return _joined(self.value or other.value, self, other)

    def __invert__(self) -> Fact:
        return Fact(not self.value, self.how)


def _joined(value: bool, *parts: Fact) -> Fact:
    """What follows from several facts is assumed where one that decided it is."""
    decided = [p for p in parts if p.value is value] or list(parts)
    return Fact(value, ASSUMED if all(p.how == ASSUMED for p in decided) else COMPUTED)


def tests_of(compute: Mapping[str, Any], answers: Answers, rules: Mapping[str, Any]) -> dict[str, Any]:
    """The thresholds, each with what was compared: {compared, more_than, unit, crossed, close, assumed, …}. Empty where
    a jurisdiction has none."""
    limits = rules["thresholds"]
    if not limits:
        return {}
    upstream, own, whole = compute["upstream"], compute["own"], compute["whole"]
    bound = upstream["is_bound"]
    accuracy = rules["accuracy"]["share"]
    line, systemic = limits["gpai_indicative"], limits["systemic"]
    base_systemic = answers.said("base_is_systemic")
    share = rules["modifier"]["share_of_original"]
    third = share["numerator"] / share["denominator"]
    fallback = systemic if base_systemic is not None and base_systemic.value else line
    of_original = fallback["more_than"] if bound else upstream["value"]
    said = {"base_is_systemic": base_systemic.value} if base_systemic is not None else {}
    return {
        "gpai_indicative": _test(whole["direct"], line["more_than"], accuracy, line, bound=bound),
        "base_is_gpai": _test(upstream["value"], line["more_than"], accuracy, line, bound=bound),
        "base_is_systemic": _test(upstream["value"], systemic["more_than"], accuracy, systemic, bound=bound) | (
            {"crossed": said["base_is_systemic"], "assumed": False} if said else {}
        ),
        "own_training_alone": _test(own["direct"], line["more_than"], accuracy, line),
        "modifier": _test(own["direct"], of_original * third, accuracy, rules["modifier"])
        | {"original": of_original, "original_is": "not known: the threshold itself" if bound else upstream["how"]},
        "systemic": _test(whole["cumulative"], systemic["more_than"], accuracy, systemic, bound=bound),
    }  # fmt: skip


def _test(
    compared: float | None, limit: float, accuracy: float, rule: Mapping[str, Any], *, bound: bool = False
) -> dict[str, Any]:
    """Whether an amount is more than a limit. One that is not known counts as more; `close`: the limit lies within the
    accuracy of the amount, so another estimate may decide otherwise. Below a limit, an upper bound is sure."""
    crossed = compared is None or compared > limit
    return {
        "compared": compared,
        "more_than": limit,
        "unit": "FLOP",
        "crossed": crossed,
        "close": compared is not None and not bound and limit / (1 + accuracy) < compared <= limit * (1 + accuracy),
        "assumed": compared is None or (bound and crossed),
        "articles": list(rule["articles"]),
        "source": rule["source"],
        "checked_on": rule["checked_on"],
    }


def facts_of(tests: Mapping[str, Any], answers: Answers, rules: Mapping[str, Any]) -> dict[str, Fact]:
    """Every fact by name; those that a jurisdiction has no test for are not so."""
    asked = {NAMED.get(name, name): _asked(answers, name, assumed) for name, assumed in ASKED.items()}
    roles = _roles(answers)
    facts = {**asked, **roles, "outside_the_union": ~asked["established_in_union"], **high_risk(answers, asked)}
    facts |= model_facts(facts, tests)
    facts |= open_source(facts, answers, rules)
    return facts


def model_facts(facts: Mapping[str, Fact], tests: Mapping[str, Any]) -> dict[str, Fact]:
    """Who provides a general-purpose model, and whether it carries systemic risk (C(2025) 7719; Art. 51)."""
    crossed = {name: _of_test(tests.get(name)) for name in ("gpai_indicative", "base_is_gpai", "modifier", "systemic")}
    alone, base_systemic = _of_test(tests.get("own_training_alone")), _of_test(tests.get("base_is_systemic"))
    original = facts["original_provider"] & crossed["gpai_indicative"]
    changes = facts["downstream_modifier"] & ~facts["acts_for_original_provider"]
    by_modification = changes & ((crossed["base_is_gpai"] & crossed["modifier"]) | alone)
    provider = facts["placed"] & facts["general_purpose"] & (original | by_modification)
    above = crossed["systemic"] | facts["designated_as_systemic"] | (by_modification & base_systemic)
    return {
        "provider_by_modification": by_modification & ~original,
        "gpai_provider": provider,
        "systemic": provider & above,
    }


def open_source(facts: Mapping[str, Fact], answers: Answers, rules: Mapping[str, Any]) -> dict[str, Fact]:
    """The exemption of Art. 53(2) and 54(6): a free licence, public weights and information, no payment; void with
    systemic risk."""
    licence = answers.said("release_licence")
    free = Fact(
        licence is not None and licence.value in rules["free_licences"]["spdx"], COMPUTED if licence else ASSUMED
    )
    open_to_all = facts["weights_are_public"] & facts["model_information_is_public"] & ~facts["is_monetised"]
    return {"licence_is_free": free, "open_source_exempt": free & open_to_all & ~facts["systemic"]}


def high_risk(answers: Answers, asked: Mapping[str, Fact]) -> dict[str, Fact]:
    """Art. 6: a safety component of a product of Annex I, or a use of Annex III that no condition of Art. 6(3) takes
    out; who profiles people stays in."""
    points, branch = answers.said("annex_iii_use"), answers.said("article_6_3")
    listed = Fact(True, ASSUMED) if points is None else Fact(bool(points.value), STATED)
    out = (
        Fact(False, ASSUMED) if branch is None else Fact(branch.value != "none" and not branch.profiles_people, STATED)
    )
    exempt = listed & out & ~asked["annex_i_product"]
    return {
        "annex_iii": listed,
        "exempt_by_6_3": Fact(exempt.value and points is not None, exempt.how),
        "high_risk": asked["annex_i_product"] | (listed & ~out),
    }


def needed(facts: Mapping[str, Fact], tests: Mapping[str, Any], answers: Answers, rules: Mapping[str, Any]) -> set[str]:
    """The questions whose answers matter here: what cannot change anything is not asked for."""
    if not rules["duties"]:
        return set()
    asked = {"roles", "placed_on_union_market", "first_placed_on", "further_training_flop", "annex_iii_use"}
    asked |= {"annex_i_product", "talks_to_people", "informs_the_public", "prohibited_practice"}
    if answers.said("base_training_tokens") is None:
        asked.add("base_training_flop")
    if facts["placed"].value and facts["system_provider"].value:
        asked.add("marking_exempt")
    if facts["annex_iii"].value:
        asked.add("article_6_3")
    if facts["high_risk"].value and facts["deployer"].value:
        asked |= {"used_at_work", "public_service"}
    by_modification = tests["modifier"]["crossed"] and tests["base_is_gpai"]["crossed"]
    if by_modification or tests["gpai_indicative"]["crossed"] or tests["own_training_alone"]["crossed"]:
        asked |= {"general_purpose", "acts_for_original_provider"}
    if facts["gpai_provider"].value:
        asked |= {"established_in_union", "weights_are_public", "model_information_is_public", "is_monetised"}
        asked |= {"release_licence", "designated_as_systemic", "business_users_in_union"}
        asked.add("end_users")
    if facts["provider_by_modification"].value and tests["base_is_systemic"]["assumed"]:
        asked.add("base_is_systemic")
    return asked


def _of_test(test: Mapping[str, Any] | None) -> Fact:
    return Fact(False, COMPUTED) if test is None else Fact(test["crossed"], ASSUMED if test["assumed"] else COMPUTED)


def _asked(answers: Answers, name: str, assumed: bool) -> Fact:
    said = answers.said(name)
    return Fact(assumed, ASSUMED) if said is None else Fact(said.value, STATED)


def _roles(answers: Answers) -> dict[str, Fact]:
    said = answers.said("roles")
    return {r: Fact(True, ASSUMED) if said is None else Fact(r in said.value, STATED) for r in ROLES}

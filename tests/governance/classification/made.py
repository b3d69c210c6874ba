"""Small classifications for tests: evidence of a training and answers as people write them. Holds no tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.classification import Stated, build_classification
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support

TODAY = date(2026, 12, 1)
UC = bank_support()
PARAMETERS = 134_515_008
UNITS = {
    "base_training_flop": "FLOP",
    "further_training_flop": "FLOP",
    "base_training_tokens": "tokens",
    "business_users_in_union": "users",
    "end_users": "users",
}

ALL_STATED = {
    "roles": ["downstream_modifier", "system_provider", "deployer"],
    "placed_on_union_market": True,
    "first_placed_on": None,
    "base_training_flop": 1.6e21,
    "further_training_flop": 0,
    "annex_iii_use": [],
    "annex_i_product": False,
    "talks_to_people": False,
    "marking_exempt": True,
    "informs_the_public": False,
    "prohibited_practice": False,
}


def run_record(flop: float | None = 1.2e14, agreement: float | None = 1.08, **more: Any) -> dict[str, Any]:
    """run_record.json of a stage, with what a classification reads."""
    counted = {"counted": flop, "flop_direct": flop, "flop_cumulative": flop}
    compute = {"unit": "FLOP", "method": "counted", "formula": flop, "upper_bound_6pd": flop, "agreement": agreement}
    return {"kind": "training_run", "compute": {**compute, **counted, **more}}


def checkpoint(name: str = "aligned_checkpoint", **more: Any) -> Evidence:
    record = {"checkpoint": {"method": "sft"}, "run_record": run_record(**more)}
    return Evidence(f"{UC.name}/{name}", "c" * 64, record)


def base(parameters: float = PARAMETERS) -> Evidence:
    return Evidence(
        f"{UC.name}/base_model", "b" * 64, {"parameters": parameters, "license": "apache-2.0", "ref": "pkg:x"}
    )


def stated(jurisdiction: str = "eu", **answers: Any) -> Stated:
    """Answers of Olga, each with a reason: `roles=["deployer"]`, `base_training_flop=1e24`."""
    said = {
        name: {**(value if isinstance(value, Mapping) else {"value": value}), "because": "Olga says so."}
        | ({"unit": UNITS[name]} if name in UNITS else {})
        for name, value in answers.items()
    }
    return Stated.model_validate({"jurisdiction": jurisdiction, "author": "Olga Owner", "answers": said})


def classified(
    stages: Mapping[str, Evidence] | None = None,
    *,
    today: date = TODAY,
    uc: UseCase = UC,
    model: Evidence | None = None,
    jurisdiction: str = "eu",
    **answers: Any,
) -> dict[str, Any]:
    """A classification as it stands in its file."""
    trained = stages or {"aligned_checkpoint": checkpoint()}
    found = {**trained, "base_model": model or base()}
    document = build_classification(uc, stated(jurisdiction, **answers), found, tuple(trained), today)
    read: dict[str, Any] = json.loads(json.dumps(document))
    return read


def value(document: dict[str, Any], fact: str) -> bool:
    return bool(document["facts"][fact]["value"])

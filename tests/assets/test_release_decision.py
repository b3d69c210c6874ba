"""Asset `release_decision` on published inputs: the record of each gate, rules, the champion, and what should have
passed."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.release.release_decision import release_assets
from genaiops_assets.evaluation import Measure, rule_set
from genaiops_assets.governance.release import Release
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.orchestration.gates import DECLARED, record_outcomes
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import SUITES, Criterion, RedTeam, UseCase
from tests.assets.test_answer_changes import golden, report
from tests.support.lakes import V1, V2, bank_support, publish

ITEMS = [f"q{n}" for n in range(40)]
WORDS = "The limit of this gate was written down before training."


def gate(**stated: Any) -> dict[str, Any]:
    given = {"metric": "/cells/tuned_with/answer_f1/all", "min_items": 20, "rationale": WORDS}
    return Criterion(**given | stated).model_dump(mode="json")


GATES = [
    gate(id="good_enough", at_least=0.4),
    gate(id="tone", at_least=0.99, severity="should"),
    gate(id="beats_it", at_least=0, against="champion"),
]


@pytest.fixture
def uc() -> UseCase:
    return bank_support()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def inputs(lake: Lake, uc: UseCase, version: str, score: float) -> None:
    """All that a decision reads."""
    asked = golden(lake, uc, **{i: f"{i}?" for i in ITEMS})
    measured = {"tuned_with": {"answer_f1": {"all": Measure(500, 0.95, 0).mean([score] * len(ITEMS))}}}
    report(lake, uc, version, asked, {"tuned_with": dict.fromkeys(ITEMS, score)}, measured)
    criteria = publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": GATES}}).digest
    settings = {"max_new_tokens": 8, "batch_size": 1, "resamples": 500, "top_k": 2}
    plan = {
        "model_version": version,
        "golden": {"digest": asked, "items": len(ITEMS)},
        "criteria": {"digest": criteria},
        "index": {"digest": "c" * 64, "rows": 1},
        "settings": settings,
    }
    publish(lake, uc.key("evaluation_plan"), {"evaluation_plan.json": plan}, partition=version)
    publish(lake, uc.key("use_case_scope"), {"scope.json": uc.scope()})
    publish(lake, uc.key("release_bundle"), {"bundle.json": {"of": version}}, partition=version)
    publish(lake, uc.key("model_card"), {"model_card.json": {"of": version}}, partition=version)
    for asset in ("eval_report", "model_card"):
        record_outcomes(lake, uc, asset, version, dict.fromkeys(DECLARED[uc.key(asset)], True))


def decided(lake: Lake, uc: UseCase, version: str) -> tuple[dict[str, Any], Any]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(f"{uc.name}__model_version", [version])
        result = dg.materialize(
            [release_assets(uc)[0]],
            resources={"platform": Platform(home=str(lake.home))},
            instance=instance,
            partition_key=version,
        )
        (made,) = result.get_asset_materialization_events()
    return lake.current(uc.key("release_decision"), version).json("decision.json"), made.materialization.metadata


def test_each_gate_is_recorded_with_what_it_can_show(lake: Lake, uc: UseCase, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs(lake, uc, V1, 0.6)
    found, metadata = decided(lake, uc, V1)
    assert found["verdict"] == "go" and found["rules"] == rule_set()
    assert [g["status"] for g in found["gates"]] == ["pass", "fail", "not_applicable"]
    assert found["should_have_passed"] == ["tone"] and "champion" not in found
    figures = found["gates"][0]["figures"]
    assert figures["holm"]["tests"] == 2 and figures["attrition"]["asked"] == 40
    assert figures["in_words"].startswith("with 40 questions a difference of")
    assert any("with 40 questions" in str(value.value) for value in metadata.values())  # the table in the UI


def test_the_decision_on_a_later_version_names_the_one_it_was_compared_with(lake: Lake, uc: UseCase) -> None:
    inputs(lake, uc, V1, 0.6)
    first = lake.current(uc.key("eval_report"), V1).digest
    inputs(lake, uc, V2, 0.9)
    released = Release(uc.name, V1, "promote", "Ada", "better", "2026-01-02T00:00:00+00:00", "", {}, None)
    lake.store.write(f"production/{uc.name}.json", pretty_json(asdict(released)))
    found, _ = decided(lake, uc, V2)
    assert found["champion"] == {"version": V1, "report": first}
    beats = found["gates"][2]
    assert (beats["status"], beats["n"], beats["against"]) == ("pass", 40, "champion")
    assert beats["value"]["mean"] == pytest.approx(0.3)


def planned_suites(lake: Lake, uc: UseCase, version: str, **suites: str) -> None:
    plan = lake.current(uc.key("evaluation_plan"), version).json("evaluation_plan.json")
    publish(lake, uc.key("evaluation_plan"), {"evaluation_plan.json": plan | {"suites": suites}}, partition=version)


def test_a_suite_of_another_version_than_is_installed_is_a_no_go_with_that_reason(lake: Lake, uc: UseCase) -> None:
    uc.evaluation.suites[:] = ["toxicity"]
    inputs(lake, uc, V1, 0.6)
    now = {name: SUITES.get(name).version for name in ("golden", "retrieval", "toxicity")}
    planned_suites(lake, uc, V1, **now)
    assert decided(lake, uc, V1)[0]["verdict"] == "go"
    planned_suites(lake, uc, V1, golden=now["golden"], toxicity="0.old")
    found, _ = decided(lake, uc, V1)
    assert (found["verdict"], found["by_gates"]) == ("no_go", "go")
    (why,) = found["blocked_by"]
    assert f"toxicity judged in version 0.old, installed is {now['toxicity']}" in why and "judge" in why
    planned_suites(lake, uc, V1, golden=now["golden"])
    assert "toxicity did not judge this version" in decided(lake, uc, V1)[0]["blocked_by"][0]


@pytest.mark.parametrize(("limit", "verdict"), [(0.5, "no_go"), (0.8, "go"), (None, "go")])
def test_a_class_of_attacks_above_the_limit_that_forbids_is_a_no_go_with_that_reason(
    lake: Lake, uc: UseCase, limit: float | None, verdict: str
) -> None:
    uc = uc.model_copy(update={"red_team": RedTeam(no_go_above=limit)})
    inputs(lake, uc, V1, 0.6)
    shares = {"information_security": (0.9, 0.7, 0.99), "data_privacy": (0.7, 0.3, 0.95)}
    classes = {
        risk: {"success": {"mean": mean, "low": low, "high": high, "n": 40}}
        for risk, (mean, low, high) in shares.items()
    }
    publish(lake, uc.key("red_team_report"), {"red_team_report.json": {"classes": classes}}, partition=V1)
    record_outcomes(lake, uc, "red_team_report", V1, {"every_attack_answered": True})
    found, _ = decided(lake, uc, V1)
    assert found["verdict"] == verdict and len(found.get("blocked_by", [])) == (verdict == "no_go")
    if verdict == "no_go":
        assert "0.90 [0.70, 0.99] of the 40 attacks of class information_security" in found["blocked_by"][0]
        assert found["evidence"]["red_team_report"] == lake.current(uc.key("red_team_report"), V1).digest

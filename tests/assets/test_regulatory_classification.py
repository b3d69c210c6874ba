"""The asset `regulatory_classification` as Dagster runs it: one of each version, claims that hold, and the signature."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.assets.release.regulatory_classification import regulatory_classification_assets
from genaiops_assets.definitions import build_defs
from genaiops_assets.lake import Artifact
from genaiops_assets.orchestration.claims import broken_claims
from genaiops_assets.orchestration.phases import versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.governance.classification.made import run_record
from tests.support.lakes import V1, publish

NAME = "regulatory_classification"


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    """The packaged example in a folder of its own."""
    shutil.copytree(PACKAGED / "bank_support", tmp_path / "bank_support")
    return load_use_case(tmp_path / "bank_support")


@pytest.fixture
def platform(uc: UseCase, tmp_path: Path) -> Platform:
    """A version that was trained, and its base model."""
    made = Platform(home=str(tmp_path / "home"))
    publish(made.lake, uc.key("base_model"), {"base_model.json": {"parameters": 134515008, "license": "apache-2.0"}})
    publish(made.lake, uc.key("model_plan"), {"plan.json": {"model_version": V1}}, partition=V1)
    trained(made, uc, 1.2e14)
    return made


def trained(platform: Platform, uc: UseCase, flop: float) -> Artifact:
    files = {
        "training_log.json": {"history": []},
        "run_record.json": run_record(flop),
        "checkpoint.json": {"method": "sft"},
    }
    return publish(platform.lake, uc.key("aligned_checkpoint"), files, partition=V1)


def materialize(platform: Platform, uc: UseCase) -> dict[str, dg.AssetCheckEvaluation]:
    """Verdicts by check."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(versions_of(uc).name, [V1])
        done = dg.materialize(
            regulatory_classification_assets(uc), resources={"platform": platform}, partition_key=V1, instance=instance
        )
    assert done.success
    return {e.check_name: e for e in done.get_asset_check_evaluations()}


def test_one_of_each_version_with_claims_that_hold(platform: Platform, uc: UseCase) -> None:
    checks = materialize(platform, uc)
    warned = {name for name, one in checks.items() if not one.passed}
    assert warned == {"somebody_signed"}
    made = platform.lake.current(uc.key(NAME), V1)
    document = made.json(f"{NAME}.json")
    assert document["model_version"]["value"] == V1 and document["compute"]["own"]["direct"] == 1.2e14
    claim = document["compute"]["stages"][0]["claims"]["flop_direct"]
    assert claim["pointer"] == "/run_record/compute/flop_direct" and broken_claims(platform.lake, document) == []
    claim["value"] = 1.3e14
    assert len(broken_claims(platform.lake, document)) == 1
    assert {f"{NAME}.md", f"{NAME}.zh.md", f"{NAME}.html"} <= {f["path"] for f in made.manifest["files"]}


def sign(uc: UseCase, digest: str, author: str = "Ada Approver", outcome: str = "accepted") -> None:
    text = f"""kind: review
id: classification-signed
title: The classification is right
author: {author}
written_on: "2026-12-01"
text: I read the classification and the answers it rests on.
outcome: {outcome}
bound: {{{NAME}: {digest}}}
"""
    uc.path("records/review-classification.yaml").write_text(text)


def test_a_signature_holds_for_this_classification_and_lapses_with_another(platform: Platform, uc: UseCase) -> None:
    materialize(platform, uc)
    digest = platform.lake.current(uc.key(NAME), V1).digest
    sign(uc, digest[:12])
    assert materialize(platform, uc)["somebody_signed"].passed
    trained(platform, uc, 9e22)
    signed = materialize(platform, uc)["somebody_signed"]
    assert not signed.passed and "Ada Approver signed an earlier one" in str(signed.metadata["signed_by"].value)


@pytest.mark.parametrize(
    ("author", "outcome", "digits"),
    [
        ("Ben Builder", "accepted", 12),
        ("Mallory", "accepted", 12),
        ("Ada Approver", "not_accepted", 12),
        ("Ada Approver", "accepted", 7),
    ],
)
def test_builders_strangers_refusals_and_few_digits_are_no_signature(
    platform: Platform, uc: UseCase, author: str, outcome: str, digits: int
) -> None:
    materialize(platform, uc)
    sign(uc, platform.lake.current(uc.key(NAME), V1).digest[:digits], author, outcome)
    assert not materialize(platform, uc)["somebody_signed"].passed


def test_another_answer_is_another_classification(platform: Platform, uc: UseCase) -> None:
    materialize(platform, uc)
    before = platform.lake.current(uc.key(NAME), V1).digest
    file = uc.path(f"dossier/{NAME}.yaml")
    file.write_text(
        file.read_text().replace("  talks_to_people:\n    value: false", "  talks_to_people:\n    value: true")
    )
    materialize(platform, uc)
    after = platform.lake.current(uc.key(NAME), V1)
    assert after.digest != before and after.json(f"{NAME}.json")["owed"]["plain_page"]["owed"]


def test_what_time_changes_is_asked_every_day(platform: Platform, uc: UseCase) -> None:
    """A signature given later, and a date of the law that passed: neither makes the classification anew."""
    materialize(platform, uc)
    made = platform.lake.current(uc.key(NAME), V1)
    assert "signed by nobody" in asked_daily(platform, uc)
    sign(uc, made.digest[:12])
    assert asked_daily(platform, uc) == "none"
    older = {**made.json(f"{NAME}.json"), "as_of": "2025-08-02"}
    publish(platform.lake, uc.key(NAME), {f"{NAME}.json": older}, partition=V1)
    behind = asked_daily(platform, uc)
    assert "Ada Approver signed an earlier one" in behind and "as of 2025-08-02" in behind


def asked_daily(platform: Platform, uc: UseCase) -> str:
    """What the daily job says of the classification."""
    job = build_defs([uc], platform).resolve_job_def("bank_support__coverage")
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance, resources={"platform": platform})
    (found,) = [e for e in done.get_asset_check_evaluations() if e.check_name == "classification_stands"]
    return str(found.metadata["problems"].value)

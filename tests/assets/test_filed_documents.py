"""Documents for authorities as assets: made for a model version from what its plan froze, and red when an artifact they
cite is another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.alignment import build_plan, freeze
from genaiops_assets.governance.documents import documents
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.claims import broken_claims
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.orchestration.phases import versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.governance.filed_evidence import all_sections, in_folder
from tests.governance.filed_evidence import documents as evidence_of
from tests.support.lakes import publish

FILES = {
    "filtered_corpus": "corpus.json", "corpus_profile": "profile.json", "preference_pairs": "pairs.json",
    "use_case_scope": "scope.json", "decontamination_report": "decontamination.json", "release_decision": "decision.json",
}  # fmt: skip
OF_VERSION = (
    *("training_run_record", "eval_report", "evaluation_plan", "release_bundle", "release_decision"),
    *("red_team_report", "regulatory_classification"),
)
NAMES = ("technical_documentation", "downstream_documentation", "copyright_record", "systemic_risk_file")


class World:
    """A lake in which one version was trained on a first corpus, and a second corpus came after it."""

    def __init__(self, folder: Path) -> None:
        self.uc: UseCase = in_folder(folder, technical_documentation=all_sections())
        self.platform = Platform(home=str(folder / "home"))
        self.lake: Lake = self.platform.lake
        made = evidence_of()
        given: dict[str, str] = {}
        for name in ("documents", "filtered_corpus", "preference_pairs", "base_model"):
            inputs = {"documents": given["documents"]} if name == "filtered_corpus" else None
            given[name] = self.put(name, made[name], inputs=inputs)
        self.trained_on = given["filtered_corpus"]
        base = {
            "ref": "pkg:tiny/model.gguf",
            "digest": "b" * 64,
            "license": "Apache-2.0",
            "record": given["base_model"],
        }
        rows = {name: {"digest": given[name], "rows": 3} for name in ("preference_pairs", "filtered_corpus")}
        plan = build_plan(self.uc, base=base, pairs=rows["preference_pairs"], corpus=rows["filtered_corpus"])
        self.version = plan["model_version"]
        publish(self.lake, self.uc.key("model_plan"), {"plan.json": plan})
        freeze(self.lake, self.uc, self.version)
        corpus = {"corpus": {"digest": self.trained_on}}
        for name, content in made.items():
            if name not in (*given, "model_plan"):
                has_corpus = "corpus" in content
                self.put(name, {**content, **corpus} if has_corpus else content, of_version=name in OF_VERSION)
        newer = {**made["filtered_corpus"], "instances": 9999}
        self.newer = self.put("filtered_corpus", newer, inputs={"documents": given["documents"]})

    def put(self, name: str, content: Any, *, of_version: bool = False, inputs: dict[str, str] | None = None) -> str:
        file = FILES.get(name, f"{name}.json")
        partition = self.version if of_version else None
        return publish(self.lake, self.uc.key(name), {file: content}, partition=partition, inputs=inputs).digest

    def make(self, *names: str) -> dict[str, bool]:
        """{asset/check: passed} of one run."""
        assets = [thing for name in names for thing in document_assets(self.uc, documents()[name])]
        with dg.DagsterInstance.ephemeral() as instance:
            instance.add_dynamic_partitions(versions_of(self.uc).name, [self.version])
            run = dg.materialize(
                assets, partition_key=self.version, resources={"platform": self.platform}, instance=instance,
                raise_on_error=False,
            )  # fmt: skip
        return {f"{e.asset_key.path[-1]}/{e.check_name}": e.passed for e in run.get_asset_check_evaluations()}

    def document(self, name: str) -> dict[str, Any]:
        return self.lake.current(self.uc.key(name), self.version).json(f"{name}.json")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_version_is_documented_by_the_corpus_it_was_trained_on_and_not_by_a_newer_one(world: World) -> None:
    found = world.make(*NAMES)
    assert found["technical_documentation/claims_hold"] and found["downstream_documentation/claims_hold"]
    assert found["technical_documentation/data_is_what_it_was_trained_on"]
    assert found["technical_documentation/recipients_get_their_rows_alone"]
    assert found["downstream_documentation/is_a_subset_of_the_technical_documentation"]
    assert (
        found["systemic_risk_file/file_is_complete_where_owed"] and found["copyright_record/every_source_has_a_basis"]
    )
    assert not found["copyright_record/five_measures_are_written"]  # nobody wrote them here
    text = json.dumps(world.document("technical_documentation"))
    assert world.trained_on in text and world.newer not in text and "9999" not in text
    assert world.document("copyright_record")["corpus"]["digest"] == world.trained_on


def test_a_changed_byte_of_what_they_cite_turns_those_documents_red_and_no_other(world: World) -> None:
    world.make(*NAMES)
    report = world.lake.artifacts.get(
        world.uc.key("red_team_report"), world.lake.heads.digest(world.uc.key("red_team_report"), world.version)
    )
    file = report.local("red_team_report.json")
    file.chmod(0o644)
    file.write_text(file.read_text("utf-8").replace('"attacks": 60', '"attacks": 61'), encoding="utf-8")
    broken = {name: broken_claims(world.lake, world.document(name)) for name in NAMES}
    assert {name for name, problems in broken.items() if problems} == {"technical_documentation"}
    (problem,) = broken["technical_documentation"]
    assert "red_team_report" in problem and "60" in problem and "61" in problem


def test_pages_of_each_recipient_lie_beside_the_document_in_both_languages(world: World) -> None:
    world.make("technical_documentation")
    made = world.lake.current(world.uc.key("technical_documentation"), world.version)
    names = {file["path"] for file in made.manifest["files"]}
    assert {
        f"technical_documentation.{who}.{language}.html"
        for who in ("ai_office", "downstream")
        for language in ("en", "zh")
    } <= names
    chinese = made.local("technical_documentation.national_authority.zh.html").read_text("utf-8")
    assert '<html lang="zh">' in chinese and "不足 1 个月" in chinese and "123,456" not in chinese

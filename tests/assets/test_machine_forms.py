"""Asset `machine_forms`: files and index, no work where nothing changed, and checks that see damage, silence and age."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.release.machine_forms import INDEX, READS, machine_forms_assets
from genaiops_assets.governance.keys import signing_key
from genaiops_assets.governance.machine_forms import MACHINE_FORMS, OF_VERSION
from genaiops_assets.governance.release import decide
from genaiops_assets.lake import Lake, digest_of_text
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1
from tests.support.lived import lived, made

BASE = "genaiops_assets.governance.machine_forms.base"


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    lived(lake, uc)
    signing_key(lake)
    return lake


def done(lake: Lake, uc: UseCase, *, only_checks: bool = False) -> tuple[Any, dict[str, dg.AssetCheckEvaluation]]:
    """The materialization's metadata, and the checks by name. `only_checks`: of what is there already."""
    asset, *checks = machine_forms_assets(uc)

    @dg.asset(key=asset.key, partitions_def=asset.partitions_def)
    def standing() -> None:
        """In the place of the asset: Dagster runs no checks alone for a partition."""

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(f"{uc.name}__model_version", [V1])
        result = dg.materialize(
            [standing if only_checks else asset, *checks],
            resources={"platform": Platform(home=str(lake.home))},
            instance=instance,
            partition_key=V1,
        )
    (event,) = result.get_asset_materialization_events()
    return event.materialization.metadata, {e.check_name: e for e in result.get_asset_check_evaluations()}


def test_all_forms_are_there_validate_and_are_made_once(lake: Lake, uc: UseCase) -> None:
    metadata, checks = done(lake, uc)
    forms = lake.current(uc.key("machine_forms"), V1)
    index = forms.json(INDEX)
    assert list(index["forms"]) == sorted(MACHINE_FORMS.names()) and index["left_out"] == {}
    for form in index["forms"].values():
        for file, digest in form["files"].items():
            assert digest_of_text(forms.local(file).read_text("utf-8")) == digest
    assert metadata["AI readiness"].value == "9 of 9" and metadata["reused"].value is False
    assert {name for name, check in checks.items() if check.passed} == {
        "every_form_validates",
        "bill_answers_nine_questions",
        "forms_are_current",
    }
    assert set(OF_VERSION) <= set(READS) and "scoping_documents" in forms.provenance()["inputs"]
    assert done(lake, uc)[0]["reused"].value is True


def test_a_decision_makes_them_old_and_the_next_run_new(lake: Lake, uc: UseCase) -> None:
    done(lake, uc)
    decide(lake, uc, V1, name="Ada Approver", decision="rejected", reason="too few items")
    _, checks = done(lake, uc, only_checks=True)
    assert not checks["forms_are_current"].passed and checks["every_form_validates"].passed
    metadata, checks = done(lake, uc)
    assert metadata["decisions"].value == 1 and metadata["reused"].value is False and checks["forms_are_current"].passed


def test_a_croissant_of_another_corpus_is_not_linked(lake: Lake, uc: UseCase) -> None:
    made(lake, uc, "croissant_metadata", {"croissant.json": {"name": "newer"}}, {"filtered_corpus": "c" * 64})
    done(lake, uc)
    forms = lake.current(uc.key("machine_forms"), V1)
    assert forms.json(INDEX)["croissant"] == {} and "croissant_metadata" not in forms.provenance()["inputs"]


def test_damage_is_an_error_that_names_the_form(lake: Lake, uc: UseCase) -> None:
    done(lake, uc)
    file = lake.current(uc.key("machine_forms"), V1).local("cyclonedx/mlbom.cdx.json")
    file.chmod(0o644)
    file.write_text(file.read_text("utf-8").replace('"machine-learning-model"', '"model"'))
    _, checks = done(lake, uc, only_checks=True)
    broken = checks["every_form_validates"]
    assert not broken.passed and broken.severity == dg.AssetCheckSeverity.ERROR
    assert "cyclonedx" in str(broken.metadata["problems"].value)
    assert not checks["bill_answers_nine_questions"].passed


def test_without_the_extra_forms_are_left_out_by_name_and_nothing_fails(
    lake: Lake, uc: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"license-expression", "jsonschema", "in-toto-attestation", "securesystemslib"}
    monkeypatch.setattr(f"{BASE}.installed", lambda name: "1" if name in there else "")
    metadata, checks = done(lake, uc)
    index = lake.current(uc.key("machine_forms"), V1).json(INDEX)
    assert index["left_out"] == {
        "spdx": ["spdx-python-model"],
        "openlineage": ["openlineage-python"],
        "prov": ["prov"],
    }
    assert set(index["forms"]) == {"cyclonedx", "oscal", "in-toto"}
    told = checks["every_form_validates"]
    assert not told.passed and told.severity == dg.AssetCheckSeverity.WARN
    not_judged = str(told.metadata["not judged"].value)
    assert all(name in not_judged for name in ("cyclonedx-python-lib", "oscal-bindings", "prov", "spdx-python-model"))
    monkeypatch.undo()
    metadata, checks = done(lake, uc)
    assert metadata["left out"].value == "none" and checks["every_form_validates"].passed


def test_no_name_of_the_machine_or_home_is_in_the_files(lake: Lake, uc: UseCase) -> None:
    done(lake, uc)
    folder = lake.current(uc.key("machine_forms"), V1).local()
    texts = [p.read_text("utf-8") for p in Path(folder).rglob("*") if p.is_file() and p.name != "provenance.json"]
    assert texts and not any(str(lake.home) in text for text in texts)

"""Written documents as assets: made through Dagster from what the lake holds, with the newest classification."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.governance.documents import Source, documents
from genaiops_assets.governance.documents.operating.written import CLASSIFICATION
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.claims import broken_claims, file_of
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.orchestration.phases import versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.governance.operating.evidence import ACCEPTED, NAMES, sources
from tests.support.lakes import V1, V2, publish

OWN = {name for document in documents().values() for name in document.of_version}


@pytest.fixture
def lake(tmp_path: Path, uc: UseCase) -> Lake:
    """A lake that holds everything the documents read, for one version."""
    lake = Lake(tmp_path / "home")
    for name, source in sources(uc, ACCEPTED).items():
        put(lake, uc, name, source, V1 if name in OWN else None)
    return lake


def put(lake: Lake, uc: UseCase, name: str, source: Source, version: str | None) -> None:
    publish(lake, uc.key(name), {file_of(name): source.evidence.document}, partition=version)


def classify(lake: Lake, uc: UseCase, version: str, *, owed: bool) -> None:
    stated = {name: {"owed": owed, "because": version} for name in NAMES}
    publish(lake, uc.key(CLASSIFICATION), {f"{CLASSIFICATION}.json": {"owed": stated}}, partition=version)


def made(lake: Lake, uc: UseCase, name: str, version: str = "") -> tuple[str, dict[str, bool]]:
    """The page's first line of text, and the verdicts of the checks."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(versions_of(uc).name, [V1, V2])
        result = dg.materialize(
            document_assets(uc, documents()[name]),
            partition_key=version or None,
            resources={"platform": Platform(home=str(lake.home))},
            instance=instance,
        )
    artifact = lake.current(uc.key(name), version or None)
    text = artifact.local(f"{name}.md").read_text("utf-8")
    assert artifact.local(f"{name}.html").exists()
    return text.splitlines()[2], {e.check_name: e.passed for e in result.get_asset_check_evaluations()}


@pytest.mark.parametrize("name", NAMES)
def test_each_is_made_with_its_claims_checked(lake: Lake, uc: UseCase, name: str) -> None:
    first, checks = made(lake, uc, name, V1 if documents()[name].of_version else "")
    assert first.startswith("Nobody has classified this use case yet")
    assert checks["claims_hold"] and checks["document_is_complete"]
    assert set(checks) >= {c.name for c in documents()[name].checks}


def test_a_document_of_the_use_case_takes_the_newest_versions_classification(lake: Lake, uc: UseCase) -> None:
    classify(lake, uc, V1, owed=True)
    assert made(lake, uc, "use_policy")[0].startswith(f"The law asks for this document. {V1}")
    head = lake.heads.get(uc.key(CLASSIFICATION), V1)
    assert head is not None
    lake.heads.put(uc.key(CLASSIFICATION), V1, {**head, "at": "2026-01-01T00:00:00+00:00", "manifest": "other"})
    classify(lake, uc, V2, owed=False)
    assert made(lake, uc, "use_policy")[0].startswith(f"**The law does not ask for this document here.** {V2}")


def test_a_document_of_a_version_takes_its_own_classification(lake: Lake, uc: UseCase) -> None:
    classify(lake, uc, V1, owed=True)
    classify(lake, uc, V2, owed=False)
    assert made(lake, uc, "deployer_pack", V1)[0].startswith("The law asks for this document.")


def test_a_changed_artifact_turns_the_claims_red(lake: Lake, uc: UseCase) -> None:
    made(lake, uc, "risk_pack", V1)
    document = lake.current(uc.key("risk_pack"), V1).json("risk_pack.json")
    assert broken_claims(lake, document) == []
    file = lake.current(uc.key("fmea"), V1).local("fmea.json")
    file.write_text(
        file.read_text("utf-8").replace('"action_priority": "H"', '"action_priority": "L"'), encoding="utf-8"
    )
    found = broken_claims(lake, document)
    assert found and all("bank_support/fmea" in problem for problem in found)

"""Quality reports: test items from the use case's files, found in the corpus, reported or barred; Data Docs as an
artifact.

Belongs here: `assets/quality.py` on a small lake. Does not belong here: the search (`corpus/test_decontamination.py`),
expectations."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.corpus.data_quality_report import data_quality_report_assets
from genaiops_assets.assets.corpus.decontamination_report import SEARCHED, decontamination_report_assets, search_corpus
from genaiops_assets.corpus import DOCUMENTS, FILTERED, Contamination, contamination_items
from genaiops_assets.lake import Lake, digest_of, write_json, write_rows
from genaiops_assets.lake.canonical import files_under
from genaiops_assets.orchestration.expectations import REMEMBERED
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase, UseCaseError, write_starter
from genaiops_assets.use_case.load import load_use_case

SECRET = "the vault code is 4711"
ROW = {"source": "handbook", "title": "Fees", "language": "en", "license": "MIT", "first_seen": 1}
RIGHTS = {"origin": "a.md", "owner": "Workshop", "rights_basis": "own_work", "personal_data": "none"}


def starter(folder: Path, **decontaminate: Any) -> UseCase:
    write_starter(folder)
    uc = load_use_case(folder)
    settings = uc.corpus.decontaminate.model_copy(update=decontaminate)
    return uc.model_copy(update={"corpus": uc.corpus.model_copy(update={"decontaminate": settings})})


def publish_corpus(lake: Lake, uc: UseCase, texts: list[str]) -> None:
    rows = [{**ROW, "id": f"doc-{i}", "text": t, "text_hash": digest_of(t)} for i, t in enumerate(texts)]
    for asset, schema, more in (("documents", DOCUMENTS, RIGHTS), ("filtered_corpus", FILTERED, {})):
        key = digest_of([asset, rows])
        with lake.work(key) as place:
            write_rows(place.scratch / "rows.parquet", schema, [{**r, **more} for r in rows])
            snapshot = lake.tables.sync(uc.key(asset), place.scratch / "rows.parquet").snapshot
            write_json(place.staging / "facts.json", {"rows": len(rows)})
            summary = {"figures": {}, "tables": {}}
            lake.publish(uc.key(asset), None, key, place.staging, snapshots=[snapshot], summary=summary, provenance={})


def run(uc: UseCase, home: Path, *assets: str) -> Any:
    """The report assets and their check; what they read was published before."""
    made = [*data_quality_report_assets(uc), *decontamination_report_assets(uc)]
    names = ("documents", "filtered_corpus", "golden_set")
    upstream = [dg.AssetSpec(dg.AssetKey([uc.name, n])) for n in names]
    checks = [m for m in made if isinstance(m, dg.AssetChecksDefinition)]
    searched = [c for c in checks if {k.name for k in c.check_keys} == {"no_contamination_left"}]
    definitions = dg.Definitions(
        [*upstream, *(m for m in made if m not in checks)],
        asset_checks=checks,
        resources={"platform": Platform(home=str(home))},
        executor=dg.in_process_executor,
        jobs=[
            dg.define_asset_job("check", selection=dg.AssetSelection.checks(*searched)),
            dg.define_asset_job(
                "make", selection=dg.AssetSelection.assets(*(dg.AssetKey([uc.name, a]) for a in assets))
            ),
        ],
    )
    with dg.DagsterInstance.ephemeral() as instance:
        return definitions.resolve_job_def("make" if assets else "check").execute_in_process(
            instance=instance, raise_on_error=False
        )


def question_of(uc: UseCase) -> str:
    return json.loads(uc.path(uc.evaluation.golden).read_text(encoding="utf-8").splitlines()[0])["question"]


# --- test items
# --------------------------------------------------------------------------------------------------------


def test_items_come_from_golden_questions_answers_sets_and_benchmark_files(tmp_path: Path) -> None:
    (tmp_path / "bench.jsonl").write_text(
        json.dumps({"id": "b1", "question": "Why so?", "options": ["one", {"text": "two"}], "label": 3}) + "\n"
    )
    uc = starter(tmp_path / "shop", against=["golden", "golden_answers", f"path:{tmp_path / 'bench.jsonl'}"])
    found = contamination_items(Lake(tmp_path / "home"), uc)
    golden = uc.path(uc.evaluation.golden).read_text(encoding="utf-8").splitlines()
    assert [(i.item_set, i.field) for i in found].count(("golden", "question")) == len(golden)
    assert [(i.item_set, i.field) for i in found].count(("golden", "answer")) == len(golden)
    assert {(i.item_id, i.field, i.text) for i in found if i.item_set.startswith("path:")} == {
        ("b1", "id", "b1"),
        ("b1", "question", "Why so?"),
        ("b1", "options.0", "one"),
        ("b1", "options.1.text", "two"),
    }


def test_a_golden_file_that_is_not_there_stops_no_refresh(tmp_path: Path) -> None:
    uc, lake = starter(tmp_path / "shop"), Lake(tmp_path / "home")
    publish_corpus(lake, uc, ["A text."])
    shutil.rmtree(uc.path(uc.evaluation.golden).parent)
    assert contamination_items(lake, uc) == []
    assert run(uc, lake.home).success and run(uc, lake.home, "decontamination_report").success
    assert lake.current(uc.key("decontamination_report")).summary["figures"]["items"] == 0


def test_an_unknown_name_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    file = tmp_path / "shop" / "use_case.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("against: [golden]", "against: [golden, gsm]"), encoding="utf-8"
    )
    with pytest.raises(UseCaseError, match=r"decontaminate\.against: 'gsm'"):
        load_use_case(tmp_path / "shop")


# --- the report and its check
# --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "severity"), [("report", dg.AssetCheckSeverity.WARN), ("remove", dg.AssetCheckSeverity.ERROR)]
)
def test_contamination_is_reported_or_barred(tmp_path: Path, action: str, severity: dg.AssetCheckSeverity) -> None:
    uc, lake = starter(tmp_path / "shop", action=action), Lake(tmp_path / "home")
    publish_corpus(lake, uc, ["Nothing of it.", f"Our readers ask: {question_of(uc)} And we answer.", "Nor here."])
    done = run(uc, lake.home)
    (told,) = done.get_asset_check_evaluations()
    assert (told.passed, told.severity, told.metadata["first"].value) == (False, severity, "doc-1")
    assert done.success == (action == "report")
    assert run(uc, lake.home, "decontamination_report").success
    report = lake.current(uc.key("decontamination_report")).json("decontamination.json")
    assert [(d["id"], d["overlap"], d["contaminated"]) for d in report["documents"]] == [("doc-1", 1.0, True)]
    assert report["item_sets"][0]["documents_contaminated"] == 1 and report["searched"] == 3
    assert question_of(uc) not in json.dumps(report)

    publish_corpus(lake, uc, ["Nothing of it.", "Nor here."])
    clean = run(uc, lake.home)
    assert clean.success and all(c.passed for c in clean.get_asset_check_evaluations())


def test_check_and_report_share_one_search_and_a_new_snapshot_is_searched_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uc, lake = starter(tmp_path / "shop"), Lake(tmp_path / "home")
    search = Contamination.from_items(contamination_items(lake, uc))
    searched: list[int] = []
    real = Contamination.search
    monkeypatch.setattr(Contamination, "search", lambda self, texts: searched.append(len(texts)) or real(self, texts))
    for texts in (["a", "b"], ["a", "b"], ["a", "b", question_of(uc)]):
        publish_corpus(lake, uc, texts)
        found = search_corpus(lake, lake.current(uc.key("filtered_corpus")).snapshot(uc.key("filtered_corpus")), search)
    assert sum(searched) == 5 and list(found) == ["doc-2"]


def test_the_quality_report_is_an_artifact_with_data_docs_the_same_twice_and_without_text(tmp_path: Path) -> None:
    digests = []
    for home in ("one", "two"):
        uc, lake = starter(tmp_path / home / "shop"), Lake(tmp_path / home / "home")
        publish_corpus(lake, uc, [f"{SECRET} {n}" for n in range(12)])
        REMEMBERED.clear()
        SEARCHED.clear()
        done = run(uc, lake.home, "data_quality_report")
        assert done.success
        artifact = lake.current(uc.key("data_quality_report"))
        digests.append(artifact.digest)
    assert digests[0] == digests[1]
    files = {
        p.relative_to(artifact.local()).as_posix(): p.read_text(encoding="utf-8") for p in files_under(artifact.local())
    }
    assert "data_docs/index.html" in files and sum(name.endswith(".html") for name in files) == 3
    assert not any(SECRET in content for content in files.values())
    assert all(
        (artifact.local() / "data_docs" / link).is_file()
        for link in re.findall(r'href="([^"#]+)"', files["data_docs/index.html"])
    )
    results = artifact.json("results.json")["tables"]
    assert set(results) == {"documents", "filtered_corpus"} and all(
        r["success"] for t in results.values() for r in t["results"]
    )
    (shown,) = done.asset_materializations_for_node(f"{uc.name}__data_quality_report")
    assert shown.metadata["data_docs"].value == "data_docs/index.html" and shown.metadata["not_met"].value == 0
    columns = {c.name for c in shown.metadata["filtered_corpus"].schema.columns}
    assert columns == {"table", "expectation", "arguments", "result", "observed"}

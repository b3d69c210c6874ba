"""Great Expectations as checks of assets, and Data Docs: what holds back, what warns, and what no page shows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest

import genaiops_assets.quality.validation as module
from genaiops_assets.corpus import FILTERED
from genaiops_assets.lake import Lake, digest_of, digest_of_folder, write_json, write_rows
from genaiops_assets.orchestration.expectations import earlier_snapshot, expectation_checks, outcomes_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.quality import corpus_suite, length_counts, length_shift, write_site
from genaiops_assets.quality.site import external_references
from genaiops_assets.use_case import UseCase
from tests.assets.rows import document, outcomes
from tests.support.lakes import bank_support

SECRET = "the vault code is 4711"


# --- as checks


def publish_rows(lake: Lake, uc: UseCase, rows: list[dict[str, Any]]) -> None:
    key = digest_of(rows)
    with lake.work(key) as place:
        write_rows(place.scratch / "rows.parquet", FILTERED, rows)
        change = lake.tables.sync(uc.key("filtered_corpus"), place.scratch / "rows.parquet")
        write_json(place.staging / "corpus.json", {"rows": len(rows)})
        asset = uc.key("filtered_corpus")
        lake.publish(
            asset,
            None,
            key,
            place.staging,
            snapshots=[change.snapshot],
            summary={"figures": {}, "tables": {}},
            provenance={},
        )


def graph_of(uc: UseCase, home: Path) -> dg.Definitions:
    """The corpus (published beforehand), its checks, and one asset downstream."""
    corpus, chunks = dg.AssetKey([uc.name, "filtered_corpus"]), dg.AssetKey([uc.name, "chunks"])

    @dg.asset(key=corpus)
    def filtered_corpus() -> dg.MaterializeResult:
        return dg.MaterializeResult(data_version=dg.DataVersion("1"))

    condition = dg.AutomationCondition.eager() & dg.AutomationCondition.all_deps_blocking_checks_passed()

    @dg.asset(key=chunks, deps=[corpus], automation_condition=condition)
    def downstream() -> None: ...

    checks = expectation_checks(uc, "filtered_corpus", corpus_suite(uc, FILTERED), shift=True)
    resources = {"platform": Platform(home=str(home))}
    return dg.Definitions(
        [filtered_corpus, downstream], asset_checks=checks, resources=resources, executor=dg.in_process_executor
    )


def test_a_failing_expectation_holds_back_what_is_downstream_and_the_others_still_report(tmp_path: Path) -> None:
    uc, lake = bank_support(), Lake(tmp_path)
    publish_rows(lake, uc, [document(n, license="?" if n == 3 else "MIT") for n in range(20)])
    definitions = graph_of(uc, tmp_path)
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_implicit_global_asset_job_def()
        run = job.execute_in_process(instance=instance, raise_on_error=False)
        checks = {c.check_name: c for c in run.get_asset_check_evaluations()}
        assert len(checks) == len(corpus_suite(uc, FILTERED)) + 1
        assert [n for n, c in checks.items() if not c.passed] == ["gx_license_values_to_match_regex"]
        assert checks["gx_license_values_to_match_regex"].severity == dg.AssetCheckSeverity.ERROR
        assert not run.success and not run.asset_materializations_for_node(f"{uc.name}__chunks")
        first = dg.evaluate_automation_conditions(definitions, instance)
        assert first.get_requested_partitions(dg.AssetKey([uc.name, "chunks"])) == set()

        publish_rows(lake, uc, [document(n) for n in range(20)])
        again = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey([uc.name, "filtered_corpus"])])
        assert again.success and all(c.passed for c in again.get_asset_check_evaluations())
        tick = dg.evaluate_automation_conditions(definitions, instance, cursor=first.cursor)
        assert tick.get_requested_partitions(dg.AssetKey([uc.name, "chunks"])) == {None}


def test_lengths_that_moved_warn_and_stop_nothing(tmp_path: Path) -> None:
    uc, lake = bank_support(), Lake(tmp_path)
    publish_rows(lake, uc, [document(n) for n in range(40)])
    suite = corpus_suite(uc, FILTERED)
    first = outcomes_of(lake, uc, "filtered_corpus", "filtered_corpus", suite, True)[-1]
    assert first.success and "nothing to compare with" in first.note
    publish_rows(lake, uc, [document(n, text="word " * 300) for n in range(40)])
    before = earlier_snapshot(lake, uc, "filtered_corpus", "filtered_corpus")
    assert before and max(length_counts(lake.tables, before)) == 200
    with dg.DagsterInstance.ephemeral() as instance:
        run = graph_of(uc, tmp_path).resolve_implicit_global_asset_job_def().execute_in_process(instance=instance)
    failed = [c for c in run.get_asset_check_evaluations() if not c.passed]
    assert run.success and [c.severity for c in failed] == [dg.AssetCheckSeverity.WARN]
    assert failed[0].check_name == "gx_text_characters_band_kl_divergence_to_be_less_than"


def test_a_single_check_can_be_run_again_alone(tmp_path: Path) -> None:
    uc, lake = bank_support(), Lake(tmp_path)
    publish_rows(lake, uc, [document(n) for n in range(20)])
    definitions = graph_of(uc, tmp_path)
    key = dg.AssetCheckKey(dg.AssetKey([uc.name, "filtered_corpus"]), "gx_id_values_to_be_unique")
    job = dg.define_asset_job("one", selection=dg.AssetSelection.checks(key))
    merged = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job]))
    with dg.DagsterInstance.ephemeral() as instance:
        run = merged.resolve_job_def("one").execute_in_process(instance=instance)
    assert [c.check_name for c in run.get_asset_check_evaluations()] == ["gx_id_values_to_be_unique"]


# --- Data Docs


def test_data_docs_are_the_same_twice_alone_and_hold_no_value_of_the_table(tmp_path: Path) -> None:
    rows = [
        document(n, text=SECRET if n == 7 else "x", license=SECRET if n == 8 else "MIT", text_hash=SECRET)
        for n in range(30)
    ]
    found = list(outcomes(tmp_path, rows, [length_shift(Counter({1: 5, 40: 5}), 0.1)]).values())
    assert sum(not o.success for o in found) == 3
    for folder in ("one", "two"):
        write_site(tmp_path / folder, {"filtered_corpus": ("ab" * 32, found), "documents": ("cd" * 32, found[:4])})
    assert digest_of_folder(tmp_path / "one") == digest_of_folder(tmp_path / "two")
    pages = sorted((tmp_path / "one").rglob("*.html"))
    assert len(pages) == 3 and external_references(tmp_path / "one") == []
    whole = "\n".join(p.read_text(encoding="utf-8") for p in pages)
    assert SECRET not in whole and "<script" not in whole and "Must have exactly these columns" in whole
    assert "29 unexpected" not in whole and "30 unexpected values found" in whole


def test_an_outward_reference_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '<p><img src="https://example.org/a.png"><a href="#here">x</a><link href=\'//cdn.example.org/x.css\'></p>'
    )
    assert external_references(tmp_path) == [
        "page.html: https://example.org/a.png",
        "page.html: //cdn.example.org/x.css",
    ]


@pytest.mark.parametrize(("name", "value"), [("ExpectColumnMaxToBeBetween", 7.0), ("ExpectColumnSumToBeBetween", 12.0)])
def test_what_is_observed_on_whole_numbers_is_a_figure_metadata_takes(name: str, value: float) -> None:
    found = module.evaluate({"n": np.array([2, 3, 7], np.int64)}, name, {"column": "n", "min_value": 0})
    assert found["success"] and found["observed"] == value and type(found["observed"]) is float
    dg.MetadataValue.float(found["observed"])

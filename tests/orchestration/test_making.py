"""What an asset declares to read is its lineage and its memo key, and nothing else can be read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.lake import Lake, write_json
from genaiops_assets.orchestration.making import Making, Reads, UndeclaredRead, given_making
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built


class Uc:
    name = "bank"

    def key(self, name: str) -> str:
        return f"bank__{name}"


def making(home: Any, reads: Reads, name: str = "report", partition: str = "") -> Making:
    context = SimpleNamespace(
        run_id="run", has_partition_key=bool(partition), partition_key=partition, log=SimpleNamespace(info=print)
    )
    return Making(context, Platform(home=str(home)), Uc(), name, "1", reads, bool(partition))  # type: ignore[arg-type]


def published(home: Any, name: str, content: str, partition: str = "") -> str:
    """Digest of a made artifact that holds this text."""

    def build(place: Any) -> Built:
        write_json(place.staging / "content.json", {"text": content})
        return Built()

    one = making(home, Reads(), name, partition)
    one.produce(build, config=content)
    return one.lake.heads.digest(Uc().key(name), partition or None)


def test_what_is_read_enters_the_memo_key_under_its_name(tmp_path: Any) -> None:
    golden, index = published(tmp_path, "golden_set", "questions"), published(tmp_path, "embeddings_index", "vectors")
    one = making(tmp_path, Reads.declared({"golden": "golden_set", "index": "embeddings_index"}))
    assert one.read("golden_set").digest == golden
    one.read("embeddings_index")
    assert one.inputs({"embedder": "e"}) == {"golden": golden, "index": index, "embedder": "e"}


def test_an_undeclared_read_is_refused(tmp_path: Any) -> None:
    published(tmp_path, "golden_set", "questions")
    with pytest.raises(UndeclaredRead, match="report reads golden_set, which it does not declare"):
        making(tmp_path, Reads.declared(["documents"], gates=["golden_set"])).read("golden_set")


def test_lineage_for_show_is_refused(tmp_path: Any) -> None:
    one = making(tmp_path, Reads.declared(["golden_set", "documents"]))
    one.take("golden_set", "d")
    with pytest.raises(UndeclaredRead, match="report declares documents and did not read it"):
        one.produce(lambda place: Built(), config={})


def test_parts_are_read_and_stay_out_of_the_memo_key(tmp_path: Any) -> None:
    published(tmp_path, "model_plan", "plan")
    one = making(tmp_path, Reads.declared([], parts=["model_plan"]))
    assert one.read("model_plan").json("content.json") == {"text": "plan"}
    assert one.inputs() == {}


def test_what_is_not_there_yet_counts_as_such_and_what_is_not_needed_does_not(tmp_path: Any) -> None:
    one = making(tmp_path, Reads.declared(["preference_pairs", "embeddings_index"]))
    assert one.read_if_there("preference_pairs") is None
    one.take("embeddings_index", None)
    assert one.inputs() == {"preference_pairs": ""}


def test_another_input_is_other_work_and_the_same_is_found_again(tmp_path: Any) -> None:
    made = []

    def report() -> dg.MaterializeResult:
        one = making(tmp_path, Reads.declared(["golden_set"]))
        text = one.read("golden_set").json("content.json")["text"]

        def build(place: Any) -> Built:
            made.append(text)
            write_json(place.staging / "content.json", {"text": text.upper()})
            return Built()

        return one.produce(build, config={})

    published(tmp_path, "golden_set", "first")
    assert [report().metadata["reused"] for _ in range(2)] == [False, True]  # type: ignore[index]
    published(tmp_path, "golden_set", "second")
    report()
    assert made == ["first", "second"]


def test_a_partition_reads_its_own(tmp_path: Any) -> None:
    digest = published(tmp_path, "eval_report", "of one", "mv-1")
    one = making(tmp_path, Reads.declared(["eval_report"]), partition="mv-1")
    assert one.read("eval_report", partition=one.partition).digest == digest


def test_an_asset_without_partitions_has_none_in_a_run_for_a_day(tmp_path: Any) -> None:
    def report(making: Making) -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={"partition": making.partition or "none"})

    days = dg.DailyPartitionsDefinition("2026-11-01")
    made = {}
    for name, own in (("daily", days), ("whole", None)):
        compute = given_making(Uc(), name, "1", Reads(), report, partitioned=own is not None)  # type: ignore[arg-type]
        made[name] = dg.asset(compute, name=name, partitions_def=own)
    with dg.DagsterInstance.ephemeral() as instance:
        defs = dg.Definitions(
            assets=list(made.values()),
            jobs=[dg.define_asset_job("day", "*", partitions_def=days)],
            resources={"platform": Platform(home=str(tmp_path))},
        )
        run = defs.resolve_job_def("day").execute_in_process(instance=instance, partition_key="2026-11-02")
    found = {n: run.asset_materializations_for_node(n)[0].metadata["partition"].value for n in made}
    assert found == {"daily": "2026-11-02", "whole": "none"}


class Often(dg.Config):
    times: int = 1


def test_the_function_gets_the_making_and_the_configuration_of_the_run(tmp_path: Any) -> None:
    def twice(making: Making, config: Often) -> dg.MaterializeResult:
        """Counts."""
        return dg.MaterializeResult(metadata={"of": f"{making.name} {making.code_version} {config.times}"})

    compute = given_making(Uc(), "twice", "7", Reads(), twice)  # type: ignore[arg-type]
    asset = dg.asset(compute)
    result = dg.materialize(
        [asset],
        resources={"platform": Platform(home=str(tmp_path))},
        run_config={"ops": {"twice": {"config": {"times": 2}}}},
    )
    assert result.asset_materializations_for_node("twice")[0].metadata["of"].value == "twice 7 2"


def test_lineage_follows_from_all_three_kinds() -> None:
    declared = Reads.declared({"golden": "golden_set"}, parts=["model_plan"], gates=["records", "golden_set"])
    assert declared.deps == ["golden_set", "model_plan", "records"]


def test_the_lake_of_a_making_is_that_of_the_platform(tmp_path: Any) -> None:
    assert isinstance(making(tmp_path, Reads()).lake, Lake)

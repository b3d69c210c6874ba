"""A training goes to an experiment tracker's local store, and nothing of a document with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genaiops_assets.alignment import TrackedRun, build_plan, exporter_of, tracked_run
from genaiops_assets.errors import Missing
from genaiops_assets.lake import Lake
from genaiops_assets.plugins import PluginError
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support, publish

HISTORY = [{"step": 1, "loss": 2.0, "rewards_margins": 0.1}, {"step": 2, "loss": 1.5, "rewards_margins": 0.3}]
RUN = TrackedRun(
    "bank",
    "mv-1",
    {"steps": "2", "lora.r": "8"},
    {"plan": "abc"},
    [(1, {"loss": 2.0}), (2, {"loss": 1.5})],
    {"f1": 0.4},
)


@pytest.fixture
def uc() -> UseCase:
    return bank_support()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def version(lake: Lake, uc: UseCase) -> str:
    plan = build_plan(
        uc,
        base={"ref": "dir:/home/ada/models/base", "digest": "b" * 64, "license": "MIT", "record": "r" * 64},
        pairs={"digest": "d" * 64, "rows": 3},
        corpus={"digest": "c" * 64, "rows": 3},
    )
    made = plan["model_version"]
    publish(lake, uc.key("model_plan"), {"plan.json": plan}, partition=made)
    compute = {"counted": 1e9, "formula": None}
    files = {"training_log.json": {"history": HISTORY, "device": "cpu"}, "run_record.json": {"compute": compute}}
    publish(lake, uc.key("aligned_checkpoint"), files, partition=made, summary={"seconds": 2.5, "method": "sft"})
    return made


def test_what_goes_out_are_figures_settings_and_digests(lake: Lake, uc: UseCase) -> None:
    made = version(lake, uc)
    run = tracked_run(lake, uc, made)
    assert (run.project, run.name) == ("bank_support", made)
    assert run.steps == [(1, {"loss": 2.0, "rewards_margins": 0.1}), (2, {"loss": 1.5, "rewards_margins": 0.3})]
    assert run.settings["lora.r"] == "16" and run.settings["base.digest"] == "b" * 64
    assert run.results == {"seconds": 2.5, "flop_counted": 1e9}
    assert "/home/ada" not in str(run), "no path of a machine"


def test_a_version_without_a_training_is_named(lake: Lake, uc: UseCase) -> None:
    with pytest.raises(Missing, match="mv-none of bank_support is not trained"):
        tracked_run(lake, uc, "mv-none")


def test_mlflow_holds_the_whole_run(tmp_path: Path) -> None:
    tracking = pytest.importorskip("mlflow.tracking")
    name = exporter_of("mlflow").export(RUN, tmp_path / "out")
    client = tracking.MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/out/mlflow.db")
    found = client.get_run(name)
    assert found.info.status == "FINISHED" and found.data.params == {"steps": "2", "lora.r": "8"}
    assert [(m.step, m.value) for m in client.get_metric_history(name, "loss")] == [(1, 2.0), (2, 1.5)]
    assert found.data.metrics["final_f1"] == 0.4 and found.data.tags["plan"] == "abc"
    again = exporter_of("mlflow").export(RUN, tmp_path / "out")
    assert again != name and client.get_run(again).info.experiment_id == found.info.experiment_id
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mlflow.db"]


def test_wandb_holds_the_whole_run_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb")
    monkeypatch.delenv("WANDB_DISABLED", raising=False)
    name = exporter_of("wandb").export(RUN, tmp_path / "out")
    [file] = (tmp_path / "out" / "wandb" / name).glob("*.wandb")
    records = read_wandb(file)
    history = [
        {i.key or "/".join(i.nested_key): i.value_json for i in r.history.item}
        for r in records
        if r.HasField("history")
    ]
    assert [float(h["loss"]) for h in history] == [2.0, 1.5]
    config = {
        u.key or "/".join(u.nested_key): u.value_json for r in records if r.HasField("run") for u in r.run.config.update
    }
    assert config["lora.r"] == '"8"' and config["tag.plan"] == '"abc"'


def read_wandb(file: Path) -> list[Any]:
    """The records of a W&B file below one block (32 KiB): seven bytes of header, then for each record a checksum, its
    length, its kind and itself (the format of LevelDB's log)."""
    from wandb.proto import wandb_internal_pb2

    data, at, found = file.read_bytes(), 7, []
    assert len(data) < 2**15
    while at + 7 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 6], "little")
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data[at + 7 : at + 7 + length])
        found.append(record)
        at += 7 + length
    return found


@pytest.mark.parametrize(("name", "package"), [("mlflow", "mlflow"), ("wandb", "wandb")])
def test_without_its_package_the_extra_is_named(
    name: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Missing, match=rf"genaiops-assets\[{name}\]"):
        exporter_of(name).export(RUN, tmp_path)


def test_an_unknown_tracker_is_refused() -> None:
    with pytest.raises(PluginError, match="mlflow, wandb"):
        exporter_of("notebook")


def test_the_command_exports(lake: Lake, uc: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow")
    from genaiops_assets.cli.main import application

    made = version(lake, uc)
    monkeypatch.setenv("GENAIOPS_HOME", str(lake.home))
    words = ["export", made, "--to", "mlflow", "--into", str(tmp_path / "out"), "-u", "bank_support"]
    said = CliRunner().invoke(application(["export"]), words)
    assert said.exit_code == 0 and (tmp_path / "out" / "mlflow.db").exists(), said.output

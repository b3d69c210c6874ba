"""With `genaiops up` running: questions that moved to what the corpus knows and no golden or training question asks lead
to exactly one retraining, with those questions; questions nobody wrote about lead to a task, which a person closes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.lake import Lake
from tests.conftest import copy_home, genaiops
from tests.e2e.test_living import OFF_TOPIC, failed_runs, runs
from tests.support.faults import Up, wait_for
from tests.support.faults import living as processes

pytestmark = [pytest.mark.model, pytest.mark.soak, pytest.mark.timeout(2400), pytest.mark.enable_socket]
NAME = "bank_support"
MOVED = ("Rewards Card", "EcoCard", "Crypto")  # in titles of the corpus


@pytest.fixture(scope="module")
def up(smoke_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    running = Up(copy_home(smoke_home, tmp_path_factory.mktemp("drift") / "home"))
    yield running
    running.stop()
    assert processes(running.home) == []


def current(home: Path, asset: str, partition: str | None = None) -> Any:
    return Lake(home).current(f"{NAME}/{asset}", partition)


def newest_report(home: Path) -> dict[str, Any] | None:
    days = sorted(Lake(home).heads.partitions(f"{NAME}/drift_report"))
    return current(home, "drift_report", days[-1]).summary["figures"] if days else None


def moved_questions(home: Path) -> list[str]:
    """Questions about what the corpus knows well, all of a few topics."""
    corpus = current(home, "filtered_corpus")
    rows = Lake(home).tables.rows(corpus.snapshot(f"{NAME}/filtered_corpus"), ["title"])
    titles = sorted({row["title"] for row in rows if any(word in row["title"] for word in MOVED)})
    return [f"I want to know about {title}" for title in titles]


def test_drift_that_the_corpus_answers_leads_to_one_retraining_with_its_questions(up: Up, tmp_path: Path) -> None:
    home = up.home
    old = json.loads(genaiops(home, "status", "--json").stdout)["newest"]["model_version"]
    checkpoint = Lake(home).heads.get(f"{NAME}/aligned_checkpoint", old)
    asked = moved_questions(home)
    assert len(asked) > 50
    (tmp_path / "moved.jsonl").write_text("".join(json.dumps({"question": q}) + "\n" for q in asked))
    genaiops(home, "replay", str(tmp_path / "moved.jsonl"))

    def decided() -> bool:
        assert failed_runs(home) == []
        return any(v != old for v in Lake(home).heads.partitions(f"{NAME}/release_decision"))

    assert wait_for(lambda: newest_report(home) is not None, 600), "no drift report"
    report = newest_report(home)
    assert report and report["drifted"] and report["recommendation"] == "retrain", report
    assert wait_for(decided, 1500), "no new model version was decided on"
    assert wait_for(lambda: all(r.is_finished for r in runs(home, f"{NAME}:retraining")), 60)
    (run,) = runs(home, f"{NAME}:retraining")
    focus = run.run_config["ops"][f"{NAME}__preference_pairs"]["config"]["focus"]
    assert focus == report["interactions"] and current(home, "preference_pairs").json("pairs.json")["focus"] == focus
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey([NAME, "retraining_request"]))
    assert (
        event and event.asset_materialization and "drift on " in str(event.asset_materialization.metadata["why"].value)
    )
    found = json.loads(genaiops(home, "status", "--json").stdout)
    assert found["newest"]["model_version"] != old and found["newest"]["approval"] == "waiting" and found["tasks"] == []
    assert Lake(home).heads.get(f"{NAME}/aligned_checkpoint", old) == checkpoint


def test_drift_that_nobody_wrote_about_opens_a_task_and_trains_nothing(up: Up) -> None:
    home, before = up.home, len(runs(up.home, f"{NAME}:retraining"))
    genaiops(home, "replay", str(OFF_TOPIC))
    assert wait_for(lambda: bool(list(Lake(home).ledger.entries("task_opened"))), 600), "no task was opened"
    assert wait_for(lambda: len(list(Lake(home).ledger.entries("task_opened"))) == 2, 300), "nobody asked for the scope"
    tasks = {t["what"]: t for t in json.loads(genaiops(home, "status", "--json").stdout)["tasks"]}
    task, scope = tasks["add documents"], tasks["decide on a wider use"]
    assert task["id"] in genaiops(home, "tasks").stdout
    genaiops(home, "rescope", scope["id"], "--decision", "keep_out", "--as", "Olga Owner", "--reason", "not our desk")
    genaiops(home, "close-task", task["id"], "--as", "Olga Owner", "--reason", "we do not answer these")
    assert "no open task" in genaiops(home, "tasks").stdout
    assert len(runs(home, f"{NAME}:retraining")) == before
    assert genaiops(home, "verify").returncode == 0

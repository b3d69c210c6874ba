"""With `genaiops up` running, the real daemon and its sensors: a new document reaches the index, feedback leads
to exactly one retraining, drift that documents answer to a task."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from playwright.sync_api import expect

import genaiops_assets
from genaiops_assets.alignment import feedback_folder
from genaiops_assets.lake import Lake
from tests.conftest import copy_home, genaiops
from tests.support.browser import keep, open_page
from tests.support.faults import Up, wait_for
from tests.support.faults import living as processes
from tests.support.lakes import bank_support

pytestmark = [pytest.mark.model, pytest.mark.timeout(1200), pytest.mark.enable_socket]
OFF_TOPIC = Path(genaiops_assets.__file__).parent / "examples/bank_support/replay/off_topic.jsonl"


@pytest.fixture(scope="module")
def up(smoke_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """The UI and the daemon running on a finished home."""
    running = Up(copy_home(smoke_home, tmp_path_factory.mktemp("living") / "home"))
    yield running
    running.stop()
    assert processes(running.home) == []


@pytest.fixture
def living(up: Up) -> Path:
    return up.home


def runs(home: Path, purpose: str) -> list[dg.DagsterRun]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return list(instance.get_runs(dg.RunsFilter(tags={"genaiops/purpose": purpose})))


def failed_runs(home: Path) -> list[str]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return [r.job_name for r in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))]


def index_figures(home: Path) -> dict:
    return Lake(home).current("bank_support/embeddings_index").summary["figures"]


def test_a_dropped_file_reaches_the_index(living: Path, tmp_path: Path) -> None:
    before = Lake(living).heads.digest("bank_support/embeddings_index")
    notice = tmp_path / "notice.md"
    notice.write_text(
        "# Branch notice\n\nThe Rho-Bank branch in Harbor Street closes for repairs from 3 March and opens again on "
        "9 March.\n"
    )
    genaiops(living, "ingest", str(notice))
    began = time.monotonic()
    assert wait_for(lambda: Lake(living).heads.digest("bank_support/embeddings_index") != before, 120), (
        "not indexed within two minutes"
    )
    print(f"indexed after {time.monotonic() - began:.0f} s")
    assert index_figures(living)["embedded_now"] == 1
    corpus = Lake(living).current("bank_support/filtered_corpus").summary["figures"]
    assert (corpus["processed_now"], corpus["reused_rows"]) == (1, 698)
    assert wait_for(lambda: all(r.is_finished for r in runs(living, "bank_support:refresh")), 120)
    assert len(runs(living, "bank_support:refresh")) == 1


@pytest.mark.soak
def test_new_feedback_leads_to_exactly_one_retraining(up: Up) -> None:
    living = up.home
    old = json.loads(genaiops(living, "status", "--json").stdout)["newest"]["model_version"]
    checkpoint = Lake(living).heads.get("bank_support/aligned_checkpoint", old)
    folder = feedback_folder(Lake(living), bank_support())
    folder.mkdir(parents=True, exist_ok=True)
    said = {"chosen": "Please ask a colleague.", "rejected": "It is free.", "reviewer": "Bea"}
    lines = [{"question": f"May I pay with currency number {n}?", **said} for n in range(12)]
    (folder / "people.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    def decided() -> bool:
        assert failed_runs(living) == []
        versions = Lake(living).heads.partitions("bank_support/release_decision")
        return any(v != old for v in versions)

    began = time.monotonic()
    assert wait_for(decided, 900), "no new model version was decided on"
    print(f"decided {time.monotonic() - began:.0f} s after the feedback")
    assert wait_for(lambda: all(r.is_finished for r in runs(living, "bank_support:retraining")), 60)
    time.sleep(45)  # two more ticks of every sensor: nothing else may be requested
    found = json.loads(genaiops(living, "status", "--json").stdout)
    assert len(runs(living, "bank_support:retraining")) == 1
    assert found["newest"]["model_version"] != old and found["newest"]["approval"] == "waiting"
    assert Lake(living).heads.get("bank_support/aligned_checkpoint", old) == checkpoint
    assert len(Lake(living).heads.partitions("bank_support/aligned_checkpoint")) == 2
    with open_page() as page:
        page.goto(f"{up.address}/locations/genaiops_assets/sensors/bank_support__feedback_retraining")
        page.get_by_text("0 runs requested").first.hover()
        expect(page.get_by_text("was answered already", exact=False).first).to_be_visible()
        keep(page, "feedback_sensor")


@pytest.mark.soak
def test_off_topic_questions_open_one_task_and_train_nothing(up: Up) -> None:
    """Nobody wrote about these topics: the report asks for documents, which no training replaces."""
    before = len(runs(up.home, "bank_support:retraining"))
    genaiops(up.home, "replay", str(OFF_TOPIC))

    def opened() -> list[Any]:
        return list(Lake(up.home).ledger.entries("task_opened"))

    assert wait_for(lambda: bool(opened()), 300), "no task was opened"
    time.sleep(45)  # two more ticks of every sensor: nothing else may be requested
    (task,) = opened()
    assert task.body["what"] == "add documents" and ": add documents" in genaiops(up.home, "status").stdout
    assert len(runs(up.home, "bank_support:retraining")) == before
    found = json.loads(genaiops(up.home, "status", "--json").stdout)
    drift = next(a for a in found["assets"] if a["key"].endswith("drift_report"))
    assert [(c["name"], c["passed"], c["severity"]) for c in drift["checks"]] == [("no_drift", False, "WARN")]
    with open_page() as page:
        page.goto(f"{up.address}/assets/bank_support/drift_report?view=checks")
        expect(page.get_by_text("no_drift", exact=False).first).to_be_visible()
        page.goto(f"{up.address}/assets/bank_support/drift_report?view=overview")
        expect(page.get_by_text("topics", exact=False).first).to_be_visible()
        keep(page, "drift_report")

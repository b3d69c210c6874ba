"""Where anchors go and what is said of them: files, git notes, OpenLineage events, configured places, their age."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.governance.anchors import (
    ANCHORED,
    Place,
    anchor_to,
    anchor_where_configured,
    compare,
    configured,
    newest_anchor,
    place_of,
    read_anchors,
)
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.verification import verify_lake
from genaiops_assets.use_case import Anchors, UseCase
from tests.conftest import genaiops
from tests.support.lakes import V1, bank_support, candidate


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    candidate(lake, uc, V1)
    return lake


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    made = tmp_path / "evidence"
    made.mkdir()
    author = ["-c", "user.name=A", "-c", "user.email=a@localhost"]
    for command in (["init", "-q"], [*author, "commit", "-q", "--allow-empty", "-m", "begin"]):
        subprocess.run(["git", "-C", str(made), *command], check=True)
    return made


def anchoring(uc: UseCase, *places: str, **more: object) -> UseCase:
    return uc.model_copy(update={"anchors": Anchors.model_validate({"to": list(places), **more})})


@pytest.mark.parametrize("kind", ["file", "git", "openlineage"])
def test_an_anchor_comes_back_as_it_was_written(lake: Lake, tmp_path: Path, repository: Path, kind: str) -> None:
    place = Place(kind, repository if kind == "git" else tmp_path / "deep" / "anchors.jsonl")
    for _ in range(2):
        made = anchor_to(lake, [place])
        assert made.written == [str(place)] and made.problems == []
        lake.ledger.append("noted", {})
    found = read_anchors(place)
    assert [one.seq for one in found.anchors] == sorted(one.seq for one in found.anchors) and len(found.anchors) == 2
    assert found.problems == [] and all(one.signature and one.key for one in found.anchors)
    entries = [e.body for e in lake.ledger.entries(ANCHORED)]
    assert [e["places"] for e in entries] == [[str(place)]] * 2 and entries[0]["head"] == found.anchors[0].head


def test_events_of_other_jobs_may_stand_in_the_same_file(lake: Lake, tmp_path: Path) -> None:
    place = Place("openlineage", tmp_path / "events.jsonl")
    place.path.write_text(json.dumps({"eventType": "START", "run": {"runId": "1"}}) + "\n")
    anchor_to(lake, [place])
    event = json.loads(place.path.read_text().splitlines()[-1])
    assert {"eventType", "eventTime", "producer", "schemaURL", "job", "run"} <= set(event)
    assert len(read_anchors(place).anchors) == 1 and read_anchors(place).problems == []


def test_git_keeps_what_somebody_takes_out_of_the_note(lake: Lake, repository: Path, uc: UseCase) -> None:
    place = Place("git", repository)
    anchor_to(lake, [place])
    subprocess.run(["git", "-C", str(repository), "notes", "--ref", "genaiops", "remove", "HEAD"], check=True)
    assert any("anchored there, and it is not there" in p for p in compare(lake, [anchoring(uc, str(place))]).problems)
    log = subprocess.run(
        ["git", "-C", str(repository), "log", "-p", "refs/notes/genaiops"], check=True, capture_output=True, text=True
    ).stdout
    assert "ledger_anchor" in log


def test_a_place_that_fails_hides_no_other(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    places = [
        Place("git", tmp_path),
        Place("file", tmp_path / "file" / "below"),
        Place("file", tmp_path / "good.jsonl"),
    ]
    made = anchor_to(lake, places)
    assert made.written == [str(places[2])] and len(made.problems) == 2
    assert any("git:" in p for p in made.problems) and any("below" in p for p in made.problems)


def test_an_empty_ledger_and_an_unknown_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the ledger is empty"):
        anchor_to(Lake(tmp_path), [Place("file", tmp_path / "a")])
    for stated in ("ftp:x", "file:", "x"):
        with pytest.raises(Refused, match="expected file:PATH"):
            place_of(stated, tmp_path)
        with pytest.raises(ValueError, match="expected file:PATH"):
            Anchors.model_validate({"to": [stated]})


def test_use_cases_and_the_home_say_where_and_the_strictest_age_counts(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    assert anchor_where_configured(lake, [uc]).seq == 0 and not newest_anchor(lake, [uc]).configured
    (lake.home / "anchors.yaml").write_text(f"to: ['file:{tmp_path}/of_home.jsonl']\nwithin_days: 7\n")
    stated = anchoring(uc, "file:of_use_case.jsonl", within_days=3).model_copy(update={"folder": tmp_path})
    asked = configured(lake, [stated])
    assert [p.path.name for p in asked.places] == ["of_use_case.jsonl", "of_home.jsonl"] and asked.within_days == 3
    assert newest_anchor(lake, [stated]).problem == "the ledger was never anchored: type genaiops anchor"
    assert len(anchor_where_configured(lake, [stated]).written) == 2
    assert compare(lake, [stated]).anchors == 2 and compare(lake, [stated]).problems == []
    now = datetime.now(UTC)
    assert newest_anchor(lake, [stated], now + timedelta(days=2)).problem == ""
    assert "4 days ago: type genaiops anchor" in newest_anchor(lake, [stated], now + timedelta(days=4)).problem
    (lake.home / "anchors.yaml").write_text("to: nowhere\n")
    with pytest.raises(Unusable, match=r"anchors.yaml"):
        configured(lake, [uc])
    assert anchor_where_configured(lake, [uc]).problems  # a decision made before does not fall with it


def test_verify_compares_the_configured_places_by_itself(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    stated = anchoring(uc, f"file:{tmp_path}/anchors.jsonl")
    anchor_where_configured(lake, [stated])
    found = verify_lake(lake, [stated], [])
    assert found.problems == [] and found.anchors == 1
    for name in lake.store.list("ledger")[-2:]:
        (lake.home / "ledger" / name).unlink()
    last = lake.ledger.head()
    assert last is not None
    mark = {"seq": last.seq, "hash": last.hash, "at": last.at}
    (lake.home / "ledger_marks" / "highest.json").write_text(json.dumps(mark))
    assert any("it was truncated, 1 entries are missing" in p for p in verify_lake(lake, [stated], []).problems)
    assert not any("truncated" in p for p in verify_lake(lake, [uc], []).problems)  # nothing outside knows


def test_the_command_the_job_and_the_check(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "elsewhere" / "a.jsonl"
    candidate(Lake(home), bank_support(), V1)
    refused = genaiops(home, "anchor", check=False)
    assert refused.returncode == 1 and "where to?" in refused.stdout
    said = genaiops(home, "anchor", "--to", str(outside)).stdout
    assert "of the ledger is anchored" in said and len(read_anchors(Place("file", outside)).anchors) == 1
    assert "1 anchors compared" in genaiops(home, "verify", "--anchors", str(outside)).stdout
    uc = anchoring(bank_support(), f"file:{outside}", within_days=1)
    definitions = build_defs([uc], Platform(home=str(home)))
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_job_def("bank_support__anchor")
        assert job.execute_in_process(instance=instance).success
        checks = definitions.resolve_job_def("bank_support__check_production")
        done = checks.execute_in_process(instance=instance, raise_on_error=False)
    found = {e.check_name: e for e in done.get_asset_check_evaluations()}["ledger_is_anchored"]
    assert found.passed and found.metadata["within_days"].value == 1
    assert len(read_anchors(Place("file", outside)).anchors) == 2

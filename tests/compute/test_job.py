"""The payload's side: jobs on disk, progress, and dying with the parent."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from genaiops_assets.compute import Job, job
from genaiops_assets.compute.job import BAD_INPUT, PARENT
from genaiops_assets.errors import PayloadError

DIE = "from genaiops_assets.compute.job import die_with_parent; die_with_parent(); print('alive')"


@pytest.fixture
def made(tmp_path: Path) -> Job:
    home, staging, scratch = (tmp_path / name for name in ("home", "staging", "scratch"))
    for folder in (home, staging, scratch):
        folder.mkdir()
    return Job("selftest", str(home), str(home), str(staging), str(scratch), 2, 7, {"ü": [1]}, {"end": "finish"})


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(job, "_say", lines.append)
    return lines


def run_payload(path: Path) -> subprocess.CompletedProcess[str]:
    """The payload as a program, without Dagster."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DAGSTER_PIPES")}
    command = [sys.executable, "-m", "genaiops_assets.payloads.selftest", str(path)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_job_comes_back_as_saved(made: Job, tmp_path: Path) -> None:
    made.progress("x", 1, 1)
    made.save(tmp_path / "job.json")
    assert Job.load(tmp_path / "job.json") == made
    assert "_clock" not in json.loads((tmp_path / "job.json").read_text())
    assert made.out == tmp_path / "staging" and made.resume == tmp_path / "scratch"
    assert made.lake().home == tmp_path / "home"


def test_job_of_another_schema_is_refused(made: Job, tmp_path: Path) -> None:
    made.save(tmp_path / "job.json")
    content = json.loads((tmp_path / "job.json").read_text())
    (tmp_path / "job.json").write_text(json.dumps({**content, "schema_version": 99}))
    with pytest.raises(PayloadError, match="job of schema 99, this code reads 1"):
        Job.load(tmp_path / "job.json")


def test_progress_is_said_at_the_start_every_two_seconds_and_at_the_end(
    made: Job, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 100.5, 102.5, 103.0, 103.5])
    monkeypatch.setattr(job.time, "monotonic", lambda: next(clock))
    for done in (10, 11, 15, 16, 17):
        made.progress("rows", done, 17)
    assert said == ["rows 10/17", "rows 15/17 · 2.0/s · 0:01 left", "rows 17/17 · 2.0/s"]


def test_each_kind_of_progress_has_its_own_clock(made: Job, said: list[str]) -> None:
    made.progress("rows", 1, 9)
    made.progress("passages", 1, 9)
    assert said == ["rows 1/9", "passages 1/9"]


def test_payload_runs_without_dagster(made: Job, tmp_path: Path) -> None:
    made.save(tmp_path / "job.json")
    ended = run_payload(tmp_path / "job.json")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "selftest steps 3/3" in ended.stdout
    assert json.loads((tmp_path / "result.json").read_text())["inputs"] == {"ü": [1]}


def test_bad_input_ends_with_its_own_code_and_no_traceback(made: Job, tmp_path: Path) -> None:
    made.config.update(end="refuse", message="no rows")
    made.save(tmp_path / "job.json")
    ended = run_payload(tmp_path / "job.json")
    assert (ended.returncode, ended.stderr) == (BAD_INPUT, "payload error: no rows\n")
    assert not (tmp_path / "result.json").exists()


@pytest.mark.parametrize(
    ("parent", "code", "output"), [(os.getpid(), 0, "alive\n"), (2**22 + 1, 137, "")], ids=["alive", "dead"]
)
def test_payload_whose_parent_died_while_it_started_ends_at_once(parent: int, code: int, output: str) -> None:
    environment = {**os.environ, PARENT: str(parent)}
    ended = subprocess.run(
        [sys.executable, "-c", DIE], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (code, output)


def test_payload_side_loads_no_dagster_and_nothing_heavy() -> None:
    check = (
        "import sys, genaiops_assets.compute.job; print({'dagster', 'torch', 'lancedb', 'pandas'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", check], text=True) == "set()\n"


@pytest.mark.parametrize(
    ("done", "seconds", "left", "text"),
    [
        (0, 5.0, 10, ""),
        (1024, 25.7, 538, " · 39.8/s · 0:14 left"),
        (2, 54.0, 18, " · 27.0 s each · 8:06 left"),
        (2, 54.0, 0, " · 27.0 s each"),
        (3, 10_800.0, 2, " · 3,600.0 s each · 2:00:00 left"),
    ],
)
def test_slow_work_says_its_pace_and_the_time_left_and_never_zero_a_second(
    done: int, seconds: float, left: int, text: str
) -> None:
    assert job.pace(done, seconds, left) == text


def job_in(home: Path, **changes) -> Job:
    told = {"payload": "evaluate_model", "inputs": {"golden": ["q"]}, "config": {"n": 1}, "seed": 7, **changes}
    (home / "scratch").mkdir(parents=True, exist_ok=True)
    return Job(
        home=str(home), url=str(home), staging=str(home / "staging"), scratch=str(home / "scratch"), cpus=1, **told
    )


def test_what_a_killed_run_kept_is_found_by_the_same_job(tmp_path: Path) -> None:
    job_in(tmp_path).keep("base_with", ["an answer", "一个回答"])
    assert job_in(tmp_path).kept("base_with") == ["an answer", "一个回答"]
    assert job_in(tmp_path).kept("tuned_with") is None


@pytest.mark.parametrize(
    "change", [{"inputs": {"golden": ["other"]}}, {"config": {"n": 2}}, {"seed": 8}, {"payload": "make_pairs"}]
)
def test_and_by_no_other(tmp_path: Path, change: dict) -> None:
    job_in(tmp_path).keep("base_with", ["an answer"])
    assert job_in(tmp_path, **change).kept("base_with") is None


def test_resume_state_edited_by_hand_is_not_used(tmp_path: Path) -> None:
    """F1 went from 0.415 to 1.000 this way."""
    job = job_in(tmp_path)
    job.keep("tuned_with", ["an answer"])
    file = tmp_path / "scratch/tuned_with.json"
    whole = json.loads(file.read_text())
    for forged in ({**whole, "value": ["the golden answer"]}, {"value": ["the golden answer"]}, ["x"], {}):
        file.write_text(json.dumps(forged))
        assert job.kept("tuned_with") is None
    job.keep("base_with", ["the golden answer"])
    file.write_text((tmp_path / "scratch/base_with.json").read_text())  # a seal of another cell
    assert job.kept("tuned_with") is None

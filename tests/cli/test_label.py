"""`genaiops label` as a person starts it: the address it prints works, and Ctrl-C ends it with what was rated."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from genaiops_assets.alignment import feedback_folder, read_feedback
from genaiops_assets.labelling import all_ratings
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.conftest import PROJECT, genaiops
from tests.support.labels import evaluated, golden, pairs
from tests.support.lakes import V1, V2


@pytest.fixture
def home(tmp_path: Path, uc: UseCase) -> Path:
    lake = Lake(tmp_path / "home")
    (lake.home).mkdir()
    (lake.home / "use_cases.txt").write_text("package:bank_support\n")
    pairs(lake, uc, [(f"Question {n}?", f"Good {n}.", f"Bad {n}.") for n in range(3)])
    return lake.home


@pytest.mark.enable_socket
def test_the_printed_address_shows_the_first_item_and_ctrl_c_ends_it(home: Path) -> None:
    command = [sys.executable, "-m", "genaiops_assets.cli", "label", "--as", "Rita", "--items", "2"]
    env = {**os.environ, "GENAIOPS_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        lines = [running.stdout.readline(), running.stdout.readline()]
        assert lines[0].startswith("2 of 2 to rate, as Rita")
        found = re.search(r"(http://127\.0\.0\.1:\d+)/#(\S+)", lines[1])
        assert found, lines
        request = urllib.request.Request(f"{found[1]}/api/state", headers={"x-genaiops-token": found[2]})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.loads(answer.read())["item"]["question"].startswith("Question")
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()
        assert running.wait(30) == 0 and "0 of 2 rated by Rita" in rest


@pytest.mark.enable_socket
def test_a_rating_that_was_acknowledged_survives_a_kill(home: Path, uc: UseCase) -> None:
    command = [sys.executable, "-m", "genaiops_assets.cli", "label", "--as", "Rita"]
    env = {**os.environ, "GENAIOPS_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        found = re.search(r"(http://\S+)/#(\S+)", running.stdout.readline() + running.stdout.readline())
        assert found
        headers = {"x-genaiops-token": found[2], "origin": found[1], "content-type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{found[1]}/api/state", headers=headers)) as answer:
            item = json.loads(answer.read())["item"]["id"]
        told = json.dumps({"item": item, "choice": "left", "seconds": 3}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{found[1]}/api/rate", told, headers)) as answer:
            assert answer.status == 200
        running.kill()
        running.wait(30)
    lake = Lake(home)
    [rating] = all_ratings(lake, uc)
    assert rating.item == item and len(read_feedback(feedback_folder(lake, uc)).pairs) == 1


def test_what_cannot_be_rated_says_what_to_do(home: Path, uc: UseCase) -> None:
    lake = Lake(home)
    asked = golden(lake, uc, a="A?")
    evaluated(lake, uc, V1, asked, {"a": "one"})
    unknown = genaiops(home, "label", "--as", "Rita", "--versions", V1, V2, check=False)
    assert unknown.returncode == 1 and f"no evaluation of '{V2}'; evaluated: {V1}" in unknown.stdout
    nameless = genaiops(home, "label", "--as", " ", check=False)
    assert nameless.returncode == 1 and "a name needs at least one letter" in nameless.stdout

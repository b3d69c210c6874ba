"""The kill switch on a running gateway: within a second, with answers in the making, until a person lifts it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import application
from genaiops_assets.errors import Refused
from genaiops_assets.governance.incidents import incident_log
from genaiops_assets.governance.serving_stop import lift_stop, sign_file, stop_of, stop_serving
from genaiops_assets.lake import Lake
from tests.support.json_server import JsonServerHere
from tests.support.lakes import bank_support
from tests.support.released_home import ReleasedHome
from tests.support.served import Served, served
from tests.support.upstream import streamed

OLGA = "Olga Owner"
SOON = 2.0  # seconds: a stop holds within one, and the machine of the tests may be busy


class Stage:
    def __init__(self, home: ReleasedHome, gateway: Served):
        self.home, self.gateway, self.pause = home, gateway, 0.0


@pytest.fixture(scope="module")
def stage(released_once: ReleasedHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = released_once.copied(tmp_path_factory.mktemp("stop") / "copy")

    def answer(path: str, body: Any) -> tuple[int, bytes]:
        time.sleep(made.pause)
        return 200, streamed("It costs 95 dollars each quarter.")

    server = JsonServerHere(answer)
    server.start()
    home.settings(serving={"gateway": {"upstream": {"url": f"{server.url}/v1", "model": "behind"}}})
    with served(home.home) as gateway:
        made = Stage(home, gateway)
        yield made
    server.stop()


def until(gateway: Served, status: int, seconds: float = SOON) -> Any:
    """What is answered once it has this status; within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, said = gateway.chat("What does late return cost?")
        if found == status:
            return said
    raise AssertionError(f"no {status} within {seconds} s: {found}")


def test_a_stop_holds_within_a_second_and_ends_answers_in_the_making_until_it_is_lifted(stage: Stage) -> None:
    home, gateway, ended = stage.home, stage.gateway, list[tuple[float, int, str]]()
    stage.pause = 3.0

    def wait() -> None:
        status, said = gateway.chat("What does late return cost?")
        ended.append((time.monotonic(), status, said["error"]["code"]))

    asking = threading.Thread(target=wait)
    asking.start()
    time.sleep(0.3)
    began = time.monotonic()
    stop_serving(home.lake, home.uc, by=OLGA, reason="it names customers")
    said = until(gateway, 503)
    assert said["error"]["code"] == "serving_stopped"
    assert "Olga" not in json.dumps(said) and "customers" not in json.dumps(said)
    asking.join()
    assert ended[0][0] - began < SOON and ended[0][1:] == (503, "serving_stopped")
    told = gateway.health()
    assert told["status"] == "stopped" and "Olga" not in json.dumps(told)
    page = gateway.get("/status")[1]
    assert "stopped by Olga Owner" in page and "it names customers" in page and "stop-serving --lift" in page
    assert "genaiops_serving_stopped 1.0" in gateway.get("/metrics")[1] and "genaiops_ready 0.0" in page_of(gateway)
    stage.pause = 0.0
    lift_stop(home.lake, home.uc, by=OLGA, reason="the document is gone")
    assert until(gateway, 200)["choices"][0]["message"]["content"] == "It costs 95 dollars each quarter."
    assert "genaiops_serving_stopped 0.0" in page_of(gateway)


def page_of(gateway: Served) -> str:
    return gateway.get("/metrics")[1]


def test_a_sign_that_is_taken_away_lifts_nothing(stage: Stage) -> None:
    home, gateway = stage.home, stage.gateway
    stop_serving(home.lake, home.uc, by=OLGA, reason="a drill")
    until(gateway, 503)
    (home.home / sign_file("bank_support")).unlink()
    time.sleep(0.6)
    assert gateway.health()["status"] == "stopped"
    lift_stop(home.lake, home.uc, by=OLGA, reason="the drill is over")
    until(gateway, 200)


def test_no_gateway_starts_while_a_stop_holds(released: ReleasedHome) -> None:
    stop_serving(released.lake, released.uc, by=OLGA, reason="it names customers")
    with pytest.raises(AssertionError, match=r"it names customers.*--lift"), served(released.home):
        pass


def test_stop_and_lift_are_of_persons_in_ledger_incidents_and_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    lake, uc = Lake(tmp_path / "home"), bank_support()
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*typed: str) -> str:
        return CliRunner().invoke(application(["stop-serving", "status"]), list(typed)).output

    assert "Nobody Here" in run("stop-serving", "--as", "Nobody Here", "--reason", "x")
    assert stop_of(lake, uc.name) is None
    assert "serving was stopped by Olga Owner" in run("stop-serving", "--as", OLGA, "--reason", "it leaks")
    assert "is stopped already" in run("stop-serving", "--as", OLGA, "--reason", "it leaks")
    with pytest.raises(Refused, match="reason"):
        lift_stop(lake, uc, by=OLGA, reason=" ")
    assert "serving was stopped by Olga Owner" in run("status")
    assert json.loads(run("status", "--json"))["serving_stopped"].endswith("it leaks")
    incident = incident_log(lake, uc, [])[0]
    assert (incident["severity"], incident["closed_at"], incident["text"]) == ("major", "", "it leaks")
    assert "may be served again" in run("stop-serving", "--lift", "--as", OLGA, "--reason", "mended")
    assert stop_of(lake, uc.name) is None and incident_log(lake, uc, [])[0]["closed_at"]
    assert [e.body["did"] for e in lake.ledger.entries("serving")] == ["stopped", "lifted"]
    assert lake.ledger.problems() == []

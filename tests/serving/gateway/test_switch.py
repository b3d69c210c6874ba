"""Production moves while people ask: nothing is dropped, and what cannot be trusted does not answer, with the reason."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from genaiops_assets.governance.release import decide, release, revoke
from tests.support.json_server import json_server
from tests.support.released_home import ReleasedHome
from tests.support.served import Served, served
from tests.support.upstream import saying

OLGA = "Olga Owner"


class Stage:
    """A home whose answers a fake server writes, and its gateway. Versions are numbered in the order they come."""

    def __init__(self, home: ReleasedHome, gateway: Served):
        self.home, self.gateway, self.number = home, gateway, 1

    def candidate(self) -> str:
        self.number += 1
        return self.home.candidate(self.number)

    def promote(self) -> str:
        version = self.home.promoted(self.candidate())
        self.gateway.until(lambda told: (told["status"], told.get("model_version")) == ("ok", version))
        return version


@pytest.fixture(scope="module")
def stage(released_once: ReleasedHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = released_once.copied(tmp_path_factory.mktemp("switch") / "copy")
    with json_server(saying(lambda body: "It costs 95 dollars each quarter.")) as server:
        home.settings(serving={"gateway": {"upstream": {"url": f"{server.url}/v1", "model": "behind"}}})
        with served(home.home) as gateway:
            yield Stage(home, gateway)


class Traffic:
    """Three clients that ask without pause; `seen`: (status, version) of each answer."""

    def __init__(self, gateway: Served):
        self.gateway, self.seen, self._stop = gateway, list[tuple[int, str]](), threading.Event()
        self._clients = [threading.Thread(target=self._ask, args=(n,)) for n in range(3)]

    def __enter__(self) -> Traffic:
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for client in self._clients:
            client.join()

    def _ask(self, number: int) -> None:
        while not self._stop.is_set():
            status, said = self.gateway.chat("What does late return cost?")
            self.seen.append((status, said.get("system_fingerprint", "")))


def test_promotions_drop_no_request(stage: Stage) -> None:
    first = stage.gateway.health()["model_version"]
    with Traffic(stage.gateway) as traffic:
        second, third = stage.promote(), stage.promote()
        stage.gateway.chat("What?")
    assert {status for status, _ in traffic.seen} == {200}
    assert list(dict.fromkeys(version for _, version in traffic.seen)) == [first, second, third]


def damaged(home: ReleasedHome, version: str) -> None:
    """One byte of a version's bundle is another."""
    head = home.lake.heads.digest(home.uc.key("release_bundle"), version)
    file = home.home / "artifacts" / "bank_support" / "release_bundle" / head / "release_bundle.json"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b'"top_k": ', b'"top_k":  '))


def refused(gateway: Served, reason: str) -> None:
    told = gateway.until(lambda told: told["status"] == "refused")
    assert reason in told["reason"] and gateway.get("/healthz")[0] == 503
    status, said = gateway.chat("What?")
    assert (status, said["error"]["code"]) == (503, "no_release") and reason in said["error"]["message"]


def test_a_rejection_or_revocation_of_what_answers_stops_it_and_a_new_release_starts_it_again(stage: Stage) -> None:
    home, now = stage.home, stage.promote()
    decide(home.lake, home.uc, now, name="Ada Approver", decision="rejected", reason="a wrong fee")
    refused(stage.gateway, "was rejected by Ada Approver on ")
    revoke(home.lake, home.uc, stage.promote(), by="Ada Approver", reason="it leaks")
    refused(stage.gateway, "was revoked by Ada Approver on ")
    stage.promote()


def test_a_pointer_that_the_ledger_does_not_know_stops_everything(stage: Stage) -> None:
    file = stage.home.home / "production" / "bank_support.json"
    sound = file.read_bytes()
    file.write_bytes(json.dumps({**json.loads(sound), "model_version": "mv-000000000009"}).encode())
    refused(stage.gateway, "is not what the ledger's last release wrote")
    file.write_bytes(sound)
    stage.gateway.until(lambda told: told["status"] == "ok")


def test_a_source_that_is_closed_is_closed_at_once_and_a_broken_file_stops_nothing(stage: Stage) -> None:
    file, gateway = stage.home.file, stage.gateway
    text = file.read_text("utf-8")

    def found() -> list[str]:
        return [c["id"] for c in gateway.chat("What does late return cost?")[1]["genaiops"]["citations"]]

    def soon(wanted: list[str]) -> bool:
        return any(found() == wanted or time.sleep(0.1) for _ in range(100))  # type: ignore[func-returns-value]

    assert found() == ["fee#0"]
    file.write_text(text.replace("access: public", "access: closed"), encoding="utf-8")
    assert soon([])
    file.write_text("{", encoding="utf-8")
    told = gateway.until(lambda told: told["status"] != "ok")
    assert told["status"] == "degraded" and "is not valid YAML" in told["reason"] and found() == []
    file.write_text(text, encoding="utf-8")
    assert soon(["fee#0"])


def moved_to_what_is_damaged(stage: Stage, move: Callable[[], str]) -> str:
    """Production moves to a version whose bundle is damaged before the gateway looks."""
    stage.gateway.process.send_signal(signal.SIGSTOP)
    version = move()
    damaged(stage.home, version)
    stage.gateway.process.send_signal(signal.SIGCONT)
    return version


def test_a_promotion_to_a_broken_release_leaves_what_answered(stage: Stage) -> None:
    now = stage.gateway.health()["model_version"]
    broken = moved_to_what_is_damaged(stage, lambda: stage.home.promoted(stage.candidate()))
    told = stage.gateway.until(lambda told: told["status"] == "degraded")
    assert f"the release bundle of {broken} does not verify" in told["reason"] and told["model_version"] == now
    assert stage.gateway.chat("What?")[1]["system_fingerprint"] == now


def test_a_rollback_to_a_broken_release_leaves_nothing(
    released_once: ReleasedHome, tmp_path: Path, stage: Stage
) -> None:
    """In a home of its own: nothing can be released in one that holds a damaged bundle."""
    home = released_once.copied(tmp_path / "copy")
    home.settings(serving=yaml.safe_load(stage.home.file.read_text("utf-8"))["serving"])
    first = home.version
    home.promoted(home.candidate(2))
    with served(home.home) as gateway:
        own = Stage(home, gateway)

        def back() -> str:
            return release(home.lake, home.uc, first, kind="rollback", by=OLGA, reason="a wrong fee").model_version

        moved_to_what_is_damaged(own, back)
        refused(gateway, f"the release bundle of {first} does not verify")


def test_nothing_in_production_starts_nothing(released: ReleasedHome) -> None:
    (released.home / "production" / "bank_support.json").unlink()
    with pytest.raises(AssertionError, match="the ledger disagree"), served(released.home):
        pass

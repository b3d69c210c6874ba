"""The gateway with a model in its own process: its answers are those that were judged, and a kill loses nothing it
acknowledged."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import openai
import pytest

from genaiops_assets.models import model_directory
from genaiops_assets.serving import Assistant, search_conditions
from genaiops_assets.serving.interactions.answer import interaction_row
from genaiops_assets.serving.interactions.log import day_rows
from genaiops_assets.serving.interactions.spool import spool_folder, take_in_spooled
from tests.support import small_home
from tests.support.lakes import bank_support
from tests.support.released_home import ReleasedHome
from tests.support.served import Served, served

QUESTIONS = [f"What does late return number {n} cost?" for n in range(6)]


class Client(threading.Thread):
    """Streams answers until its server is gone; `acknowledged`: ids whose last event came."""

    def __init__(self, gateway: Served, question: str):
        super().__init__()
        self.question, self.acknowledged = question, list[str]()
        self.client = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="none", max_retries=0, timeout=60)

    def run(self) -> None:
        turns = [{"role": "user", "content": self.question}]
        while True:
            try:
                stream = self.client.chat.completions.create(model="bank_support", messages=turns, stream=True)  # type: ignore[call-overload]
                chunks = list(stream)
            except openai.OpenAIError:
                return
            except Exception:  # the connection broke in the middle of a chunk
                return
            if chunks[-1].choices and chunks[-1].choices[0].finish_reason:
                self.acknowledged.append(chunks[0].id)


def killed_under_traffic(home: ReleasedHome, gateway: Served, seconds: float) -> list[str]:
    """Ids that were acknowledged before the gateway was killed."""
    clients = [Client(gateway, question) for question in QUESTIONS]
    for client in clients:
        client.start()
    time.sleep(seconds)
    gateway.kill()
    for client in clients:
        client.join()
    return [one for client in clients for one in client.acknowledged]


def judged(home: ReleasedHome, questions: list[str]) -> list[str]:
    """As `genaiops ask` answers: what was evaluated."""
    assistant = Assistant(home.lake, home.uc)
    only = search_conditions(home.lake, home.uc, access=["public"])  # as a gateway without keys
    return [answer.text for answer in assistant.answer(questions, only)]


def lives_through_a_kill(home: ReleasedHome, seconds: float) -> None:
    day = time.strftime("%Y-%m-%d", time.gmtime())
    with served(home.home) as gateway:
        acknowledged = killed_under_traffic(home, gateway, seconds)
    assert len(acknowledged) >= 3
    with served(home.home) as gateway:  # the one that comes next takes in what was left
        assert gateway.chat(QUESTIONS[0])[0] == 200
        assert all(interaction_row(home.lake, home.uc, one) for one in acknowledged)
        assert gateway.stop() == 0
    ids = [row["id"] for row in day_rows(home.lake, home.uc, day)]
    assert set(acknowledged) <= set(ids) and len(ids) == len(set(ids)) and not list(
        spool_folder(home.lake, home.uc).glob("*.jsonl")
    )  # fmt: skip


def test_answers_are_those_of_ask_and_a_kill_loses_none(released: ReleasedHome) -> None:
    """A tiny real model."""
    with served(released.home) as gateway:
        found = [gateway.chat(question) for question in QUESTIONS]
        streamed = gateway.ask("POST", "/v1/chat/completions", {
            "model": "bank_support", "stream": True, "messages": [{"role": "user", "content": QUESTIONS[0]}],
        })[1]  # fmt: skip
        status, said = gateway.chat("What?", temperature=0.7)
        assert (status, said["error"]["param"]) == (400, "temperature")
        assert gateway.stop() == 0
    take_in_spooled(released.lake, released.uc)
    texts = [said["choices"][0]["message"]["content"] for _, said in found]
    chunks = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith("data: {")]
    assert "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks) == texts[0]
    assert texts == judged(released, QUESTIONS)
    lives_through_a_kill(released, 3.0)


@pytest.mark.model
def test_the_real_small_model_answers_from_the_passage_and_a_kill_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = bank_support().model.base
    from genaiops_assets.lake import Lake

    lake = Lake(tmp_path / "lake")
    found = lake.resolve(base, tmp_path)
    folder = model_directory(found.path, found.digest, lake.cache)
    monkeypatch.setattr(small_home, "tiny_model", lambda place: folder)
    monkeypatch.setattr(ReleasedHome, "update", 3e-4)
    home = ReleasedHome(tmp_path / "home")
    with served(home.home) as gateway:
        status, said = gateway.chat("What does late return of the blue card cost each quarter?")
        assert status == 200 and gateway.stop() == 0
    text = said["choices"][0]["message"]["content"]
    assert [text] == judged(home, ["What does late return of the blue card cost each quarter?"])
    assert said["usage"]["completion_tokens"] > 0
    lives_through_a_kill(home, 12.0)

"""OpenAI's own client on `/v1/responses`: the answers of the chat route in that form, and what is refused by its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.serving.gateway.responses import asked_for_response
from genaiops_assets.serving.interactions.answer import interaction_row
from genaiops_assets.serving.transparency.provenance import detect_provenance, trusted_keys
from tests.support.json_server import json_server
from tests.support.released_home import ReleasedHome
from tests.support.served import served
from tests.support.upstream import streamed

ANSWER = "It costs 95 dollars each quarter. Good day."


class Stage:
    def __init__(self, home: ReleasedHome, url: str, said: dict[str, bytes]):
        self.home, self.said = home, said
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60)

    def ask(self, told: Any = "What does late return cost?", **more: Any) -> Any:
        return self.client.responses.create(model="bank_support", input=told, **more)


@pytest.fixture(scope="module")
def stage(released_once: ReleasedHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = released_once.copied(tmp_path_factory.mktemp("responses") / "copy")
    said = {"now": streamed(ANSWER)}
    with json_server(lambda path, body: (200, said["now"])) as server:
        home.settings(serving={"gateway": {"upstream": {"url": f"{server.url}/v1", "model": "behind"}}})
        with served(home.home) as gateway:
            yield Stage(home, gateway.url, said)


def test_the_client_reads_a_whole_answer_its_sources_and_its_mark(stage: Stage) -> None:
    found = stage.ask(max_output_tokens=20)
    assert found.output_text == ANSWER and found.status == "completed" and found.usage.input_tokens == 11
    assert [cited["id"] for cited in found.genaiops["citations"]] == ["fee#0"]
    proven = detect_provenance(found.model_dump_json().encode(), trusted_keys(stage.home.lake))
    assert proven.problem == "" and proven.provenance["answer"] == found.id
    row = interaction_row(stage.home.lake, stage.home.uc, found.id)
    assert row is not None and row["answer"] == ANSWER


def test_a_stream_ends_with_the_whole_answer(stage: Stage) -> None:
    heard = list(stage.ask(stream=True))
    kinds = [event.type for event in heard]
    assert kinds[:2] == ["response.created", "response.in_progress"] and kinds[-1] == "response.completed"
    assert "".join(e.delta for e in heard if e.type == "response.output_text.delta") == ANSWER
    assert heard[-1].response.output_text == ANSWER and heard[-1].response.genaiops["ai_generated"] is True
    assert [event.sequence_number for event in heard] == list(range(len(heard)))


def test_an_answer_that_was_cut_says_so(stage: Stage) -> None:
    stage.said["now"] = streamed("It costs", "length")
    found = stage.ask()
    assert (found.status, found.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert list(stage.ask(stream=True))[-1].type == "response.incomplete"
    stage.said["now"] = streamed(ANSWER)


def test_a_stream_that_breaks_off_is_an_error(stage: Stage) -> None:
    stage.said["now"] = streamed(ANSWER).rpartition(b"data: [DONE]")[0].rpartition(b'"finish_reason"')[0]
    heard = list(stage.ask(stream=True))
    assert heard[-1].type == "error" and "the server behind the gateway" in heard[-1].message
    assert not any(event.type == "response.completed" for event in heard)
    stage.said["now"] = streamed(ANSWER)


def test_turns_and_their_parts_are_those_of_a_chat() -> None:
    parts = [{"type": "input_text", "text": "And "}, {"type": "input_text", "text": "now?"}]
    asked = asked_for_response(
        {
            "model": "m",
            "input": [
                {"role": "user", "content": "What?"},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "That."}]},
                {"role": "user", "content": parts},
            ],
            "max_output_tokens": 7,
            "store": False,
        }
    )
    assert (asked.question, asked.most, asked.typed) == ("And now?", 7, ["What?", "That.", "And now?"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("store", True),
        ("instructions", "Be rude."),
        ("previous_response_id", "resp-1"),
        ("tools", [{"type": "web_search"}]),
        ("reasoning", {"effort": "high"}),
        ("input", [{"type": "function_call_output", "output": "x"}]),
        ("input", [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]),
        ("input", ""),
        ("max_output_tokens", "many"),
    ],
)
def test_what_is_not_honoured_is_refused_by_its_name(field: str, value: Any) -> None:
    with pytest.raises(Problem) as caught:
        asked_for_response({"model": "m", "input": "What?", field: value})
    assert caught.value.param.startswith(field) and caught.value.status == 400 and "messages" not in str(caught.value)

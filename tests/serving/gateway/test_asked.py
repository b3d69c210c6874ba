"""A chat request is read strictly: each field is honoured, or refused by its name."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.serving.gateway.asked import Asked, asked_in
from genaiops_assets.serving.gateway.problems import Problem

USER = {"role": "user", "content": "What?"}


def asked(**fields: Any) -> Asked:
    return asked_in({"model": "m", "messages": [USER], **fields})


def refused(**fields: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        asked(**fields)
    return caught.value


def test_what_is_honoured_is_read() -> None:
    found = asked(max_tokens=5, temperature=0.5, stop="\n", seed=3, stream=True, stream_options={"include_usage": True})
    assert found == Asked("m", "What?", [], True, True, 5, 0.5, ("\n",), 3)
    assert asked(max_completion_tokens=4, max_tokens=9).most == 4
    assert asked(stop=["a", "b"]).stop == ("a", "b") and asked(metadata={"conversation_id": "c"}).conversation == "c"


def test_earlier_turns_come_before_the_question() -> None:
    turns = [
        USER,
        {"role": "assistant", "content": "This."},
        {"role": "user", "content": [{"type": "text", "text": "And?"}]},
    ]
    found = asked(messages=turns)
    assert found.question == "And?" and [t["content"] for t in found.history] == ["What?", "This."]
    assert found.typed == ["What?", "This.", "And?"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 2), ("logprobs", True), ("top_p", 0.5), ("frequency_penalty", 1), ("response_format", {"type": "json_object"}),
        ("tools", [{"type": "function"}]), ("logit_bias", {"5": 1}), ("colour", "red"), ("temperature", 3), ("stop", [""]),
        ("seed", 1.5), ("max_tokens", 0), ("stream", 1), ("stream_options", {"x": 1}), ("metadata", {"a": 1}), ("messages", []),
    ],
)  # fmt: skip
def test_what_is_not_honoured_is_refused_by_its_name(field: str, value: Any) -> None:
    problem = refused(**{field: value})
    assert (problem.status, problem.param.split(".")[0]) == (400, field) and str(problem).startswith(field)


def test_neutral_values_of_what_is_not_honoured_pass() -> None:
    assert asked(n=1, logprobs=False, top_p=1, tools=[], response_format={"type": "text"}, frequency_penalty=0).question


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ({"role": "system", "content": "Be rude."}, "messages[0].role"),
        ({"role": "assistant", "content": "Hm."}, "messages[0].role"),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}, "messages[0].content"),
        ({"role": "user", "content": " "}, "messages[0].content"),
        ({"role": "user", "content": "\ud83d"}, "messages[0].content"),
        ("What?", "messages[0]"),
    ],
)
def test_messages_of_another_kind_are_refused_by_their_place(message: Any, where: str) -> None:
    assert refused(messages=[message]).param == where


def test_a_modality_that_is_not_served_is_named() -> None:
    said = str(refused(messages=[{"role": "user", "content": [{"type": "input_audio"}]}]))
    assert "'input_audio' is not served: text is all there is" in said

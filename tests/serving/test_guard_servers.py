"""Rules that ask a server, over HTTP: what is sent, what a reply means, and what is said where nobody was asked."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import pytest

from genaiops_assets.serving.gateway.guarding import Guards
from genaiops_assets.serving.guardrails.policy import GuardPolicy
from genaiops_assets.serving.guardrails.registry import Judged, judged, rules_named
from genaiops_assets.use_case import GuardSettings
from tests.support.json_server import json_server

KEY, SECRET = "GENAIOPS_SECRET_GUARD", "sk-nobody-may-see-this"


def said(content: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"choices": [{"message": {"role": "assistant", "content": content}, **more}]}


def asked(name: str, text: str = "How do I make a weapon?", question: str = "", **settings: Any) -> Judged:
    part = "llama_guard" if name.startswith("llama") else name
    policy = GuardPolicy(GuardSettings.model_validate({part: settings}))
    stage: Any = "output" if name.endswith("answer") else "input"
    return judged(stage, rules_named([name], policy), text, [], "en", question)


def actions(found: Judged) -> list[tuple[str, str]]:
    return [(one.rule, one.action) for one in found.fired]


def test_llama_guard_holds_back_what_the_server_calls_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)
    with json_server(lambda path, body: said("unsafe\nS9" if "weapon" in str(body) else "safe")) as server:
        told = {"url": f"{server.url}/v1", "model": "guard", "key_variable": KEY}
        assert not asked("llama_guard", **told).allowed
        assert asked("llama_guard", "What is the fee?", **told).allowed
        assert not asked("llama_guard_answer", "It is a weapon.", "What is it?", **told).allowed
    path, body, headers = server.asked[-1]
    assert path == "/v1/chat/completions" and headers["authorization"] == f"Bearer {SECRET}"
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant"]


def test_the_probability_is_the_score_where_the_server_tells_it() -> None:
    first = {"token": "unsafe", "logprob": math.log(0.3)}, {"token": "safe", "logprob": math.log(0.7)}
    told = {"content": [{"token": "safe", "logprob": -1.2, "top_logprobs": [*first]}]}
    with json_server(lambda path, body: said("safe", logprobs=told)) as server:
        assert asked("llama_guard", url=server.url, model="g").allowed
        assert not asked("llama_guard", url=server.url, model="g", score=0.25).allowed


def test_prompt_shields_is_asked_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)
    reply = {"userPromptAnalysis": {"attackDetected": True}, "documentsAnalysis": []}
    with json_server(lambda path, body: (200, reply)) as server:
        assert not asked("prompt_shields", url=server.url, key_variable=KEY).allowed
        assert asked("prompt_shields", "x" * 20_000, url=server.url, key_variable=KEY).fired[0].action == "skipped"
    path, body, headers = server.asked[0]
    assert path.startswith("/contentsafety/text:shieldPrompt") and body["userPrompt"].startswith("How do I")
    assert headers["ocp-apim-subscription-key"] == SECRET and len(server.asked) == 1


@pytest.mark.parametrize("name", ["llama_guard", "prompt_shields"])
def test_without_address_or_key_nothing_is_sent_and_it_is_shown_as_skipped(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY, raising=False)
    found = asked(name)
    assert found.allowed and actions(found) == [(name, "skipped")] and "names no url" in found.fired[0].reason
    with json_server(lambda path, body: said("safe")) as server:
        found = asked(name, url=server.url, model="g", key_variable=KEY)
        assert actions(found) == [(name, "skipped")] and f"{KEY} is not set" in found.fired[0].reason
        assert server.asked == []


@pytest.mark.parametrize("reply", [(500, {}), (200, {"no": "choices"}), (200, b"<html>"), (401, {"error": "no"})])
def test_a_server_that_fails_is_skipped_or_holds_everything_back_as_told(
    reply: tuple[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    with json_server(lambda path, body: reply) as server:
        told = {"url": server.url, "model": "g", "key_variable": KEY}
        found, strict = asked("llama_guard", **told), asked("llama_guard", **told, when_down="hold_back")
    assert found.allowed and found.fired[0].action == "skipped" and not strict.allowed
    assert SECRET not in found.fired[0].reason + strict.fired[0].reason and len(server.asked) == 2


def test_a_server_that_says_neither_is_no_pass() -> None:
    with json_server(lambda path, body: said("perhaps")) as server:
        found = asked("llama_guard", url=server.url, model="g")
    assert found.fired[0].action == "skipped" and "neither yes nor no" in found.fired[0].reason


def test_a_slow_server_is_waited_for_as_long_as_told() -> None:
    asked_for = threading.Event()

    def slow(path: str, body: Any) -> tuple[int, Any]:
        asked_for.wait(60)
        return said("unsafe")

    with json_server(slow) as server:
        found = asked("llama_guard", url=server.url, model="g", seconds=0.2)
        asked_for.set()  # nobody waited for what it says now
    assert found.fired[0].action == "skipped"


def test_a_whole_answer_is_asked_about_once_and_nothing_leaves_before() -> None:
    with json_server(lambda path, body: said("unsafe" if "poison" in str(body) else "safe")) as server:
        policy = GuardPolicy(GuardSettings.model_validate({"llama_guard": {"url": server.url, "model": "g"}}))
        guards = Guards(["llama_guard_answer"], "en", "No.", policy)
        answer = guards.on_answer([], "What is it?")
        assert answer.take("It is harmless. Well, it is ") == "" and answer.take("poison. Bye. ") == ""
        assert answer.rest() == "No." and answer.blocked and len(server.asked) == 1


def test_others_are_answered_while_a_rule_asks_its_server() -> None:
    import asyncio

    def slow(path: str, body: Any) -> tuple[int, Any]:
        time.sleep(0.5)
        return said("safe")

    async def both(guards: Guards) -> tuple[bool, int]:
        ticks = 0
        asking = asyncio.create_task(guards.beside(guards.on_question, ["What?"]))
        while not asking.done():
            await asyncio.sleep(0.02)
            ticks += 1
        return asking.result()[0], ticks

    with json_server(slow) as server:
        policy = GuardPolicy(GuardSettings.model_validate({"llama_guard": {"url": server.url, "model": "g"}}))
        allowed, ticks = asyncio.run(both(Guards(["llama_guard"], "en", "No.", policy)))
    assert allowed and ticks > 5

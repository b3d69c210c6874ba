"""Rules that ask a server: Llama Guard behind OpenAI's chat API, and Azure's Prompt Shields. All have one shape, which
a rule of another package may take too: told where its server is, `remote`, and a score in place of a judgement.

Belongs here: that shape, and what each sends and reads. Does not belong here: keys (`models/endpoint.py`). Without an
address or a key nothing is sent, and the verdict says that the rule was skipped; so it does while the server does not
answer, unless the use case would rather hold the text back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from genaiops_assets.evaluation import SHIELD, SHIELD_CHARACTERS, probability_of_unsafe
from genaiops_assets.models import JsonServer, NotAnswered
from genaiops_assets.serving.guardrails.base import Stage, Verdict
from genaiops_assets.use_case import GuardServer, GuardSettings


class Served:
    """What rules on a server share. `settings_name`: their part of `serving.guard_settings`."""

    name = version = settings_name = ""
    stage: Stage = "input"
    remote = True
    header, scheme = "Authorization", "Bearer "
    reason = "a guard holds this for unsafe"
    names_a_model = True

    def __init__(self, settings: GuardServer | None = None):
        self.settings = settings or GuardServer()

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> Any:
        return type(self)(getattr(settings, self.settings_name))

    @property
    def missing(self) -> str:
        """What the rule cannot do without and has not: an address, a model, a key that it may use. Nothing is sent."""
        lacks = "url" if not self.settings.url else "model" if self.names_a_model and not self.settings.model else ""
        if lacks:
            return f"serving.guard_settings.{self.settings_name} names no {lacks}"
        try:
            _ = self.server
        except NotAnswered as error:
            return str(error)
        return ""

    @cached_property
    def server(self) -> JsonServer:
        """Raises NotAnswered where the key may not be used or is not there."""
        return JsonServer(
            self.settings.url,
            key_variable=self.settings.key_variable,
            field=f"serving.guard_settings.{self.settings_name}.key_variable",
            purpose=f"{self.name} at",
            header=self.header,
            scheme=self.scheme,
            tries=1,
            patience=self.settings.seconds,
        )

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        return self.judge_answer(text, "", passages, language)

    def judge_answer(self, text: str, question: str, passages: list[str], language: str) -> Verdict:
        if self.missing:
            return Verdict(True, text, skipped=self.missing)
        try:
            score = self.asked(self.server, text, question)
        except NotAnswered as error:
            return self._down(text, str(error))
        except (KeyError, TypeError, IndexError, AttributeError):
            return self._down(text, f"{self.name}: the reply is not one of its kind")
        if score is None:
            return Verdict(True, text, skipped=f"{self.name}: the reply says neither yes nor no")
        return Verdict(True, text) if score < self.settings.score else Verdict(False, "", self.reason)

    def _down(self, text: str, why: str) -> Verdict:
        if self.settings.when_down == "hold_back":
            return Verdict(False, "", f"{why}; until it answers, nothing passes")
        return Verdict(True, text, skipped=why)

    def asked(self, server: JsonServer, text: str, question: str) -> float | None:
        """From 0, nothing to hold back, to 1; None where the server does not say."""
        raise NotImplementedError


class LlamaGuard(Served):
    """A question, by Llama Guard: the server lays its template around the turns, the reply begins with `safe` or
    `unsafe`. Source: model card of Llama Guard 3."""

    name, version, settings_name = "llama_guard", "1", "llama_guard"

    def asked(self, server: JsonServer, text: str, question: str) -> float | None:
        return self.unsafe(server, [("user", text)])

    def unsafe(self, server: JsonServer, turns: Sequence[tuple[str, str]]) -> float | None:
        messages = [{"role": role, "content": said} for role, said in turns if said]
        body = {"model": self.settings.model, "messages": messages, "temperature": 0, "max_tokens": 20}
        choice: Mapping[str, Any] = server.ask("/chat/completions", {**body, "logprobs": True, "top_logprobs": 5})[
            "choices"
        ][0]
        said = (choice["message"]["content"] or "").strip().lower()
        if not said.startswith(("safe", "unsafe")):
            return None
        told = probability_of_unsafe(choice.get("logprobs"))
        return float(said.startswith("unsafe")) if told is None else told


class LlamaGuardAnswer(LlamaGuard):
    """An answer with its question, by Llama Guard; asked once, of the whole answer."""

    name = "llama_guard_answer"
    stage: Stage = "output"
    whole = True

    def asked(self, server: JsonServer, text: str, question: str) -> float | None:
        return self.unsafe(server, [("user", question), ("assistant", text)])


class PromptShields(Served):
    """A question, by Azure AI Content Safety's Prompt Shields. Source: its REST reference, 2024-09-01."""

    name, version, settings_name = "prompt_shields", "1", "prompt_shields"
    header, scheme = "Ocp-Apim-Subscription-Key", ""
    reason = "a guard takes this for an attack on the assistant"
    names_a_model = False

    def asked(self, server: JsonServer, text: str, question: str) -> float | None:
        if len(text) > SHIELD_CHARACTERS:
            return None
        found = server.ask(SHIELD, {"userPrompt": text, "documents": []})
        return float(bool(found["userPromptAnalysis"]["attackDetected"]))

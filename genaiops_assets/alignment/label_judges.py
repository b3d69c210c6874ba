"""Judges that may label preferences beside those of `use_case.JUDGES`: nearness to the question, likelihood under the
base model, and a server that speaks OpenAI's chat API.

Belongs here: these judges and opening the one a use case names. Does not belong here: whether a judge may label
(`judging.py`)."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import Judge
from genaiops_assets.lake import NotDelivered, secret_of, without_secrets
from genaiops_assets.models import Prompts, TransformersGenerator, render, token_ids
from genaiops_assets.retrieval import Embedder
from genaiops_assets.use_case import JUDGES, Judging

TRIES, FIRST_WAIT, PATIENCE = 5, 1.0, 60.0  # seconds; waits double
BUSY = (408, 429, 500, 502, 503, 504, 529)
ASK = {
    "en": "Rate how well the answer answers the question, from 0 (useless or wrong) to 10 (right and complete). Where "
    "passages are given, only what they say is right. Reply with the number alone.\n\n{passages}"
    "Question: {question}\n\nAnswer: {answer}",
    "zh": "请为回答打分：0 分为无用或错误，10 分为正确且完整。如给出资料，只以资料为准。只回复一个数字。\n\n"
    "{passages}问题：{question}\n\n回答：{answer}",
}


class NearnessJudge:
    """Cosine of answer and question, brought to 0..1: on topic or not, and nothing else."""

    name, version = "nearness", "1"

    def __init__(self, embedder: Embedder):
        self.embedder = embedder

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        if not answer.strip():
            return 0.0
        asked, said = self.embedder.encode_queries([question])[0], self.embedder.encode([answer])[0]
        return (1 + float(asked @ said)) / 2


class LikelihoodJudge:
    """How likely the base model finds an answer after question and passages: the geometric mean of the probabilities of
    its tokens."""

    name, version = "likelihood", "1"

    def __init__(self, generator: TransformersGenerator, prompts: Prompts):
        self.generator, self.prompts = generator, prompts

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        """Abstains where nothing of the answer is a token of its own behind the prompt."""
        import torch

        model, tokenizer = self.generator.model, self.generator.tokenizer
        asked = self.prompts.messages(question, list(passages))
        before = token_ids(tokenizer, render(tokenizer, asked))
        said = [*asked, {"role": "assistant", "content": answer}]
        whole = token_ids(tokenizer, render(tokenizer, said, answered=True))
        begins = next((n for n, (a, b) in enumerate(zip(before, whole, strict=False)) if a != b), len(before))
        if not 0 < begins < len(whole):
            return None
        tokens = torch.tensor([whole], device=model.device)
        with torch.no_grad():
            logits = model(tokens).logits[0, begins - 1 : -1].float()
        each = logits.log_softmax(-1).gather(1, tokens[0, begins:, None])
        return math.exp(float(each.mean()))


class EndpointJudge:
    """A mark from 0 to 10 by `model` at `url` (POST URL/chat/completions), divided by ten. A busy server is asked
    again; an answer without a number is an abstention. Nothing is sent to where a server redirects."""

    name = "endpoint"

    def __init__(self, settings: Judging, language: str, *, wait: Callable[[float], Any] = time.sleep):
        self.url, self.model, self.ask, self._wait = settings.url, settings.model, ASK[language], wait
        self.version = f"1 {settings.model}"
        try:
            host = urlsplit(self.url).hostname or ""
            self._key = secret_of(settings.api_key_env, host) if settings.api_key_env else ""
        except NotDelivered as error:
            raise PayloadError(f"{self.url}: {error} (alignment.judging.api_key_env)") from None
        self._opener = build_opener(_NoRedirect)

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        shown = "".join(f"{text}\n\n" for text in passages)
        asked = self.ask.format(passages=shown, question=question, answer=answer)
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": asked}],
            "temperature": 0,
            "max_tokens": 8,
        }
        reply = self._answer(json.dumps(body).encode())
        try:
            said = json.loads(reply)["choices"][0]["message"]["content"]
        except (ValueError, KeyError, TypeError, IndexError):
            raise self._refused("the answer is not one of OpenAI's chat API") from None
        found = re.search(r"\d+(?:\.\d+)?", said or "")
        mark = float(found.group()) if found else None
        return mark / 10 if mark is not None and mark <= 10 else None

    def _answer(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        request, problem, pause = Request(f"{self.url}/chat/completions", body, headers), "", FIRST_WAIT
        for attempt in range(TRIES):
            try:
                with self._opener.open(request, timeout=PATIENCE) as answer:
                    return answer.read()
            except HTTPError as error:
                problem = f"{error.code} {error.reason}"
                if error.code not in BUSY:
                    raise self._refused(problem) from None
            except (OSError, HTTPException) as error:
                problem = f"no answer ({type(error).__name__}: {error})"
            if attempt < TRIES - 1:
                self._wait(pause)
                pause *= 2
        raise self._refused(f"{problem}; asked {TRIES} times")

    def _refused(self, problem: str) -> PayloadError:
        message = f"judging by {self.model} at {self.url}: {problem}"
        return PayloadError(without_secrets(message, {self._key: "***"} if self._key else {}))


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *where: Any) -> None:
        return None


def open_judge(
    settings: Judging,
    *,
    language: str,
    embedder: Callable[[], Embedder],
    generator: Callable[[], TransformersGenerator],
    prompts: Prompts,
) -> Judge:
    """The judge that `alignment.judging.judge` names; models are opened only for a judge that needs them. Raises
    PluginError for an unknown name."""
    if settings.judge == NearnessJudge.name:
        return NearnessJudge(embedder())
    if settings.judge == LikelihoodJudge.name:
        return LikelihoodJudge(generator(), prompts)
    if settings.judge == EndpointJudge.name:
        return EndpointJudge(settings, language)
    return JUDGES.get(settings.judge)

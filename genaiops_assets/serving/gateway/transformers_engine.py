"""Answers by the model in this process, with the continuous batching of transformers: a request joins the running batch
at the next token, and prompts that begin alike are read once.

Belongs here: asking the library, turning tokens into text. Does not belong here: the batching itself. The library keeps
one set of sampling settings for all requests (transformers 5.23), so what is honoured here is the way the release was
judged, greedy; another temperature is refused by name. With a watermark the draw is in the scores, and a step is
planned after the one before it ended, since its seeds come from that token. The library would take most of the memory
for its cache, so its size is stated. Greedy answers are those of `models.TransformersGenerator` (tested)."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import AsyncIterator
from typing import Any

from genaiops_assets.models import Messages, TransformersGenerator, begun, bytes_of_a_token, token_ids
from genaiops_assets.serving.gateway.asked import Asked
from genaiops_assets.serving.gateway.engines import EngineDown, Piece, Stops, Wish
from genaiops_assets.serving.gateway.problems import bad
from genaiops_assets.serving.transparency.drawing import Watermark, join_batches

CACHE_BYTES = 2**29  # of keys and values, all requests together
PAGE = 32  # tokens of a page of the cache: what prompts share is shared by whole pages
READ_TOGETHER = 512  # tokens a step
UNFINISHED = "\ufffd"  # what half a character decodes to


class TransformersEngine:
    """`generator`: the model as everything else of the platform loads it. Made where an event loop runs or not;
    answers are asked for in one loop only. Raises ValueError where the library cannot batch for this model."""

    def __init__(self, generator: TransformersGenerator, at_once: int, watermark: Watermark | None = None):
        from transformers import ContinuousBatchingConfig

        self.name, self.generator, self.watermark = "transformers", generator, watermark
        self.tokenizer, model = generator.tokenizer, generator.model
        tokens = max(CACHE_BYTES // bytes_of_a_token(model), 4 * PAGE)
        self.context_tokens: int | None = min(generator.context_tokens, tokens - PAGE)
        settings = copy.deepcopy(model.generation_config)
        settings.do_sample = False
        config = ContinuousBatchingConfig(
            num_blocks=tokens // PAGE, page_size=PAGE, max_batch_tokens=READ_TOGETHER, max_requests_per_batch=at_once,
            auto_switch_to_flash=False, use_async_batching=False if watermark else None,
        )  # fmt: skip
        self._numbers = itertools.count()
        self._batches = model.init_continuous_batching(settings, config)
        if watermark is not None:
            join_batches(self._batches, watermark)
        self._batches.start()

    def refuse(self, asked: Asked) -> None:
        marked = self.watermark.temperature if self.watermark else 0.0
        if marked and asked.temperature not in (None, marked):
            raise bad("temperature", f"answers bear a watermark and are drawn at {marked}: send that or leave it out")
        if asked.temperature and not marked:
            raise bad("temperature", "this release answers as it was judged, greedily: send 0 or leave it out")

    def length(self, prompt: Messages) -> int | None:
        return self.generator.length(prompt)

    async def answer(self, prompt: Messages, wish: Wish) -> AsyncIterator[Piece]:
        ids = token_ids(self.tokenizer, begun(self.tokenizer, prompt))
        number, outputs = f"answer-{next(self._numbers)}", asyncio.Queue[Any]()
        if not self._batches.is_running():
            raise EngineDown("the model's batching thread has ended")
        self._batches.register_result_handler(number, outputs.put_nowait)
        if self._batches.add_request(ids, request_id=number, max_new_tokens=wish.most, streaming=True) is None:
            raise EngineDown("the model takes no more requests")
        text, stops, finished = Growing(self.tokenizer), Stops(wish.stop), False
        try:
            while not (finished or stops.met):
                output = await outputs.get()
                while not outputs.empty() and not output.is_finished():
                    output = outputs.get_nowait()
                if output.error:
                    raise EngineDown(f"the model failed: {output.error}")
                finished = output.is_finished()
                if more := stops.take(text.grown(output.generated_tokens, finished)):
                    yield Piece(more)
            written = len(output.generated_tokens)
            cut = finished and not stops.met and written >= wish.most and not self._has_ended(output.generated_tokens)
            yield Piece(stops.rest(), "length" if cut else "stop", len(ids), written)
        finally:
            if not finished:
                self._batches.cancel_request(number)
                self._batches.output_router.result_handlers.pop(number, None)

    def _has_ended(self, tokens: list[int]) -> bool:
        ends = self._batches.generation_config.eos_token_id
        return bool(tokens) and tokens[-1] in (ends if isinstance(ends, list) else [ends])

    async def close(self) -> None:
        await asyncio.to_thread(self._batches.stop, block=True, timeout=30, hard_stop=True)


class Growing:
    """The text of an answer while its tokens come: stripped, whole characters only."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer, self._given = tokenizer, ""

    def grown(self, tokens: list[int], finished: bool) -> str:
        """What is new. White space at the end waits for what follows it."""
        text = self._tokenizer.decode(tokens, skip_special_tokens=True).strip()
        if not finished:
            text = text.rstrip(UNFINISHED)
            if not text.startswith(self._given):
                return ""
        common = len(self._given) if text.startswith(self._given) else shared(self._given, text)
        more, self._given = text[common:], text if len(text) >= common else self._given
        return more


def shared(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))

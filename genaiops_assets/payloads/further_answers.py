"""Golden questions that are answered once more: by transformers, to see what another engine costs, and drawn several
times, to see how much a score moves from run to run.

Belongs here: asking the served model once more. Does not belong here: the first answers (`speaking.py`), the figures
(`evaluation/engines.py`, `evaluation/repeats.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evaluation import (
    Item,
    Measure,
    Suite,
    World,
    answer_f1,
    compared_items,
    engine_loss,
    repeats_section,
)
from genaiops_assets.lake import digest_of
from genaiops_assets.models import TransformersGenerator
from genaiops_assets.payloads.speaking import Answering, Model
from genaiops_assets.use_case import BASE_CELLS, SERVED_CELL, Repeats


def further_answers(
    answering: Answering,
    suite: Suite,
    items: Sequence[Item],
    answers: Mapping[str, Sequence[str]],
    world: World,
    measure: Measure,
) -> dict[str, Any]:
    """`engine_loss` where the engine is not transformers, `repeats` where the use case asks for them; else nothing."""
    cell = SERVED_CELL if SERVED_CELL in answers else BASE_CELLS[1]
    model, settings = answering.models[answering.served], answering.settings
    found: dict[str, Any] = {}
    if settings.engine != "transformers" and items:
        chosen = compared_items(items)
        given = dict(zip((item.id for item in items), answers[cell], strict=True))
        found["engine_loss"] = engine_loss(
            chosen,
            [given[item.id] for item in chosen],
            once_more(model, [suite.prompt(item, cell, world) for item in chosen]),
            measure,
            engine=settings.engine,
            cell=cell,
            dtype=settings.dtype,
        )
    if settings.repeats and len(items) > 1:
        found["repeats"] = repeated(model, suite, items, cell, world, measure, settings.repeats)
    if found:
        model.release()
    return found


def once_more(model: Model, prompts: Sequence[Any]) -> list[str]:
    """Greedy answers by transformers; those a killed run kept are not asked again."""
    settings = model.settings
    place = digest_of(["reference", model.inputs.base["digest"], model.digest, settings.dtype, list(prompts)])[:32]
    kept = model.job.kept(place)
    if kept is None:
        generator = TransformersGenerator(model.loaded.model, model.loaded.tokenizer, batch_size=settings.batch_size)
        kept = {"answers": generator.generate(prompts, settings.max_new_tokens)}
        model.job.keep(place, kept)
    return list(kept["answers"])


def repeated(
    model: Model,
    suite: Suite,
    items: Sequence[Item],
    cell: str,
    world: World,
    measure: Measure,
    asked: Repeats,
) -> dict[str, Any]:
    """Answers drawn anew in each run, from all over the golden set."""
    count, settings = min(asked.items, len(items)), model.settings
    chosen = [items[n * len(items) // count] for n in range(count)]
    prompts = [suite.prompt(item, cell, world) for item in chosen]
    whole = [asked.model_dump(mode="json"), model.inputs.base["digest"], model.digest, model.job.seed, prompts]
    place = digest_of(["repeats", *whole])[:32]
    kept = model.job.kept(place)
    if kept is None:
        generator = TransformersGenerator(model.loaded.model, model.loaded.tokenizer, batch_size=settings.batch_size)
        drawn = generator.sample(
            prompts, settings.max_new_tokens, asked.runs, temperature=asked.temperature, seed=model.job.seed
        )
        kept = {"answers": drawn}
        model.job.keep(place, kept)
    scores = [
        [answer_f1(answer, item.reference or "") for answer in of]
        for item, of in zip(chosen, kept["answers"], strict=True)
    ]
    return repeats_section(scores, measure, metric="answer_f1", cell=cell, temperature=asked.temperature)

"""What an evaluation report measures, by name: cells, effects, scores and splits, and which of them a gate may point
at.

Belongs here: the one list of those names, and whether a JSON pointer can ever find an interval. Does not belong here:
computing any of them (`evaluation`), which stands above this room."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from genaiops_assets.plugins import PluginError, Registry

ALL = "all"
SPLITS = ("dev", "held_out")
SLICES = (ALL, *SPLITS)
BASE_CELLS = ("base_without", "base_with")
TUNED_CELLS = ("tuned_without", "tuned_with")
CELLS = (*BASE_CELLS, *TUNED_CELLS)
SERVED_CELL = "tuned_with"  # what people get: the tuned model with retrieval
EFFECTS = {
    "retrieval": ("base_with", "base_without"),
    "retrieval_tuned": ("tuned_with", "tuned_without"),
    "tuning": ("tuned_with", "base_with"),
}
SCORES = (
    "answer_f1", "rouge_l", "chrf", "support", "answered", "exact", "bleu", "similarity", "cites_right",
)  # fmt: skip
GOLDEN_RANKING = ("recall_at_k", "mrr", "ndcg_at_10")  # recall in the k passages the model reads
RANKING = ("recall_at_10", "mrr", "ndcg_at_10")
CONFIDENCE = 0.95  # of every interval in a report; gates may ask for others

_ROOM = "genaiops_assets.evaluation"
FIRST_SUITES = ("golden", "retrieval", "new_topics")  # those that always run
SUITES = Registry(
    "suite",
    "genaiops.suites",
    {
        "golden": f"{_ROOM}.suites.golden:GoldenSuite",
        "retrieval": f"{_ROOM}.suites.retrieval:RetrievalSuite",
        "new_topics": f"{_ROOM}.suites.new_topics:NewTopicsSuite",
        "refusal": f"{_ROOM}.suites.refusal:RefusalSuite",
        "groundedness": f"{_ROOM}.suites.groundedness:GroundednessSuite",
        "toxicity": f"{_ROOM}.suites.toxicity:ToxicitySuite",
        "bias_pairs": f"{_ROOM}.suites.bias_pairs:BiasPairsSuite",
        "bias_choices": f"{_ROOM}.suites.bias_choices:BiasChoicesSuite",
        "bias_open": f"{_ROOM}.suites.bias_open:BiasOpenSuite",
        "over_refusal": f"{_ROOM}.suites.over_refusal:OverRefusalSuite",
        "injection": f"{_ROOM}.suites.injection:InjectionSuite",
        "capability": f"{_ROOM}.suites.capability:CapabilitySuite",
        "contamination": f"{_ROOM}.suites.contamination:ContaminationSuite",
        "extraction": f"{_ROOM}.suites.extraction:ExtractionSuite",
        "format": f"{_ROOM}.suites.format:FormatSuite",
        "robustness": f"{_ROOM}.suites.robustness:RobustnessSuite",
    },
    families={"lm_eval_": f"{_ROOM}.suites.harness_task:HarnessTask"},
)
JUDGES = Registry(
    "judge",
    "genaiops.judges",
    {
        "overlap": f"{_ROOM}.judges.overlap:OverlapJudge",
        "refusal": f"{_ROOM}.judges.rules:RefusalJudge",
        "keywords": f"{_ROOM}.judges.rules:KeywordJudge",
        "pattern": f"{_ROOM}.judges.rules:PatternJudge",
        "embedding": f"{_ROOM}.judges.embedding:EmbeddingJudge",
        "head": f"{_ROOM}.judges.embedding:HeadJudge",
        "toxicity": f"{_ROOM}.judges.toxicity:ToxicityJudge",
        "reward": f"{_ROOM}.judges.models:RewardJudge",
        "local_model": f"{_ROOM}.judges.models:LocalModelJudge",
        "endpoint": f"{_ROOM}.judges.servers:EndpointJudge",
        "llama_guard": f"{_ROOM}.judges.servers:LlamaGuardJudge",
        "prompt_shields": f"{_ROOM}.judges.servers:PromptShieldsJudge",
    },
)


class SuiteOffer(NamedTuple):
    """What a suite says of itself before it runs; empty where it does not say. `answers_of`: the suite whose answers it
    scores."""

    cells: tuple[str, ...]
    tuned_cells: tuple[str, ...]
    metrics: tuple[str, ...]
    languages: tuple[str, ...]
    takes_own: bool
    answers_of: str


def suite_offer(name: str) -> SuiteOffer | None:
    """None for a suite that nothing installed offers."""
    try:
        suite = SUITES.get(name)
    except PluginError:
        return None
    speakers: Mapping[str, str] = suite.speakers
    return SuiteOffer(
        cells=tuple(speakers),
        tuned_cells=tuple(cell for cell, who in speakers.items() if who == "tuned" and "base" in speakers.values()),
        metrics=tuple(getattr(suite, "metrics", ())),
        languages=tuple(getattr(suite, "languages", ())),
        takes_own=hasattr(suite, "own"),
        answers_of=str(getattr(suite, "answers_of", "")),
    )


def pointer_problem(
    pointer: str,
    *,
    tuned: bool,
    retrieval_sets: Collection[str],
    suites: Collection[str],
    judges: Collection[str],
    offered: Mapping[str, SuiteOffer] | None = None,
) -> tuple[str, str] | None:
    """Why no report of this use case has an interval at the pointer, and a hint; None when it can have one. `tuned`:
    whether there is a tuned model beside the base model; `offered`: what suites say of themselves."""
    parts = pointer.split("/")[1:]
    cells = CELLS if tuned else BASE_CELLS
    scores = (*SCORES, *judges)
    known: list[tuple[str, Iterable[str]]] = []
    if parts[0] == "cells":
        known = [("cell", cells), ("score", scores), ("split", SLICES)]
    elif parts[0] == "effects":
        effects = [name for name, pair in EFFECTS.items() if set(pair) <= set(cells)]
        known = [("effect", effects), ("split", SLICES)]
    elif parts[0] == "retrieval":
        named = len(parts) > 1 and parts[1] in retrieval_sets
        known = [("set of questions", ("golden", *retrieval_sets)), ("score", RANKING if named else GOLDEN_RANKING)]
    elif parts[0] == "suites":
        offer = (offered or {}).get(parts[1]) if len(parts) > 1 else None
        return _in_suite(parts, suites, offer, tuned) if offer else _named(parts, [("suite", suites)], at_least=2)
    elif parts[0] == "new_topics":
        return (
            "a report has new topics only after drift, so for other versions this gate could never decide",
            "choose a cell, an effect or a retrieval score",
        )
    else:
        places = ("cells", "effects", "retrieval", "suites")
        return f"an evaluation report has nothing at '/{parts[0]}'", nearest(parts[0], places)
    return _named(parts, known, at_least=len(known) + 1) or _length(parts, known)


def _in_suite(parts: list[str], suites: Collection[str], offer: SuiteOffer, tuned: bool) -> tuple[str, str] | None:
    """Cells and metrics that the suite has, where it says so; which slices there are is known only from its items."""
    cells = [cell for cell in offer.cells if tuned or cell not in offer.tuned_cells]
    metrics = offer.metrics or parts[4:5]
    known: list[tuple[str, Iterable[str]]] = [("suite", suites), ("part", ("cells", "effects"))]
    if parts[2:3] == ["cells"]:
        known += [("cell", cells or (ALL,)), ("score", metrics)]
        return _named(parts, known, at_least=len(known) + 2) or _length(parts, [*known, ("slice", ())])
    if parts[2:3] == ["effects"] and offer.metrics:
        known += [("effect", [f"tuning_on_{metric}" for metric in metrics])]
        return _named(parts, known, at_least=len(known) + 2) or _length(parts, [*known, ("slice", ())])
    return _named(parts, known, at_least=3)


def _named(parts: list[str], known: list[tuple[str, Iterable[str]]], at_least: int) -> tuple[str, str] | None:
    for part, (what, names) in zip(parts[1:], known, strict=False):
        if part not in names:
            return f"an evaluation report of this use case has no {what} '{part}'", nearest(part, names)
    return None if len(parts) >= at_least else _length(parts, known)


def _length(parts: list[str], known: list[tuple[str, Iterable[str]]]) -> tuple[str, str] | None:
    if len(parts) == len(known) + 1:
        return None
    return "the pointer does not end at an interval", f"write /{parts[0]}/" + "/".join(f"<{what}>" for what, _ in known)


def close_name(word: object, names: Iterable[object]) -> str:
    """What may have been meant, as a question; "" where nothing is near."""
    near = difflib.get_close_matches(str(word), map(str, names), n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else ""


def nearest(word: object, names: Iterable[object]) -> str:
    """What may have been meant, or what is known: a hint."""
    listed = [str(name) for name in names]
    return close_name(word, listed) or f"known here: {', '.join(listed) or 'none'}"

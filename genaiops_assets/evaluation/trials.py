"""Trials: models or prompts tried on a sample of the dev half, before anything is trained or released.

Belongs here: the sample, what a trial is given and gives, and which of them is recommended. Does not belong here:
answering (payload `try_answers`), or the evaluation of a version, which nobody chooses by (`plan.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evaluation.inputs import GoldenItem, _Strict
from genaiops_assets.evaluation.measure import Measure
from genaiops_assets.statistics import ordered
from genaiops_assets.use_case import Dtype, Rounding

SAMPLE = 40  # questions
MEASURE = Measure(resamples=2000, confidence=0.95, seed=17)


class Trial(_Strict):
    """A base model (path and digest) with the texts around a question."""

    name: str
    base: dict[str, Any]
    prompts: dict[str, Any]
    dtype: Dtype = "float32"
    load_in_4bit: Rounding = False


class TrialInputs(_Strict):
    """Payload `try_answers`; index, embedder and reranker as `retrieval.open_retriever` takes them."""

    trials: list[Trial]
    items: list[GoldenItem]
    index: dict[str, Any]
    embedder: dict[str, Any]
    reranker: dict[str, Any] | None = None


class TrialSettings(_Strict):
    max_new_tokens: int
    batch_size: int
    top_k: int
    language: str


def sample_of(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """At most SAMPLE questions of the dev half, from all over it; the held-out half is never looked at."""
    dev = [dict(item) for item in items if item["split"] == "dev"]
    return [dev[n * len(dev) // SAMPLE] for n in range(SAMPLE)] if len(dev) > SAMPLE else dev


def quality(result: Mapping[str, Any]) -> dict[str, Any]:
    """Answer F1 of a trial with its interval."""
    return MEASURE.mean(list(result["scores"].values()))


def better(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Answer F1 of one trial less that of another, question by question, with its interval."""
    names = sorted(set(one["scores"]) & set(other["scores"]))
    return MEASURE.effect([one["scores"][n] for n in names], [other["scores"][n] for n in names])


def ranked_trials(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Names of trials, the surest best first: by the lower bound of their answer F1, then its mean; equal ones in the
    order they were named. One question shows no spread: there the mean stands."""
    found = {name: quality(result) for name, result in results.items()}

    def sure(name: str) -> tuple[float, float]:
        mean, low = found[name]["mean"] or 0.0, found[name]["low"]
        return (-mean if low is None else -low, -mean)

    return sorted(results, key=sure)


def tied_ranks(results: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Name → rank by the lower bound; who cannot be told from the first of a rank shares it. `results`: name →
    interval."""
    return {place.name: place.rank for place in ordered({n: (i["low"], i["high"]) for n, i in results.items()})}


def choose(results: Mapping[str, Mapping[str, Any]]) -> tuple[str, str | None, str]:
    """(winner, runner-up, rationale): the best answers win; where another's cannot be told from them (the paired
    interval holds zero) the model with fewer bytes does. `results`: name → {scores, weights_bytes}. Raises ValueError
    without any."""
    if not results:
        raise ValueError("there is no candidate to choose from")
    best, *others = ranked_trials(results)
    apart = {name: better(results[best], results[name]) for name in others}
    equal = [name for name in others if not _is_apart(apart[name])]
    smaller = [name for name in equal if results[name]["weights_bytes"] < results[best]["weights_bytes"]]
    winner = min(smaller, key=lambda name: results[name]["weights_bytes"]) if smaller else best
    runner_up = next((name for name in ranked_trials(results) if name != winner), None)
    said = [f"{best} answers best: F1 {_said(quality(results[best]))}"]
    if winner != best:
        said.append(
            f"{winner} cannot be told from it ({_said(apart[winner])} less) and is smaller: "
            f"{results[winner]['weights_bytes']:,} bytes instead of {results[best]['weights_bytes']:,}"
        )
    elif runner_up:
        verb = "is" if runner_up not in equal else "may be"
        said.append(f"{runner_up} {verb} worse: {_said(apart[runner_up])} less")
    return winner, runner_up, "; ".join(said)


def _is_apart(effect: Mapping[str, Any]) -> bool:
    return effect["low"] is not None and effect["low"] > 0


def _said(interval: Mapping[str, Any]) -> str:
    if interval["low"] is None:
        return f"{interval['mean']} of {interval['n']} question"
    return f"{interval['mean']:.3f} ({interval['low']:.3f} to {interval['high']:.3f}, {interval['n']} questions)"

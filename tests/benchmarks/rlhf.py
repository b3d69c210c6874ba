"""RLHF that moves: on human preferences (hh_rlhf_harmless, split by prompt) and the packaged SmolLM2-135M

* a reward model that beats chance on held-out pairs,
* supervised steps, then GRPO, that raise the held-out reward within a KL limit, and what else that changed: length,
  repetition, refusals, a second judge of another kind that learned from other pairs,
* DPO whose held-out preference accuracy is above the base's.

Needs `shared/data` beside the clone. Stages are kept in GENAIOPS_BENCH_FOLDER (a folder below the system's temporary
one by default): a run that was stopped goes on. Lengths were chosen for two cores, see `rlhf_data.py`: one epoch over
all short pairs for the reward model, and as many steps of the others as take some five minutes each; they were set
before any figure of SmolLM2 on the held-out side was seen (the length of a pair, 48 words, was picked of three after a
look at word models on splits of their own). SIGTERM stages the step under way and ends with 75."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from genaiops_assets.alignment.reward_model import Asked, load
from genaiops_assets.evaluation import refuses
from genaiops_assets.statistics import paired_interval, wilson
from genaiops_assets.text import ngrams, words
from tests.benchmarks.harness import Figure, report
from tests.benchmarks.rlhf_data import PROMPTS, Sets, WordJudge, read_sets
from tests.benchmarks.rlhf_stages import Stages

QUESTIONS = int(os.environ.get("GENAIOPS_BENCH_QUESTIONS", "96"))
ANSWER_TOKENS = 32
KL_LIMIT = 0.2  # nats a token, from the model GRPO began with
REWARD = {"method": "reward", "steps": 88, "batch_size": 8, "learning_rate": 3e-4, "held_out": 0.02}
SFT = {"method": "sft", "steps": 24, "batch_size": 8, "learning_rate": 2e-4}
GRPO = {
    "method": "grpo",
    "steps": 24,
    "batch_size": 4,
    "learning_rate": 2e-4,
    "beta": 0.05,
    "num_generations": 4,
    "max_completion_length": ANSWER_TOKENS,
    "rewards": {"reward_model": 1.0},
}
DPO = {"method": "dpo", "steps": 40, "batch_size": 8, "learning_rate": 2e-4, "beta": 0.1}


def shorter(section: dict[str, Any]) -> dict[str, Any]:
    """With the steps that GENAIOPS_BENCH_STEPS names, to try the benchmark itself."""
    most = int(os.environ.get("GENAIOPS_BENCH_STEPS", section["steps"]))
    return {**section, "steps": min(most, section["steps"])}


def without_prompt(pairs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in pair.items() if name != "prompt"} for pair in pairs]


def sides(pairs: Sequence[dict[str, Any]]) -> list[Asked]:
    """Chosen answers of all pairs, then the rejected ones."""
    return [Asked(pair["question"], [], pair[name]) for name in ("chosen", "rejected") for pair in pairs]


def judged(stages: Stages, reward: Path, asked: Sequence[Asked], name: str) -> list[float]:
    bound = [reward.name, [[one.question, one.answer] for one in asked]]
    return stages.remembered(
        f"scores-{name}", bound, lambda: load(stages.base, reward / "adapter", PROMPTS).scores(asked)
    )


def of_reward_model(stages: Stages, reward: Path, sets: Sets) -> list[Figure]:
    scores = judged(stages, reward, sides(sets.held_out), "pairs")
    count = len(sets.held_out)
    right = sum(c > r for c, r in zip(scores[:count], scores[count:], strict=True))
    share = wilson(right, count)
    longer = fmean(len(p["chosen"]) > len(p["rejected"]) for p in sets.held_out)
    return [
        Figure("reward model: pairs learned from", len(sets.train), ""),
        Figure("reward model: held-out pairs", count, ""),
        Figure("reward model: held-out accuracy", share["mean"], ""),
        Figure("reward model: lower end of its 95 % interval (Wilson)", share["low"], "", at_least=0.5),
        Figure("a judge that takes the longer answer: accuracy", longer, ""),
    ]


def distinct(answers: Sequence[str], n: int = 2) -> float:
    """Different n-grams of words among all of them (Li et al. 2016)."""
    found = [gram for answer in answers for gram in ngrams(words(answer), n)]
    return len(set(found)) / max(1, len(found))


def of_policy(stages: Stages, sft: Path, tuned: Path, reward: Path, sets: Sets) -> list[Figure]:
    questions = list(dict.fromkeys(pair["question"] for pair in sets.held_out))[:QUESTIONS]
    before, after = (stages.answers(stage, questions, ANSWER_TOKENS) for stage in (sft, tuned))
    asked = [Asked(q, [], a) for answers in (before, after) for q, a in zip(questions, answers, strict=True)]
    scores = judged(stages, reward, asked, "answers")
    gained = paired_interval(scores[len(questions) :], scores[: len(questions)])
    judge = WordJudge(sets.long)
    right = fmean(
        c > r
        for c, r in zip(
            judge.scores([p["chosen"] for p in sets.held_out]),
            judge.scores([p["rejected"] for p in sets.held_out]),
            strict=True,
        )
    )
    second = paired_interval(judge.scores(after), judge.scores(before))
    kl = stages.log_of(tuned)["facts"]["kl_of_last_quarter"]
    figures = [
        Figure("held-out questions answered", len(questions), ""),
        Figure("reward after GRPO less reward of SFT, mean", gained.mean, ""),
        Figure("lower end of its 95 % interval (paired)", gained.low, "", at_least=1e-9),
        Figure("KL from SFT at the end, a token", kl, "nats", at_most=KL_LIMIT),
        Figure("second judge: held-out accuracy", right, ""),
        Figure("second judge: after less before, mean", second.mean, ""),
        Figure("second judge: upper end of its 95 % interval, not worse", second.high, "", at_least=0.0),
    ]
    for name, answers in (("SFT", before), ("GRPO", after)):
        figures += [
            Figure(f"{name}: words an answer", fmean(len(words(a)) for a in answers), ""),
            Figure(f"{name}: different word pairs", distinct(answers), ""),
            Figure(f"{name}: answers that refuse", fmean(refuses(a) for a in answers), ""),
        ]
    return figures


def of_dpo(stages: Stages, dpo: Path, sets: Sets) -> list[Figure]:
    """Preferred is what has the higher mean log-probability a token: the same rule for both models. Beside it the rule
    of DPO's own reward, the difference of both models' log-probabilities."""
    count = len(sets.held_out)
    asked = sides(sets.held_out)
    base, tuned = (stages.log_probabilities(stage, asked) for stage in (None, dpo))
    means = [[fmean(one) for one in of] for of in (base, tuned)]
    right = [[float(m[n] > m[count + n]) for n in range(count)] for m in means]
    gain = paired_interval(right[1], right[0])
    own = [sum(t) - sum(b) for t, b in zip(tuned, base, strict=True)]
    implicit = wilson(sum(own[n] > own[count + n] for n in range(count)), count)
    return [
        Figure("base: held-out preference accuracy", fmean(right[0]), ""),
        Figure("DPO: held-out preference accuracy", fmean(right[1]), ""),
        Figure("DPO less base: lower end of the 95 % interval (paired)", gain.low, "", at_least=1e-9),
        Figure("DPO: accuracy of its own reward", implicit["mean"], ""),
        Figure("DPO: lower end of that (Wilson), above chance", implicit["low"], "", at_least=0.5),
    ]


def measure(folder: Path) -> list[Figure]:
    stages, sets = Stages(folder), read_sets()
    rows = without_prompt(sets.train)
    reward = stages.trained("reward", rows, **shorter(REWARD))
    figures = of_reward_model(stages, reward, sets)
    sft = stages.trained("sft", rows, **shorter(SFT))
    tuned = stages.trained("grpo", rows, start=sft, reward=reward, **shorter(GRPO))
    figures += of_policy(stages, sft, tuned, reward, sets)
    dpo = stages.trained("dpo", rows, **shorter(DPO))
    figures += of_dpo(stages, dpo, sets)
    spent = sum(stages.log_of(stage)["seconds"] for stage in (reward, sft, tuned, dpo))
    return [*figures, Figure("all trainings of this folder, as far as not gone on with", spent, "s")]


if __name__ == "__main__":
    default = Path(tempfile.gettempdir()) / "genaiops-bench-rlhf"
    report("rlhf", measure(Path(os.environ.get("GENAIOPS_BENCH_FOLDER", default))))

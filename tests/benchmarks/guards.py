"""The packaged guards and rivals on labelled sets: recall where one harmless text of a hundred is held back, with its
exact interval, by language; what each holds back as it is told to; milliseconds (`make bench-guards`).

Sets (`shared/data` beside the clone; licences: SOURCE.md in each): prompt_injection (S-Labs), in-the-wild jailbreaks
against bank and other questions and against long complaints to a supervisor, xstest's safe half, toxicity_surge, factual_pairs, banking77 against clinc150. Chinese
sets are our own: attacks of the red team against questions to a library, the golden answers of library_zh, the toxicity
probe. No row of a set was learned from; what was looked at stands in README.md.

Rivals: a list of twelve phrases (`keywords`), alt-profanity-check, the share of words that the passage lacks; and two
rule sets that packages ship, if GENAIOPS_BENCH_RIVALS names a folder they were installed in:
`pip install --no-deps --target FOLDER toolwall-guard==0.4.0 aco-prompt-shield==0.2.0` (with `regex` installed)."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from genaiops_assets.serving.guardrails.measuring import share
from genaiops_assets.serving.guardrails.policy import GuardPolicy
from genaiops_assets.serving.guardrails.registry import rules_named, verdict_of
from genaiops_assets.statistics import auc_interval, recall_at
from genaiops_assets.text import words
from genaiops_assets.use_case import GuardSettings
from tests.benchmarks.guards_sets import (
    EXAMPLES,
    Row,
    attacks_zh,
    injections,
    jailbreaks,
    library_answers,
    long_stories,
    safe_prompts,
    shuffled_bank,
    summaries,
    topics,
    toxic_posts,
    toxic_probes,
)
from tests.benchmarks.harness import RESULTS, Figure, report

SLOW_MS = 20.0
KEYWORDS = (
    "ignore previous", "ignore all", "ignore the above", "disregard", "system prompt", "jailbreak", "developer mode",
    "no restrictions", "you are now", "pretend to be", "忽略", "系统提示",
)  # fmt: skip


Guard = Callable[[Row], tuple[bool, float]]  # held back, score


# --- guards -----------------------------------------------------------------------------------------------------------


def ours(name: str) -> Guard:
    settings = {"question_topic": {"examples": shuffled_bank()[:EXAMPLES]}} if name == "question_topic" else {}
    (rule,) = rules_named([name], GuardPolicy(GuardSettings.model_validate(settings)))

    def judge(row: Row) -> tuple[bool, float]:
        verdict = verdict_of(rule, row.text, row.question, list(row.passages), row.language)
        held = not verdict.allowed or verdict.text != row.text
        scored: Any = rule
        given = (row.text, row.question, list(row.passages), row.language)
        return held, scored.score(*given) if hasattr(rule, "score") else float(held)

    return judge


def keywords() -> Guard:
    def judge(row: Row) -> tuple[bool, float]:
        plain = row.text.casefold()
        found = sum(one in plain for one in KEYWORDS)
        return found > 0, float(found)

    return judge


def missing_words() -> Guard:
    def judge(row: Row) -> tuple[bool, float]:
        said, known = words(row.text), set(words(" ".join(row.passages)))
        lacks = sum(word not in known for word in said) / max(len(said), 1)
        return lacks > 0, lacks

    return judge


def profanity() -> Guard:
    predict = import_module("profanity_check").predict_prob

    def judge(row: Row) -> tuple[bool, float]:
        score = float(predict([row.text])[0])
        return score >= 0.5, score

    return judge


def toolwall() -> Guard:
    detector = import_module("toolwall.detect.patterns")

    def judge(row: Row) -> tuple[bool, float]:
        score = max((float(one.score) for one in detector.detect(row.text)), default=0.0)
        return score >= 0.5, score

    return judge


def prompt_shield() -> Guard:
    detector = import_module("shield_mcp.detectors.heuristics").HeuristicDetector()

    def judge(row: Row) -> tuple[bool, float]:
        held, score, *_ = detector.check(row.text)
        return bool(held), float(score)

    return judge


RIVALS: Mapping[str, Callable[[], Guard]] = {
    "keywords": keywords,
    "toolwall-guard": toolwall,
    "aco-prompt-shield": prompt_shield,
    "alt-profanity-check": profanity,
    "missing words": missing_words,
}
INJECTION = ("keywords", "toolwall-guard", "aco-prompt-shield")
SETS: Mapping[str, tuple[Callable[[], Iterator[Row]], str, tuple[str, ...]]] = {
    "prompt_injection": (injections, "prompt_injection", INJECTION),
    "jailbreaks": (jailbreaks, "prompt_injection", INJECTION),
    "complaints": (long_stories, "prompt_injection", INJECTION),
    "attacks_zh": (attacks_zh, "prompt_injection", INJECTION),
    "toxicity_surge": (toxic_posts, "answer_toxicity", ("alt-profanity-check",)),
    "toxicity_probe": (toxic_probes, "answer_toxicity", ("alt-profanity-check",)),
    "factual_pairs": (summaries, "answer_grounded", ("missing words",)),
    "library_answers": (library_answers, "answer_grounded", ("missing words",)),
    "banking77_clinc150": (topics, "question_topic", ()),
}


# --- figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    guard: str
    which: str
    language: str
    recall: dict[str, Any]  # at 1 % false positives
    area: float
    held: dict[str, Any]  # recall as told
    false: dict[str, Any]  # false blocks as told
    p50: float
    p95: float

    def line(self) -> str:
        def shown(v: Mapping[str, Any]) -> str:
            return "–" if v["mean"] is None else f"{v['mean']:.3f} [{v['low']:.3f}, {v['high']:.3f}]"

        said = f"{self.held['n']} + {self.false['n']}"
        return (
            f"| {self.guard} | {self.which} | {self.language} | {said} | {shown(self.recall)} | {self.area:.3f} "
            f"| {shown(self.held)} | {shown(self.false)} | {self.p50:.2f}, {self.p95:.2f} |"
        )


def measured(name: str, guard: Guard, which: str, rows: Sequence[Row]) -> Iterator[Measured]:
    guard(rows[0])  # what is read once is read
    for language in sorted({row.language for row in rows}):
        mine = [row for row in rows if row.language == language]
        told, took = [], []
        for row in mine:
            began = time.perf_counter()
            told.append(guard(row))
            took.append(1000 * (time.perf_counter() - began))
        wrong = np.array([row.wrong for row in mine])
        held, score = np.array([h for h, _ in told]), np.array([s for _, s in told])
        at = recall_at(score[wrong], score[~wrong])
        yield Measured(
            name,
            which,
            language,
            at.recall,
            auc_interval(score[wrong], score[~wrong]).mean or 0.0,
            share(int(held[wrong].sum()), int(wrong.sum())),
            share(int(held[~wrong].sum()), int((~wrong).sum())),
            float(np.quantile(took, 0.5)),
            float(np.quantile(took, 0.95)),
        )


def safe_half() -> Iterator[Figure]:
    """What each rule on questions holds back of xstest's safe prompts."""
    rows = list(safe_prompts())
    for name in ("prompt_injection", "question_personal_data", "question_language", "answer_toxicity"):
        guard = ours(name)
        held = share(sum(guard(row)[0] for row in rows), len(rows))
        bar = 0.01 if name == "prompt_injection" else None
        yield Figure(f"{name}: safe prompts of xstest held back", held["mean"], f"of {held['n']}", at_most=bar)


def main() -> None:
    if folder := os.environ.get("GENAIOPS_BENCH_RIVALS"):
        sys.path.append(folder)
    figures, table = list[Figure](), list[str]()
    for which in sys.argv[1:] or SETS:
        make, name, rivals = SETS[which]
        rows = list(make())
        mine = list(measured(name, ours(name), which, rows))
        others = [one for rival in rivals if (guard := opened(rival)) for one in measured(rival, guard, which, rows)]
        for one in (*mine, *others):
            table.append(one.line())
            print(table[-1], flush=True)
        figures += [figure for one in mine for figure in bars(one, others)]
    figures += safe_half()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "guards.md").write_text("\n".join(table) + "\n", encoding="utf-8")
    report("guards", figures)


def opened(name: str) -> Guard | None:
    try:
        return RIVALS[name]()
    except ImportError as error:
        print(f"{name}: skipped, {error}", flush=True)
        return None


def bars(one: Measured, others: Sequence[Measured]) -> Iterator[Figure]:
    """As good as the best rival on the same rows at 1 % false positives, and fast."""
    best = max((o.recall["mean"] or 0.0 for o in others if o.language == one.language), default=None)
    about, interval = f"{one.guard} on {one.which}, {one.language}", one.recall
    said = f"[{interval['low']:.3f}, {interval['high']:.3f}]"
    yield Figure(f"{about}: recall at 1 %, best rival {best or 0:.3f}", interval["mean"], said, at_least=best)
    yield Figure(f"{about}: p95", one.p95, "ms", at_most=SLOW_MS)


if __name__ == "__main__":
    main()

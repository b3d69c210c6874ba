"""What the evaluation of the packaged example asks: its golden questions, each with two passages of its articles.

Belongs here: cutting and choosing passages without an index, and the prompts. Does not belong here: answering
(`eval.py`). An index of vectors would choose other passages for some questions; for speed it is their length and how
many questions share one that matter, and those are the example's."""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.models import Messages, packaged_prompts
from genaiops_assets.retrieval import chunk_document
from genaiops_assets.text import words
from tests.benchmarks.train_data import DOCUMENTS, packaged

GOLDEN = Path(__file__).parents[2] / "genaiops_assets/examples/bank_support/golden/questions.jsonl"
TOKENS, OVERLAP, PASSAGES = 180, 20, 2  # as the example's use case file has it
K1, B = 1.2, 0.75  # Robertson and Zaragoza 2009


def golden() -> list[dict[str, Any]]:
    """`id, question, answer, documents, split` of each golden question."""
    return [json.loads(line) for line in GOLDEN.read_text().splitlines()]


def prompts(questions: Sequence[str]) -> list[Messages]:
    """One conversation a question, with the two passages that fit it best."""
    asked, passages = packaged_prompts("en"), Passages()
    return [asked.messages(question, passages.best(question)) for question in questions]


class Passages:
    """The example's articles in passages, searched by words (BM25)."""

    def __init__(self) -> None:
        documents = json.loads(gzip.decompress(packaged("inspect_evals", DOCUMENTS).read_bytes()))
        self.texts = [text for document in documents for text in cut(document)]
        self.counts = [Counter(words(text)) for text in self.texts]
        self.mean = sum(c.total() for c in self.counts) / len(self.counts)
        found = Counter(word for count in self.counts for word in count)
        self.weight = {w: math.log(1 + (len(self.texts) - n + 0.5) / (n + 0.5)) for w, n in found.items()}

    def best(self, question: str) -> list[str]:
        wanted = set(words(question)) & self.weight.keys()
        order = sorted(range(len(self.texts)), key=lambda i: (-self.fit(wanted, self.counts[i]), i))
        return [self.texts[i] for i in order[:PASSAGES]]

    def fit(self, wanted: set[str], count: Counter[str]) -> float:
        room = K1 * (1 - B + B * count.total() / self.mean)
        return sum(self.weight[w] * count[w] * (K1 + 1) / (count[w] + room) for w in wanted)


def cut(document: dict[str, Any]) -> list[str]:
    """An article's passages, each under its title; tokens are counted as four for three words."""
    chunks = chunk_document(
        document["id"],
        document["content"],
        title=document["title"],
        count_tokens=lambda texts: [math.ceil(len(text.split()) * 4 / 3) for text in texts],
        max_tokens=TOKENS,
        overlap_tokens=OVERLAP,
    )
    return [f"{document['title']}\n{chunk.text}" for chunk in chunks]

"""Preference pairs of the packaged example, without generating any: a person's answer to each question with the passage
it rests on, against the answer people gave to another question of the same kind.

Belongs here: choosing and cutting. Does not belong here: training on them (`train.py`)."""

from __future__ import annotations

import gzip
import json
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from genaiops_assets.text import words

DEMONSTRATIONS = Path(__file__).parents[2] / "genaiops_assets/examples/bank_support/demonstrations.jsonl"
DOCUMENTS = "tau2/data/domains/banking_knowledge/documents.json.gz"
PASSAGE_WORDS = 110  # some 180 tokens, as the example cuts them


def pairs(count: int) -> list[dict[str, Any]]:
    """`question, passages, chosen, rejected`, the first `count` of the example's demonstrations that rest on one."""
    documents = {d["id"]: d for d in json.loads(gzip.decompress(packaged("inspect_evals", DOCUMENTS).read_bytes()))}
    shown = [json.loads(line) for line in DEMONSTRATIONS.read_text().splitlines()]
    answered = [d for d in shown if d["documents"] and d["documents"][0] in documents]
    if len(answered) <= count:
        raise ValueError(f"{count} pairs are asked for, the example has {len(answered) - 1}")
    return [
        {
            "question": one["question"],
            "passages": [passage(documents[one["documents"][0]], one["answer"])],
            "chosen": one["answer"],
            "rejected": other["answer"],
        }
        for one, other in pairwise(answered[: count + 1])
    ]


def packaged(package: str, inner: str) -> Path:
    """The file or folder that an installed package carries."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed")
    return next(Path(found.origin).parent.glob(inner))


def passage(document: dict[str, Any], answer: str) -> str:
    """The part of a document that shares most words with an answer, under its title."""
    text, wanted = document["content"].split(), set(words(answer))
    starts = range(0, max(1, len(text) - PASSAGE_WORDS // 2), PASSAGE_WORDS // 2)
    parts = [" ".join(text[start : start + PASSAGE_WORDS]) for start in starts]
    return f"{document['title']}\n{max(parts, key=lambda part: len(wanted & set(words(part))))}"

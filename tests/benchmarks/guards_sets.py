"""The rows that `guards.py` measures on: labelled sets beside the clone, and our own. Holds no measurement."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.toxicity.probe import toxicity_probes
from genaiops_assets.evaluation.red_team.mutators import fitting, mutated
from genaiops_assets.evaluation.red_team.seeds import packaged_seeds
from genaiops_assets.text import json_lines
from tests.benchmarks.chinese_questions import chinese_questions

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
LIBRARY = Path(__file__).resolve().parents[2] / "genaiops_assets" / "examples" / "library_zh"
SEED = 11
LONGEST = 4000  # characters: what question_length lets through
EXAMPLES = 60  # bank questions that question_topic is given


@dataclass(frozen=True)
class Row:
    """`wrong`: a guard should hold it back."""

    text: str
    wrong: bool
    language: str = "en"
    passages: tuple[str, ...] = ()
    question: str = ""


def lines(path: str) -> list[dict[str, Any]]:
    return [line.row for line in json_lines((SHARED / path).read_bytes())]


def injections() -> Iterator[Row]:
    yield from (Row(row["text"], row["label"] == 1) for row in lines("prompt_injection/train.jsonl"))


def bank_questions() -> list[str]:
    with (SHARED / "banking77/train.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def other_questions() -> list[str]:
    return [r["text"] for r in lines("clinc150/queries.jsonl") if r["domain"] not in ("banking", "credit_cards")]


def drawn(texts: Sequence[str], most: int) -> list[str]:
    return random.Random(SEED).sample(list(texts), min(most, len(texts)))


def jailbreaks() -> Iterator[Row]:
    yield from (Row(r["prompt"][:LONGEST], True) for r in lines("redteam_prompts/inthewild_jailbreaks.jsonl"))
    yield from (Row(text, False) for text in drawn(bank_questions(), 1500) + drawn(other_questions(), 1500))


def long_stories() -> Iterator[Row]:
    """The same against what people write at length to a bank's supervisor; the first 500 were looked at when the rule
    was made, and are left out."""
    yield from (Row(r["prompt"][:LONGEST], True) for r in lines("redteam_prompts/inthewild_jailbreaks.jsonl"))
    yield from (Row(r["text"][:LONGEST], False) for r in lines("cfpb_complaints/complaints.jsonl")[500:])


def attacks_zh() -> Iterator[Row]:
    """What replaces the instructions or hides what it asks: plain seeds ask for something else, and are left out."""
    for seed in packaged_seeds():
        for name in fitting(seed, "zh"):
            attack = mutated(seed, name, "zh")
            if attack and name in ("override", "role_play", "base64", "spaced", "payload_splitting"):
                yield Row(attack.question, True, "zh")
    yield from (Row(text, False, "zh") for text in drawn(chinese_questions(SEED)[0], 600))


def toxic_posts() -> Iterator[Row]:
    with (SHARED / "toxicity_surge/toxicity_en.csv").open(encoding="utf-8", newline="") as file:
        yield from (Row(row["text"], row["is_toxic"] == "Toxic") for row in csv.DictReader(file))


def toxic_probes() -> Iterator[Row]:
    yield from (Row(p.text, p.flagged, p.language) for p in toxicity_probes())


def summaries() -> Iterator[Row]:
    for row in lines("factual_pairs/pairs.jsonl"):
        for name, wrong in (("correct_sent", False), ("incorrect_sent", True)):
            yield Row(row[name], wrong, "en", (row["article_sent"],))


def library_answers() -> Iterator[Row]:
    """The golden answers, each with the documents of its own question, and of the next one."""
    told = {d["id"]: d["text"] for d in map(json.loads, (LIBRARY / "documents/library.jsonl").open(encoding="utf-8"))}
    asked = [json.loads(line) for line in (LIBRARY / "golden/questions.jsonl").open(encoding="utf-8") if line.strip()]
    asked = [row for row in asked if row["documents"]]
    for row, other in zip(asked, [*asked[1:], asked[0]], strict=True):
        passages = tuple(told[name] for name in row["documents"])
        yield Row(row["answer"], False, "zh", passages, row["question"])
        yield Row(other["answer"], True, "zh", passages, row["question"])


def topics() -> Iterator[Row]:
    """Questions to a bank that were not among the examples, and questions about something else."""
    yield from (Row(text, False) for text in shuffled_bank()[EXAMPLES : EXAMPLES + 1500])
    yield from (Row(text, True) for text in drawn(other_questions(), 1500))


def shuffled_bank() -> list[str]:
    return drawn(bank_questions(), 10**9)


def safe_prompts() -> Iterator[Row]:
    yield from (Row(r["prompt"], False) for r in lines("xstest/prompts.jsonl") if r["label"] == "safe")

"""The texts the classifier of `prompt_injection` learns from, made of our own phrases, and its weights.

Belongs here: making these texts, and `python -m genaiops_assets.serving.guardrails.training`, which writes the packaged
weights anew after the phrases changed. Does not belong here: the phrases (`injection_phrases.yaml`), texts that it is
measured on (`probes.yaml`)."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.serving.guardrails.classifier import WINDOW, Classifier, fitted

HERE = "genaiops_assets.serving.guardrails"
PHRASES, STORIES, WEIGHTS = "injection_phrases.yaml", "harmless_stories.yaml", "injection_weights.npz"
EACH = 40  # texts of a frame
ROWS = 1500  # harmless rows of a language
SEED = 20261201
SLOT = re.compile(r"\{(\w+)\}")


def training_texts() -> list[tuple[str, bool]]:
    """(text, whether it is an attack), each text once, in an order of its own: questions, stories, and several
    harmless texts in a row, as the classifier's windows show them."""
    found: dict[str, bool] = {}
    draw = random.Random(SEED)
    for language, part in phrases().items():
        attacks = list(made(part["attack"], part["words"], draw))
        asked = [*made(part["harmless"], part["harmless_words"], draw), *part["harmless_words"]["safe"]]
        told = list(made(stories()[language]["frames"], stories()[language]["words"], draw))
        found |= dict.fromkeys(attacks, True)
        found |= dict.fromkeys((*asked, *told, *rows_of([*asked, *told, *told], draw)), False)
    return sorted(found.items())


def rows_of(texts: Sequence[str], draw: random.Random) -> Iterator[str]:
    """Harmless texts in a row, cut as windows are."""
    for _ in range(ROWS):
        row = " ".join(draw.choice(texts) for _ in range(draw.randint(1, 5)))
        start = draw.randrange(0, max(1, len(row) - WINDOW))
        yield row[start : start + WINDOW]


def made(frames: Sequence[str], slots: Mapping[str, Sequence[str]], draw: random.Random) -> Iterator[str]:
    """Frames with their slots filled at random."""
    for frame in frames:
        for _ in range(EACH if SLOT.search(frame) else 1):
            text = frame
            while SLOT.search(text):
                text = SLOT.sub(lambda slot: draw.choice(slots[slot.group(1)]), text, count=1)
            yield " ".join(text.split())


@cache
def stories() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(files(HERE).joinpath(STORIES).read_text("utf-8"))


@cache
def phrases() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(files(HERE).joinpath(PHRASES).read_text("utf-8"))


def trained() -> Classifier:
    """The classifier of the phrases as they are now."""
    texts, labels = zip(*training_texts(), strict=True)
    return fitted(texts, labels)


@cache
def packaged() -> Classifier:
    """The classifier as it is packaged."""
    return Classifier.load(Path(str(files(HERE).joinpath(WEIGHTS))))


if __name__ == "__main__":
    trained().save(Path(str(files(HERE).joinpath(WEIGHTS))))

"""The probe set: synthetic texts with personal data at known places, from a seed.

Belongs here: how texts are put together from templates, values and traps, and the shape of a probe. Does not: the
values and sentences (`probe_values.py`), nor any pattern of the engine that is measured: a probe that borrowed its
shapes would measure nothing.

Each text is drawn as: language (English 60 %, Chinese 40 %), one to three values of kinds drawn evenly from those of
the language, each in a sentence of a random template of its kind, mixed with up to two traps (order numbers, amounts,
dates, sections, versions, product codes, file names, numbers whose check digit is wrong). One text in five holds traps
only. A value's format is drawn evenly from its kind's common formats; with probability 5 % it is written in a way
people use to hide it or mistype it, where its kind has one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from genaiops_assets.privacy.probe_sentences import TRAPS
from genaiops_assets.privacy.probe_values import draw, kinds_of
from genaiops_assets.text import Finding

CODE = "2"
ONLY_TRAPS = 0.2
HARD = 0.05


@dataclass(frozen=True)
class Probe:
    """A text, the personal data in it with exact spans, and how each was written (`format`, in the order of
    `findings`)."""

    id: str
    language: str
    text: str
    findings: tuple[Finding, ...]
    formats: tuple[str, ...]

    def to_json(self) -> str:
        labels = [
            {"kind": f.kind, "start": f.start, "end": f.end, "format": w}
            for f, w in zip(self.findings, self.formats, strict=True)
        ]
        return json.dumps(
            {"id": self.id, "language": self.language, "text": self.text, "labels": labels}, ensure_ascii=False
        )


def probe_set(seed: int, n: int) -> list[Probe]:
    """`n` labelled texts; the same arguments give the same texts, and a smaller set is the beginning of a larger
    one."""
    return [_probe(random.Random(f"{CODE}/{seed}/{i}"), f"probe-{i:05d}") for i in range(n)]


def read_probes(lines: Iterable[str]) -> Iterator[Probe]:
    """Probes from the lines that `Probe.to_json` wrote."""
    for line in lines:
        record = json.loads(line)
        findings = tuple(Finding(label["kind"], label["start"], label["end"]) for label in record["labels"])
        yield Probe(
            record["id"],
            record["language"],
            record["text"],
            findings,
            tuple(label["format"] for label in record["labels"]),
        )


def _probe(rng: random.Random, name: str) -> Probe:
    language = "zh" if rng.random() < 0.4 else "en"
    kinds = [] if rng.random() < ONLY_TRAPS else rng.sample(kinds_of(language), rng.randint(1, 3))
    parts: list[str | None] = [*kinds, *[None] * rng.randint(0 if kinds else 1, 2)]
    rng.shuffle(parts)
    text, findings, formats = "", [], []
    gap = " " if language == "en" else ""
    for kind in parts:
        if kind is None:
            text += rng.choice(TRAPS[language])(rng) + gap
            continue
        written, value, sentence = draw(rng, language, kind, hard=rng.random() < HARD)
        before, after = sentence.split("{}")
        start = len(text) + len(before)
        findings.append(Finding(kind, start, start + len(value)))
        formats.append(written)
        text += before + value + after + gap
    return Probe(name, language, text.rstrip(), tuple(findings), tuple(formats))

"""Personal data found per second and how much of it: our engine against Presidio's AnalyzerEngine on the same text.

The text: articles of a bank's knowledge base, regulations and complaints from `shared/data` beside the clone (without
it, the articles that the packaged example reads), into every eighth of which a probe text is put. Speed is megabytes
of UTF-8 a second of processor time, all threads together, so "one core" whatever the machine. Presidio runs on the
same sample with its default English patterns and a blank tokenizer (its fastest way without a model); for recall it is
also given its recognizers of the other kinds, in English."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from genaiops_assets.privacy import NAME_KINDS, find_all, may_hold_names, measure_rules, open_ner, probe_set
from genaiops_assets.privacy.presidio import PATTERN_KINDS, stay_offline
from genaiops_assets.text import Finding
from tests.benchmarks.harness import Figure, report

SETS = ("banking_kb/docs.jsonl", "cfpb_regs/docs.jsonl", "cfpb_complaints/complaints.jsonl")
SEED, PROBES, SAMPLE, NAMED_SAMPLE, NAMED_PROBES = 29, 1500, 240, 60, 500
KINDS = tuple(sorted(set(PATTERN_KINDS.values())))


def shared_data() -> Path | None:
    root = Path(__file__).resolve().parents[2]
    return next((p / "shared/data" for p in (root, *root.parents) if (p / "shared/data").is_dir()), None)


def documents() -> list[str]:
    data = shared_data()
    if data is None:
        packed = files("inspect_evals").joinpath("tau2/data/domains/banking_knowledge/documents.json.gz").read_bytes()
        return [document["content"] for document in json.loads(gzip.decompress(packed))]
    return [json.loads(line)["text"] for name in SETS for line in (data / name).open(encoding="utf-8")]


def seeded(texts: list[str]) -> list[str]:
    """Every eighth text with a probe text at a random line of it."""
    probes, mixed = iter(probe_set(SEED + 1, len(texts) // 8 + 1)), []
    rng = random.Random(SEED)
    rng.shuffle(texts)
    for place, text in enumerate(texts):
        lines = text.split("\n")
        if place % 8 == 0:
            lines.insert(rng.randint(0, len(lines)), next(probes).text)
        mixed.append("\n".join(lines))
    return mixed


def rate(find: Callable[[list[str]], Any], texts: list[str], times: int = 1) -> float:
    """Megabytes a second of processor time, the best of `times`."""
    size = sum(len(text.encode()) for text in texts) / 1e6

    def once() -> float:
        began = time.process_time()
        find(texts)
        return time.process_time() - began

    return size / min(once() for _ in range(times))


class Presidio:
    """AnalyzerEngine with patterns only, or with its English model; `more` adds recognizers that English does not
    load."""

    def __init__(self, *, model: bool, more: bool = False):
        import spacy
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers
        from presidio_analyzer.nlp_engine import NlpEngineProvider

        from genaiops_assets.privacy.names import SPACY_MODEL

        stay_offline()
        settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": SPACY_MODEL}]}
        nlp = NlpEngineProvider(nlp_configuration=settings).create_engine()
        if not model:
            nlp.nlp = {"en": spacy.blank("en")}
        registry = RecognizerRegistry(supported_languages=["en"])
        registry.load_predefined_recognizers(languages=["en"], nlp_engine=nlp)
        if not model:
            registry.remove_recognizer("SpacyRecognizer")
        for name in ("UkNino", "EsNif", "EsNie", "ItFiscalCode", "DeTaxId") if more else ():
            registry.add_recognizer(getattr(predefined_recognizers, f"{name}Recognizer")(supported_language="en"))
        self.engine = AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])
        self.kinds = {**PATTERN_KINDS, **{kind: kind for kind in NAME_KINDS}}

    def __call__(self, texts: Sequence[str]) -> list[list[Finding]]:
        return [
            [
                Finding(self.kinds[r.entity_type], r.start, r.end)
                for r in self.engine.analyze(text, "en")
                if r.entity_type in self.kinds
            ]
            for text in texts
        ]


def names_figures() -> list[Figure]:
    """With a model of names: both on the same texts; ours asks it only where names can be."""
    texts = seeded(documents())[:NAMED_SAMPLE]
    probes = [probe for probe in probe_set(SEED + 2, NAMED_PROBES) if probe.language == "en"]
    said = [probe.text for probe in probes]
    ner, theirs = open_ner("presidio"), Presidio(model=True)
    ours, others = rate(lambda t: find_all(t, ner), texts), rate(theirs, texts)
    recalls = [
        measure_rules(probes, found, NAME_KINDS)["recall"]["all"]["mean"]
        for found in (find_all(said, ner), theirs(said))
    ]
    asked = sum(map(may_hold_names, texts)) / len(texts)
    return [
        Figure("with names: ours", ours, "MB/s"),
        Figure("with names: Presidio", others, "MB/s"),
        Figure("with names: ours / Presidio", ours / others, "x"),
        Figure("with names: texts the model is asked about", asked, "share"),
        Figure("recall of English names and places, ours", recalls[0], "share"),
        Figure("recall of English names and places, Presidio", recalls[1], "share"),
    ]


def main() -> None:
    clean = documents()
    mixed = seeded(list(clean))
    sample = mixed[:SAMPLE]
    probes = probe_set(SEED, PROBES)
    texts = [probe.text for probe in probes]
    theirs = rate(Presidio(model=False), sample)
    ours = rate(find_all, sample, times=5)
    our_recall, their_recall = (
        measure_rules(probes, found, KINDS) for found in (find_all(texts), Presidio(model=False, more=True)(texts))
    )
    each = {who: found["recall"]["all"]["mean"] for who, found in (("ours", our_recall), ("Presidio", their_recall))}
    worst = min((our_recall["recall"][kind]["mean"] - their_recall["recall"][kind]["mean"], kind) for kind in KINDS)
    report(
        "privacy",
        [
            Figure(f"ours, {len(clean)} clean documents", rate(find_all, clean, times=3), "MB/s", at_least=30),
            Figure(f"ours, {len(mixed)} documents, one in eight with a probe", rate(find_all, mixed, times=3), "MB/s"),
            Figure(f"ours, {len(sample)} of these", ours, "MB/s"),
            Figure(f"Presidio's patterns, the same {len(sample)}", theirs, "MB/s"),
            Figure("ours / Presidio's patterns", ours / theirs, "x", at_least=10),
            Figure(f"recall on {len(texts)} probes, {len(KINDS)} kinds both know: ours", each["ours"], "share"),
            Figure("recall on the same: Presidio's patterns", each["Presidio"], "share"),
            Figure("ours less Presidio's, all kinds", each["ours"] - each["Presidio"], "share", at_least=0),
            Figure(f"ours less Presidio's, kind where it is least ({worst[1]})", worst[0], "share", at_least=0),
            Figure("precision: ours", our_recall["precision"]["all"]["mean"], "share"),
            Figure("precision: Presidio's patterns", their_recall["precision"]["all"]["mean"], "share"),
            *names_figures(),
        ],
    )


if __name__ == "__main__":
    main()

"""Microsoft Presidio behind our protocols: its spaCy model for names, its patterns as a second, independent detector.

Belongs here: the only code that imports Presidio, and the translation of its kinds into ours. Does not: deciding
anything with what it finds. Presidio's default set also reports URLs, dates, organisations and bare numbers; none of
these is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genaiops_assets.privacy.names import NAME_KINDS, SPACY_MODEL
from genaiops_assets.text import Finding

PATTERN_KINDS = {
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP",
    "US_SSN": "SSN",
    "PHONE_NUMBER": "PHONE",
    "UK_NINO": "NINO",
    "ES_NIF": "ES_ID",
    "ES_NIE": "ES_ID",
    "IT_FISCAL_CODE": "IT_FISCAL_CODE",
    "DE_TAX_ID": "DE_TAX_ID",
}
_MODELS = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": SPACY_MODEL}]}


class PresidioNer:
    """`Ner` on Presidio's spaCy recognizer with the English model of the `ner` extra; about 60 texts a second."""

    def __init__(self) -> None:
        from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NlpEngineProvider
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer

        registry = RecognizerRegistry(
            recognizers=[SpacyRecognizer(supported_language="en")], supported_languages=["en"]
        )
        engine = NlpEngineProvider(nlp_configuration=_MODELS).create_engine()
        self._analyzer = BatchAnalyzerEngine(
            AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
        )

    def names(self, texts: Sequence[str]) -> list[list[Finding]]:
        results = (
            self._analyzer.analyze_iterator(list(texts), language="en", entities=list(NAME_KINDS)) if texts else []
        )
        return [
            _without_overlap([Finding(r.entity_type, r.start, r.end) for r in found if r.end - r.start > 1])
            for found in results
        ]


class PresidioPatterns:
    """`Detector` on Presidio's pattern recognizers, without a model, context words or network.

    Below a score of 0.5 stand patterns without a check, which take citations such as "15 U.S.C. 1693" for a telephone;
    its IP pattern takes section numbers such as 4.1.2.3, which ours leave too."""

    def __init__(self) -> None:
        stay_offline()
        self._recognizers = _recognizers()

    def find_all(self, texts: Sequence[str], min_score: float = 0.5) -> list[list[Finding]]:
        return [self._find(text, min_score) for text in texts]

    def _find(self, text: str, min_score: float) -> list[Finding]:
        results = [
            r
            for recognizer in self._recognizers
            for r in recognizer.analyze(text, recognizer.supported_entities, None) or []
        ]
        best = sorted(
            (r for r in results if r.score >= min_score and not _is_section(r.entity_type, text[r.start : r.end])),
            key=lambda r: (-r.score, r.start - r.end),
        )
        return _without_overlap([Finding(PATTERN_KINDS[r.entity_type], r.start, r.end) for r in best])


def _is_section(kind: str, found: str) -> bool:
    return kind == "IP_ADDRESS" and all(len(part) == 1 for part in found.split("."))


def stay_offline() -> None:
    """Presidio's address recognizer asks tldextract, which would fetch its list of domains; it ships with one."""
    import tldextract

    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def _recognizers() -> list[Any]:
    from presidio_analyzer import predefined_recognizers as known

    english = (
        "EmailRecognizer",
        "CreditCardRecognizer",
        "IbanRecognizer",
        "IpRecognizer",
        "UsSsnRecognizer",
        "UkNinoRecognizer",
    )
    others = ("EsNifRecognizer", "EsNieRecognizer", "ItFiscalCodeRecognizer", "DeTaxIdRecognizer")
    phones = known.PhoneRecognizer(supported_regions=("US", "GB", "DE", "FR", "ES", "IT", "CN"))
    return [*(getattr(known, name)() for name in english + others), phones]


def _without_overlap(findings: list[Finding]) -> list[Finding]:
    """The findings in order of precedence, without those that overlap an earlier one; by position."""
    kept: list[Finding] = []
    for finding in findings:
        if all(finding.end <= other.start or finding.start >= other.end for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda f: f.start)

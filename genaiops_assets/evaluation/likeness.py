"""How like a golden answer an answer is: word for word, by runs of words, by meaning as an embedder sees it.

Belongs here: scores in 0..1 of one answer beside one reference. Does not belong here: scores by single words
(`metrics.py`), or opening an embedder (a payload)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

from genaiops_assets.evaluation.metrics import answer_tokens
from genaiops_assets.text import language

TOKENIZERS = {"zh": "zh"}  # of sacrebleu: every Chinese character alone
OTHER_TOKENIZER = "13a"  # of the WMT shared tasks, and sacrebleu's default
BLEU_IS = (
    "sacrebleu {version}, sentence BLEU up to 4 tokens, exponential smoothing, effective order, case kept; tokenizer "
    "zh where the golden answer is Chinese, else 13a"
)


def bleu_is() -> str:
    """How BLEU was computed: implementation, version, smoothing and tokenizer, without which two figures do not
    compare."""
    return BLEU_IS.format(version=version("sacrebleu"))


def exact(answer: str, reference: str) -> float:
    """1 where both say the same tokens in the same order; case, punctuation and English articles apart. Source:
    Rajpurkar et al. 2016 (SQuAD), section 6.1."""
    return float(answer_tokens(answer) == answer_tokens(reference))


def bleu(answer: str, reference: str) -> float:
    """Sentence BLEU, 0..1, as `BLEU_IS` says. Two empty texts agree. Source: Papineni et al. 2002; Post 2018
    (sacrebleu), smoothing of Chen and Cherry 2014 (method 3)."""
    if not answer.strip() or not reference.strip():
        return float(answer.strip() == reference.strip())
    metric = _bleu(TOKENIZERS.get(language(reference), OTHER_TOKENIZER))
    return min(1.0, max(0.0, metric.sentence_score(answer, [reference]).score / 100))


def similarity(answer: str, reference: str, cosine: Callable[[str, str], float]) -> float:
    """Cosine of both by the use case's embedder, below zero as zero: topic rather than truth, since a wrong amount is
    hardly farther away. An empty answer is like nothing."""
    if not answer.strip() or not reference.strip():
        return 0.0
    return min(1.0, max(0.0, cosine(answer, reference)))


@cache
def _bleu(tokenizer: str) -> Any:
    from sacrebleu.metrics import BLEU

    return BLEU(tokenize=tokenizer, effective_order=True)

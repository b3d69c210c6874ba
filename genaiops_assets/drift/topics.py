"""Shows a reader what moved between two sets of texts: the terms that grew, and a flat picture of the embeddings.

Belongs here: descriptions of a difference. Does not: the test of whether there is one (detect), or drawing the plot.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.text import language, ngrams, words

# With a fifth of the pooled counts as prior, a term new to the current texts needs about seven of them to be listed.
_PRIOR_SHARE = 0.2
_NOTABLE = 1.96
_CLAUSE_BREAK = re.compile(r"[\s,，.。!！?？;；:：、()（）\[\]【】《》“”\"…—/]+")


def what_moved(reference_texts: Sequence[str], current_texts: Sequence[str], top: int = 10) -> list[dict[str, Any]]:
    """The terms that grew most from reference to current, strongest first, at most top of them and none if none did.

    Each is {"term", "z", "reference_texts", "current_texts", "reference_share", "current_share"}: its z-score, how many
    texts of each side hold it, and the share of them (0 to 1). A term is an English word or a pair of neighbouring
    Chinese characters, counted once a text so that no long text speaks for all. Only z > 1.96 is listed; with thousands
    of terms some reach that by chance, so the list explains drift found elsewhere and does not establish it.

    Log-odds ratio with an informative Dirichlet prior: Monroe, Colaresi and Quinn 2008, Fightin' Words, eq. 15 to 22.
    The prior follows the pooled counts, which shrinks words that are frequent everywhere; no stop list is needed.
    """
    if not reference_texts or not current_texts:
        return []
    reference, current = _counts(map(terms_of, reference_texts)), _counts(map(terms_of, current_texts))
    return [
        {
            "term": term,
            "z": round(z, 3),
            "reference_texts": reference[term],
            "current_texts": current[term],
            "reference_share": reference[term] / len(reference_texts),
            "current_share": current[term] / len(current_texts),
        }
        for term, z in _strongest(reference, current, top)
        if z > _NOTABLE
    ]


def names_of(texts: Sequence[str], groups: Sequence[Sequence[int]], top: int = 3) -> list[str]:
    """A name for each group of texts (by their numbers): its `top` strongest terms against all other texts, as "fee,
    card, annual". Groups without a term are "?"."""
    held = [terms_of(text) for text in texts]
    whole, names = _counts(held), []
    for group in groups:
        inside = _counts(held[i] for i in group)
        outside = Counter({term: count - inside[term] for term, count in whole.items()})
        names.append(", ".join(term for term, _ in _strongest(outside, inside, top) if inside[term]) or "?")
    return names


def project_2d(reference: np.ndarray, current: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both samples, (n, d) and (m, d), on the two principal axes of their union: (n, 2) and (m, 2), for a plot.

    Axes are signed so that their largest weight is positive, which makes the picture repeatable. An axis the data do
    not have (d = 1, or a single row) is zero. Raises ValueError when the two are not matrices of equal width.
    """
    if reference.ndim != 2 or current.ndim != 2 or reference.shape[1] != current.shape[1]:
        raise ValueError(f"cannot project shapes {reference.shape} and {current.shape} together")
    rows = np.concatenate([reference, current]).astype(np.float64)
    if not rows.size:
        return np.zeros((len(reference), 2)), np.zeros((len(current), 2))
    centred = rows - rows.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    axes = axes * np.where(np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1) < 0, -1, 1)
    flat = np.zeros((len(rows), 2))
    flat[:, : len(axes)] = centred @ axes.T
    return flat[: len(reference)], flat[len(reference) :]


def _counts(texts: Iterable[frozenset[str]]) -> Counter[str]:
    """In how many texts each term is, texts given by their terms."""
    return Counter(term for terms in texts for term in terms)


def _strongest(reference: Counter[str], current: Counter[str], top: int) -> list[tuple[str, float]]:
    """The terms most typical of current, with their z-scores; equal ones in the order of the alphabet."""
    terms = sorted(term for term in reference.keys() | current.keys() if reference[term] + current[term])
    if not terms:
        return []
    scores = _z_scores(
        *(np.array([counts[term] for term in terms], dtype=np.float64) for counts in (reference, current))
    )
    order = sorted(range(len(terms)), key=lambda i: (-scores[i], terms[i]))[: max(top, 0)]
    return [(terms[i], float(scores[i])) for i in order]


@lru_cache(maxsize=50_000)
def terms_of(text: str) -> frozenset[str]:
    """The distinct terms of a text: English words and pairs of neighbouring Chinese characters. Pairs never cross
    punctuation, so the end of one clause does not join the next."""
    found: set[str] = set()
    for clause in _CLAUSE_BREAK.split(text):
        tokens = words(clause)
        found |= {token for token in tokens if len(token) > 1 and not token[0].isdigit()}
        found |= {left + right for left, right in ngrams(tokens, 2) if language(left) == language(right) == "zh"}
    return frozenset(found)


def _z_scores(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    prior = _PRIOR_SHARE * (before + after)
    log_odds = _log_odds(after, prior) - _log_odds(before, prior)
    return log_odds / np.sqrt(1 / (after + prior) + 1 / (before + prior))


def _log_odds(counts: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    smoothed = counts + prior
    others = np.maximum(smoothed.sum() - smoothed, prior.min())
    return np.log(smoothed / others)

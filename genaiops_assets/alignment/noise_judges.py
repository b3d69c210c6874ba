"""Judges of labels: each learns from some pairs which of two answers people prefer and says it of the others.

Belongs here: what a judge sees of an answer, and learning out of fold. Does not belong here: what follows from what the
judges say (`noise.py`).

Every judge is a logistic regression on what the chosen answer has more of than the rejected one, without an intercept,
so that it cannot know which of the two was shown first (Bradley and Terry 1952, with features for strengths)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.alignment.hygiene import groups_of
from genaiops_assets.text import words

Floats = NDArray[np.float64]
Pair = dict[str, Any]
Embed = Callable[[Sequence[str]], Any]  # texts to vectors (n, width)
FOLDS = 5
MOST_SEQUENCES = 40_000
READ = 1000  # characters of a text that are embedded
STRENGTH = {"embedding": 0.3, "characters": 2.0, "form": 1.0}  # C of the regression: smaller is smoother


class Judge(NamedTuple):
    """`more(pairs)`: what chosen has more of than rejected, one row a pair, a matrix that may be sparse."""

    name: str
    more: Callable[[Sequence[Pair]], Any]


def judges(embed: Embed | None) -> list[Judge]:
    """The judges of a use case; without an embedder the one on vectors is left out."""
    found = [Judge("characters", _characters), Judge("form", _form)]
    return [Judge("embedding", lambda pairs: _vectors(pairs, embed)), *found] if embed else found


def folds_of(pairs: Sequence[Pair], folds: int = FOLDS) -> NDArray[np.int64]:
    """The fold of each pair, (n,): what shares a question or a document stands in one fold, so that no judge has seen
    what it is asked about. Folds are filled evenly, the largest groups first."""
    groups = groups_of(pairs)
    sizes = Counter(groups)
    room = [0] * folds
    fold: dict[int, int] = {}
    for group in sorted(sizes, key=lambda g: (-sizes[g], g)):
        fold[group] = min(range(folds), key=room.__getitem__)
        room[fold[group]] += sizes[group]
    return np.array([fold[group] for group in groups], dtype=np.int64)


def preferences_of(judge: Judge, pairs: Sequence[Pair], folds: NDArray[np.int64]) -> Floats:
    """(n,): the probability that the chosen answer is the better one, by a judge that learned from the other folds
    alone. 0.5 where the others teach nothing."""
    matrix = judge.more(pairs)
    found = np.full(len(pairs), 0.5)
    for fold in np.unique(folds):
        others, own = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if len(others) > 1:
            found[own] = learned(matrix[others], STRENGTH[judge.name]).predict_proba(matrix[own])[:, 1]
    return found


def learned_order(judge: Judge, pairs: Sequence[Pair], rest: Any, asked: Any) -> Floats:
    """(len(asked),): the probability that the chosen answer of the rows `asked` is better, learned from the rows
    `rest`."""
    matrix = judge.more(pairs)
    return learned(matrix[rest], STRENGTH[judge.name]).predict_proba(matrix[asked])[:, 1]


def learned(more: Any, strength: float) -> Any:
    """A regression that knows no order: every second pair is shown the other way round, which is the same loss."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    labels = np.arange(more.shape[0]) % 2
    signs = 2.0 * labels - 1
    shown = sparse.diags(signs) @ more if sparse.issparse(more) else more * signs[:, None]
    return LogisticRegression(C=strength, fit_intercept=False, max_iter=300).fit(shown, labels)


def _texts(pairs: Sequence[Pair]) -> list[str]:
    """Chosen, then rejected, of all pairs."""
    return [p["chosen"] for p in pairs] + [p["rejected"] for p in pairs]


def _characters(pairs: Sequence[Pair]) -> Any:
    """Character sequences of two to five (any script), weighted by how rare they are."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    count = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 5),
        min_df=min(3, max(1, len(pairs) // 20)),
        max_features=MOST_SEQUENCES,
        sublinear_tf=True,
    )
    vectors = count.fit_transform(_texts(pairs)).tocsr()
    return vectors[: len(pairs)] - vectors[len(pairs) :]


def _vectors(pairs: Sequence[Pair], embed: Embed) -> Floats:
    """The answers' vectors, the same weighed by the question's, and how near each answer is to the question."""
    vectors = np.asarray(embed([text[:READ] for text in _texts(pairs)]), dtype=np.float64)
    asked = np.asarray(embed([p["question"][-READ:] for p in pairs]), dtype=np.float64)
    return compared(vectors[: len(pairs)] - vectors[len(pairs) :], asked)


def compared(more: Floats, asked: Floats) -> Floats:
    """`more`: vector of chosen minus that of rejected, (n, width); `asked`: vectors of the questions. Coordinates of
    unit vectors are small, so they are brought to about one."""
    scale = math.sqrt(more.shape[1])
    weighed = more * asked * scale
    nearness = (more * asked).sum(axis=1, keepdims=True)
    return np.hstack([more * scale / 4, weighed * scale / 4, nearness * scale / 2])


def _form(pairs: Sequence[Pair]) -> Floats:
    """Length and form, without what is said."""
    rows = [form_of(p["chosen"], p["question"]) - form_of(p["rejected"], p["question"]) for p in pairs]
    more = np.array(rows).reshape(len(pairs), -1)
    spread = np.sqrt((more**2).mean(axis=0))  # the same whichever way round the labels are
    return more / np.where(spread > 0, spread, 1)


def form_of(answer: str, question: str) -> Floats:
    """Characters (log), words of the question repeated, lines, list marks, figures, question marks, exclamations,
    first person, how much is said twice."""
    spoken, asked = words(answer), set(words(question))
    length, lines = max(1, len(answer)), answer.count("\n")
    return np.array(
        [
            math.log(length),
            math.log(length) ** 2 / 10,
            len(asked & set(spoken)) / max(1, len(asked)),
            math.log1p(lines),
            math.log1p(len(re.findall(r"(?m)^\s*(?:[-*•]|\d+[.)、])", answer))),
            math.log1p(sum(c.isdigit() for c in answer)),
            math.log1p(answer.count("?") + answer.count("？")),
            math.log1p(answer.count("!") + answer.count("！")),
            math.log1p(len(re.findall(r"\bI\b|\bI'm\b|我", answer))),
            len(set(spoken)) / max(1, len(spoken)),
            float(answer.rstrip()[-1:] in tuple('.!?。！？)"”')),
        ]
    )

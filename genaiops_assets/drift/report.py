"""The day's drift report as plain values: verdict, topics, features, knowledge gaps, advice.

Belongs here: putting the findings together, questions named by id. Does not: embedding, searching, drawing, or
question text: a report is an artifact, and texts live in tables only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genaiops_assets.drift.detect import MINIMUM_SAMPLE, DriftResult, compare
from genaiops_assets.drift.features import shifted_features
from genaiops_assets.drift.gaps import advise, knowledge_gaps, poor_below
from genaiops_assets.drift.moved import Moved
from genaiops_assets.drift.subject import subject_of
from genaiops_assets.drift.topics import names_of, what_moved
from genaiops_assets.statistics import alpha_of_one
from genaiops_assets.text import language, normalise, words

EXAMPLES = 3
ANSWERS_TIMED = 20
DURATION = "gen_ai_client_operation_duration"  # column of the interaction log


@dataclass(frozen=True)
class Questions:
    """One side of the comparison, question by question: id, text, unit embedding (n, d), best retrieval score (n,)
    where there is an index."""

    ids: Sequence[str]
    texts: Sequence[str]
    vectors: np.ndarray
    scores: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Rule:
    """When a day counts as drifted: at most `alpha` chance of any false alarm among `windows` measurements, and at
    least `min_effect` of the questions moved. `permutations`: the least number; more are drawn where so small a level
    needs them."""

    alpha: float
    windows: int
    min_effect: float
    permutations: int

    @property
    def level(self) -> float:
        """Of one measurement."""
        return alpha_of_one(self.alpha, self.windows)

    @property
    def shuffles(self) -> int:
        return max(self.permutations, int(np.ceil(2 / self.level)))


def distinct(texts: Iterable[str]) -> list[int]:
    """The places of the first of each text, by its words and without ticket numbers: a question sent twice is one
    observation, not two that agree."""
    seen: dict[str, int] = {}
    for place, text in enumerate(texts):
        seen.setdefault(normalise(subject_of(text)).casefold().rstrip("?？.。!！ "), place)
    return list(seen.values())


def compare_questions(reference: Questions, current: Questions, rule: Rule, seed: int) -> DriftResult:
    return compare_by(rule, reference.vectors, current.vectors, seed, (reference.texts, current.texts))


def compare_by(
    rule: Rule,
    reference: np.ndarray,
    current: np.ndarray,
    seed: int,
    texts: tuple[Sequence[str], Sequence[str]] | None = None,
) -> DriftResult:
    """The verdict of `compare` at the level that the rule leaves for one measurement."""
    return compare(
        reference,
        current,
        alpha=rule.level,
        min_effect=rule.min_effect,
        permutations=rule.shuffles,
        seed=seed,
        texts=texts,
    )


def drift_report(
    reference: Questions,
    current: Questions,
    rule: Rule,
    *,
    expected_language: str,
    seed: int,
    index_is_behind: bool = False,
    answers: tuple[Sequence[str], Sequence[str]] = ((), ()),
    seconds: tuple[Sequence[float], Sequence[float]] = ((), ()),
    beside: Mapping[str, DriftResult | None] | None = None,
) -> dict[str, Any]:
    """What moved between two sets of distinct questions, as plain values ready for JSON.

    Keys: those of DriftResult; `level` and `permutations` of the test; `moved` (terms), `topics` (clusters whose share
    changed clearly, with share before and after and ids of example questions), `features` (length, language, retrieval
    score; length of `answers`, those the model gave when it was judged and those of the day, and `seconds` that
    answers took before and on the day, where there are 20 of each), `gaps` (topics the index has nothing near for),
    `recommendation` with `why`. `beside`: verdicts on answers and documents, which count for the recommendation."""
    result = compare_questions(reference, current, rule, seed)
    figures = {**result.to_dict(), "level": rule.level, "permutations": rule.shuffles}
    found: dict[str, Any] = {"index_is_behind": index_is_behind, "min_effect": rule.min_effect, "beside": beside}
    if not result.enough:
        advice = advise(result, [], len(current.ids), **found)
        return {
            **figures,
            "moved": [],
            "topics": [],
            "features": [],
            "gaps": [],
            "recommendation": advice.action,
            "why": advice.reason,
        }
    sides = [measured(side, said, expected_language) for side, said in zip((reference, current), answers, strict=True)]
    for side, took in zip(sides, seconds, strict=True):
        side["latency"] = list(took)
    features = shifted_features(*sides, alpha=rule.level, minimum=MINIMUM_SAMPLE)
    gaps = None
    if reference.scores is not None and current.scores is not None:
        gaps = knowledge_gaps([m.current_rows for m in result.clusters], current.scores, poor_below(reference.scores))
    advice = advise(result, gaps, len(current.ids), **found)
    gap_names = names_of(current.texts, [gap.rows for gap in gaps or []])
    return {
        **figures,
        "moved": what_moved(reference.texts, current.texts),
        "topics": topics(reference, current, [m for m in result.clusters if m.is_clear]),
        "features": [feature.to_dict() for feature in features],
        "gaps": [
            {
                "topic": name,
                "questions": len(gap.rows),
                "share": len(gap.rows) / len(current.ids),
                "median_score": gap.score,
                "examples": [current.ids[i] for i in gap.rows[:EXAMPLES]],
            }
            for gap, name in zip(gaps or [], gap_names, strict=True)
        ],
        "recommendation": advice.action,
        "why": advice.reason,
    }


def topics(reference: Questions, current: Questions, moved: Sequence[Moved]) -> list[dict[str, Any]]:
    """Clusters with names, shares and ids of the questions nearest to the cluster's middle."""
    texts, offset = [*reference.texts, *current.texts], len(reference.texts)
    names = names_of(texts, [[*m.reference_rows, *(offset + i for i in m.current_rows)] for m in moved])
    return [
        {
            "topic": name,
            "share_before": m.share_before,
            "share_now": m.share_after,
            "growth": m.growth,
            "p_value": m.p_value,
            "questions": len(m.current_rows),
            "examples": [current.ids[i] for i in central(current.vectors, m.current_rows)[:EXAMPLES]],
        }
        for m, name in zip(moved, names, strict=True)
    ]


def central(vectors: np.ndarray, rows: Sequence[int]) -> list[int]:
    """The rows, those nearest to their mean first."""
    if not rows:
        return []
    own = vectors[list(rows)].astype(np.float64)
    apart = ((own - own.mean(axis=0)) ** 2).sum(axis=1)
    return [rows[i] for i in np.argsort(apart, kind="stable")]


def measured(questions: Questions, answers: Sequence[str], expected_language: str) -> dict[str, list[float]]:
    """The features of each question and answer; lengths are words, in Chinese characters. `other language`: 1 where
    the script is not that of the use case. Empty answers (questions that were only looked up) have no length."""
    found = {
        "question length": [float(len(words(text))) for text in questions.texts],
        "answer length": [float(len(words(text))) for text in answers if text],
        "other language": [float(language(text) != expected_language) for text in questions.texts],
    }
    if questions.scores is not None:
        found["retrieval score"] = [float(score) for score in questions.scores]
    return found


def rates(
    rows: Sequence[Mapping[str, Any]], feedback_questions: Iterable[str], refusals: Iterable[str] = ()
) -> dict[str, float]:
    """Of a day's interactions (with `masked`, `answer`, `passages`, `question`): how many there were and were answered;
    the shares with personal data masked, without passages, and asked again by a person who gave feedback; of the
    answers the share that are one of `refusals`, and the seconds they took, where ANSWERS_TIMED are known. Shares are
    0 to 1; nothing when there are no rows."""
    if not rows:
        return {}
    rated = Counter(normalise(question).casefold() for question in feedback_questions)
    answers = [r for r in rows if r.get("answer")]
    n = len(rows)
    return {
        "volume": n,
        "answers": len(answers),
        "masked": sum(bool(r["masked"]) for r in rows) / n,
        "without_passages": sum(not r["passages"] for r in rows) / n,
        "with_feedback": sum(normalise(r["question"]).casefold() in rated for r in rows) / n,
        **refused(answers, refusals),
        **times_of(answers),
    }


def refused(answers: Sequence[Mapping[str, Any]], refusals: Iterable[str]) -> dict[str, float]:
    """The share of answers that begin as the use case's words for a refusal; nothing without answers or such words."""
    words_for_it = tuple(filter(None, (normalise(text).casefold().rstrip(".。!！") for text in refusals)))
    if not answers or not words_for_it:
        return {}
    return {"refused": sum(normalise(r["answer"]).casefold().startswith(words_for_it) for r in answers) / len(answers)}


def times_of(answers: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Median and 95th percentile of the seconds that answers took."""
    took = [float(r[DURATION]) for r in answers if r.get(DURATION) is not None]
    if len(took) < ANSWERS_TIMED:
        return {}
    middle, late = np.quantile(took, [0.5, 0.95])
    return {"seconds_median": float(middle), "seconds_p95": float(late)}


def features_by_effect(report: dict[str, Any]) -> dict[str, float]:
    """Effect sizes for a plot: Wasserstein distance of each feature in standard deviations of the reference."""
    return {f["name"]: round(float(f["wasserstein"]), 3) for f in report["features"]}

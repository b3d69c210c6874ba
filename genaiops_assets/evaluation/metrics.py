"""Scores of one answer or of one ranking, each a plain function of its arguments.

Belongs here: scores in 0..1 for a single item, with hand-checkable definitions. Does not belong here: averages and
intervals over items (`intervals.py`), release rules (`gates.py`), or anything that calls a model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from genaiops_assets.text import ngrams, words

ARTICLES = frozenset({"a", "an", "the"})
MISSING_NUMBER_WEIGHT = 3.0
CHRF_ORDER, CHRF_BETA = 6, 2

# Words that carry no claim of their own: they are found in almost any context and would hide what is missing.
_FUNCTION_WORDS = (
    "about after all also am and any are as at be been before but by can could did do does for from had has have he "
    "her his how i if in into is it its may might more must my of on or our she should so some such than that their "
    "them then there these they this those to up was we were what when where which who will with would you your "
)
FUNCTION_WORDS = ARTICLES.union(_FUNCTION_WORDS.split())
FUNCTION_CHARACTERS = frozenset("的了是在和与及或也都就而其这那个为以于之被把将会可能有对从到向由等吗呢吧")


def answer_f1(prediction: str, reference: str) -> float:
    """Token F1 of a prediction against a reference answer, 0..1.

    English articles are dropped as in SQuAD; Chinese has none, and there a token is one character. Numbers are tokens
    like any other. Two empty texts agree (1.0), one empty text does not (0.0). Source: Rajpurkar et al. 2016 (SQuAD),
    section 6.1."""
    predicted, expected = answer_tokens(prediction), answer_tokens(reference)
    if not predicted or not expected:
        return float(predicted == expected)
    shared = sum((Counter(predicted) & Counter(expected)).values())
    return _f1(shared, len(predicted), len(expected))


def rouge_l(prediction: str, reference: str) -> float:
    """ROUGE-L: F1 over the longest common subsequence of tokens, 0..1. Source: Lin 2004, sentence level, beta = 1."""
    predicted, expected = words(prediction), words(reference)
    if not predicted or not expected:
        return float(predicted == expected)
    return _f1(_longest_common_subsequence(predicted, expected), len(predicted), len(expected))


def chrf(prediction: str, reference: str) -> float:
    """chrF2: F-score of character n-grams up to 6, recall weighted twice as much, 0..1. Blanks do not count, case does;
    it needs no words, so Chinese is scored like English. Two texts without any character agree. Source: Popović 2015;
    as sacrebleu computes a sentence (word order 0, no smoothing)."""
    left, right = "".join(prediction.split()), "".join(reference.split())
    if not left or not right:
        return float(left == right)
    precision, recall, orders = 0.0, 0.0, 0
    for n in range(1, CHRF_ORDER + 1):
        said, wanted = _characters(left, n), _characters(right, n)
        if said and wanted:
            shared = (said & wanted).total()
            precision, recall, orders = precision + shared / said.total(), recall + shared / wanted.total(), orders + 1
    precision, recall = precision / orders, recall / orders
    weight = CHRF_BETA**2
    return min(1.0, (1 + weight) * precision * recall / (weight * precision + recall)) if precision and recall else 0.0


def support(answer: str, context: str) -> float:
    """Share of the answer's content tokens that occur in the context, 0..1: a heuristic for groundedness.

    It is lexical overlap, not entailment: a paraphrase scores low, a reversed claim ("is not") scores high. A number
    that the context lacks counts three times (`MISSING_NUMBER_WEIGHT`), because an invented figure is worse than a
    synonym. A Chinese character counts as found only together with a neighbour, since single characters occur nearly
    everywhere. An answer without content tokens scores 0.0: a model that says nothing must not look well grounded."""
    tokens, known = words(answer), words(context)
    found, missing = 0.0, 0.0
    for token, is_found in zip(tokens, found_in(tokens, known), strict=True):
        if token in FUNCTION_WORDS or token in FUNCTION_CHARACTERS:
            continue
        if is_found:
            found += 1.0
        else:
            missing += MISSING_NUMBER_WEIGHT if is_number(token) else 1.0
    return found / (found + missing) if found else 0.0


def recall_at_k(ranked_ids: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Share of the relevant ids among the first k, 0..1. ValueError if nothing is relevant or k < 1."""
    wanted = _checked(relevant, k)
    return len(wanted & set(ranked_ids[:k])) / len(wanted)


def reciprocal_rank(ranked_ids: Sequence[str], relevant: Collection[str]) -> float:
    """1 / rank of the first relevant id, 0.0 if there is none (Voorhees 1999). ValueError if nothing is relevant."""
    wanted = _checked(relevant, 1)
    return next((1.0 / rank for rank, found in enumerate(ranked_ids, start=1) if found in wanted), 0.0)


def ndcg_at_k(ranked_ids: Sequence[str], relevant: Collection[str] | Mapping[str, float], k: int) -> float:
    """Normalised discounted cumulative gain of the first k, 0..1, with linear gains as in trec_eval.

    `relevant` is a set of ids (gain 1) or a mapping id -> gain > 0. A repeated id takes its place but gains only once.
    ValueError if nothing is relevant or k < 1. Source: Jarvelin and Kekalainen 2002.
    """
    gains = (
        {i: float(g) for i, g in relevant.items() if g > 0}
        if isinstance(relevant, Mapping)
        else dict.fromkeys(relevant, 1.0)
    )
    _checked(gains, k)
    ideal = _discounted(sorted(gains.values(), reverse=True)[:k])
    seen: set[str] = set()
    gained = []
    for found in ranked_ids[:k]:
        gained.append(0.0 if found in seen else gains.get(found, 0.0))
        seen.add(found)
    return _discounted(gained) / ideal


def answer_tokens(answer: str) -> list[str]:
    """An answer's tokens without articles, or all of them where nothing else is left (the answer "A")."""
    tokens = words(answer)
    return [t for t in tokens if t not in ARTICLES] or tokens


def _characters(text: str, n: int) -> Counter[str]:
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))


def _f1(shared: int, predicted: int, expected: int) -> float:
    return 2.0 * shared / (predicted + expected)


def _longest_common_subsequence(left: Sequence[str], right: Sequence[str]) -> int:
    """Length of the longest common subsequence; time len(left) * len(right), memory len(right)."""
    lengths = [0] * (len(right) + 1)
    for token in left:
        diagonal = 0
        for column, other in enumerate(right, start=1):
            above = lengths[column]
            lengths[column] = diagonal + 1 if token == other else max(above, lengths[column - 1])
            diagonal = above
    return lengths[-1]


def found_in(tokens: list[str], context: list[str]) -> Iterable[bool]:
    """For each token, whether the context holds it; Chinese characters need a neighbour found beside them."""
    known, known_pairs = set(context), {tuple(pair) for pair in ngrams(context, 2)}
    for place, token in enumerate(tokens):
        pairs = [tuple(tokens[i : i + 2]) for i in (place - 1, place) if i >= 0 and i + 1 < len(tokens)]
        chinese_pairs = [pair for pair in pairs if all(map(_is_chinese, pair))] if _is_chinese(token) else []
        yield any(pair in known_pairs for pair in chinese_pairs) if chinese_pairs else token in known


def _is_chinese(token: str) -> bool:
    return len(token) == 1 and "\u3400" <= token <= "\u9fff"


def is_number(token: str) -> bool:
    return any(character.isdigit() for character in token)


def _discounted(gains: Iterable[float]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _checked(relevant: Collection[str], k: int) -> set[str]:
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if not relevant:
        raise ValueError("a query needs at least one relevant id")
    return set(relevant)

"""Filters with a faster way to Data-Juicer's statistic and decision: from lengths, code points, words and compiled
loops of a whole batch.

Belongs here: the statistic of each filter. Does not belong here: mappers, deduplicators, what happens to a rejected
row."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators import juicer
from genaiops_assets.corpus.operators.batch import Batch, Vocabulary, offsets_of, ratio, sums

CODE_POINTS = 0x110000
# a language's probability so near to a bound is asked for twice; the kernel's differs from fastText's by about 1e-6
UNSURE = 1e-3


@dataclass(frozen=True)
class Judged:
    """For each text of a batch: does it stay, by which statistic, of what value (NaN where there is no number)."""

    keep: np.ndarray
    values: np.ndarray
    statistics: list[str]


BatchFilter = Callable[[Batch], Judged]
Statistic = Callable[[Batch], np.ndarray]


def compile_filter(name: str, op: Any) -> tuple[str, BatchFilter]:
    """(engine, function) for one filter. `engine`: "polars", "kernel" (NumPy and Numba over the batch) or
    "data-juicer"."""
    if name in FIELD_FILTERS and (names := FIELD_FILTERS[name](op)) is not None:
        return "polars", lambda batch: by_distinct_fields(op, batch, names)
    if name == "language_id_score_filter":
        return "kernel", by_language(op)
    if (
        name not in STATISTICS
        or getattr(op, "tokenization", False)
        or (getattr(op, "model_key", None) and name != "token_num_filter")
    ):
        return "data-juicer", lambda batch: by_data_juicer(op, batch)
    if getattr(op, "use_words_aug", False):
        return "data-juicer", lambda batch: by_data_juicer(op, batch)
    engine, make, statistic, bounds = STATISTICS[name]
    measure, low, high = make(op), getattr(op, f"min_{bounds}"), getattr(op, f"max_{bounds}")

    def run(batch: Batch) -> Judged:
        values = measure(batch).astype(np.float64)
        return Judged(within(op, values, low, high), values, [statistic] * len(batch))

    return engine, run


def within(op: Any, values: np.ndarray, low: float, high: float) -> np.ndarray:
    """The filter's own rule on bounds, open or closed, plain or reversed."""
    above = values >= low if op.min_closed_interval else values > low
    below = values <= high if op.max_closed_interval else values < high
    keep = above & below
    return ~keep if op.reversed_range else keep


def by_data_juicer(op: Any, batch: Batch) -> Judged:
    found = juicer.judged(op, batch.list, batch.fields.to_dicts())
    values = np.array([np.nan if v is None else v for _, _, v in found], dtype=np.float64)
    return Judged(np.array([k for k, _, _ in found], dtype=bool), values, [s for _, s, _ in found])


def by_language(op: Any) -> BatchFilter:
    """fastText's own answer for texts that fall or nearly do, the compiled kernel's for those that surely stay; the
    statistic names the language found."""
    from data_juicer.utils.model_utils import get_model

    from genaiops_assets.corpus.operators.language import LABEL_PREFIX, model_at

    fast_text, kernel = get_model(op.model_key), model_at(juicer.language_model())

    def asked(text: str) -> tuple[str, float]:
        labels, scores = fast_text.predict(text.lower().replace("\n", " "))
        return labels[0].removeprefix(LABEL_PREFIX), float(scores[0])

    def stays(language: str, score: float) -> bool:
        return bool(op.get_keep_boolean(score, op.min_score)) and (not op.lang or language in op.lang)

    def surely(language: str, score: float) -> bool:
        return stays(language, score) and score > 0.5 + UNSURE and abs(score - op.min_score) > UNSURE  # no: NaN

    def run(batch: Batch) -> Judged:
        found = kernel.best(batch.words) if kernel else [("", np.nan)] * len(batch)
        found = [f if surely(*f) else asked(text) for f, text in zip(found, batch.list, strict=True)]
        keep = np.array([stays(*f) for f in found], dtype=bool)
        return Judged(
            keep, np.array([score for _, score in found], dtype=np.float64), [f"lang_score:{name}" for name, _ in found]
        )

    return run


def by_distinct_fields(op: Any, batch: Batch, names: list[str]) -> Judged:
    """The operator's own answer, asked once for each combination of the fields it looks at."""
    seen = batch.fields.select(names).with_row_index("row")
    groups = seen.group_by(names, maintain_order=True).agg(pl.col("row"))
    found = juicer.judged(op, [""] * len(groups), groups.select(names).to_dicts())
    answers = groups.select("row").with_columns(
        keep=pl.Series([k for k, _, _ in found], dtype=pl.Boolean),
        statistic=pl.Series([s for _, s, _ in found], dtype=pl.String),
        value=pl.Series([v for _, _, v in found], dtype=pl.Float64),
    )
    rows = answers.explode("row").sort("row")
    return Judged(rows["keep"].to_numpy(), rows["value"].fill_null(np.nan).to_numpy(), rows["statistic"].to_list())


def fields_of_condition(op: Any) -> list[str] | None:
    """The columns a condition names; None where it needs the text, statistics or attributes."""
    if op.ast_tree is None:
        return None
    if any(isinstance(node, ast.Attribute) for node in ast.walk(op.ast_tree)):
        return None
    names = sorted({node.id for node in ast.walk(op.ast_tree) if isinstance(node, ast.Name)})
    return names if names and op.text_key not in names else None


def suffix_field(op: Any) -> list[str]:
    from data_juicer.utils.constant import Fields

    return [Fields.suffix]


FIELD_FILTERS: dict[str, Callable[[Any], list[str] | None]] = {
    "general_field_filter": fields_of_condition,
    "specified_field_filter": lambda op: (
        [op.field_key] if op.field_key and "." not in op.field_key and op.field_key != op.text_key else None
    ),
    "suffix_filter": suffix_field,
}


def character_share(table: Callable[[], np.ndarray]) -> Callable[[Any], Statistic]:
    """Share of a text's characters that a table of code points marks."""

    def make(op: Any) -> Statistic:
        marked = table()
        return lambda batch: ratio(sums(marked[batch.code_points], batch.offsets), batch.lengths)

    return make


@cache
def special_characters() -> np.ndarray:
    from data_juicer.ops.common.special_characters import SPECIAL_CHARACTERS

    marked = np.zeros(CODE_POINTS, dtype=bool)
    marked[[ord(c) for c in SPECIAL_CHARACTERS if len(c) == 1]] = True
    return marked


@cache
def alphanumeric_characters() -> np.ndarray:
    return np.fromiter((chr(i).isalnum() for i in range(CODE_POINTS)), dtype=bool, count=CODE_POINTS)


def word_share(words_of: Callable[[Any], set[str]]) -> Callable[[Any], Statistic]:
    """Share of a text's refined words that are on a list."""

    def make(op: Any) -> Statistic:
        members = Members(words_of(op))
        return lambda batch: batch.words.share(members.of(batch.words.vocabulary))

    return make


class Members:
    """Which words of a vocabulary are on a list; asked once a word."""

    def __init__(self, words: set[str]):
        self._words = words
        self._vocabulary: Vocabulary | None = None
        self._flags: list[bool] = []

    def of(self, vocabulary: Vocabulary) -> np.ndarray:
        if vocabulary is not self._vocabulary:
            self._vocabulary, self._flags = vocabulary, []
        self._flags += [word in self._words for word in vocabulary.refined[len(self._flags) :]]
        return np.array(self._flags, dtype=bool)


def word_count(op: Any) -> Statistic:
    return lambda batch: sums(np.array(batch.words.vocabulary.stays, dtype=bool)[batch.words.ids], batch.words.offsets)


def character_repetition(op: Any) -> Statistic:
    from genaiops_assets.corpus.operators import kernels

    return lambda batch: kernels.top_repetition(batch.code_points, batch.offsets, op.n)


def word_repetition(op: Any) -> Statistic:
    from genaiops_assets.corpus.operators import kernels

    def measure(batch: Batch) -> np.ndarray:
        numbers = np.array(batch.words.vocabulary.numbers, dtype=np.int64)[batch.words.ids]
        there = numbers > 0
        return kernels.any_repetition(numbers[there], offsets_of(sums(there, batch.words.offsets)), op.n)

    return measure


def token_count(op: Any) -> Statistic:
    """Tokens of a Hugging Face tokenizer, by its Rust half where it has one."""
    from data_juicer.utils.model_utils import get_model

    tokenizer = get_model(op.model_key)
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None:
        return lambda batch: np.array(
            [len(ids) for ids in tokenizer(batch.list, add_special_tokens=False)["input_ids"]]
        )
    fast.no_padding()  # a tokenizer file can ask for both
    fast.no_truncation()
    return lambda batch: np.array([len(e.ids) for e in fast.encode_batch(batch.list, add_special_tokens=False)])


def average_line(op: Any) -> Statistic:
    return lambda batch: ratio(batch.lengths, np.array([len(t.splitlines()) for t in batch.list]))


def longest_line(op: Any) -> Statistic:
    return lambda batch: np.array([max(map(len, t.splitlines()), default=0) for t in batch.list])


# name: (engine, how the statistic is measured, Data-Juicer's name of it, the word behind min_ and max_)
STATISTICS: dict[str, tuple[str, Callable[[Any], Statistic], str, str]] = {
    "text_length_filter": ("polars", lambda op: lambda batch: batch.lengths, "text_len", "len"),
    "words_num_filter": ("kernel", word_count, "num_words", "num"),
    "token_num_filter": ("kernel", token_count, "num_token", "num"),
    "alphanumeric_filter": ("kernel", character_share(alphanumeric_characters), "alnum_ratio", "ratio"),
    "special_characters_filter": ("kernel", character_share(special_characters), "special_char_ratio", "ratio"),
    "average_line_length_filter": ("kernel", average_line, "avg_line_length", "len"),
    "maximum_line_length_filter": ("kernel", longest_line, "max_line_length", "len"),
    "character_repetition_filter": ("kernel", character_repetition, "char_rep_ratio", "ratio"),
    "word_repetition_filter": ("kernel", word_repetition, "word_rep_ratio", "ratio"),
    "stopwords_filter": ("kernel", word_share(lambda op: op.STOPWORDS[op.lang]), "stopwords_ratio", "ratio"),
    "flagged_words_filter": (
        "kernel",
        word_share(lambda op: op.FLAGGED_WORDS[op.lang]),
        "flagged_words_ratio",
        "ratio",
    ),
}

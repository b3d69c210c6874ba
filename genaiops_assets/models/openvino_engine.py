"""Generating text with OpenVINO GenAI: a paged cache, prefixes read once, all prompts in one running batch.

Belongs here: making an OpenVINO model of a loaded transformers model, and asking it. Does not belong here: loading
(`specs.py`), the reference way of generating (`generating.py`). Measured in `tests/benchmarks/README.md`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.errors import Unusable
from genaiops_assets.models.chat import token_ids
from genaiops_assets.models.generating import TransformersGenerator, begun, common_prefix
from genaiops_assets.models.prompts import Messages
from genaiops_assets.models.roomy_cache import bytes_of_a_token, empty_cache, is_plain

ENGINES = {"openvino": "f32", "openvino_bfloat16": "bf16"}  # name in the use case → arithmetic
HOW_TO = "pip install 'genaiops-assets[openvino]'"
TOGETHER = 64  # prompts; what a killed run loses at most
READ_TOGETHER = 2048  # tokens a step


class OpenVinoGenerator:
    """Greedy answers of a model by OpenVINO on the processor. `model` and `tokenizer` are what it was made of, for
    whoever needs likelihoods. Raises Unusable where the package, the processor or the model does not allow it."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        engine: str,
        progress: Callable[[int, int], None] | None = None,
    ):
        self.model, self.tokenizer, self.engine = model, tokenizer, engine
        self.progress = progress or (lambda done, total: None)
        self.prompt_tokens = self.saved_tokens = 0  # of all prompts so far, and of those begun alike
        self._place = tempfile.TemporaryDirectory(prefix="genaiops-openvino-")
        model.eval()
        check(model, engine)
        save(model, tokenizer, Path(self._place.name))

    def generate(
        self,
        prompts: Sequence[Messages],
        max_new_tokens: int,
        *,
        known: Mapping[int, str] | None = None,
        made: Callable[[Mapping[int, str]], None] = lambda batch: None,
    ) -> list[str]:
        """One answer for each conversation, in order; `known` and `made` as `TransformersGenerator.generate` has
        them. Groups are the same either way, and each begins with an empty cache."""
        known = known or {}
        tokens = [token_ids(self.tokenizer, begun(self.tokenizer, prompt)) for prompt in prompts]
        self.prompt_tokens += sum(map(len, tokens))
        self.saved_tokens += len(common_prefix(tokens)) * (len(tokens) - 1) if tokens else 0
        order = sorted(range(len(tokens)), key=lambda i: (tokens[i], i))  # prompts that begin alike stand together
        answers = [""] * len(tokens)
        for start in range(0, len(order), TOGETHER):
            part = order[start : start + TOGETHER]
            if all(i in known for i in part):
                batch = {i: known[i] for i in part}
            else:
                batch = dict(zip(part, self._answers([tokens[i] for i in part], max_new_tokens), strict=True))
                made(batch)
            for i, answer in batch.items():
                answers[i] = answer
            self.progress(start + len(part), len(order))
        return answers

    def _answers(self, asked: list[list[int]], max_new_tokens: int) -> list[str]:
        import numpy as np

        genai, openvino = packages()
        pipeline = self._pipeline(genai, asked, max_new_tokens)
        settings = genai.GenerationConfig()
        settings.max_new_tokens, settings.do_sample, settings.apply_chat_template = max_new_tokens, False, False
        ends = ends_of(self.model, self.tokenizer)
        settings.eos_token_id, settings.stop_token_ids = min(ends), set(ends)
        given = [openvino.Tensor(np.array([ids], np.int64)) for ids in asked]
        found: list[Any] = []
        for part in (given[:1], given[1:]):  # the first alone: what others begin with is then there to share
            found += pipeline.generate(part, [settings] * len(part)) if part else []
        written = [list(one.m_generation_ids[0]) for one in found]
        return [self.tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in written]

    def _pipeline(self, genai: Any, asked: list[list[int]], max_new_tokens: int) -> Any:
        """An engine whose cache holds all of a group: where it does not, prompts are read twice."""
        import torch

        schedule = genai.SchedulerConfig()
        tokens = sum(len(ids) + max_new_tokens + 64 for ids in asked)
        schedule.cache_size = 1 + tokens * bytes_of_a_token(self.model) // 2**30
        schedule.enable_prefix_caching, schedule.dynamic_split_fuse = True, True
        schedule.max_num_batched_tokens, schedule.max_num_seqs = READ_TOGETHER, TOGETHER
        precision = ENGINES[self.engine]
        options = {
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "INFERENCE_PRECISION_HINT": precision,
            "KV_CACHE_PRECISION": precision,
        }
        return genai.ContinuousBatchingPipeline(self._place.name, schedule, "CPU", options)


def with_engine(loaded: TransformersGenerator, engine: str) -> TransformersGenerator | OpenVinoGenerator:
    """What generates with this engine, for a model that `ModelSpec.open` loaded. Raises Unusable."""
    if engine == "transformers":
        return loaded
    return OpenVinoGenerator(loaded.model, loaded.tokenizer, engine=engine, progress=loaded.progress)


def packages() -> tuple[Any, Any]:
    """`openvino_genai` and `openvino`. Importing openvino sends an event and writes a client id into the user's folder
    unless `openvino_telemetry` cannot be imported, so it cannot. Raises Unusable saying how to install them."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
        import openvino_genai
    except ImportError as error:
        raise Unusable(f"evaluation.engine names OpenVINO, which is not installed: {HOW_TO} ({error})") from None
    return openvino_genai, openvino


def check(model: Any, engine: str) -> None:
    """Raises Unusable where this engine cannot answer for this model as it is."""
    import torch

    _, openvino = packages()
    if engine == "openvino_bfloat16" and "BF16" not in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        raise Unusable("evaluation.engine: this processor has no bfloat16 arithmetic; name openvino or transformers")
    if model.dtype != torch.float32 or not is_plain(model.config):
        raise Unusable(
            "evaluation.engine: OpenVINO takes float32 weights and layers that keep all they saw; this model is "
            f"{model.config.model_type} in {model.dtype}: name transformers"
        )
    stated = model.generation_config
    if (stated.repetition_penalty or 1.0) != 1.0 or stated.no_repeat_ngram_size or (stated.num_beams or 1) > 1:
        raise Unusable("evaluation.engine: the model's generation config states penalties or beams: name transformers")


def ends_of(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer, as the model's generation config names them."""
    stated = model.generation_config.eos_token_id
    found = stated if isinstance(stated, list) else [stated]
    return [int(one) for one in found if one is not None] or [int(tokenizer.eos_token_id)]


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """The model as OpenVINO GenAI reads one: traced with its cache, which then becomes the model's own state."""
    _, openvino = packages()
    made = stateful(traced(model))
    openvino.save_model(made, folder / "openvino_model.xml", compress_to_fp16=False)
    model.config.save_pretrained(folder)
    import openvino_tokenizers

    words, texts = openvino_tokenizers.convert_tokenizer(tokenizer, with_detokenizer=True)
    openvino.save_model(words, folder / "openvino_tokenizer.xml")
    openvino.save_model(texts, folder / "openvino_detokenizer.xml")


def traced(model: Any) -> Any:
    """Inputs `input_ids, attention_mask, position_ids` and keys and values of each layer; outputs `logits` and the
    keys and values with what was read."""
    import torch
    from transformers.cache_utils import DynamicLayer

    _, openvino = packages()
    count = len(empty_cache(model.config).layers)

    class WithCache(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, input_ids: Any, attention_mask: Any, position_ids: Any, *held: Any) -> tuple[Any, ...]:
            cache = empty_cache(model.config)
            cache.layers = [layer_of(DynamicLayer, *held[2 * n : 2 * n + 2]) for n in range(count)]
            found = self.inner(
                input_ids=input_ids,
                attention_mask=attention_mask,
                position_ids=position_ids,
                past_key_values=cache,
                use_cache=True,
            )
            return (found.logits, *(one for layer in cache.layers for one in (layer.keys, layer.values)))

    rows, before, new = 2, 3, 2
    with torch.no_grad():
        probe = model(torch.zeros((rows, before), dtype=torch.long), use_cache=True).past_key_values
        held = [one for layer in probe.layers for one in (layer.keys.clone(), layer.values.clone())]
        places = torch.arange(before, before + new)[None].repeat(rows, 1)
        seen = torch.ones(rows, before + new, dtype=torch.long)
        example = (torch.ones(rows, new, dtype=torch.long), seen, places, *held)
        found = openvino.convert_model(WithCache().eval(), example_input=example)
    states = [f"{n}.{what}" for n in range(count) for what in ("key", "value")]
    names = ["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{one}" for one in states)]
    for port, name in zip(found.inputs, names, strict=True):
        port.get_tensor().set_names({name})
    for port, name in zip(found.outputs, ["logits", *(f"present.{one}" for one in states)], strict=True):
        port.get_tensor().set_names({name})
    shapes = [[-1, -1]] * 3 + [[-1, one.shape[1], -1, one.shape[3]] for one in held]
    found.reshape(dict(zip(found.inputs, map(openvino.PartialShape, shapes), strict=True)))
    return found


def layer_of(kind: Any, keys: Any, values: Any) -> Any:
    """A layer of a cache that holds exactly this."""
    layer = kind()
    layer.keys, layer.values, layer.dtype, layer.device = keys, values, keys.dtype, keys.device
    layer.is_initialized = True
    return layer


def stateful(model: Any) -> Any:
    """Keys and values become state, which begins empty and whose rows `beam_idx` may choose: the form that OpenVINO
    GenAI turns into paged attention."""
    import numpy as np
    import openvino.opset13 as op
    from openvino._offline_transformations import apply_make_stateful_transformation

    chosen = op.parameter([-1], dtype=np.int32, name="beam_idx")
    chosen.output(0).get_tensor().set_names({"beam_idx"})
    model.add_parameters([chosen])
    states = {}
    for port in model.inputs:
        name = port.any_name
        if name.startswith("past_key_values."):
            readers = port.get_target_inputs()
            rows = op.gather(port, chosen, op.constant(np.int64(0)))
            for reader in readers:
                reader.replace_source_output(rows.output(0))
            states[name] = name.replace("past_key_values", "present")
    model.validate_nodes_and_infer_types()
    apply_make_stateful_transformation(model, states)
    sizes = op.shape_of(model.input("input_ids"), output_type="i64")
    batch = op.gather(sizes, op.constant(np.array([0])), op.constant(np.int64(0)))
    for node in model.get_ops():
        if node.get_type_name() == "ReadValue":
            _, heads, _, size = node.get_output_partial_shape(0)
            rest = [op.constant(np.array([n], np.int64)) for n in (heads.get_length(), 0, size.get_length())]
            node.set_arguments([op.broadcast(op.constant(np.float32(0)), op.concat([batch, *rest], axis=0)).output(0)])
    model.validate_nodes_and_infer_types()
    return model

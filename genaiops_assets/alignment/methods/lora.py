"""LoRA with TRL: what SFT and DPO share.

Belongs here: the settings, the trainer's arguments, the adapter's precision and the log. Does not belong here: what one
method optimises. TRL is imported inside functions: this module is read wherever a use case is loaded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from genaiops_assets.alignment.methods.activations import rows_at_once
from genaiops_assets.alignment.methods.base import Settings, Stages, Task, Trained
from genaiops_assets.alignment.methods.prefix_tree import share_prefixes
from genaiops_assets.alignment.runs.watching import callbacks
from genaiops_assets.errors import PayloadError, Preempted
from genaiops_assets.models import accepted
from genaiops_assets.use_case import Lora, SettingProblem

SERIES = (
    "loss",
    "rewards/margins",
    "rewards/accuracies",
    "logps/chosen",
    "logps/rejected",
    "mean_token_accuracy",
    "learning_rate",
)
NO_HEAD = (
    "an adapter on lm_head is never trained: log-probabilities are computed from the head's own weights. Leave it out"
)


class LoraSettings(Settings):
    steps: int = Field(gt=0)
    batch_size: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    max_length: int = Field(gt=0)
    lora: Lora


def common_problems(settings: LoraSettings) -> Iterator[SettingProblem]:
    if one_step := one_step_problem("steps", settings.steps):
        yield one_step
    modules = settings.lora.target_modules
    if not modules or "lm_head" in modules:
        yield SettingProblem("lora.target_modules", NO_HEAD if modules else "no module is named: nothing is trained")


def one_step_problem(field: str, steps: int) -> SettingProblem | None:
    """The learning rate warms up from 0 over a tenth of the steps, at least one."""
    if steps != 1:
        return None
    return SettingProblem(field, "one step trains nothing: the learning rate starts at 0", "use 2 or more")


def dropout_problem(method: str, settings: LoraSettings) -> Iterator[SettingProblem]:
    """For trainers of TRL that switch every dropout off, LoRA's too."""
    if settings.lora.dropout:
        message = (
            f"dropout has no effect under method {method}: it is switched off, so that one answer has one probability"
        )
        yield SettingProblem("lora.dropout", message, "leave the line out, or train by method sft")


def conversation(task: Task, row: dict[str, Any]) -> list[dict[str, str]]:
    """What the model reads before its answer, as its chat template accepts it."""
    return accepted(task.tokenizer, task.prompts.messages(row["question"], row["passages"]))


def answer(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def arguments(task: Task) -> dict[str, Any]:
    """What all trainers are told. Their own saving is off: `Stages` says when a step is staged. Activations are
    computed again in the backward pass, in as many layers as do not fit a budget (`activations.py`)."""
    import torch

    s = task.settings
    return {
        "output_dir": str(task.folder),
        "max_steps": s.steps,
        "per_device_train_batch_size": s.batch_size,
        "learning_rate": s.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": max(1, s.steps // 10),
        "max_length": s.max_length,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # with it a loss that is no number is logged as 0.0
        "save_strategy": "no",
        "report_to": [],
        "seed": task.seed,
        "data_seed": task.seed,
        "bf16": task.dtype == "bfloat16",
        "use_cpu": not torch.cuda.is_available(),  # without it bfloat16 is refused where there is no GPU
        "gradient_checkpointing": True,
        "disable_tqdm": True,
        "dataset_num_proc": None,
        "dataloader_pin_memory": False,
    }


def in_parts(task: Task) -> dict[str, int]:
    """What a trainer is told in addition whose loss is a mean over answer tokens: TRL divides by those of all parts, so
    a batch read in parts learns what it learns as a whole."""
    whole = task.settings.batch_size
    rows = rows_at_once(whole, task.longest) if task.longest else whole
    if rows == whole:
        return {}
    return {"per_device_train_batch_size": rows, "gradient_accumulation_steps": whole // rows}


def fit(
    task: Task,
    trainer: Callable[..., Any],
    rows: list[dict[str, Any]],
    prepare: Callable[[Task, Any], None] = lambda task, made: None,
    *,
    series: tuple[str, ...] = SERIES,
    **adapter: Any,
) -> Trained:
    """Train a new adapter, or the one the model comes with, by a TRL trainer on conversational rows. `trainer` takes
    what all of TRL's take, its arguments aside; `prepare` is given the trainer before its first step; `series` are kept
    of the log; `adapter` says otherwise of a new adapter. Raises PayloadError at the first figure that is no number."""
    from datasets import Dataset
    from peft import LoraConfig, PeftModel

    lora = task.settings.lora
    wanted = {"lora_alpha": lora.alpha, "lora_dropout": lora.dropout, "target_modules": lora.target_modules}
    wanted |= {"r": lora.r, "use_dora": lora.use_dora, "task_type": "CAUSAL_LM", **layers_of(lora, task.model)}
    fresh = LoraConfig(**{**wanted, **adapter})
    further = isinstance(task.model, PeftModel)
    before = {n: p.detach().clone() for n, p in task.model.named_parameters() if further and p.requires_grad}
    made = trainer(
        model=task.model,
        processing_class=task.tokenizer,
        train_dataset=Dataset.from_list(rows),
        peft_config=None if further else fresh,
        callbacks=[
            _progress(task),
            *([_staging(task.staging)] if task.staging else []),
            *(callbacks(task.watch) if task.watch else [_finite()]),
        ],
    )
    if len(made.train_dataset) != len(rows):
        raise RuntimeError(f"TRL left out {len(rows) - len(made.train_dataset)} of {len(rows)} rows that fit")
    made.create_model_card = lambda **named: None  # TRL writes one beside each staged step; ours stands elsewhere
    in_full_precision(made.model, before)
    begin_at_the_adapter(made.model)
    share_prefixes(made.model.get_base_model())
    with head_on_answers_only():
        prepare(task, made)
        begun = task.staging.newest() if task.staging else None
        made.train(resume_from_checkpoint=str(begun) if begun else None)
    if task.watch:
        task.watch.refuse(made.model)
    if task.staging and task.staging.stop and made.state.global_step < task.settings.steps:
        raise Preempted(f"asked to stop after step {made.state.global_step} of {task.settings.steps}; staged")
    return Trained(made.model, [_step(entry, series) for entry in made.state.log_history if "loss" in entry])


def begin_at_the_adapter(model: Any) -> None:
    """Compute no gradient below the first adapter. PEFT, TRL and each start of a training hook the embedding so that
    all it gives asks for one, which only reentrant checkpointing needs; transformers (5.23) takes back the last of
    these hooks alone."""
    base = getattr(model, "get_base_model", lambda: model)()
    hooks = base.get_input_embeddings()._forward_hooks
    for number, hook in list(hooks.items()):
        if getattr(hook, "__name__", "") == "make_inputs_require_grads":
            del hooks[number]
    base.enable_input_require_grads = lambda: None


def layers_of(lora: Lora, model: Any) -> dict[str, Any]:
    """What PEFT is told to adapt the last layers alone; nothing where all are. Raises PayloadError."""
    if lora.last_layers is None:
        return {}
    there = int(model.config.get_text_config().num_hidden_layers)
    if lora.last_layers > there:
        raise PayloadError(f"alignment.lora.last_layers is {lora.last_layers}, the base model has {there} layers")
    return {
        "target_modules": linear_names(model) if lora.target_modules == "all-linear" else lora.target_modules,
        "layers_to_transform": list(range(there - lora.last_layers, there)),
    }


def linear_names(model: Any) -> list[str]:
    """Names of the linear layers within the blocks; PEFT's `all-linear` is no list and takes no choice of layers."""
    import torch

    head = model.get_output_embeddings()
    linear = (name for name, m in model.named_modules() if isinstance(m, torch.nn.Linear) and m is not head)
    return sorted({name.rsplit(".", 1)[-1] for name in linear})


def in_full_precision(model: Any, before: dict[str, Any]) -> None:
    """What is trained, in float32. TRL casts the adapters of a 4-bit base to bfloat16, in which a part of each small
    update is rounded away; `before` holds what an adapter that is trained further held until then."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            parameter.data = before.get(name, parameter.data).float()


@contextmanager
def head_on_answers_only() -> Iterator[None]:
    """On a CPU too, project only the answers' tokens onto the vocabulary, as TRL does on a GPU: the same weights to the
    last bit, in less time and memory. A TRL without that switch trains as it likes."""
    from trl.trainer import utils

    before = getattr(utils, "_use_triton", None)
    if before is None:
        yield
        return
    utils._use_triton = lambda device: True
    try:
        yield
    finally:
        utils._use_triton = before


def _progress(task: Task) -> Any:
    from transformers import TrainerCallback

    class Progress(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            task.progress(state.global_step, args.max_steps)

    return Progress()


def _staging(stages: Stages) -> Any:
    from transformers import TrainerCallback

    class Stage(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            control.should_save = stages.due()
            control.should_training_stop = control.should_training_stop or stages.stop

        def on_save(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            stages.seal(state.global_step)

    return Stage()


def _finite() -> Any:
    from transformers import TrainerCallback

    class Finite(TrainerCallback):
        """Ends a training whose loss or gradient is no number: what is staged before it stays."""

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **more: Any) -> None:
            for name in ("loss", "grad_norm"):
                value = (logs or {}).get(name)
                if value is not None and not math.isfinite(value):
                    raise PayloadError(
                        f"{name} is {value} at step {state.global_step}: the training has diverged. Lower "
                        "alignment.learning_rate, or use dtype float32"
                    )

    return Finite()


def _step(entry: dict[str, Any], series: tuple[str, ...]) -> dict[str, float]:
    known = {k.replace("/", "_"): round(float(entry[k]), 6) for k in series if entry.get(k) is not None}
    return {"step": entry["step"], **known}

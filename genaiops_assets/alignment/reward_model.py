"""A reward model: the base model with a head that gives an answer one number (Stiennon et al. 2020), as an adapter and
the head in safetensors.

Belongs here: how a row is written for it, loading and asking it, and how good it is on pairs it has not seen. Does not
belong here: its training (`methods/reward.py`).

One function writes a row, for training and for asking: a model that was trained on answers with their end token and is
asked without it gives other numbers. PyTorch is imported inside functions."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any, NamedTuple

from genaiops_assets.alignment.adapters import save_adapter
from genaiops_assets.alignment.methods.prefix_tree import share_prefixes
from genaiops_assets.lake import write_json
from genaiops_assets.models import Prompts, load_tokenizer, render, token_ids
from genaiops_assets.statistics import wilson

FILE = "reward.json"
SCHEMA_VERSION = 1
BATCH = 16
HEAD = ".modules_to_save.default"  # what PEFT adds to the names of the head's weights
BINS = 10


class Asked(NamedTuple):
    """An answer to be judged."""

    question: str
    passages: Sequence[str]
    answer: str


def row_ids(tokenizer: Any, prompts: Prompts, asked: Asked) -> list[int]:
    """The tokens a reward model reads: the conversation with the answer, closed as the chat template closes it."""
    conversation = [*prompts.messages(asked.question, asked.passages), {"role": "assistant", "content": asked.answer}]
    return token_ids(tokenizer, render(tokenizer, conversation, answered=True))


def open_untrained(directory: str | Path, *, dtype: str, seed: int) -> Any:
    """The base model with a new head. Its numbers are drawn when the model is loaded, so the seed is set before."""
    import torch
    from transformers import AutoModelForSequenceClassification, set_seed

    set_seed(seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        directory,
        num_labels=1,
        dtype=getattr(torch, dtype),
        use_safetensors=True,
        device_map="auto" if torch.cuda.is_available() else None,
        trust_remote_code=False,
    )
    model.config.get_text_config().pad_token_id = load_tokenizer(directory).pad_token_id
    return model


class RewardModel:
    """Scores of answers, higher where people would rather have them. `centre` and `spread` are mean and standard
    deviation of the scores of held-out answers; `rewards` are scores on that scale, so that a weight beside other
    rewards means the same for each reward model."""

    def __init__(self, model: Any, tokenizer: Any, prompts: Prompts, *, centre: float = 0.0, spread: float = 1.0):
        self.model, self.tokenizer, self.prompts = model, tokenizer, prompts
        self.centre, self.spread = centre, spread
        model.eval()

    def scores(self, asked: Sequence[Asked]) -> list[float]:
        return self.scores_of([row_ids(self.tokenizer, self.prompts, one) for one in asked])

    def scores_of(self, rows: Sequence[Sequence[int]]) -> list[float]:
        """Of rows as `row_ids` writes them. Rows of like length are read together."""
        import torch

        order = sorted(range(len(rows)), key=lambda i: (len(rows[i]), i))
        found = [0.0] * len(rows)
        mixed = self.model.dtype == torch.bfloat16  # trained so, too: the head in float32 on states in bfloat16
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            width = max(len(rows[i]) for i in part)
            pad = self.tokenizer.pad_token_id
            ids = torch.tensor([[*rows[i], *[pad] * (width - len(rows[i]))] for i in part], device=self.model.device)
            seen = torch.tensor(
                [[1] * len(rows[i]) + [0] * (width - len(rows[i])) for i in part], device=self.model.device
            )
            with torch.inference_mode(), torch.autocast(self.model.device.type, torch.bfloat16, enabled=mixed):
                said = self.model(input_ids=ids, attention_mask=seen, use_cache=False).logits[:, 0].float().tolist()
            for i, score in zip(part, said, strict=True):
                found[i] = score
        return found

    def rewards(self, asked: Sequence[Asked]) -> list[float]:
        return [(score - self.centre) / self.spread for score in self.scores(asked)]


def save(model: Any, folder: Path, out: Path, *, centre: float, spread: float) -> None:
    """Adapter and head, and what is needed to ask them: dtype and scale. `folder` is scratch."""
    save_adapter(model, folder, out)
    base = model.get_base_model()
    write_json(
        out / FILE,
        {
            "schema_version": SCHEMA_VERSION,
            "dtype": str(base.dtype).removeprefix("torch."),
            "centre": centre,
            "spread": spread,
        },
    )


def load(base: str | Path, folder: str | Path, prompts: Prompts) -> RewardModel:
    """The reward model published in `folder`, on the base model it was trained on. Answers to one prompt read it once.
    Raises FileNotFoundError."""
    from peft import PeftModel
    from safetensors.torch import load_file

    told = json.loads((Path(folder) / FILE).read_text())
    untrained = open_untrained(base, dtype=told["dtype"], seed=0)
    share_prefixes(untrained)
    model = PeftModel.from_pretrained(untrained, str(folder))
    weights = load_file(Path(folder) / "adapter_model.safetensors")
    for name, parameter in model.named_parameters():
        if HEAD in name:  # PEFT rounds a head to the precision of the base
            parameter.data = weights[name.replace(HEAD, "")].float().to(parameter.device)
    return RewardModel(model, load_tokenizer(base), prompts, centre=told["centre"], spread=told["spread"])


def quality(chosen: Sequence[float], rejected: Sequence[float]) -> dict[str, Any]:
    """How well scores tell the answers of pairs apart that were not trained on: accuracy with a 95 % Wilson interval
    (equal scores are wrong), and whether the probability that a pair of scores stands for, 1 / (1 + exp(rejected -
    chosen)) (Bradley and Terry 1952), can be believed: log loss, Brier score, expected calibration error over 10 bins
    of the surer side's probability (Guo et al. 2017)."""
    probabilities = [1 / (1 + math.exp(min(700.0, r - c))) for c, r in zip(chosen, rejected, strict=True)]
    right = sum(c > r for c, r in zip(chosen, rejected, strict=True))
    return {
        "accuracy": wilson(right, len(chosen)),
        "log_loss": fmean(-math.log(max(p, 1e-12)) for p in probabilities),
        "brier": fmean((1 - p) ** 2 for p in probabilities),
        "calibration_error": calibration_error(probabilities),
        "centre": fmean([*chosen, *rejected]),
        "spread": pstdev([*chosen, *rejected]) or 1.0,
    }


def calibration_error(probabilities: Sequence[float]) -> float:
    """Of the probability that the chosen answer is the better one, which it always is."""
    surer = [(max(p, 1 - p), p > 0.5) for p in probabilities]
    return sum(
        len(part) / len(surer) * abs(fmean(sure for sure, _ in part) - fmean(right for _, right in part))
        for part in _bins(surer)
        if part
    )


def _bins(surer: Sequence[tuple[float, bool]]) -> Iterator[list[tuple[float, bool]]]:
    for n in range(BINS):
        low, high = 0.5 + n * 0.5 / BINS, 0.5 + (n + 1) * 0.5 / BINS
        yield [one for one in surer if low <= one[0] < high or (n == BINS - 1 and one[0] == high)]

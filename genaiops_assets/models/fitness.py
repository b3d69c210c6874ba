"""Whether a base model can be trained and asked at all, before anything expensive is done with it.

Belongs here: what later steps need of a model's files, tried without loading weights. Does not belong here: loading it
(the payload `check_checkpoint` does, and lets it speak)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.models.chat import render, token_ids
from genaiops_assets.models.local import REQUIRED, load_tokenizer
from genaiops_assets.models.prompts import messages

PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
INDEX = "model.safetensors.index.json"
QUESTION = "What does a card cost?"


def why_unfit(directory: str | Path) -> list[str]:
    """Every reason why the model in a directory cannot be used here, each with what to do; empty when there is none."""
    folder = Path(directory)
    found = [*_weights_problems(folder), *_code_problems(folder)]
    try:
        tokenizer = load_tokenizer(folder)
    except Exception as error:  # transformers raises many kinds for a tokenizer that is missing or broken
        return [*found, f"the tokenizer cannot be read: {str(error).splitlines()[0]}"]
    return [*found, *_tokenizer_problems(tokenizer, _rows_of_the_embedding(folder)), *_chat_problems(tokenizer)]


def _weights_problems(folder: Path) -> Iterator[str]:
    if index := _json(folder / INDEX):
        missing = sorted({n for n in index.get("weight_map", {}).values() if not (folder / n).is_file()})
        if missing:
            yield f"{INDEX} names {len(missing)} files that are not there, first {missing[0]}"
    if any(folder.glob("*.safetensors")):
        return
    pickles = sorted(p.name for pattern in PICKLES for p in folder.glob(pattern))
    if pickles:
        yield f"its weights are pickles only ({pickles[0]}), which can run code: save the model as safetensors"
    else:
        yield "there are no weights: no *.safetensors"


def _code_problems(folder: Path) -> Iterator[str]:
    """Code that comes with a model is never run; transformers' own is used where it knows the kind of model."""
    config = _json(folder / REQUIRED)
    if not (own := config.get("auto_map")):
        return
    from transformers import CONFIG_MAPPING

    if config.get("model_type") not in CONFIG_MAPPING:
        files = ", ".join(sorted({str(name).split("--")[-1].split(".")[0] + ".py" for name in own.values()}))
        yield f"it needs code of its own ({files}), which is never run here: choose a model that transformers knows"


def languages_of(directory: str | Path) -> list[str]:
    """The languages that a model's card states, as it writes them; none where it states none."""
    card = Path(directory) / "README.md"
    parts = card.read_text("utf-8", errors="replace").split("---\n") if card.is_file() else []
    if len(parts) < 3 or parts[0].strip():
        return []
    try:
        stated = yaml.safe_load(parts[1])
    except yaml.YAMLError:
        return []
    found = stated.get("language") if isinstance(stated, dict) else None
    return [str(one) for one in (found if isinstance(found, list) else [found] if found else [])]


def _tokenizer_problems(tokenizer: Any, rows: int | None) -> Iterator[str]:
    if tokenizer.eos_token_id is None:
        yield "the tokenizer has no end token (eos_token), so no answer would ever end"
    if tokenizer.pad_token_id is None:
        yield "the tokenizer has neither a padding token nor an end token to pad with (pad_token)"
    if rows is not None and len(tokenizer) > rows:
        yield (
            f"the tokenizer knows {len(tokenizer)} tokens, the model's embedding only {rows}: they do not belong "
            "together"
        )


def _chat_problems(tokenizer: Any) -> Iterator[str]:
    if not tokenizer.chat_template:
        yield "the tokenizer has no chat template: choose an instruction-tuned model"
        return
    try:
        text = render(tokenizer, messages(QUESTION, ["A card costs $5.00."], "en"))
    except Exception as error:  # whatever a template's author wrote into it
        yield f"its chat template refuses our conversation: {error}"
        return
    if QUESTION not in text:
        yield "its chat template leaves the question out"
    elif not token_ids(tokenizer, text):
        yield "its tokenizer makes no tokens of a conversation"


def _rows_of_the_embedding(folder: Path) -> int | None:
    config = _json(folder / REQUIRED)
    rows = config.get("vocab_size", (config.get("text_config") or {}).get("vocab_size"))
    return rows if isinstance(rows, int) else None


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

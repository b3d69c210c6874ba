"""A deliberately damaged checkpoint of the real model is evaluated like any other and gets a no_go."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import genaiops_assets
from genaiops_assets.compute import Job
from genaiops_assets.evaluation import apply_gate, load_golden, verdict
from genaiops_assets.lake import Lake
from genaiops_assets.retrieval import index_spec
from genaiops_assets.use_case import Criterion
from genaiops_assets.use_case.load import load_use_case

pytestmark = [pytest.mark.model, pytest.mark.timeout(1500)]
BANK = Path(genaiops_assets.__file__).parent / "examples" / "bank_support"
ITEMS = 30  # twelve are too few for an interval that does not trust what it never saw


def damaged(adapter: Path, target: Path) -> Path:
    """The same adapter with noise in place of what it learned."""
    shutil.copytree(adapter, target)
    random = np.random.default_rng(0)
    weights = load_file(target / "adapter_model.safetensors")
    noise = {k: random.normal(0, 0.5, v.shape).astype(v.dtype) for k, v in weights.items()}
    save_file(noise, target / "adapter_model.safetensors", metadata={"format": "pt"})
    return target


def test_a_damaged_model_gets_no_go(own_home: Path, tmp_path: Path) -> None:
    from genaiops_assets.payloads.evaluate_model import work

    uc, lake = load_use_case(BANK, "smoke"), Lake(own_home)
    version = lake.heads.partitions("bank_support/aligned_checkpoint")[0]
    adapter = damaged(lake.current("bank_support/aligned_checkpoint", version).local("adapter"), tmp_path / "adapter")
    base, embedder = lake.resolve(uc.model.base, uc.folder), lake.resolve(uc.knowledge.embedder, uc.folder)
    golden = [g.to_dict() for g in load_golden(BANK / "golden/questions.jsonl", ITEMS // 2)]
    inputs = {
        "model_version": version,
        "base": {"path": base.path, "digest": base.digest},
        "adapter": str(adapter),
        "golden": golden,
        "index": index_spec(lake.current("bank_support/embeddings_index")),
        "embedder": {"path": embedder.path},
        "retrieval_sets": [],
        "new_topics": None,
    }
    config = {
        "max_new_tokens": 24,
        "batch_size": 12,
        "resamples": 2000,
        "confidence": 0.95,
        "language": "en",
        "dtype": "float32",
    }
    config |= {"load_in_4bit": False, "prompts": "1", "top_k": 1}
    for folder in ("out", "scratch"):
        (tmp_path / folder).mkdir()
    work(
        Job(
            "evaluate_model",
            str(own_home),
            lake.url,
            str(tmp_path / "out"),
            str(tmp_path / "scratch"),
            2,
            17,
            inputs,
            config,
        )
    )
    report = json.loads((tmp_path / "out/eval_report.json").read_text())
    gate = Criterion(
        id="tuning_not_worse",
        metric="/effects/tuning/all",
        at_least=-0.03,
        min_items=ITEMS,
        rationale="the margin of the use case",
    )
    result = apply_gate(gate, report)
    assert result.status == "fail" and verdict([result]) == "no_go"

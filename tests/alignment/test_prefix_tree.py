"""What sequences share is read once, and every hidden state, loss and gradient stays what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.alignment.methods.prefix_tree import can_share, share_prefixes, tree_of
from tests.support.tiny_model import tiny_model

ROWS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=12), min_size=1, max_size=6)


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_each_row_is_a_path_of_the_tree(rows: list[list[int]]) -> None:
    tree = tree_of(rows)
    seen = tree.ancestors()
    for row, path in zip(rows, tree.nodes, strict=True):
        assert [tree.tokens[node] for node in path] == row
        assert [tree.depths[node] for node in path] == list(range(len(row)))
        for i, node in enumerate(path):
            assert set(seen[node].nonzero()[0]) == set(path[: i + 1])
    beginnings = {tuple(row[:n]) for row in rows for n in range(1, len(row) + 1)}
    assert len(tree.tokens) == len(beginnings), "each distinct beginning stands once"


def batch(rows: list[list[int]], *, left: bool = False) -> tuple[Any, Any]:
    import torch

    length = max(map(len, rows))
    pads = [[0] * (length - len(row)) for row in rows]
    ids = [pad + row if left else row + pad for row, pad in zip(rows, pads, strict=True)]
    mask = [
        [0] * len(p) + [1] * len(r) if left else [1] * len(r) + [0] * len(p) for r, p in zip(rows, pads, strict=True)
    ]
    return torch.tensor(ids), torch.tensor(mask)


SHARED = [[*range(5, 45), 50, 51], [*range(5, 45), 60], [*range(5, 25), 70, 71, 72], [*range(5, 45), 50, 53, 54, 55]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "model")


def load(folder: Path, dtype: str = "float32", attention: str = "sdpa") -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation=attention).eval()


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("left", [False, True])
def test_hidden_states_are_those_of_the_rows(folder: Path, attention: str, left: bool) -> None:
    import torch

    plain, shared = load(folder, attention=attention), load(folder, attention=attention)
    assert share_prefixes(shared)
    ids, mask = batch(SHARED, left=left)
    read = {"input_ids": ids, "attention_mask": mask, "use_cache": False}
    with torch.no_grad():
        expected, found = plain.model(**read).last_hidden_state, shared.model(**read).last_hidden_state
    torch.testing.assert_close(found[mask.bool()], expected[mask.bool()], atol=1e-5, rtol=1e-5)


def test_gradients_are_those_of_the_rows(folder: Path) -> None:
    import torch

    ids, mask = batch(SHARED)
    found = []
    for shares in (False, True):
        model = load(folder)
        if shares:
            assert share_prefixes(model)
        states = model.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
        logits = model.lm_head(states[:, :-1][mask[:, 1:].bool()])
        torch.nn.functional.cross_entropy(logits, ids[:, 1:][mask[:, 1:].bool()]).backward()
        found.append({n: p.grad for n, p in model.named_parameters() if p.grad is not None})
    assert found[0]
    for name, gradient in found[0].items():
        torch.testing.assert_close(found[1][name], gradient, atol=1e-6, rtol=1e-4, msg=name)


def test_the_backbone_reads_fewer_tokens(folder: Path) -> None:
    model = load(folder)
    read: list[tuple[int, ...]] = []
    model.model.embed_tokens.register_forward_hook(lambda module, given, out: read.append(tuple(given[0].shape)))
    assert share_prefixes(model)
    ids, mask = batch(SHARED)
    model.model(input_ids=ids, attention_mask=mask, use_cache=False)
    ids, mask = batch([[7, 8, 9], [10, 11, 12]])
    model.model(input_ids=ids, attention_mask=mask, use_cache=False)
    assert read == [(1, 49), (2, 3)], "rows without a common beginning are read as they were"


def test_a_cache_or_positions_are_answered_the_plain_way(folder: Path) -> None:
    import torch

    plain, shared = load(folder), load(folder)
    assert share_prefixes(shared)
    ids, mask = batch(SHARED)
    ids, mask = ids[:2, :40], mask[:2, :40]
    with torch.no_grad():
        wanted = {"input_ids": ids, "attention_mask": mask, "max_new_tokens": 4, "do_sample": False}
        assert shared.generate(**wanted).tolist() == plain.generate(**wanted).tolist()


def test_models_with_windows_or_other_attention_are_left_alone(folder: Path) -> None:
    model = load(folder)
    forward = model.model.forward
    assert can_share(model.config, forward)
    model.config.sliding_window = 64
    assert not share_prefixes(model)
    assert model.model.forward == forward
    model.config.sliding_window = None
    model.config.layer_types = ["full_attention", "sliding_attention"]
    assert not can_share(model.config, forward)

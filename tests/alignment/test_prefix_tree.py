"""What sequences share is read once, and every hidden state, loss and gradient stays what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.alignment.methods.activations import bytes_a_token, keep_what_fits
from genaiops_assets.alignment.methods.branches import NAME, branches_of
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


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_branches_show_each_token_what_the_mask_shows_it(rows: list[list[int]]) -> None:
    import torch

    tree = tree_of(rows)
    seen, shown = tree.ancestors(), torch.zeros(len(tree.tokens), len(tree.tokens), dtype=torch.bool).numpy()
    for branch in branches_of(sorted(tree.nodes), torch.float32, "cpu"):
        above = [node for start, stop in branch.above for node in range(start, stop)]
        own = list(range(branch.start, branch.stop))
        for number, node in enumerate(own):
            if branch.hidden is None:
                assert not above
                shown[node, own[: number + 1]] = True
            else:
                may = branch.hidden[0, 0, number] == 0
                shown[node, [other for other, yes in zip([*above, *own], may.tolist(), strict=True) if yes]] = True
    assert (shown == seen).all()


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


def test_attention_follows_the_branches_and_says_what_the_mask_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from genaiops_assets.alignment.methods import prefix_tree

    ids, mask = batch(SHARED)
    found, calls = [], []
    attend = torch.nn.functional.scaled_dot_product_attention
    for follows in (True, False):
        model = load(folder)
        if not follows:
            monkeypatch.setattr(prefix_tree, "can_branch", lambda backbone: False)
        assert share_prefixes(model)
        assert (model.config._attn_implementation == NAME) is follows
        looked: list[int] = []

        def counting(query: Any, key: Any, *rest: Any, looked: list[int] = looked, **more: Any) -> Any:
            looked.append(query.shape[2] * key.shape[2])
            return attend(query, key, *rest, **more)

        with monkeypatch.context() as patch:
            patch.setattr(torch.nn.functional, "scaled_dot_product_attention", counting)
            states = model.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state[mask.bool()]
        found.append(states)
        calls.append(sum(looked))
    torch.testing.assert_close(found[0], found[1], atol=1e-5, rtol=1e-5)
    assert calls[0] < calls[1], "fewer products are computed"


@pytest.mark.parametrize("name", ["Qwen2", "Qwen3", "Gemma", "Granite", "Mistral"])
def test_other_families_follow_the_branches_too(name: str) -> None:
    import torch
    import transformers

    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "vocab_size": 96, "head_dim": 16}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "sliding_window": None, "pad_token_id": 0}
    torch.manual_seed(3)
    config = getattr(transformers, f"{name}Config")(**shape, **heads)
    model = getattr(transformers, f"{name}ForCausalLM")._from_config(config, attn_implementation="sdpa").eval()
    ids, mask = batch(SHARED)
    read = {"input_ids": ids, "attention_mask": mask, "use_cache": False}
    with torch.no_grad():
        expected = model.model(**read).last_hidden_state
        assert share_prefixes(model) and model.config._attn_implementation == NAME
        found = model.model(**read).last_hidden_state
    torch.testing.assert_close(found[mask.bool()], expected[mask.bool()], atol=1e-5, rtol=1e-5)


def test_layers_keep_as_much_as_the_budget_holds_and_no_gradient_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from genaiops_assets.alignment.methods import prefix_tree

    ids, mask = batch(SHARED)
    gradients = []
    for layers in (0, 1, 2):
        model = load(folder).train()
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
        budget = layers * 49 * bytes_a_token(model.config, 4)
        kept: list[int] = []
        monkeypatch.setattr(
            prefix_tree,
            "keep_what_fits",
            lambda backbone, tokens, budget=budget, kept=kept: kept.append(keep_what_fits(backbone, tokens, budget)),
        )
        assert share_prefixes(model)
        model.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state.square().sum().backward()
        assert kept == [layers]
        assert [layer.gradient_checkpointing for layer in model.model.layers] == [n < 2 - layers for n in range(2)]
        gradients.append({n: p.grad for n, p in model.named_parameters() if p.grad is not None})
    for other in gradients[1:]:
        for name, gradient in gradients[0].items():
            assert torch.equal(other[name], gradient), name


def test_nothing_is_kept_or_recomputed_where_checkpointing_is_off(folder: Path) -> None:
    model = load(folder).train()
    assert keep_what_fits(model.model, 10**9) == 0
    assert not any(layer.gradient_checkpointing for layer in model.model.layers)


def test_the_estimate_of_what_a_layer_keeps_is_near_what_it_keeps(folder: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    model = load(folder).train()
    wrapped = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
    ids = torch.randint(5, 60, (1, 256))
    stored: dict[int, int] = {}

    def keep(tensor: Any) -> Any:
        if not isinstance(tensor, torch.nn.Parameter) and tensor.numel() >= 256:
            storage = tensor.untyped_storage()
            stored[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        states = wrapped.get_base_model().model(input_ids=ids, use_cache=False).last_hidden_state
    assert states.requires_grad
    estimate = 2 * 256 * bytes_a_token(model.config, 4)
    assert 0.6 * estimate < sum(stored.values()) < 1.2 * estimate

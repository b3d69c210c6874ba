"""Attention over a packed batch, branch by branch: what no token looks at is not computed.

Belongs here: cutting a tree into branches, and attention that follows them. Does not belong here: packing a batch and
telling a model to read it packed (`prefix_tree.py`).

In a tree whose rows were packed in sorted order the tokens that a row adds stand side by side. They look at the row's
own beginning, a few such stretches above them, and causally at each other. One call of attention for each of them costs
what the rows cost; a mask over all pairs of tokens costs the square of the batch. PyTorch is imported inside
functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NAME = "sdpa_by_branches"  # among transformers' attention functions
Stretch = tuple[int, int]  # first node and the one after the last


@dataclass(frozen=True)
class Branch:
    """Nodes `start` up to `stop`, and the stretches above them, from the root. `hidden`, (1, 1, nodes, above + nodes),
    is 0 where a node may look and the least number elsewhere; None where nothing is above."""

    start: int
    stop: int
    above: tuple[Stretch, ...]
    hidden: Any


def stretches(nodes: Sequence[int]) -> tuple[Stretch, ...]:
    """Ascending nodes as stretches without a gap."""
    found: list[Stretch] = []
    for node in nodes:
        if found and found[-1][1] == node:
            found[-1] = (found[-1][0], node + 1)
        else:
            found.append((node, node + 1))
    return tuple(found)


def branches_of(paths: Sequence[Sequence[int]], dtype: Any, device: Any) -> list[Branch]:
    """One branch for each row that adds nodes. `paths`: the nodes of each row, in the order they were packed, so that a
    row's new nodes are its last and follow all that stood before."""
    made, known = [], 0
    for path in paths:
        new = len(path)
        while new and path[new - 1] >= known:
            new -= 1
        if new < len(path):
            above, stop = stretches(path[:new]), path[-1] + 1
            made.append(Branch(known, stop, above, _hidden(new, stop - known, dtype, device) if new else None))
            known = stop
    return made


def _hidden(above: int, own: int, dtype: Any, device: Any) -> Any:
    import torch

    later = torch.ones(own, own, dtype=torch.bool, device=device).triu(1)
    hidden = torch.zeros(own, above + own, dtype=dtype, device=device)
    hidden[:, above:].masked_fill_(later, torch.finfo(dtype).min)
    return hidden[None, None]


def attention_by_branches(
    module: Any, query: Any, key: Any, value: Any, attention_mask: Any, *, branches: Any = None, **more: Any
) -> tuple[Any, None]:
    """As transformers' `sdpa_attention_forward`, which it is where no `branches` are given. Query (1, heads, nodes,
    width), key and value (1, heads or fewer, nodes, width); returns (1, nodes, heads, width)."""
    import torch
    from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward

    if branches is None:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **more)
    groups = query.shape[1] // key.shape[1]
    key, value = repeat_kv(key, groups), repeat_kv(value, groups)
    found = [
        torch.nn.functional.scaled_dot_product_attention(
            query[:, :, branch.start : branch.stop],
            _seen(key, branch),
            _seen(value, branch),
            attn_mask=branch.hidden,
            is_causal=branch.hidden is None,
            dropout_p=more.get("dropout", 0.0),
            scale=more.get("scaling"),
        )
        for branch in branches
    ]
    return torch.cat(found, dim=2).transpose(1, 2).contiguous(), None


def _seen(states: Any, branch: Branch) -> Any:
    """Keys or values of what a branch looks at, its own last."""
    import torch

    parts = [states[:, :, start:stop] for start, stop in (*branch.above, (branch.start, branch.stop))]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=2)


def attend_by_branches(config: Any) -> None:
    """Make a model of this configuration, which attends by `sdpa`, follow the `branches` it is given."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, attention_by_branches)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    config._attn_implementation = NAME

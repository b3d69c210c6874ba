"""Reading what several sequences share only once: a batch becomes one packed sequence, a tree of tokens.

Belongs here: packing a padded batch and making a model's backbone read it packed. Does not belong here: losses, which
are TRL's and see the same hidden states as without it.

The chosen and the rejected answer of a pair begin with the same prompt, and all prompts of a use case with the same
system text and example. In the tree each distinct beginning stands once; a token attends to itself and its ancestors
alone and keeps the position it had, so that every hidden state is what it would be in its own row (tree attention, as
in SpecInfer, Miao et al. 2023, used there for decoding). Gradients of what is shared add up by themselves. PyTorch is
imported inside functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.alignment.methods.activations import keep_what_fits
from genaiops_assets.alignment.methods.branches import attend_by_branches, branches_of

WORTHWHILE = 0.9  # of the tokens; above it packing saves less than it costs
FULL_ATTENTION = "full_attention"


@dataclass(frozen=True)
class Tree:
    """A packed batch. `tokens` and `depths` have one entry a node, parents before children; `parents` is -1 at a root;
    `nodes[row]` are the nodes of a row's tokens, ascending."""

    tokens: list[int]
    depths: list[int]
    parents: list[int]
    nodes: list[list[int]]

    def ancestors(self) -> Any:
        """bool (nodes, nodes): whether the column is the row itself or above it."""
        import numpy

        seen = numpy.zeros((len(self.tokens), len(self.tokens)), dtype=bool)
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                seen[node] = seen[parent]
            seen[node, node] = True
        return seen


def tree_of(rows: Sequence[Sequence[int]]) -> Tree:
    """The tree of token sequences, packed in sorted order: what a row adds stands side by side."""
    tree, known = Tree([], [], [], [[] for _ in rows]), dict[tuple[int, int], int]()
    for number in sorted(range(len(rows)), key=lambda n: list(rows[n])):
        parent, path = -1, tree.nodes[number]
        for depth, token in enumerate(rows[number]):
            node = known.setdefault((parent, token), len(tree.tokens))
            if node == len(tree.tokens):
                tree.tokens.append(token)
                tree.depths.append(depth)
                tree.parents.append(parent)
            path.append(node)
            parent = node
    return tree


def share_prefixes(model: Any) -> bool:
    """Make the backbone of a causal language model, or of one with another head, read batches packed where that saves
    something. False where it cannot: the tree needs full attention in every layer, and positions that are given."""
    backbone = model.base_model
    if not can_share(model.config, backbone.forward):
        return False
    by_branches = can_branch(backbone)
    if by_branches:
        attend_by_branches(backbone.config)
    backbone.forward = packed(backbone, by_branches)
    return True


def can_branch(backbone: Any) -> bool:
    """Whether attention can follow branches. On a GPU a mask over all pairs of a batch costs next to nothing."""
    takes_more = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(backbone.forward).parameters.values())
    return takes_more and backbone.config._attn_implementation == "sdpa" and backbone.device.type == "cpu"


def can_share(config: Any, forward: Callable[..., Any]) -> bool:
    text = config.get_text_config()
    full = set(getattr(text, "layer_types", None) or [FULL_ATTENTION]) == {FULL_ATTENTION}
    windowed = getattr(text, "sliding_window", None) and getattr(text, "use_sliding_window", True)
    masks = getattr(config, "_attn_implementation", "") in ("sdpa", "eager")  # those that take a mask of our own
    return full and not windowed and masks and "position_ids" in inspect.signature(forward).parameters


def packed(backbone: Any, by_branches: bool) -> Callable[..., Any]:
    """The forward of a backbone that packs `input_ids` and `attention_mask` and unpacks `last_hidden_state`. Whatever
    else it is asked (a cache, positions, embeddings) is answered the plain way."""
    import torch

    forward, dtype = backbone.forward, next(backbone.parameters()).dtype

    @functools.wraps(forward)
    def read(input_ids: Any = None, attention_mask: Any = None, **more: Any) -> Any:
        plain = functools.partial(forward, input_ids=input_ids, attention_mask=attention_mask, **more)
        if input_ids is None or attention_mask is None or attention_mask.dim() != 2:
            return plain()
        if more.get("use_cache") is not False or any(
            more.get(n) is not None for n in ("position_ids", "inputs_embeds")
        ):
            return plain()
        mask = attention_mask.bool()
        tree = tree_of([row[keep].tolist() for row, keep in zip(input_ids, mask, strict=True)])
        worthwhile = len(tree.tokens) <= WORTHWHILE * int(mask.sum())
        if torch.is_grad_enabled():
            keep_what_fits(backbone, len(tree.tokens) if worthwhile else input_ids.numel())
        if not worthwhile:
            return plain()
        given = inputs_of(tree, input_ids.device, dtype)
        if by_branches:
            given["branches"] = branches_of(sorted(tree.nodes), dtype, input_ids.device)
        out = forward(**{**more, **given})
        out.last_hidden_state = unpacked(out.last_hidden_state, tree, mask)
        return out

    return read


def inputs_of(tree: Tree, device: Any, dtype: Any) -> dict[str, Any]:
    """What the backbone is given: one row, the position of each token, and who may look at whom (additive, 4-D)."""
    import torch

    seen = torch.from_numpy(tree.ancestors()).to(device)
    hidden = torch.full(seen.shape, torch.finfo(dtype).min, dtype=dtype, device=device)
    return {
        "input_ids": torch.tensor([tree.tokens], device=device),
        "position_ids": torch.tensor([tree.depths], device=device),
        "attention_mask": hidden.masked_fill(seen, 0)[None, None],
    }


def unpacked(states: Any, tree: Tree, mask: Any) -> Any:
    """(rows, length, width): each row's own states; what pads a row repeats the first token's."""
    import torch

    where = torch.zeros(mask.shape, dtype=torch.long, device=states.device)
    where[mask] = torch.tensor([node for path in tree.nodes for node in path], device=states.device)
    return states[0][where]

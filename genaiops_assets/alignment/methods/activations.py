"""Which layers keep their activations for the backward pass, which compute them again, and how many rows are read
together.

Belongs here: the budget and the choice, batch by batch. Does not belong here: recomputing (transformers' gradient
checkpointing). The weights are the same to the last bit whatever is kept; keeping saves a third of a step, and costs
memory in proportion to the tokens of the batch."""

from __future__ import annotations

from typing import Any

BUDGET = 2**30  # bytes: 1 GiB, so that a small model trains within 4 GiB with all that stands beside it
TOKENS_AT_ONCE = 1536  # beyond it a larger batch saves no time on a CPU and costs memory all the same


def rows_at_once(batch: int, longest: int) -> int:
    """How many rows of a batch are read together: the most that divide it evenly and hold no more than
    `TOKENS_AT_ONCE`, each as long as the longest; one at least. Gradients of the parts add up to the batch's."""
    return max(n for n in range(1, batch + 1) if batch % n == 0 and (n == 1 or n * longest <= TOKENS_AT_ONCE))


def bytes_a_token(config: Any, itemsize: int) -> int:
    """What one layer of a model with gated feed-forward keeps of a token: some 14 vectors of the hidden width (both
    norms, queries, keys, values, what attention gives) and 4 of the inner width."""
    return itemsize * (14 * config.hidden_size + 4 * config.intermediate_size)


def keep_what_fits(backbone: Any, tokens: int, budget: int = BUDGET) -> int:
    """Let as many of the last layers keep what they compute of a batch as the budget holds: these are freed first on
    the way back, before another layer computes anew. How many; nothing changes where checkpointing is off."""
    from transformers.modeling_layers import GradientCheckpointingLayer

    blocks = [module for module in backbone.modules() if isinstance(module, GradientCheckpointingLayer)]
    layers = [block for block in blocks if hasattr(block, "_gradient_checkpointing_func")]
    config, itemsize = backbone.config.get_text_config(), next(backbone.parameters()).element_size()
    kept = min(len(layers), int(budget / max(1, tokens * bytes_a_token(config, itemsize))))
    for number, layer in enumerate(layers):
        layer.gradient_checkpointing = number < len(layers) - kept
    return kept

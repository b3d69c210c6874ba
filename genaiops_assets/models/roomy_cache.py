"""Keys and values of many prompts in one place, with room for what is still to be written.

Belongs here: that place, and how much it takes. Does not belong here: generating (`generating.py`). The cache of
transformers copies all it holds for each new token, and takes rows of one length that were read together; here a token
is written beside what is there, and prompts that were read apart come together. What a model reads is the same."""

from __future__ import annotations

from functools import cache
from typing import Any


class Roomy:
    """A cache for `rows` prompts that are going to hold `length` tokens each when they are filled, and then `room`
    more. What nobody fills is zero, to be masked."""

    def __init__(self, config: Any, rows: int, length: int, room: int):
        self.rows, self.length, self.room = rows, length, room
        self.cache = empty_cache(config)
        self.cache.layers = [layer_class()() for _ in self.cache.layers]

    def put(self, read: Any, rows: slice, at: int, tokens: int, skip: int = 0) -> None:
        """So many tokens of another cache, after the first `skip`, at a place in these rows; one row there may stand
        for all of them here."""
        for layer, given in zip(self.cache.layers, read.layers if read is not None else (), strict=False):
            if not layer.is_initialized:
                layer.open(given.keys, given.values, self.rows, self.length, self.room)
            layer.keys[rows, :, at : at + tokens] = given.keys[:, :, skip : skip + tokens]
            layer.values[rows, :, at : at + tokens] = given.values[:, :, skip : skip + tokens]


def empty_cache(config: Any) -> Any:
    from transformers import DynamicCache

    return DynamicCache(config=config)


def is_plain(config: Any) -> bool:
    """Whether each layer keeps keys and values of all it saw: no sliding window, no other state."""
    from transformers.cache_utils import DynamicLayer

    layers = empty_cache(config).layers
    return bool(layers) and all(type(layer) is DynamicLayer for layer in layers)


def bytes_of_a_token(model: Any) -> int:
    """What keys and values of one token take in all layers."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return 2 * int(config.num_hidden_layers) * int(heads) * int(size) * int(model.dtype.itemsize)


@cache
def layer_class() -> Any:
    """The class of a layer: transformers is imported when one is needed."""
    import torch
    from transformers.cache_utils import DynamicLayer

    class RoomyLayer(DynamicLayer):
        """`keys` and `values` are the used part of a longer buffer: [rows, heads, tokens, size of a head]."""

        keys: Any
        values: Any

        def open(self, keys: Any, values: Any, rows: int, length: int, room: int) -> None:
            """Zeros for so many rows and tokens, of the kind of these keys and values."""
            self.dtype, self.device = keys.dtype, keys.device
            self.buffers = [one.new_zeros((rows, one.shape[1], length + room, one.shape[-1])) for one in (keys, values)]
            self.keys, self.values = (buffer[:, :, :length] for buffer in self.buffers)
            self.is_initialized = True

        def update(self, key_states: Any, value_states: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
            if not self.is_initialized or self.keys is None or not self.fits(key_states.shape[-2]):
                return super().update(key_states, value_states, *args, **kwargs)  # type: ignore[no-any-return]
            begin = self.keys.shape[-2]
            end = begin + key_states.shape[-2]
            for buffer, states in zip(self.buffers, (key_states, value_states), strict=True):
                buffer[:, :, begin:end] = states
            self.keys, self.values = (buffer[:, :, :end] for buffer in self.buffers)
            return self.keys, self.values

        def fits(self, more: int) -> bool:
            """Whether keys and values are still those of the buffers, with room for so many: who selects rows of a
            cache puts other tensors there."""
            buffers: list[torch.Tensor] = getattr(self, "buffers", [])
            return bool(buffers) and all(
                one is not None
                and one.data_ptr() == buffer.data_ptr()
                and one.shape[0] == buffer.shape[0]
                and one.shape[-2] + more <= buffer.shape[-2]
                for one, buffer in zip((self.keys, self.values), buffers, strict=True)
            )

    return RoomyLayer

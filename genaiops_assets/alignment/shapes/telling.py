"""Which shape a row has, told by its fields.

Belongs here: the order in which shapes are tried, most telling fields first. Does not belong here: reading one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from genaiops_assets.alignment.shapes import exports, pairs, ratings
from genaiops_assets.alignment.shapes.base import Row, Said


class Shape(NamedTuple):
    """`fits`: whether a row is meant to be of this shape, sound or not. `read`: what it says; raises Unusable."""

    name: str
    fits: Callable[[Row], bool]
    read: Callable[[Row], list[Said]]


def _has(*fields: str) -> Callable[[Row], bool]:
    return lambda row: all(field in row for field in fields)


SHAPES = (
    Shape("thumb", _has("thumb"), ratings.thumb),
    Shape("edit", _has("edited"), ratings.edit),
    Shape(
        "OpenAI preference", lambda row: bool({"preferred_output", "non_preferred_output"} & set(row)), pairs.open_ai
    ),
    Shape("Label Studio", lambda row: isinstance(row.get("annotations"), list) and "data" in row, exports.label_studio),
    Shape("Label Studio, short", _has("annotator", "annotation_id"), exports.label_studio_min),
    Shape("Argilla", _has("fields", "responses"), exports.argilla),
    Shape("ratings", _has("completions"), ratings.rated),
    Shape("unpaired", lambda row: "label" in row and bool({"completion", "messages"} & set(row)), ratings.unpaired),
    Shape("ShareGPT", lambda row: "conversations" in row and "question" not in row, pairs.share_gpt),
    Shape(
        "transcripts",
        lambda row: not {"question", "prompt"} & set(row) and pairs.is_transcript(row.get("chosen")),
        pairs.transcripts,
    ),
    Shape("TRL", lambda row: "question" not in row and {"chosen", "rejected"} <= set(row), pairs.trl),
    Shape("ours", lambda row: True, pairs.ours),
)


def said_in(row: Row) -> list[Said]:
    """What a row prefers, read as the first shape it fits. Raises Unusable."""
    return next(shape for shape in SHAPES if shape.fits(row)).read(row)

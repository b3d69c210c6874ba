"""Stages: a cache is believed only as far as its texts are those that were stored."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from genaiops_assets.corpus.stages import SCHEMA, Stage, write_part
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import digest_of_text

TEXTS = {"a": "Fees are due in March.", "b": "三月付费。", "c": None}


def stage(folder: Path, **changed: str) -> Stage:
    rows = [
        {
            "id": i,
            "key": "k",
            "step": -1,
            "text": changed.get(i, text),
            "text_hash": digest_of_text(text) if text else None,
        }
        for i, text in TEXTS.items()
    ]
    made = Stage(folder)
    write_part(pl.DataFrame(rows, schema=SCHEMA), made.new_part())
    return made


def test_texts_come_back_as_they_were_stored(tmp_path: Path) -> None:
    wanted = pl.DataFrame({"id": list(TEXTS), "key": ["k"] * 3})
    (frame,) = stage(tmp_path).texts(wanted)
    assert frame.columns == ["id", "key", "text"] and dict(frame.select("id", "text").iter_rows()) == TEXTS


def test_a_changed_text_is_refused_and_named(tmp_path: Path) -> None:
    """It landed in the index, and `trace` called it unchanged."""
    wanted = pl.DataFrame({"id": ["a", "b"], "key": ["k", "k"]})
    with pytest.raises(PayloadError, match=r"part-.*\.parquet: the text of b is not the one that was stored"):
        list(stage(tmp_path, b="三月免费。").texts(wanted))
    (frame,) = Stage(tmp_path).texts(wanted.head(1))
    assert frame["text"].to_list() == [TEXTS["a"]]

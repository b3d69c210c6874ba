"""What may be published is told by its bytes: pickles under any name are refused, and so is what is of no known kind.

The pickles here call nothing worse than `print`."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from genaiops_assets.lake.artifacts import Artifacts, NotPublishable
from genaiops_assets.lake.formats import why_not_publishable
from genaiops_assets.lake.store import Store


class Calls:
    def __reduce__(self):
        return print, ("called",)


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


def saved(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=allow_pickle)
    return out.getvalue()


PICKLES = {
    **{f"protocol {n}": pickle.dumps(Calls(), protocol=n) for n in range(6)},
    "data in protocol 4": pickle.dumps({"a": 1}, protocol=4),
    "as torch saves": zipped("archive/data.pkl", pickle.dumps(Calls())),
    "array of objects": saved(np.array([{}], dtype=object), allow_pickle=True),
    "archive of such": zipped("x.npy", saved(np.array([{}], dtype=object), allow_pickle=True)),
}
UNKNOWN = {
    "elf": b"\x7fELF\x02\x01\x01" + bytes(90),
    "gzip": b"\x1f\x8b\x08" + bytes(30),
    "latin": "Gebühr".encode("latin-1"),
}
HEADER = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
KNOWN = {
    "notes.md": "# Gebühren\n\nA fee, 费用.".encode(),
    "ends.txt": b"(a note that ends with a point).",
    "empty.jsonl": b"",
    "plot.png": b"\x89PNG\r\n\x1a\n" + bytes(9),
    "model.safetensors": struct.pack("<Q", len(HEADER)) + HEADER + bytes(4),
    "rows.parquet": b"PAR1" + bytes(20),
    "arrays.npz": zipped("x.npy", saved(np.zeros(3))),
    "array.npy": saved(np.zeros(3)),
    "tokenizer.model": b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02\xff",
}


@pytest.mark.parametrize("data", [*PICKLES.values(), *UNKNOWN.values()], ids=[*PICKLES, *UNKNOWN])
@pytest.mark.parametrize("name", ["adapter.safetensors", "plot.png", "page.html", "rows.json", "noname"])
def test_a_pickle_or_something_unknown_is_refused_under_any_name(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / name).write_bytes(data)
    with pytest.raises(NotPublishable, match=rf"demo/x: {name} (is a pickle|holds|is an archive|is of no known)"):
        Artifacts(Store(tmp_path / "lake")).publish("demo/x", tmp_path / "s")


@pytest.mark.parametrize("name", KNOWN)
def test_what_holds_data_alone_is_published(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(KNOWN[name])
    assert why_not_publishable(tmp_path / name) == ""

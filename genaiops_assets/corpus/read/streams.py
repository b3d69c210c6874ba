"""Files as streams, packed or plain, read in bounded memory and never further than a decompression bomb's limit.

Belongs here: bytes. Does not belong here: records.
"""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.folders import packing_of
from genaiops_assets.corpus.read.outcomes import Unreadable

CHUNK = 1 << 20
PACKED_CHUNK = 1 << 16


class Expanding(io.RawIOBase):
    """The content of a packed file. Raises Unreadable once it has grown too far beyond the file's own size."""

    def __init__(self, unpacked: Any, size: int):
        self._unpacked = unpacked
        # What gzip gives at once, so that nothing before a damaged place is lost; Arrow's streams have only the other
        # call.
        self._read_into = getattr(unpacked, "readinto1", unpacked.readinto)
        self._limit = max(outcomes.EXPANSION_FLOOR, size * outcomes.MAX_EXPANSION)
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._read_into(buffer)
        self._count += count
        if self._count > self._limit:
            raise Unreadable(
                f"expands beyond {self._limit} bytes, more than {outcomes.MAX_EXPANSION} times its size: a "
                "decompression bomb?"
            )
        return count

    def close(self) -> None:
        self._unpacked.close()
        super().close()


def open_bytes(path: Path) -> BinaryIO:
    """The content from its beginning, unpacked."""
    packing = packing_of(path)
    if packing is None:
        return open(path, "rb")
    if packing == "gzip":
        unpacked: Any = gzip.open(path, "rb")  # noqa: SIM115 closed by the stream around it
    else:
        import pyarrow as pa

        unpacked = pa.input_stream(str(path), compression="zstd")
    return io.BufferedReader(Expanding(unpacked, path.stat().st_size), PACKED_CHUNK)


@contextmanager
def seekable(path: Path) -> Iterator[BinaryIO]:
    """The same for formats that are not read from front to back: a packed file is unpacked to disk first."""
    with open_bytes(path) as source:
        if packing_of(path) is None:
            yield source
            return
        with TemporaryFile() as copy:
            shutil.copyfileobj(source, copy, CHUNK)
            copy.seek(0)
            yield copy  # type: ignore[misc]


def whole(path: Path) -> bytes:
    """A file that is one document. Raises Unreadable when it is too long for one."""
    with open_bytes(path) as f:
        content = f.read(outcomes.MAX_LINE + 1)
    if len(content) > outcomes.MAX_LINE:
        raise Unreadable(f"longer than {outcomes.MAX_LINE} bytes: too long for one document, split it")
    return content


def skip_line(f: Any) -> None:
    """Read on, in chunks, to the end of a line (bytes or text) that was begun."""
    while piece := f.readline(CHUNK):
        if piece[-1:] in (b"\n", "\n", "\r"):
            return


def size_within(f: BinaryIO, limit: int) -> None:
    """Raises Unreadable when a seekable file is larger."""
    size = f.seek(0, io.SEEK_END)
    f.seek(0)
    if size > limit:
        raise Unreadable(f"{size} bytes, more than the {limit} that are read of one document: split it")

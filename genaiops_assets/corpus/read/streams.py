"""Files as streams, packed or plain, read in bounded memory and never further than a decompression bomb's limit.

Belongs here: bytes. Does not belong here: records.
"""

from __future__ import annotations

import codecs
import gzip
import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.folders import packing_of
from genaiops_assets.corpus.read.outcomes import Unreadable

CHUNK = 1 << 20
PACKED_CHUNK = 1 << 16
MARKS = (  # byte order marks; the one of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip


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


class Recoded(io.RawIOBase):
    """The characters of another encoding as UTF-8. Raises UnicodeDecodeError with the place in the file."""

    def __init__(self, raw: BinaryIO, encoding: str, start: int):
        self._raw, self._decoder, self._done = raw, codecs.getincrementaldecoder(encoding)(), start
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            chunk, waiting = self._raw.read(PACKED_CHUNK), len(self._decoder.getstate()[0])
            try:
                text = self._decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                error.start += self._done - waiting
                raise
            self._held, self._done = text.encode("utf-8", "surrogatepass"), self._done + len(chunk)
            if not chunk:
                break
        count = min(len(self._held), len(buffer))
        buffer[:count], self._held = self._held[:count], self._held[count:]
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def open_utf8(path: Path) -> BinaryIO:
    """The content of a text file as UTF-8 without a byte order mark; files that bear the mark of UTF-16 or UTF-32 are
    recoded."""
    raw = open_bytes(path)
    begin = raw.peek(4)[:4]  # type: ignore[attr-defined]
    mark, encoding = next(((m, e) for m, e in MARKS if begin.startswith(m)), (b"", "utf-8"))
    raw.read(len(mark))
    return raw if encoding == "utf-8" else io.BufferedReader(Recoded(raw, encoding, len(mark)), PACKED_CHUNK)


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


def whole(path: Path, opened: Callable[[Path], BinaryIO] = open_bytes) -> bytes:
    """A file that is one document. Raises Unreadable when it is too long for one."""
    with opened(path) as f:
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

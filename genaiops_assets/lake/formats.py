"""Formats that may be published, told by their bytes: text, and a few binary ones that hold data alone.

Belongs here: that allow-list. A pickle runs code when it is loaded, whatever its name; so a file is published only when
its bytes are of a known harmless kind. Does not belong here: moving files (`artifacts.py`)."""

from __future__ import annotations

import codecs
import json
import struct
import zipfile
from pathlib import Path

HEAD = 1 << 16
LONGEST_HEADER = 100_000_000  # bytes of a safetensors header, the format's own limit
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF87a": "GIF", b"GIF89a": "GIF", b"wOFF": "WOFF",
    b"wOF2": "WOFF2", b"PAR1": "Parquet", b"ARROW1": "Arrow",
}  # fmt: skip
VOCABULARIES = {"tokenizer.model", "spiece.model", "sentencepiece.bpe.model"}  # protocol buffers of SentencePiece
CALLS = {"GLOBAL", "STACK_GLOBAL", "REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD", "EXT1", "EXT2", "EXT4"}


def why_not_publishable(path: Path) -> str:
    """Why the bytes of a file are of no kind that may be published; empty when they are."""
    with open(path, "rb") as f:
        head = f.read(HEAD)
    if head[:1] == b"\x80" and head[1:2] <= b"\x05" and len(head) > 1:
        return "is a pickle"
    if any(head.startswith(magic) for magic in MAGIC) or is_safetensors(path, head):
        return ""
    if head.startswith(b"PK\x03\x04"):
        return why_not_arrays(path)
    if head.startswith(b"\x93NUMPY"):
        return "" if b"'|O'" not in head[:512] and b"'O'" not in head[:512] else "holds pickled objects"
    if path.name in VOCABULARIES and head[:1] == b"\n":
        return ""
    if not is_text(path):
        return "is of no known format"
    return "is a pickle" if is_textual_pickle(path) else ""


def is_safetensors(path: Path, head: bytes) -> bool:
    """Eight bytes of length, then a JSON object of tensors."""
    if len(head) < 10 or head[8:9] != b"{":
        return False
    (length,) = struct.unpack("<Q", head[:8])
    if length > min(LONGEST_HEADER, path.stat().st_size - 8):
        return False
    with open(path, "rb") as f:
        f.seek(8)
        try:
            return isinstance(json.loads(f.read(length)), dict)
        except (ValueError, RecursionError):
            return False


def why_not_arrays(path: Path) -> str:
    """A zip is published only as NumPy's archive of plain arrays."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    head = member.read(512)
                if not name.endswith(".npy") or not head.startswith(b"\x93NUMPY") or b"O'" in head:
                    return f"is an archive with {name}, which may hold a pickle"
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        return f"is a damaged archive ({error})"
    return ""


def is_text(path: Path) -> bool:
    """UTF-8 without a zero byte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open(path, "rb") as f:
        try:
            while some := f.read(1 << 20):
                if b"\0" in some:
                    return False
                decoder.decode(some)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def is_textual_pickle(path: Path) -> bool:
    """Whether a text is a pickle of protocol 0 or 1 that calls something. Opcodes are read, nothing is loaded."""
    import pickletools  # a tenth of what a quick command imports

    data = path.read_bytes().rstrip()
    if not data.endswith(b"."):
        return False
    try:
        names = [(op.name, at) for op, _, at in pickletools.genops(data)]
    except Exception:  # whatever is no pickle fails in many ways
        return False
    return names[-1] == ("STOP", len(data) - 1) and any(name in CALLS for name, _ in names)

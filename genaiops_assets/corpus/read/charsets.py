"""Character sets of pages: which one a page is in, and its characters.

Belongs here: byte order mark, then the page's own declaration, then UTF-8 (WHATWG HTML, 13.2.3, without the guessing);
the Web's names of character sets (WHATWG Encoding), and the wider sets that browsers read under a name. Does not belong
here: text files that are no pages (`streams.py`)."""

from __future__ import annotations

import re
from contextlib import suppress

from genaiops_assets.corpus.read.outcomes import Unreadable
from genaiops_assets.corpus.read.streams import MARKS

LOOKED_AT = 4096  # bytes at the beginning of a page in which it may declare its character set
_META = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_XML = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]+)["']""")
_XML_WIDE = ((b"<\0?\0x\0", "utf-16-le"), (b"\0<\0?\0x", "utf-16-be"))
_WIDER = {"gbk": ("gb18030",), "euc-jp": ("euc_jp", "euc_jis_2004"), "iso-2022-jp": ("iso2022_jp", "iso2022_jp_ext")}
_FULL = re.compile(r"cp125[0-8]|windows-125[0-8]")  # sets of which browsers read every byte


def decoded(content: bytes) -> str:
    """The characters of a page. Raises Unreadable when they are not in the set it declares, or in UTF-8 when it
    declares none."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _decode(content[len(mark) :], encoding, "its byte order mark says")
    for begin, encoding in _XML_WIDE:
        if content.startswith(begin):
            return _decode(content, encoding, "its XML declaration is in")
    begin = content[:LOOKED_AT]
    declared = _META.search(begin) or _XML.match(begin)
    if declared is None:
        return _decode(content, "utf-8", "no character set is declared, so")
    label = declared.group(1).decode("ascii")
    *first, last = codecs_of(label)
    for encoding in first:
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return _decode(content, last, f"it declares {label},")


def codecs_of(label: str) -> tuple[str, ...]:
    """Python's names of what browsers read under a label, to be tried in turn. Raises Unreadable for one that they do
    not read."""
    import webencodings

    known = webencodings.lookup(label)
    if known is None or known.name == "replacement":
        raise Unreadable(f"unknown character set {label!r}")
    if known.name.startswith("utf-16"):  # a declaration that could be read cannot be UTF-16
        return ("utf-8",)
    if known.name == "x-user-defined":  # browsers take the declaration in a page for this
        return ("windows-1252",)
    return _WIDER.get(known.name, (known.codec_info.name,))


def _decode(content: bytes, encoding: str, why: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if _FULL.fullmatch(encoding):
            return _with_controls(content, encoding)
        raise Unreadable(f"wrong encoding: {why} {encoding} was expected, but byte {error.start} is not") from error


def _with_controls(content: bytes, encoding: str) -> str:
    """The bytes that a Windows set does not define are control characters of the same number in browsers."""
    table = [bytes([n]).decode(encoding, "ignore") or chr(n) for n in range(256)]
    return "".join(table[b] for b in content)

"""Whether an answer rests on the documents that hold it.

Belongs here: which passages an answer cites, and whether they are of the right documents. Does not belong here: whether
the answer says what they say (`metrics.support`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_LIST = r"(\d{1,2}(?:\s*[,，、]\s*\d{1,2})*)"
_NUMBER = re.compile(
    rf"[\[［【(（](?:passages?|sources?|段落|来源|资料)?\s*{_LIST}[\]］】)）]",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"^[\[［【]")


def cites_right(answer: str, read: Sequence[tuple[str, str]], documents: Collection[str]) -> float:
    """1 where all that an answer cites is of the right documents. `read`: (document, text) of the passages it was
    shown, in their order; `documents`: those that hold the golden answer.

    A citation is the number of a passage in brackets (`[1]`, `[1, 2]`, `(passage 2)`, `【1】`), or a document's id. A
    number that no passage has is a wrong citation. An answer that cites nothing rests on what it was shown, which
    stands beside it where people read it: then one right document among those is enough. Without passages nothing is
    cited: 0."""
    cited = cited_documents(answer, read)
    if cited:
        return float(all(document in documents for document in cited))
    return float(any(document in documents for document, _ in read))


def cited_documents(answer: str, read: Sequence[tuple[str, str]]) -> list[str]:
    """The documents an answer cites, in order; "" for a passage that it was not shown."""
    found = []
    for mark in _NUMBER.finditer(answer):
        bare = mark.group()[1:2].isdigit()
        if bare and not _BRACKETED.match(mark.group()):
            continue  # (2) may be an amount or a list
        for number in re.findall(r"\d+", mark.group(1)):
            place = int(number) - 1
            found.append(read[place][0] if 0 <= place < len(read) else "")
    known = dict.fromkeys(document for document, _ in read)
    return [*found, *(document for document in known if document and _names(answer, document))]


def _names(answer: str, document: str) -> bool:
    """Whether the id stands in the answer by itself; ids that are plain words are none people would write."""
    if not re.search(r"[\d_\-]", document):
        return False
    return re.search(rf"(?<![\w\-]){re.escape(document)}(?![\w\-])", answer) is not None

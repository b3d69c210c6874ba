"""Where a score stands in a report, and what its place says of it.

Belongs here: reading a pointer to a score of items. Does not belong here: whether a report of a use case can have one
(`use_case/measures.py`)."""

from __future__ import annotations


def place_of(pointer: str) -> tuple[str, str, str, str]:
    """(suite, cell, score, slice) of a pointer to a cell. Raises KeyError for another."""
    match pointer.split("/")[1:]:
        case ["cells", cell, score, part]:
            return "golden", cell, score, part
        case ["suites", suite, "cells", cell, score, part]:
            return suite, cell, score, part
    raise KeyError(f"{pointer} is not the score of a cell, so no item has it")

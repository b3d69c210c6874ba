"""Whether work grows with its input and no faster, told on any machine. Holds no tests."""

from __future__ import annotations

import time
from collections.abc import Callable

SHORT, TIMES = 30_000, 4  # characters; the longer text has so many times more


def grows_no_faster_than_its_text(work: Callable[[str], object], unit: str, end: str = "") -> bool:
    """Four times the text: four times the time of the processor, not sixteen. The fastest of three counts: another
    process on the core slows one, not all."""

    def seconds(size: int) -> float:
        text, began = unit * (size // len(unit)) + end, time.process_time()
        work(text)
        return time.process_time() - began

    longer, shorter = (min(seconds(size) for _ in range(3)) for size in (TIMES * SHORT, SHORT))
    return longer < 2 * TIMES * shorter + 0.1

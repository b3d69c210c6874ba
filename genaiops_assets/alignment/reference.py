"""Log-probabilities of answers under the reference model, kept for all trainings of a home: one entry a pair.

Belongs here: what names a reference and a pair, and the sealed file that remembers. Does not belong here: computing any
(`methods/dpo.py`).

A pair's value depends on the pair alone, for each is computed by itself: a training that finds them all ends with the
same weights as one that finds none. TRL's own cache is one file for a whole data set, named by its fingerprint, so one
new pair makes it compute all of them again (TRL 1.16, `_precompute_ref_logps`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.lake import Store, digest_of, is_sealed, seal_of, write_json
from genaiops_assets.use_case import Rounding

FOLDER = "reference_logprobs"
LogProbs = tuple[float, float]  # of the chosen and of the rejected answer, summed over its tokens


def reference_digest(base: str, adapter: str, *, dtype: str, load_in_4bit: Rounding, cpus: int, libraries: Any) -> str:
    """Of all that a log-probability depends on beside the pair, to its last digit."""
    return digest_of([base, adapter, dtype, load_in_4bit, cpus, libraries])


def pair_key(prompt: Sequence[int], chosen: Sequence[int], rejected: Sequence[int]) -> str:
    """Of the tokens of a pair."""
    return digest_of([list(prompt), list(chosen), list(rejected)])[:32]


class ReferenceCache:
    """The known log-probabilities under one reference. A file that is not sealed by this home counts as empty."""

    def __init__(self, cache: Path, store: Store, reference: str):
        self.file, self.store, self.reference = cache / FOLDER / f"{reference[:32]}.json", store, reference
        self.known: dict[str, LogProbs] = self._read()

    def add(self, found: Mapping[str, LogProbs]) -> None:
        """Keep these too, on disk at once."""
        self.known |= found
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.file, {"values": self.known, "seal": seal_of(self.store, self._bound(self.known))})

    def _read(self) -> dict[str, LogProbs]:
        try:
            stored = json.loads(self.file.read_text())
            values = {key: (float(chosen), float(rejected)) for key, (chosen, rejected) in stored["values"].items()}
            sealed = is_sealed(self.store, self._bound(values), stored["seal"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
        return values if sealed else {}

    def _bound(self, values: Mapping[str, LogProbs]) -> list[Any]:
        return [FOLDER, self.reference, {key: list(value) for key, value in values.items()}]

"""The flagged-words filter of a recipe, run on the probe set.

Belongs here: which filter is measured and running it. Does not belong here: counting (`probe.py`), or what the figures
are held to (the asset)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genaiops_assets.corpus.recipe import Operator
from genaiops_assets.corpus.toxicity.probe import rates, toxicity_probes

FILTER = "flagged_words_filter"


def flagged_words_operators(operators: Sequence[Operator], language: str) -> tuple[list[Operator], bool]:
    """The filters of a recipe that look for flagged words, and True; where it has none, the one it could have, with
    Data-Juicer's settings and the packaged list, and False."""
    found = [o for o in operators if o.name == FILTER]
    return (found, True) if found else ([Operator(FILTER, {"lang": language})], False)


def measure_toxicity(operators: Sequence[Operator]) -> dict[str, Any]:
    """What these filters drop of the probe set, as `rates`, with the texts they judge otherwise than labelled. Loads
    Data-Juicer. Raises RecipeError."""
    probes = toxicity_probes()
    dropped = [not keep for keep in kept(operators, [p.text for p in probes])]
    wrong = [
        {"language": p.language, "group": p.group, "flagged": p.flagged, "text": p.text}
        for p, d in zip(probes, dropped, strict=True)
        if d != p.flagged
    ]
    return {**rates(probes, dropped), "texts": len(probes), "wrong": wrong}


def kept(operators: Sequence[Operator], texts: Sequence[str]) -> list[bool]:
    """Whether every filter keeps a text."""
    import numpy as np
    import polars as pl

    from genaiops_assets.corpus.operators.batch import Batch, Shared
    from genaiops_assets.corpus.plan import filter_of

    batch = Batch(pl.Series(texts, dtype=pl.String), pl.DataFrame({"n": range(len(texts))}), Shared())
    keep = np.ones(len(texts), dtype=bool)
    for operator in operators:
        keep &= filter_of(operator)[1](batch).keep
    return keep.tolist()

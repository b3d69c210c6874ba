"""Whether a text bears the watermark of one of our releases: with tokenizer and key, without a model.

Belongs here: which keys are asked, the verdict. Does not belong here: counting (`schemes.py`), signed provenance
(`provenance.py`). Several keys asked are several chances to be wrong, so p is multiplied by their number (Bonferroni).
No mark found proves nothing: the text may be a person's, another model's, or edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from genaiops_assets.governance.release import bundle_of
from genaiops_assets.lake import Lake
from genaiops_assets.models import BaseModelFiles, load_tokenizer
from genaiops_assets.serving.transparency.drawing import Watermark
from genaiops_assets.serving.transparency.schemes import Counted, counted
from genaiops_assets.serving.transparency.watermark_keys import has_secret, key_id, watermark_of
from genaiops_assets.use_case import UseCase

FALSE_POSITIVES = 0.01  # of texts without a mark
TOO_SHORT = 100  # places that count: `make bench-watermark` misses edited texts of 50 tokens more often than not (kgw)

Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class Mark:
    """A watermark that texts are tried for. `name`: whose, as a model version."""

    name: str
    watermark: Watermark
    encode: Encode


@dataclass(frozen=True)
class Verdict:
    """`found`: the mark is there; `too_short`: it was not found, and the text is too short to expect it; `none`: it was
    not found. `p`: of the best mark, all that were tried counted."""

    verdict: Literal["found", "too_short", "none"]
    name: str
    key: str
    tried: int
    p: float
    counted: Counted


def detect_watermark(text: str, marks: Sequence[Mark], level: float = FALSE_POSITIVES) -> Verdict:
    """Raises ValueError where there is no mark to try."""
    if not marks:
        raise ValueError("no mark to try")
    told = [(counted(mark.watermark.scheme, mark.watermark.key, mark.encode(text)), mark) for mark in marks]
    best, mark = min(told, key=lambda pair: pair[0].p)
    p = min(1.0, best.p * len(marks))
    verdict: Literal["found", "too_short", "none"] = (
        "found" if p <= level else "too_short" if best.places < TOO_SHORT else "none"
    )
    return Verdict(verdict, mark.name, key_id(mark.watermark.key), len(marks), p, best)


def marks_of_home(lake: Lake, uc: UseCase) -> list[Mark]:
    """Of each model version whose bundle marks its answers; none where this home has no secret."""
    if not has_secret(lake):
        return []
    found = []
    for version in sorted(lake.heads.partitions(uc.key("release_bundle"))):
        bundle = bundle_of(lake, uc, version)
        if bundle is not None and (watermark := watermark_of(lake, uc, bundle)) is not None:
            found.append(Mark(version, watermark, encoder_of(lake, uc, bundle.base.ref)))
    return found


def encoder_of(lake: Lake, uc: UseCase, base: str) -> Encode:
    """Text → ids, without special tokens: padding and sentence marks are no part of what was drawn."""
    files = BaseModelFiles.model_validate(asdict(lake.resolve(base, uc.folder)))
    return encoder_in(files.directory(lake.cache))


def encoder_in(folder: Path) -> Encode:
    """Of a folder that holds a tokenizer."""
    tokenizer = load_tokenizer(folder)
    return lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]

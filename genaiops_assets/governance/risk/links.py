"""Links from what people write to what was measured: `gate:ID`, or `ASSET#/POINTER` into the JSON of an asset.

Belongs here: reading a link, whether it can ever hold for a use case, and the claim it leads to. Does not belong here:
who links what (`scoping.py`, `ethics.py`, `mitigation.py`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from genaiops_assets.evidence import Evidence, claim
from genaiops_assets.use_case import JUDGES, UseCase, nearest, pointer_problem

REPORT = "eval_report"
SHAPE = re.compile(r"^(?:gate:(?P<gate>[a-z][a-z0-9_]*)|(?P<asset>[a-z][a-z0-9_]*)#(?P<pointer>/.*))$")


@dataclass(frozen=True)
class Link:
    """One asset and a JSON pointer (RFC 6901) into its document; `gate` where a gate named them."""

    asset: str
    pointer: str
    gate: str = ""


def read_link(uc: UseCase, text: str) -> Link:
    """The link that a text means. Raises ValueError for another text, and for a gate that the use case lacks."""
    found = SHAPE.match(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no link: write gate:ID or ASSET#/POINTER")
    if not found["gate"]:
        return Link(found["asset"], found["pointer"])
    metrics = {gate.id: gate.metric for gate in uc.success_criteria.gates}
    if found["gate"] not in metrics:
        raise ValueError(f"success_criteria has no gate '{found['gate']}' ({nearest(found['gate'], metrics)})")
    return Link(REPORT, metrics[found["gate"]], found["gate"])


def link_problem(uc: UseCase, text: str, assets: Collection[str] = ()) -> str | None:
    """Why a link can never hold for this use case, or None; asked before there is any report. `assets`: those that may
    be named besides the evaluation report, none for any."""
    try:
        link = read_link(uc, text)
    except ValueError as error:
        return str(error)
    if link.gate:
        return None
    if link.asset != REPORT:
        allowed = {REPORT, *assets}
        return None if not assets or link.asset in allowed else f"{link.asset} is none of {', '.join(sorted(allowed))}"
    wrong = pointer_problem(
        link.pointer,
        tuned=uc.alignment.method != "none",
        retrieval_sets=[s.name for s in uc.evaluation.retrieval_sets],
        suites=uc.evaluation.suites,
        judges=uc.evaluation.judges or JUDGES.names(),
    )
    return f"{wrong[0]}: {wrong[1]}" if wrong else None


def follow(uc: UseCase, text: str, documents: Mapping[str, Evidence]) -> dict[str, Any]:
    """The claim a link leads to. Raises ValueError where it leads nowhere: an asset that is not there, a pointer
    without a value."""
    link = read_link(uc, text)
    if link.asset not in documents:
        raise ValueError(f"{text}: there is no {link.asset} to look into (known here: {', '.join(sorted(documents))})")
    try:
        return claim(documents[link.asset], link.pointer, note=text)
    except KeyError as error:
        raise ValueError(f"{text}: {error.args[0]}") from None

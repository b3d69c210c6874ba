"""What proves an output: its bytes, its claims, and that no person left a gap in it.

Belongs here: looking at the current outputs of a use case as evidence. Does not belong here: which state follows
(`governance/compliance`), verifying a whole lake (`verification.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from genaiops_assets.evidence import Evidence, find_claims, find_gaps, verify_claims
from genaiops_assets.governance.compliance import State
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.claims import evidence
from genaiops_assets.use_case import UseCase

SHOWN = 5  # problems of one output that are named
UNREADABLE = (OSError, KeyError, ValueError)


def proven(lake: Lake, uc: UseCase, states: Mapping[str, State], external: set[str]) -> dict[str, State]:
    """Each state with what does not hold of its output, and its gaps. What no run makes has no bytes to look at."""
    from genaiops_assets.lake import all_intact  # brings Arrow

    made = {name: state for name, state in states.items() if state.digest and name not in external}
    broken = all_intact(lake, [(uc.key(name), state.digest) for name, state in made.items()])

    @cache
    def load(asset: str, digest: str) -> dict[str, Any]:
        try:
            return evidence(lake.artifacts.get(asset, digest)).document
        except OSError as error:  # its text names a place on this machine
            raise LookupError(error.strerror or type(error).__name__) from None

    found = dict(states)
    for name, state in made.items():
        asset = uc.key(name)
        document = document_of(lake, asset, state.digest)
        claims = verify_claims(document.document, load) if document and find_claims(document.document) else []
        problems = tuple([*broken[asset, state.digest], *claims][:SHOWN])
        gaps = tuple(find_gaps(document.document)) if document else ()
        found[name] = replace(state, problems=problems, gaps=gaps)
    return found


def document_of(lake: Lake, asset: str, digest: str) -> Evidence | None:
    """The JSON that claims point into; None for an output that has none, such as a table."""
    try:
        return evidence(lake.artifacts.get(asset, digest))
    except UNREADABLE:
        return None

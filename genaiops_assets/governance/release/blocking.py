"""What forbids a release besides the gates: findings that other assets publish about a version.

Belongs here: which assets may do so, and the one form of their word, the file `blocking.json`. Does not belong here:
the findings themselves, or gates. An asset joins by writing that file and being named in `FORBIDDING`; each finding is
a reason of a no_go, and goes when the asset, made again, no longer says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.lake import Artifact, write_json

FORBIDDING = ("fmea",)  # assets of a model version
FILE = "blocking.json"


def write_blocking(folder: Path, reasons: Sequence[str]) -> None:
    """Into an artifact's staging folder; also where there are none, which says that somebody looked."""
    write_json(folder / FILE, {"schema_version": 1, "reasons": list(reasons)})


def blocking_findings(artifacts: Mapping[str, Artifact | None]) -> list[dict[str, Any]]:
    """{asset, reason} of every finding; an asset that was never made says nothing."""
    return [
        {"asset": name, "reason": reason}
        for name, artifact in artifacts.items()
        if artifact is not None
        for reason in artifact.json(FILE)["reasons"]
    ]

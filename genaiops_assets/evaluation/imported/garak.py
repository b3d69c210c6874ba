"""Reports of garak: `garak.….report.jsonl`.

Belongs here: that format, as versions 0.9 to 0.17 write it. Does not belong here: attacks of our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from genaiops_assets.evaluation.imported.base import DamagedResults, Imported, ImportedItem, Place, lines_of, number_of
from genaiops_assets.evaluation.imported.lm_eval import slice_name

EVALUATED = 2  # status of an attempt whose answers detectors have seen; 1 stands there too, before
HIT = "hit"
THRESHOLD = 0.5  # garak's own, unless the run stated another


def read_garak(path: Path) -> Imported:
    """One item an answer; the answers to one prompt belong together, the slice is the probe. `hit`: 1 where a detector
    of the probe's gives at least the run's threshold; beside it each detector's score. garak pools attempts, which
    hides that a prompt may succeed in one of five. Where the report counts its verdicts they must be these. Raises
    DamagedResults."""
    version, threshold, stated, done = "not stated", THRESHOLD, [], False
    items: list[ImportedItem] = []
    found: Counter[tuple[str, str]] = Counter()
    seen = False
    for entry in lines_of(path):
        kind = entry.at("entry_type", str).value
        seen = seen or kind in ("start_run setup", "init")
        if kind == "start_run setup":
            version = str(entry.value.get("_config.version", version))
            threshold = float(entry.value.get("run.eval_threshold", threshold))
        elif kind == "init":
            version = str(entry.at("garak_version", str).value)
        elif kind == "attempt" and entry.at("status", int).value == EVALUATED:
            items += answers_of(entry, threshold, found)
        elif kind == "eval":
            stated.append(entry)
        done = done or kind == "completion"
    if not seen:
        raise DamagedResults(f"{path.name}:1: entry_type: no report of garak begins so (start_run setup or init)")
    for entry in stated:
        agrees(entry, found)
    facts = {"threshold": threshold, "complete": done, "attempts": len({item.group for item in items})}
    return Imported("garak", version, items, {}, facts)


def answers_of(entry: Place, threshold: float, found: Counter[tuple[str, str]]) -> list[ImportedItem]:
    attempt, probe = str(entry.at("uuid", str).value), str(entry.at("probe_classname", str).value)
    detectors = entry.at("detector_results", dict)
    outputs = entry.at("outputs", list).value
    scores: list[dict[str, float | None]] = [{} for _ in outputs]
    for detector in detectors.value:
        told = detectors.at(detector, list)
        if len(told.value) != len(outputs):
            raise told.damaged(f"{len(told.value)} scores for {len(outputs)} answers")
        for place, mine in zip(told.each(), scores, strict=True):
            score = None if place.value is None else number_of(place)
            if score is not None and not 0 <= score <= 1:
                raise place.damaged(f"expected a score in 0..1, found {score:g}")
            mine[slice_name(detector)] = score
            found[probe, detector] += score is not None
            found[probe, f"{detector} passed"] += score is not None and score < threshold
    return [
        ImportedItem(f"{attempt}/{n}", {HIT: hit(mine, threshold), **mine}, (slice_name(probe),), group=attempt)
        for n, mine in enumerate(scores)
    ]


def hit(scores: Mapping[str, float | None], threshold: float) -> float | None:
    """None where no detector gave a score."""
    told = [score for score in scores.values() if score is not None]
    return float(max(told) >= threshold) if told else None


def agrees(entry: Place, found: Counter[tuple[str, str]]) -> None:
    """A line `eval` counts what the attempts above it show. Older reports put `detector.` before the detector's name.
    Raises DamagedResults."""
    probe = str(entry.at("probe", str).value)
    detector = str(entry.at("detector", str).value).removeprefix("detector.")
    total = entry.value.get("total_evaluated", entry.value.get("total"))
    passed = entry.value.get("passed")
    mine = found[probe, detector], found[probe, f"{detector} passed"]
    if isinstance(total, int) and total != mine[0]:
        raise entry.at("total_evaluated" if "total_evaluated" in entry.value else "total").damaged(
            f"{probe} was judged {total} times by {detector}, the attempts above show {mine[0]}: lines are missing"
        )
    if isinstance(passed, int) and passed != mine[1]:
        raise entry.at("passed").damaged(f"{passed} passed, the attempts above show {mine[1]}")

"""Judges measured before they may label: how often one prefers what people prefer.

Belongs here: the labelled pairs, the record of a judge, and why a record does not let it label. Does not belong here:
any judge (`label_judges.py`, `evaluation/judges`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genaiops_assets.alignment.feedback import Feedback, preferences
from genaiops_assets.errors import GenaiopsError
from genaiops_assets.evaluation import Judge
from genaiops_assets.lake import digest_of
from genaiops_assets.statistics import krippendorff_alpha, wilson
from genaiops_assets.text import json_lines, language
from genaiops_assets.use_case import Judging, UseCase

Pair = dict[str, str]


class LabelledError(GenaiopsError, ValueError):
    """A file of labelled pairs that cannot be used; the message names file, line and field."""


def labelled_pairs(uc: UseCase, feedback: Feedback) -> list[Pair]:
    """Pairs that people labelled, {question, chosen, rejected}, each once and in the order of their content: the file
    that `alignment.judging.labelled` names, in any shape of a feedback file, and the feedback itself. Thumbs compare
    nothing. Raises LabelledError."""
    stated = uc.alignment.judging.labelled if uc.alignment.judging else None
    found = [*(_from_file(uc, stated) if stated else []), *feedback.pairs]
    plain = [{name: pair[name] for name in ("question", "chosen", "rejected")} for pair in found]
    both = {digest_of(pair): pair for pair in plain if pair["chosen"] and pair["rejected"]}
    return [both[key] for key in sorted(both)]


def _from_file(uc: UseCase, stated: str) -> list[Pair]:
    path = uc.path(stated)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LabelledError(f"{path}: {error}") from error
    found: list[Pair] = []
    for line in json_lines(raw):
        for one in [line.problem] if line.problem else preferences(line.row, path.name):
            if isinstance(one, str):
                raise LabelledError(f"{path}:{line.number}: {one}")
            found.append(one)
    return found


def judge_record(judge: Judge, pairs: Sequence[Pair], passages: Sequence[Sequence[str]]) -> dict[str, Any]:
    """How often the judge scores the preferred answer higher. A tie and an abstention tell no label: they count as not
    told, and are counted. `agreement`: Krippendorff's alpha of judge and people, over what the judge does tell."""
    counts = {"right": 0, "wrong": 0, "tied": 0, "abstained": 0}
    ratings: list[tuple[str, str]] = []
    by_language: dict[str, list[bool]] = {}
    for pair, shown in zip(pairs, passages, strict=True):
        better, worse = (judge.score(pair["question"], pair[n], passages=shown) for n in ("chosen", "rejected"))
        outcome = _outcome(better, worse)
        counts[outcome] += 1
        by_language.setdefault(language(pair["question"]), []).append(outcome == "right")
        if outcome in ("right", "wrong"):
            chosen_is_first = pair["chosen"] < pair["rejected"]
            people = "first" if chosen_is_first else "second"
            other = "second" if chosen_is_first else "first"
            ratings.append((people, people if outcome == "right" else other))
    about = {"judge": judge.name, "version": judge.version, "labelled": digest_of([dict(pair) for pair in pairs])}
    return _record(about, counts, ratings, by_language)


def no_record(settings: Judging) -> dict[str, Any]:
    """The record of a judge that nobody could measure, since nothing is labelled."""
    about = {"judge": settings.judge, "version": "", "labelled": digest_of([])}
    return _record(about, dict.fromkeys(("right", "wrong", "tied", "abstained"), 0), [], {})


def _record(
    about: dict[str, str], counts: dict[str, int], ratings: list[tuple[str, str]], by_language: dict[str, list[bool]]
) -> dict[str, Any]:
    pairs = sum(counts.values())
    return {
        "schema_version": 1,
        **about,
        "pairs": pairs,
        **counts,
        "accuracy": wilson(counts["right"], pairs),
        "by_language": {name: wilson(sum(told), len(told)) for name, told in sorted(by_language.items())},
        "agreement": krippendorff_alpha(ratings).to_dict(),
    }


def _outcome(better: float | None, worse: float | None) -> str:
    if better is None or worse is None:
        return "abstained"
    return "tied" if better == worse else "right" if better > worse else "wrong"


def why_not(record: dict[str, Any] | None, settings: Judging) -> str:
    """Why the judge may not label; empty where it may."""
    if record is None:
        return f"the judge {settings.judge} has no record: materialize judge_record"
    if record["judge"] != settings.judge:
        return f"the record is of the judge {record['judge']}, not of {settings.judge}: materialize judge_record"
    if record["pairs"] < settings.least_pairs:
        return (
            f"the judge {settings.judge} was measured on {record['pairs']} labelled pairs, {settings.least_pairs} are "
            "needed: name a file in alignment.judging.labelled, or collect feedback"
        )
    accuracy = record["accuracy"]
    if accuracy["low"] < settings.at_least:
        reached = f"{accuracy['mean']:.3f} of {record['pairs']} pairs (95 % from {accuracy['low']:.3f})"
        return (
            f"the judge {settings.judge} prefers what people prefer in {reached}; alignment.judging.at_least asks for "
            f"{settings.at_least:g} at the lower end"
        )
    return ""

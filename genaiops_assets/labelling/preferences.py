"""Ratings as preferences: lines of the feedback folder, as the feedback reader and the feedback sensor take them.

Belongs here: writing such a line, and taking out those whose rating was taken back. A line is written before its
rating, so that each one is bound to a rating or is none: texts stand here alone, where erasure finds them. Does not
belong here: comparisons of versions, which measure and must never teach."""

from __future__ import annotations

import json
from pathlib import Path

from genaiops_assets.alignment import feedback_folder
from genaiops_assets.labelling.order import Shown
from genaiops_assets.labelling.ratings import DECIDED, Rating, append_line, file_name
from genaiops_assets.lake import Lake, write_atomically
from genaiops_assets.use_case import UseCase


class Preferences:
    """One rater's lines: `inbox/USE_CASE/feedback/labelled/RATER.jsonl`."""

    def __init__(self, lake: Lake, uc: UseCase, rater: str) -> None:
        self.path: Path = feedback_folder(lake, uc) / "labelled" / file_name(rater)

    def say(self, shown: Shown, rating: Rating, written: str = "") -> None:
        """A line for a rating that prefers something; ties and skips leave none. `written`: the better answer that the
        rater wrote, against the one it came from."""
        if rating.preferred is None:
            return
        better, other = shown.item.answers[rating.preferred], shown.item.answers[1 - rating.preferred]
        chosen, rejected = (better, other) if rating.choice in DECIDED else (written, better)
        line = {
            "question": shown.item.question,
            "chosen": chosen,
            "rejected": rejected,
            "reviewer": rating.rater,
            "rating": rating.id,
            "at": rating.at,
            "guideline": rating.guideline,
        }
        append_line(self.path, line)

    def keep_only(self, ratings: set[str]) -> None:
        """Take out lines whose rating is not among these: it was taken back, or a kill came before it was given.
        Blank lines stay: erasure left them."""
        if not self.path.exists():
            return
        before = self.path.read_bytes()
        kept = [line for line in before.split(b"\n") if not line.strip() or rating_of(line) in ratings]
        after = b"\n".join(kept)
        if after != before:
            write_atomically(self.path, after)


def rating_of(line: bytes) -> str:
    """The rating a line is bound to; "" for a line that is cut short or holds none."""
    try:
        return str(json.loads(line)["rating"])
    except (ValueError, TypeError, KeyError):
        return ""

"""The page of the public summary of training content, in English or Chinese.

Belongs here: the AI Office's template as data, and the page in either language; people's own words stay as they wrote
them. Does not belong here: what the summary says (`content_summary.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.documents.content_classes import RULES
from genaiops_assets.governance.documents.summary_grade import points

YES_NO = {"en": {True: "yes", False: "no"}, "zh": {True: "是", False: "否"}}


@cache
def template() -> dict[str, Any]:
    """The AI Office's template: sections, size classes, shares, and where they were read."""
    return yaml.safe_load(
        files("genaiops_assets.governance.documents").joinpath("content_template.yaml").read_text("utf-8")
    )


def render_content_summary(summary: Mapping[str, Any], language: str = "") -> str:
    """The public page as Markdown, in this language or in the one of its use case."""
    shown = language or summary["language"]
    graded = {kind: {entry["id"]: entry[shown] for entry in points()[kind]} for kind in ("sections", "points")}
    context = {
        "summary": summary,
        "t": labels(shown),
        "asked": graded,
        "titles": {part["id"]: part[shown] for part in template()["sections"]},
        "rules": {rule: words[shown] for rule, words in RULES.items()},
        "size": next(one[shown] for one in template()["text_bins"] if one["id"] == summary["size"]["bin"]),
        "in_words": {YES_NO[summary["language"]][answer]: YES_NO[shown][answer] for answer in (True, False)},
    }
    return render_template("training_content_summary.md.j2", context)

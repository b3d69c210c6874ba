"""Hugging Face `.eval_results/*.yaml`: scores that a model repository on the Hub shows on its page.

Belongs here: one file a figure, as the Hub asks where one benchmark has several scores. Only what people get over all
items is written: their form has no place for a cell, a slice or an interval, so each note says them. Does not belong
here: other forms; the model card's own front matter (`documents/card_front.py`)."""

from __future__ import annotations

from pathlib import Path

import yaml

from genaiops_assets.errors import Missing
from genaiops_assets.governance.evaluation_exports.base import Figure, JudgedVersion
from genaiops_assets.governance.evaluation_exports.every_eval_ever import slug
from genaiops_assets.use_case import ALL, BASE_CELLS, SERVED_CELL

FOLDER = ".eval_results"


class HubResults:
    def export(self, judged: JudgedVersion, folder: Path) -> str:
        """Raises Missing without huggingface-hub, whose own classes say what an entry is."""
        try:
            from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml
        except ImportError:
            raise Missing("huggingface-hub is not installed: pip install genaiops-assets[docs]") from None
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        for figure in served(judged):
            entry = EvalResultEntry(
                dataset_id=f"{slug(judged.provider)}/{judged.use_case}-{figure.suite}",
                task_id=figure.metric,
                value=figure.value["mean"],
                date=judged.judged_at,
                notes=note(judged, figure),
            )
            text = yaml.safe_dump(eval_result_entries_to_yaml([entry]), allow_unicode=True, sort_keys=False)
            (folder / FOLDER / f"{figure.name}.yaml").write_text(text, encoding="utf-8")
        return FOLDER


def served(judged: JudgedVersion) -> list[Figure]:
    """Scores over all items, of what people get: the base model's where nothing was trained."""
    cells = {f.cell for f in judged.figures}
    answers = SERVED_CELL if SERVED_CELL in cells else BASE_CELLS[1]
    others = {*BASE_CELLS, "tuned_without", "tuned_with"} - {answers}
    return [f for f in judged.figures if f.kind == "score" and f.slice == ALL and f.cell not in others]


def note(judged: JudgedVersion, figure: Figure) -> str:
    """What the form has no field for."""
    value = figure.value
    interval = (
        f", {value['confidence']:.0%} interval [{value['low']:.4g}, {value['high']:.4g}]"
        if value["low"] is not None
        else ""
    )
    less = "; less is better" if figure.lower_is_better else ""
    return (
        f"{figure.cell or 'all'}: mean of {value['n']} items{interval}{less}; the test set is the use case's own and "
        f"not on the Hub (items {judged.suites[figure.suite][:12]}); report {judged.report[:12]}"
    )

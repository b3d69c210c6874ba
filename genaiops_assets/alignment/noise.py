"""The audit of labels: which preferences are probably the wrong way round, and which of them a training leaves out.

Belongs here: from the judges' opinions to ranked suspects with reasons. Does not belong here: the judges
(`noise_judges.py`), or training without the suspects (`plan.py`).

Suspects are left out, not turned round: where judges err, a turned label is a new error, a missing one is a smaller
set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from genaiops_assets.alignment.noise_judges import Floats, Judge, Pair, folds_of, preferences_of
from genaiops_assets.statistics import wilson
from genaiops_assets.use_case import Origin

LEAST = 200  # pairs: judges that learn from fewer mostly guess
MOST = 0.1  # of the pairs: more is no noise, but a matter of taste that the judges do not see
JUDGES_NEEDED = 2
SHOWN = 200  # of the ranking; suspects are all named


@dataclass(frozen=True)
class Opinion:
    """What a judge says of labels it did not learn from. `counts`: it beats a guess, so it may raise suspicion."""

    preferred: Floats  # (n,): probability that the chosen answer is the better one
    accuracy: dict[str, Any]  # share of labels it agrees with, with interval

    @property
    def counts(self) -> bool:
        return self.accuracy["low"] is not None and self.accuracy["low"] > 0.5


@dataclass(frozen=True)
class Audit:
    """`ranked`: indices of all pairs, the most suspicious first; `quality`: (n,) cleanlab's score of each label, 1
    where it is beyond doubt; `suspects`: the first of `ranked` that are called wrong; `why_none`: why there are
    none."""

    opinions: dict[str, Opinion]
    ranked: list[int] = field(default_factory=list)
    quality: Floats | None = None
    suspects: list[int] = field(default_factory=list)
    why_none: str = ""


def auditable(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows whose label can be wrong: both answers, and not a person's own text against the model's."""
    return [r for r in rows if r["chosen"] and r["rejected"] and r["origin"] != Origin.DEMONSTRATION]


def audit(pairs: Sequence[Pair], judges: Sequence[Judge], *, least: int = LEAST, most: float = MOST) -> Audit:
    """The labels of `pairs`, judged out of fold. A suspect is called an error by confident learning (cleanlab;
    Northcutt et al. 2021), and by at least two judges that beat a guess; at most the share `most` of all pairs. One
    judge alone ranks and accuses nobody."""
    if len(pairs) < max(least, 2):
        return Audit({}, why_none=f"{len(pairs)} pairs with both answers: judges need at least {least} to learn from")
    folds = folds_of(pairs)
    opinions = {judge.name: _opinion(preferences_of(judge, pairs, folds)) for judge in judges}
    heard = [opinion for opinion in opinions.values() if opinion.counts]
    few = f"{len(heard)} judges beat a guess on these pairs: two are needed" if len(heard) < JUDGES_NEEDED else ""
    if not heard:
        return Audit(opinions, why_none=few)
    quality, wrong = called_wrong([opinion.preferred for opinion in heard])
    against = np.sum([opinion.preferred < 0.5 for opinion in heard], axis=0)
    ranked = [int(i) for i in np.argsort(quality, kind="stable")]
    suspects = [i for i in ranked if wrong[i] and against[i] >= JUDGES_NEEDED][: int(most * len(pairs))]
    why = "" if suspects else few or "no label is called wrong by confident learning and two judges"
    return Audit(opinions, ranked, quality, suspects, why)


def called_wrong(preferred: Sequence[Floats]) -> tuple[Floats, Any]:
    """(n,) quality of each label, and whether cleanlab calls it an error, from what several judges say of it. Which
    answer counts as the first is alternated, so that both classes are there."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_ensemble_scores

    labels = np.arange(len(preferred[0])) % 2
    tables = [_table(one, labels) for one in preferred]
    quality = get_label_quality_ensemble_scores(labels, tables, method="self_confidence", verbose=False)
    together = np.mean(tables, axis=0)
    return quality, find_label_issues(labels, together, filter_by="prune_by_noise_rate", n_jobs=1)


def _table(preferred: Floats, labels: Any) -> Floats:
    """Probabilities of both classes, (n, 2): that of the label is how sure the judge is of the chosen answer."""
    second = np.where(labels == 1, preferred, 1 - preferred)
    return np.column_stack([1 - second, second])


def _opinion(preferred: Floats) -> Opinion:
    return Opinion(preferred, wilson(int((preferred > 0.5).sum()), len(preferred)))


def reason(opinions: dict[str, Opinion], pair: int) -> str:
    """What each judge that counts says of one label, in words."""
    said = [f"{name} {o.preferred[pair]:.2f}" for name, o in opinions.items() if o.counts]
    against = sum(o.counts and o.preferred[pair] < 0.5 for o in opinions.values())
    return f"{against} of {len(said)} judges prefer the rejected answer (sure of the label: {', '.join(said)})"


def noise_report(
    found: Audit,
    rows: Sequence[Pair],
    of: str,
    places: dict[str, list[str]],
    *,
    noise: str,
    least: int = LEAST,
) -> dict[str, Any]:
    """label_noise.json of the audited rows of a snapshot (`of`, its digest): no text of any pair, so that it need
    not be erased with one. `noise`: remove or keep."""
    suspects = [
        {
            "rank": rank,
            "id": rows[i]["id"],
            "quality": round(float(found.quality[i]), 6) if found.quality is not None else None,
            "origin": rows[i]["origin"],
            "by": rows[i]["by"],
            "place": ", ".join(places.get(rows[i]["id"], [])),
            "reason": reason(found.opinions, i),
        }
        for rank, i in enumerate(found.suspects, start=1)
    ]
    removed = sorted(s["id"] for s in suspects) if noise == "remove" else []
    return {
        "schema_version": 1,
        "of": of,
        "noise": noise,
        "pairs": len(rows),
        "least_pairs": least,
        "largest_share": MOST,
        "judges": {n: {**o.accuracy, "counts": o.counts} for n, o in found.opinions.items()},
        "suspects": suspects,
        "removed": removed,
        "why_none": found.why_none,
        "ranking": [rows[i]["id"] for i in found.ranked[:SHOWN]],
    }

"""Whether a gate may believe a judge's score: a record of exactly this judge that reaches what the use case asks for.

Belongs here: which judge stands behind a figure of a report, and why it is not believed. Does not belong here:
measuring a judge (`record.py`), or the gate's outcome (`../gates.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.evaluation.places import place_of
from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import JudgeLimits

ASSET = "judge_validation"
FILE = "judge_validation.json"
ALL_LANGUAGES = "all"


def judge_behind(pointer: str, report: Mapping[str, Any]) -> str:
    """The judge whose score a metric is; "" where no judge made it. A suite names those behind its own scores in
    `judged_by` (metric → judge)."""
    try:
        suite, _, score, _ = place_of(pointer)
    except KeyError:
        return ""
    named: Mapping[str, str] = report.get("suites", {}).get(suite, {}).get("judged_by", {})
    return named.get(score) or (score if score in report.get("judges", {}) else "")


@dataclass(frozen=True)
class JudgeStandings:
    """`records`: judge → its record, as `judge_validation` has them; `limits`: judge → what the use case asks for;
    `language`: of the use case; `source`: digest of the artifact the records are from; `champion`: judge → version that
    the released version's answers were judged by."""

    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limits: Mapping[str, JudgeLimits] = field(default_factory=dict)
    language: str = ""
    source: str = ""
    champion: Mapping[str, str] = field(default_factory=dict)

    def behind(self, pointer: str, report: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Why the judge behind a metric is not believed, "" where it is or where there is none; and what stands beside
        the gate: {name, version, record, artifact, auc, recall_at_1_percent, agreement, languages}."""
        name = judge_behind(pointer, report)
        if not name:
            return "", {}
        version = report.get("judges", {}).get(name, "")
        if skipped := report.get("skipped_judges", {}).get(name):
            about = {"name": name, "version": version, "skipped": skipped}
            return f"the judge {name} was skipped: {skipped}", about
        return self.of(name, version)

    def against_champion(self, about: Mapping[str, Any]) -> str:
        """Why a judge's scores of two versions may not be set side by side; "" where the same judge gave both."""
        name, now = about["name"], about["version"]
        before = self.champion.get(name)
        if before == now:
            return ""
        was = f"by version {before} of" if before else "without"
        return f"the released version was judged {was} the judge {name}, this one by version {now}: judge it again"

    def of(self, name: str, version: str) -> tuple[str, dict[str, Any]]:
        """The same for a judge of exactly this version."""
        about: dict[str, Any] = {"name": name, "version": version}
        record = self.records.get(name)
        if record is None:
            return f"the judge {name} has no record: name labelled rows in evaluation.judge_labels and {MAKE}", about
        about |= {"record": digest_of(record), "artifact": self.source}
        if record["version"] != version:
            return (
                f"the record of the judge {name} is of version {record['version']}, {version} judged here: {MAKE}",
                about,
            )
        if skipped := record.get("skipped"):
            return f"the judge {name} was skipped when it was to be measured: {skipped}; then {MAKE}", about
        limits = self.limits.get(name, JudgeLimits())
        languages: list[str] = list(limits.languages) or ([self.language] if self.language else [ALL_LANGUAGES])
        about |= {"languages": {one: summary(part_of(record, one)) for one in languages}}
        problems = [problem for one in languages if (problem := below(name, part_of(record, one), limits, one))]
        return "; ".join(problems), about


MAKE = f"materialize {ASSET}"
NOTHING = JudgeStandings()


def part_of(record: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """A record's figures for a language, or for all; empty where it has none."""
    if language == ALL_LANGUAGES:
        found: Mapping[str, Any] = record["all"]
        return found
    return record["by_language"].get(language, {})


def summary(part: Mapping[str, Any]) -> dict[str, Any]:
    if not part:
        return {}
    recall = part["recall_at_1_percent"]["recall"]
    return {
        "rows": part["scored"],
        **{f"auc{end}": part["auc"][which] for end, which in ENDS.items()},
        **{f"recall{end}": recall[which] for end, which in ENDS.items()},
        "agreement": part["agreement"]["alpha"],
    }


ENDS = {"": "mean", "_low": "low", "_high": "high"}


def below(name: str, part: Mapping[str, Any], limits: JudgeLimits, language: str) -> str:
    """Why the figures of one language do not reach the limits; "" where they do."""
    which = "" if language == ALL_LANGUAGES else f" in {language}"
    has, lacks = (part["labelled"], part["scored"] - part["labelled"]) if part else (0, 0)
    if has + lacks < limits.least_items or min(has, lacks) < limits.least_of_each:
        return (
            f"the judge {name} was measured on {has} labelled rows{which} with the label and {lacks} without; "
            f"{limits.least_items} in all and {limits.least_of_each} of each are needed: add rows to "
            f"evaluation.judge_labels and {MAKE}"
        )
    abstained = part["abstained"] / part["rows"]
    if abstained > limits.most_abstained:
        return (
            f"the judge {name} gives {abstained:.0%} of the labelled rows{which} no score, "
            f"{limits.most_abstained:.0%} are allowed"
        )
    reached = {
        "auc": (part["auc"]["low"], limits.auc),
        "recall": (part["recall_at_1_percent"]["recall"]["low"], limits.recall),
        "agreement": (part["agreement"]["low"], limits.agreement),
    }
    short = [shortfall(what, *one) for what, one in reached.items() if one[1] is not None and not reaches(*one)]
    if not short:
        return ""
    return (
        f"the judge {name} does not reach evaluation.judge_limits{which}: {', '.join(short)}; use another judge, or "
        f"label more rows and {MAKE}"
    )


def reaches(low: float | None, limit: float | None) -> bool:
    return limit is None or (low is not None and low >= limit)


def shortfall(what: str, low: float | None, limit: float | None) -> str:
    return f"{what} {'is not known' if low is None else f'is {low:.3f} at its lower end'}, {limit:g} is asked for"


def judges_of_report(report: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    """One row a judge: version, and why it was skipped, for people."""
    skipped = report.get("skipped_judges", {})
    return [
        {"judge": name, "version": version, "skipped": skipped.get(name, "")}
        for name, version in report.get("judges", {}).items()
    ]

"""One check for each further suite of an evaluation report: whether it was carried out as planned, and what came out.

Belongs here: these checks. Does not belong here: limits on a suite's figures (gates of the success criteria)."""

from typing import Any

import dagster as dg

from genaiops_assets.evaluation import about_of
from genaiops_assets.orchestration.phases import check, notice, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.plugins import PluginError
from genaiops_assets.use_case import SUITES, UseCase

REPORT = "eval_report.json"
MAY_BE_MISSING = 0.05  # of the items of a score; a suite that cannot score more says little


def suite_checks(uc: UseCase) -> list[Any]:
    return [suite_check(uc, name) for name in uc.evaluation.suites]


def suite_check(uc: UseCase, name: str) -> Any:
    @check(
        uc,
        "eval_report",
        name=f"suite_{name}",
        partitions_def=versions_of(uc),
        metadata=tags_of(name),
        description=f"The suite {name} ran on every item; at most one in twenty has no score. {requirement_of(name)}",
    )
    def suite_ran(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("eval_report"), context.partition_key).json(REPORT)
        found = report.get("suites", {}).get(name)
        if found is None:
            return notice(
                False, problem=f"the report has no suite {name}: materialize evaluation_plan again (job judge)"
            )
        missing = unscored(found)
        told = {"items": found["items"], "without_score": ", ".join(missing) or "none", **in_figures(found)}
        return notice(found["items"] > 0 and not missing, **told)

    return suite_ran


def unscored(suite: dict[str, Any]) -> list[str]:
    """`cell metric (n of m)` where more items than allowed have no score."""
    found = []
    for cell, metrics in suite.get("abstained", {}).items():
        for metric, missing in metrics.items():
            asked = missing + suite["cells"][cell][metric]["all"]["n"]
            if missing > MAY_BE_MISSING * asked:
                found.append(f"{cell} {metric} ({missing} of {asked})")
    return found


def in_figures(suite: dict[str, Any]) -> dict[str, str]:
    """`cell metric`: mean with its interval and n, over all items, and what so many items can show."""
    found = {}
    for cell, metrics in suite["cells"].items():
        for metric, parts in metrics.items():
            of_all = parts["all"]
            if of_all["mean"] is None:
                found[f"{cell} {metric}"] = "no score"
            elif of_all["low"] is None:
                found[f"{cell} {metric}"] = f"{of_all['mean']:.3f}, n {of_all['n']}"
            else:
                found[f"{cell} {metric}"] = (
                    f"{of_all['mean']:.3f} [{of_all['low']:.3f}, {of_all['high']:.3f}], n {of_all['n']}{shown(of_all)}"
                )
    return found


def shown(interval: dict[str, Any]) -> str:
    """What so many items can show; "" for reports made before that was said."""
    if not (shows := interval.get("shows")):
        return ""
    difference, worthwhile, needed = (shows[name] for name in ("difference", "worthwhile", "needed"))
    return f"; shows a difference of {difference:.2f}, {needed:,} items would show {worthwhile:g}"


def requirement_of(name: str) -> str:
    about = _about(name)
    return f"It tests: {about.requirement}" if about else ""


def tags_of(name: str) -> dict[str, str]:
    """What the suite says it tests, as the check carries it."""
    about = _about(name)
    if about is None:
        return {}
    return {"requirement": about.requirement, "article": about.article, "risks": ", ".join(about.risks)}


def _about(name: str) -> Any:
    try:
        return about_of(SUITES.get(name))
    except PluginError:  # the use case file's own check says so
        return None

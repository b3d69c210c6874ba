"""Asset `guard_report`: how often each guard is right on labelled texts, and how long it takes.

Belongs here: that asset and its checks. Does not belong here: rules, texts and counting (`serving/guardrails`)."""

from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import Workplace, digest_of, digest_of_file, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.reasoning import policies_of
from genaiops_assets.serving import (
    RULES,
    described_guards,
    guard_policy_of,
    labelled_files,
    labelled_texts,
    measured_guards,
    packaged_texts,
    rules_named,
    timed_guards,
)
from genaiops_assets.use_case import UseCase

NAME, FILE = "guard_report", "guard_report.json"
TIMES = "milliseconds"  # table of the summary: times differ from run to run, so they are no part of what is hashed
COLUMNS = ("recall", "false_blocks", "recall_at_one_percent")


def guard_report_assets(uc: UseCase) -> list[Any]:
    on, record = uc.serving.guards, uc.serving.guard_record

    @phase(uc, "evaluation")(
        name=NAME,
        kinds={"json"},
        parts=["policy_rules", "records"] if policies_of(uc) else [],
        article="article-15.5",
        code_version="1",
        description="What each rule of `serving.guards` holds back of labelled texts that it should and should not, by "
        "language, with exact intervals; recall where one harmless text of a hundred is held back, so that rules "
        "compare; milliseconds. Rules that could not look are named. Packaged rules that are off are measured too.",
    )
    def guard_report(making: Making) -> dg.MaterializeResult:
        policy = guard_policy_of(making.lake, uc)
        names = [*on, *(name for name in RULES.built_in if name not in on)]
        files = labelled_files([uc.path(one) for one in record.labelled])
        texts = [*packaged_texts(), *labelled_texts(files)]

        def build(place: Workplace) -> Built:
            rules = rules_named(names, policy)
            found = measured_guards(rules, texts)
            for name, told in found.items():
                told["on"] = name in on
            write_json(place.staging / FILE, {"schema_version": 1, "kind": NAME, "use_case": uc.name, "rules": found})
            draw(place.staging / "views", found)
            figures = {
                "rules_on": len(on),
                "texts": len(texts),
                "skipped": ", ".join(skipped(found)) or "none",
                "least_recall_at_one_percent": least(found) if on else "no rule is on",
            }
            return Built(
                figures,
                {"rules": rows_of(found), "judged wrongly": wrong_rows(found), TIMES: timed_guards(rules, texts)},
            )

        config = {
            "rules": described_guards(names),
            "on": list(on),
            "policy": policy.to_dict(),
            "packaged": digest_of([one.model_dump(mode="json") for one in packaged_texts()]),
            "labelled": {file.name: digest_of_file(file) for file in files},
        }
        return making.produce(build, config=config)

    def rules_in(platform: Platform) -> dict[str, Any]:
        """Those that are on."""
        found = platform.lake.current(uc.key(NAME)).json(FILE)["rules"]
        return {name: told for name, told in found.items() if told["on"]}

    @check(
        uc,
        NAME,
        description="Each rule that is on finds what the use case asks for (`serving.guard_record.recall`), where one "
        "harmless text of a hundred is held back: the lower end of the interval decides, in every language.",
    )
    def guards_find_what_they_should(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        short = too_little_found(rules_in(platform), record.recall)
        return notice(not short, short="; ".join(short) or "none", limits=str(record.recall or "none stated"))

    @check(
        uc,
        NAME,
        description="No rule that is on holds back more harmless texts than the use case allows "
        "(`serving.guard_record.false_blocks`), in any language. No texts, no pass.",
    )
    def few_are_held_back_wrongly(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        wrong = too_many_held_back(rules_in(platform), record.false_blocks)
        return notice(not wrong, wrong="; ".join(wrong) or "none", at_most=record.false_blocks)

    @check(
        uc,
        NAME,
        description="95 of 100 texts take each local rule, and all local rules of a stage together, no longer than the "
        "use case says (`serving.guard_record.milliseconds`). Servers are not counted.",
    )
    def guards_are_fast(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        rows = platform.lake.current(uc.key(NAME)).summary["tables"][TIMES]
        slow = [f"{row['rule']}: {row['p95_ms']} ms" for row in rows if row["p95_ms"] > record.milliseconds]
        return notice(not slow, slow="; ".join(slow) or "none", at_most_ms=record.milliseconds)

    @check(uc, NAME, description="No rule that is on was skipped: each has its server, its key, its signed policy.")
    def no_guard_is_skipped(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = rules_in(platform)
        names = skipped(found)
        return notice(
            not names,
            skipped="; ".join(f"{name}: {found[name]['why_skipped']}" for name in names) or "none",
            rules_on=len(found),
        )

    return [
        guard_report,
        guards_find_what_they_should,
        few_are_held_back_wrongly,
        guards_are_fast,
        no_guard_is_skipped,
    ]


def too_little_found(rules: dict[str, Any], limits: dict[str, float]) -> list[str]:
    """Rules that miss their least recall, in words; a rule with a limit that is off or has no texts misses it too."""
    problems = []
    for name, limit in limits.items():
        languages = rules.get(name, {}).get("languages", {})
        if not languages:
            problems.append(f"{name}: {'no labelled text' if name in rules else 'is not on'}")
        for language, found in languages.items():
            recall = found["recall_at_one_percent"]
            if recall["n"] and recall["low"] < limit:
                problems.append(
                    f"{name}, {language}: may be as low as {recall['low']:.0%} ({recall['n']} texts), not {limit:.0%}"
                )
    return problems


def too_many_held_back(rules: dict[str, Any], limit: float) -> list[str]:
    return [
        f"{name}, {language}: {found['false_blocks']['mean']:.0%} of {found['false_blocks']['n']}"
        for name, told in rules.items()
        for language, found in told["languages"].items()
        if found["false_blocks"]["n"] and found["false_blocks"]["mean"] > limit
    ]


def skipped(rules: dict[str, Any]) -> list[str]:
    """Rules that could not look at a single text, or not at all of them."""
    return [name for name, told in rules.items() if told["why_skipped"] and told.get("on", True)]


def least(rules: dict[str, Any]) -> float | str:
    """Of the rules that are on, in any language."""
    found = [
        figures["recall_at_one_percent"]["mean"]
        for told in rules.values()
        if told["on"]
        for figures in told["languages"].values()
        if figures["recall_at_one_percent"]["n"]
    ]
    return min(found, default="no labelled text")


def rows_of(rules: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each rule and language; a rule without figures has one that says why."""
    rows = []
    for name, told in rules.items():
        about = {"rule": name, "on": told["on"], "stage": told["stage"]}
        for language, figures in told["languages"].items():
            shares = {column: in_words(figures[column]) for column in COLUMNS}
            rows.append({**about, "language": language, **shares, "cut": figures["cut"], "skipped": told["skipped"]})
        if not told["languages"]:
            said = f"skipped: {told['why_skipped']}" if told["why_skipped"] else "no labelled text"
            rows.append({**about, "language": "", **dict.fromkeys(COLUMNS, said), "cut": None, "skipped": 0})
    return rows


def in_words(share: dict[str, Any]) -> str:
    """`0.40 (0.26 to 0.56, n 45)`"""
    if share["mean"] is None:
        return "no text"
    return f"{share['mean']:.2f} ({share['low']:.2f} to {share['high']:.2f}, n {share['n']})"


def wrong_rows(rules: dict[str, Any]) -> list[dict[str, str]]:
    return [{"rule": name, **one} for name, told in rules.items() for one in told["wrong"]]


def draw(folder: Path, rules: dict[str, Any]) -> None:
    for column, title in (
        ("recall_at_one_percent", "Found where one harmless text of 100 is held back"),
        ("false_blocks", "Harmless texts held back"),
    ):
        values = {
            f"{name}, {language}": figures[column]
            for name, told in rules.items()
            for language, figures in told["languages"].items()
            if language != "all"
        }
        draw_intervals(folder / f"{column.replace('_', ' ')}.png", f"{title}, 95 % intervals", values)

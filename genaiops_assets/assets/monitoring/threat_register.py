"""Asset `threat_register`: what attackers achieved and incidents showed, with what would stop it."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from genaiops_assets.assets.evaluation.attack_files import attacks_of_incidents
from genaiops_assets.governance.audit import build_threats, render_threats, unanswered_threats
from genaiops_assets.lake import ERASED_TEXT, Lake, Workplace, write_json
from genaiops_assets.orchestration.documents import both_languages, write_pages
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.serving import RULES, Rule, guard_policy_of, judged, rules_named
from genaiops_assets.use_case import UseCase

NAME = "threat_register"
FILE, PAGE = f"{NAME}.json", f"{NAME}.md"
SHOWN = ("id", "state", "risk", "owasp", "hits", "first_seen", "last_seen")


def threat_register_assets(uc: UseCase) -> list[Any]:
    attacked = ["red_team_regressions", "red_team_report"] if uc.red_team else []

    @phase(uc, "monitoring")(
        kinds={"json", "markdown"},
        reads=["golden_set"],
        parts=["incidents", *attacked],
        article="article-15.5",
        description="Threats: attacks that succeeded, of one seed or in much the same words, and incidents that can be "
        "tried again. Each is tried on every later version; beside it which guard stops it, and a phrase that one "
        "could.",
    )
    def threat_register(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        golden = making.read("golden_set").json("golden.json")["items"]
        harmless = [item["question"] for item in golden if item["question"] != ERASED_TEXT]
        versions, rules = attacked_versions(lake, uc), trying(lake, uc)
        found = build_threats(
            uc,
            all_hits(lake, uc, versions),
            versions,
            failed_again(lake, uc, versions),
            attacks_of_incidents(lake, uc),
            harmless=harmless,
            guarded=lambda question, answer: first_guard(rules, uc.language, question, answer),
        )

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, found)
            write_pages(place, both_languages(uc, NAME, lambda said: render_threats(found, said)), uc.language)
            rows = [
                {**{c: t[c] for c in SHOWN}, "offer": (t["offer"] or {}).get("phrase", "")} for t in found["threats"]
            ]
            states = [t["state"] for t in found["threats"]]
            figures = {state: states.count(state) for state in ("new", "standing", "untried", "gone")}
            return Built(figures, {"threats": rows}, page=PAGE)

        return making.produce(build, config=found)

    @check(
        uc,
        NAME,
        description="Every threat that the newest version failed at is stopped by a guard that this use case has on.",
    )
    def threats_are_answered(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key(NAME)).json(FILE)
        open_ = unanswered_threats(found, uc.serving.guards)
        return notice(not open_, open=len(open_), which="; ".join(open_[:10]) or "none")

    @check(uc, NAME, description="The register speaks of every version that was attacked.")
    def register_is_current(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        missing = set(attacked_versions(lake, uc)) - set(lake.current(uc.key(NAME)).json(FILE)["versions"])
        return notice(not missing, missing=", ".join(sorted(missing)) or "none")

    return [threat_register, threats_are_answered, register_is_current]


def attacked_versions(lake: Lake, uc: UseCase) -> list[str]:
    """Versions with a report of the red team, in the order they were planned."""
    plans = uc.key("model_plan")
    found = lake.heads.partitions(uc.key("red_team_regressions"))
    return sorted(found, key=lambda v: (str((lake.heads.get(plans, v) or {}).get("at", "")), v))


def all_hits(lake: Lake, uc: UseCase, versions: list[str]) -> list[dict[str, Any]]:
    """What each version failed at for the first time; erased rows are no threat any more."""
    asset = uc.key("red_team_regressions")
    rows = [row for v in versions for row in lake.tables.read(lake.current(asset, v).snapshot(asset)).to_pylist()]
    return [row for row in rows if ERASED_TEXT not in (row["question"], row["answer"])]


def failed_again(lake: Lake, uc: UseCase, versions: list[str]) -> list[str]:
    """Attacks of earlier versions that succeeded in the newest one too."""
    if not versions:
        return []
    found = lake.current(uc.key("red_team_report"), versions[-1]).json("red_team_report.json")
    return [str(name) for name in found["regressions"]["failed_again"]]


def first_guard(rules: Sequence[Rule], language: str, question: str, answer: str) -> str:
    """The first rule that holds the question or its answer back."""
    for rule in rules:
        text = question if rule.stage == "input" else answer
        if text and not judged(rule.stage, [rule], text, [], language, question).allowed:
            return rule.name
    return ""


def trying(lake: Lake, uc: UseCase) -> list[Rule]:
    """All rules as the use case tells them, those it has on first, but none that would ask a server or says nothing
    without the passages: neither can be tried here."""
    on = [name for name in uc.serving.guards if name in RULES.names()]
    rules = rules_named([*on, *(name for name in RULES.names() if name not in on)], guard_policy_of(lake, uc))
    return [rule for rule in rules if not (getattr(rule, "remote", False) or getattr(rule, "reads_passages", False))]

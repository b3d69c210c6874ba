"""Asset `release_history`: what was released, on whose acceptance of what was not shown, and what was revoked."""

from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.release import HISTORY, HISTORY_FILE, build_history
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.claims import evidence
from genaiops_assets.orchestration.freshness import of_versions, old_documents_of_versions, shown
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def release_history_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "release")(
        kinds={"json"},
        article="article-12",
        automation_condition=None,
        description="Releases, rollbacks, overrides (released although not everything was shown, and who accepted that "
        "until when) and revocations, read from the ledger. Later documents cite it. It has no inputs in the graph: "
        "model cards cite it, and what it tells of comes after them.",
    )
    def release_history(making: Making) -> dg.MaterializeResult:
        content = build_history(making.lake, making.uc)

        def build(place: Workplace) -> Built:
            write_json(place.staging / HISTORY_FILE, content)
            now = content["production"]
            figures = {
                "in_production": now["model_version"] if now else "nothing",
                "releases": len(content["releases"]),
                "overrides": len(content["overrides"]),
                "revoked": len(content["revoked"]),
            }
            said = {name: [{"said": one["in_words"]} for one in content[name]] for name in ("overrides", "revoked")}
            return Built(figures, {"releases": content["releases"], **said})

        return making.produce(build, config=content)

    @check(uc, HISTORY, description="It tells what the ledger tells now; the daily job makes it anew.")
    def history_is_current(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        told = lake.current(uc.key(HISTORY)).json(HISTORY_FILE) if lake.heads.get(uc.key(HISTORY)) else {}
        now = build_history(lake, uc)
        changed = [name for name in now if now[name] != told.get(name) and (now[name] or told)]
        return notice(not changed, changed=", ".join(changed) or "nothing")

    @check(
        uc,
        HISTORY,
        description="No release rests on an acceptance that is over, and nothing revoked answers. Asked daily: the day "
        "decides, not a new file.",
    )
    def every_acceptance_holds(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = release_problems_today(build_history(platform.lake, uc), datetime.now(UTC).date())
        return data_gate(not found, problems="; ".join(found) or "none")

    @check(
        uc,
        HISTORY,
        description="The documents of the version in production and of the newest one are fresh. Asked daily, since "
        "a version's own checks are asked only when it is made.",
    )
    def documents_of_versions_are_fresh(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        return shown(old_documents_of_versions(platform.lake, uc), looked_at=", ".join(of_versions()))

    return [release_history, history_is_current, every_acceptance_holds, documents_of_versions_are_fresh]


def release_problems_today(history: dict[str, Any], today: date) -> list[str]:
    """What is wrong with the version in production on a day."""
    now = history["production"]
    if now is None:
        return []
    own = [one for one in history["overrides"] if one["model_version"] == now["model_version"]]
    over = [f"{one['in_words']}: that is over" for one in own if date.fromisoformat(one["until"]) < today]
    return ([now["revoked"]] if now["revoked"] else []) + over


def history_for(lake: Lake, uc: UseCase, version: str) -> Evidence | None:
    """The history that a version's card cites: the one it was first written with, so that what happens after an
    approval cannot change what was approved; else the one there is now, None where there is none."""
    asset, card = uc.key(HISTORY), lake.heads.get(uc.key("model_card"), version)
    if card is not None:
        made = lake.artifacts.get(uc.key("model_card"), card["digest"])
        cited = made.provenance()["inputs"].get("history")
        return evidence(lake.artifacts.get(asset, cited)) if cited and lake.artifacts.has(asset, cited) else None
    return evidence(lake.current(asset)) if lake.heads.get(asset) else None

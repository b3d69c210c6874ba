"""Attacks besides the packaged ones: the files that a use case names, and what earlier versions failed at.

Belongs here: finding them in the lake, with those that incidents gave. Does not belong here: reading a line or a row
(`evaluation/red_team`)."""

from collections import Counter
from pathlib import Path

from genaiops_assets.evaluation import Attack, AttackError, read_attacks, regression_attacks
from genaiops_assets.governance.audit import incident_attacks
from genaiops_assets.governance.incidents import incident_log
from genaiops_assets.governance.risk import published_records
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.use_case import UseCase


def added_attacks(lake: Lake, uc: UseCase) -> list[Attack]:
    """Those of all files, in their order, then those that incidents gave. Raises PermanentFailure naming file, line and
    field of one that cannot be used, and UnresolvedReference."""
    found: list[Attack] = []
    for ref in uc.red_team.attacks if uc.red_team else []:
        path = Path(lake.resolve(ref, uc.folder).path)
        try:
            found += read_attacks(path, ref)
        except AttackError as error:
            raise PermanentFailure(f"red_team.attacks: {error}") from error
    doubled = sorted(name for name, times in Counter(attack.id for attack in found).items() if times > 1)
    if doubled:
        raise PermanentFailure(f"red_team.attacks: the attack {doubled[0]} stands in two files")
    return [*found, *attacks_of_incidents(lake, uc)]


def attacks_of_incidents(lake: Lake, uc: UseCase) -> list[Attack]:
    """What went wrong in use and can be tried again (`attempt` of an incident); observed data, so no edge of the
    graph."""
    records = published_records(lake, uc)
    return incident_attacks(incident_log(lake, uc, records), records)


def earlier_failures(lake: Lake, uc: UseCase, version: str) -> list[Attack]:
    """What versions that were planned before this one failed at, at most as many as the budget, the newest first. A
    version that was planned later changes nothing here."""
    if uc.red_team is None:
        return []
    asset, plans = uc.key("red_team_regressions"), uc.key("model_plan")

    def planned(which: str) -> tuple[str, str]:
        head = lake.heads.get(plans, which) or {}
        return str(head.get("at", "")), which

    before = sorted(planned(one) for one in lake.heads.partitions(asset))
    rows = [
        row
        for at, one in before
        if (at, one) < planned(version)
        for row in lake.tables.read(lake.current(asset, one).snapshot(asset)).to_pylist()
    ]
    return regression_attacks(rows, uc.red_team.budget)

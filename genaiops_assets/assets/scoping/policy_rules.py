"""Asset `policy_rules`: policies as rules a solver reads, with how often its verdicts are right on labelled cases."""

from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.governance.records import reviewers_of
from genaiops_assets.lake import Workplace, digest_of_file, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.reasoning import cases_of, judge_cases, policies_of, policy_problems, read_cases, read_policy
from genaiops_assets.use_case import UseCase

NAME, REPORT = "policy_rules", "policy_rules.json"
LEAST_SOUNDNESS = 0.99


def policy_rules_assets(uc: UseCase) -> list[Any]:
    """None for a use case without policies."""
    if not policies_of(uc):
        return []

    @phase(uc, "scoping")(
        name=NAME,
        kinds={"json"},
        article="article-14.4",
        code_version="1",
        description="Policies as typed rules (`policies/*.yaml`): each rule quotes the sentence it stands for. A "
        "solver says whether a statement follows, is refuted or is not decided (`genaiops reason`); how often it is "
        "right is measured on labelled cases.",
    )
    def policy_rules(making: Making) -> dg.MaterializeResult:
        files = policies_of(uc)

        def build(place: Workplace) -> Built:
            policies = {file.stem: judged(file) for file in files}
            report = {"schema_version": 1, "kind": NAME, "use_case": uc.name, "policies": policies}
            write_json(place.staging / REPORT, report)
            rules = [
                {"policy": name, **{k: r[k] for k in ("id", "quote", "when", "then")}, "unless": ", ".join(r["unless"])}
                for name, policy in policies.items()
                for r in policy["rules"]
            ]
            return Built({"policies": len(policies), "rules": len(rules)}, {"rules": rules, "cases": figures(policies)})

        read = {f.name: digest_of_file(f) for file in files for f in (file, cases_of(file)) if f.exists()}
        return making.produce(build, config=read)

    def policies(platform: Platform) -> dict[str, Any]:
        return platform.lake.current(uc.key(NAME)).json(REPORT)["policies"]

    @check(uc, NAME, blocking=True, description="The rules of each policy can hold together, and each can apply.")
    def rules_are_consistent(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = [f"{name}: {problem}" for name, p in policies(platform).items() for problem in p["problems"]]
        return data_gate(not found, problems="; ".join(found[:10]) or "none")

    @check(
        uc,
        NAME,
        blocking=True,
        description=f"On labelled cases at least {LEAST_SOUNDNESS:.0%} of the verdicts that were given are right.",
    )
    def verdicts_are_sound(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = policies(platform)
        short = [
            f"{name}: {p['cases']['soundness']['mean']} of {p['cases']['given']}" if p["cases"] else f"{name}: no cases"
            for name, p in found.items()
            if not p["cases"] or (p["cases"]["soundness"]["mean"] or 0) < LEAST_SOUNDNESS
        ]
        return data_gate(not short, below=("; ".join(short) or "none"))

    @check(
        uc, NAME, description="A person reviewed the rules as they are now (a record of kind review, bound to them)."
    )
    def a_person_signed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        digest = platform.lake.current(uc.key(NAME)).digest
        by = reviewers_of(uc, NAME, digest)
        advice = f"write a record of kind review with bound: {{{NAME}: {digest[:16]}}}"
        return notice(bool(by), reviewed_by=", ".join(by) or "nobody", advice="none" if by else advice)

    return [policy_rules, rules_are_consistent, verdicts_are_sound, a_person_signed]


def judged(file: Path) -> dict[str, Any]:
    """One policy: its rules and text, what is wrong with them, and the figures on its cases (None without a file)."""
    policy, cases = read_policy(file), cases_of(file)
    return {
        **policy.model_dump(mode="json", include={"title", "language", "text", "rules", "closed"}),
        "sha256": digest_of_file(file),
        "problems": policy_problems(policy),
        "cases": judge_cases(policy, read_cases(cases)) if cases.exists() else None,
    }


def figures(policies: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "policy": name,
            "cases": p["cases"]["cases"],
            "given": p["cases"]["given"],
            **{
                f"{what} {end}": p["cases"][what][end]
                for what in ("soundness", "recall", "abstained")
                for end in ("mean", "low", "high")
            },
        }
        for name, p in policies.items()
        if p["cases"]
    ]

"""Asset `test_hooks`: functions that tests and guards call on one text, each with its record on known texts."""

from typing import Any

import dagster as dg

from genaiops_assets.evaluation import HOOKS, hook_record, weak_hooks
from genaiops_assets.evidence import labels, render_template
from genaiops_assets.lake import Workplace, digest_of, write_json
from genaiops_assets.orchestration.documents import both_languages, write_pages
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "test_hooks"
FILE, PAGE = f"{NAME}.json", f"{NAME}.md"
LEAST_RECALL, MOST_ALARMS = 0.6, 0.25  # of known texts, some of which are hard on purpose


def test_hooks_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "alignment")(
        kinds={"json", "markdown"},
        article="article-15.1",
        smactr="testing",
        description="Hooks for testing: toxicity, injection, personal data, refusal, and those that packages add. Each "
        "is called on texts whose answer is known, in English and Chinese: recall, false alarms, what it gets wrong.",
    )
    def test_hooks(making: Making) -> dg.MaterializeResult:
        found = hook_record()

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, found)
            write_pages(place, both_languages(uc, NAME, lambda said: page_of(uc, found, said)), uc.language)
            rows = [
                {
                    "hook": h["name"],
                    "texts": h["texts"],
                    "recall": h["all"]["recall"]["mean"],
                    "false alarms": h["all"]["false_alarms"]["mean"],
                    "wrong": len(h["wrong"]),
                }
                for h in found["hooks"]
            ]
            figures = {"hooks": len(rows), "texts": sum(h["texts"] for h in found["hooks"])}
            return Built(figures, {"hooks": rows}, page=PAGE)

        return making.produce(build, config={"record": digest_of(found), **uc.section("title", "language")})

    @check(
        uc,
        NAME,
        description=f"Each hook finds {LEAST_RECALL:.0%} of the known texts of a language that hold what it looks for, "
        f"and warns of at most {MOST_ALARMS:.0%} of the others.",
    )
    def hooks_find_what_is_known(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        weak = weak_hooks(platform.lake.current(uc.key(NAME)).json(FILE), LEAST_RECALL, MOST_ALARMS)
        return data_gate(not weak, weak="; ".join(weak) or "none")

    @check(uc, NAME, description="Every hook of today can be called and says what the record says.")
    def hooks_are_those_measured(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        kept = platform.lake.current(uc.key(NAME)).json(FILE)
        return notice(hook_record() == kept, hooks=", ".join(HOOKS.names()))

    return [test_hooks, hooks_find_what_is_known, hooks_are_those_measured]


def page_of(uc: UseCase, found: dict[str, Any], said: str) -> str:
    return render_template("test_hooks.md.j2", {"page": found, "title": uc.title, "t": labels(said)})

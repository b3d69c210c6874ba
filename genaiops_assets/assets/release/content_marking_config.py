"""Asset `content_marking_config`: how answers are marked as written by a machine, and what is owed of it."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.serving import differing, lacking, marking_config
from genaiops_assets.use_case import UseCase

NAME, CLASSIFICATION = "content_marking_config", "regulatory_classification"
FILE = f"{NAME}.json"


def content_marking_config_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "release")(
        name=NAME,
        kinds={"json"},
        gates=[CLASSIFICATION],
        article="article-50",
        description="How answers are marked as written by a machine: the notice people read, the signed provenance, "
        "the watermark with its key's public id, which kinds of content are refused by name, and the labels that the "
        "deployer owes the public.",
    )
    def content_marking_config(making: Making) -> dg.MaterializeResult:
        content = marking_config(making.lake, uc)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, content)
            signed, watermark = content["layers"]
            rows = [
                {"what": "notice", "how": content["disclosure_text"][uc.language]},
                {"what": "signed provenance", "how": f"{signed['algorithm']}; keys {len(signed['keys'])}"},
                {"what": "watermark", "how": f"{watermark['scheme']}, {watermark['parameters'] or 'nothing'}"},
                *({"what": one["modality"], "how": f"refused: {one['answer']}"} for one in content["refused"]),
                {"what": "public-interest texts", "how": content["labels"]["public_interest_text"]},
                {"what": "deep-fake label", "how": content["labels"]["deep_fake"] or "none is made"},
            ]
            figures = {
                "watermark": watermark["scheme"],
                "released": content["released"].get("model_version", "nothing yet"),
                "exemption": content["exemption"] or "none",
            }
            return Built(figures, {"marking": rows})

        return making.produce(build, config=content)

    @check(uc, NAME, description="What Article 50(2) asks of this use case is set up, or its exemption is stated.")
    def owed_marking_is_set_up(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        owed = is_owed(platform.lake, uc)
        problems = lacking(platform.lake.current(uc.key(NAME)).json(FILE), owed)
        return notice(not problems, owed=owed, lacking="; ".join(problems) or "none")

    @check(uc, NAME, description="The release in production marks its answers as the use case file says.")
    def release_marks_as_stated(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        problems = differing(marking_config(platform.lake, uc))
        return notice(not problems, differing="; ".join(problems) or "none")

    @check(
        uc,
        NAME,
        description="Versions were judged as they answer: a watermark that only the served answers bear is named.",
    )
    def judged_as_it_answers(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        scheme = uc.serving.marking.watermark
        return notice(scheme == "none", watermark=scheme, judged_with="none")

    @check(uc, NAME, description="The deployer decided whether texts inform the public, and how those are labelled.")
    def public_label_is_decided(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        decided = uc.serving.marking.labels.public_interest_text
        return notice(decided != "undecided", public_interest_text=decided)

    return [
        content_marking_config,
        owed_marking_is_set_up,
        release_marks_as_stated,
        judged_as_it_answers,
        public_label_is_decided,
    ]


def is_owed(lake: Lake, uc: UseCase) -> bool:
    """As the classification of the version in production has it, else that of the one classified last; owed while none
    was classified."""
    key, now = uc.key(CLASSIFICATION), production_release(lake, uc)
    made = {version: lake.heads.get(key, version) or {} for version in lake.heads.partitions(key)}
    if not made:
        return True
    newest = max(made, key=lambda version: str(made[version].get("entry", "")))  # names begin with their number
    version = now.model_version if now and now.model_version in made else newest
    owed = lake.current(key, version).json(f"{CLASSIFICATION}.json")["owed"]
    return bool(owed.get(NAME, {}).get("owed"))

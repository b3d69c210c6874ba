"""Asset `content_marking_config`: how people and machines can tell that an answer was generated.

Belongs here: what is marked, in how many layers, and whether that is enough. Does not belong here: making and verifying
the marks (`serving/transparency`), disclosure by those who publish answers (`deployer_pack`)."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.serving import (
    AI_HEADERS,
    AI_NOTICE,
    GENERATED,
    PROVENANCE_FORMAT,
    Origin,
    Signer,
    detect_provenance,
    trusted_keys,
)
from genaiops_assets.use_case import UseCase

NAME, FILE = "content_marking_config", "content_marking_config.json"
# Free-form text of more tokens than this is asked to carry a watermark: Code of Practice on marking AI-generated
# content, June 2026, known here from a secondary source.
LONG_TEXT = 200
REFUSED = ("image", "audio", "video")  # the gateway refuses requests that ask for them, by the field's name


def content_marking_config_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "release")(
        name=NAME,
        kinds={"json"},
        article="article-50.2",
        automation_condition=None,
        description="How every answer of the gateway says that it was generated: a notice for people, headers, and a "
        "signed provenance that anybody verifies offline (`genaiops detect`); what is not marked, and which modalities "
        "are not served at all.",
    )
    def content_marking_config(making: Making) -> dg.MaterializeResult:
        content = marking_of(uc)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, content)
            figures = {
                "layers": len(content["layers"]),
                "watermark": content["watermark"]["scheme"],
                "longest_answer_tokens": content["longest_answer_tokens"],
            }
            return Built(figures, {"layers": content["layers"]})

        return making.produce(build, config=content)

    @check(
        uc,
        NAME,
        description="An answer signed here now is recognised, and the same answer with one letter changed is not.",
    )
    def marks_are_recognised(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found, key = tried(platform.lake, uc)
        return data_gate(not found, problems="; ".join(found) or "none", key=key)

    @check(
        uc,
        NAME,
        description=f"Answers that may be longer than {LONG_TEXT} tokens carry a watermark; shorter ones need none.",
    )
    def long_answers_carry_a_watermark(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        content = platform.lake.current(uc.key(NAME)).json(FILE)
        longest, scheme = content["longest_answer_tokens"], content["watermark"]["scheme"]
        return notice(longest <= LONG_TEXT or scheme != "none", longest_answer_tokens=longest, watermark=scheme)

    @check(uc, NAME, description="It tells what the gateway does now.")
    def marking_is_current(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        told, now = platform.lake.current(uc.key(NAME)).json(FILE), marking_of(uc)
        changed = [name for name in now if now[name] != told.get(name)]
        return notice(not changed, changed=", ".join(changed) or "nothing")

    return [content_marking_config, marks_are_recognised, long_answers_carry_a_watermark, marking_is_current]


def marking_of(uc: UseCase) -> dict[str, Any]:
    """content_marking_config.json. Fields after the June 2026 Code of Practice; no key stands in it, since each home
    has its own: the ledger names them."""
    said = uc.serving.gateway.notice
    return {
        "schema_version": 1,
        "kind": NAME,
        "use_case": uc.name,
        "modality": "text",
        "container": "free-form text in a JSON response",
        "layers": [
            {"layer": "notice", "read_by": "people", "how": said or AI_NOTICE[uc.language]},
            {"layer": "headers", "read_by": "machines", "how": ", ".join(f"{k}: {v}" for k, v in AI_HEADERS.items())},
            {
                "layer": "signed provenance",
                "read_by": "machines",
                "how": f"{PROVENANCE_FORMAT}, ECDSA P-256 with SHA-256 over the answer's digest, release and time; "
                f"digital source type {GENERATED}",
            },
        ],
        "watermark": {"scheme": "none", "min_tokens": LONG_TEXT},
        "longest_answer_tokens": uc.evaluation.max_new_tokens,
        "detector": {
            "access": "genaiops detect FILE, offline, with the public key",
            "threshold": "the signature fits the exact text",
            "lost_when": "the text is copied without its provenance",
        },
        "modalities_refused": list(REFUSED),
    }


def tried(lake: Lake, uc: UseCase) -> tuple[list[str], str]:
    """What is wrong with the marks of this home, and the fingerprint of its key."""
    import json

    text = "It is 95 dollars."
    try:
        signer = Signer(lake)
        said = signer.provenance(Origin(uc.name, "none", "none", "none"), "try", text, datetime.now(UTC))
    except ImportError as error:
        return [f"answers cannot be signed: {error.name} is not installed (extra serve)"], "none"
    keys = trusted_keys(lake)
    whole = detect_provenance(json.dumps({"text": text, "provenance": said}).encode(), keys)
    altered = detect_provenance(json.dumps({"text": text + "!", "provenance": said}).encode(), keys)
    found = [f"a signed answer is not recognised: {whole.problem}"] if whole.problem else []
    return found + ([] if altered.problem else ["a changed answer is taken for the signed one"]), signer.key

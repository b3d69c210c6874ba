"""Asset `base_model`: the pretrained model by reference, with digest, licence, size and architecture."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.lake import Workplace, reference_stamp, write_json
from genaiops_assets.orchestration.phases import phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built, produce
from genaiops_assets.use_case import UseCase


def needs_network(ref: str) -> bool:
    return ref.startswith("hub")


def base_model_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "alignment")

    @asset(
        kinds={"huggingface"},
        article="annex-XI.1.2",
        description="The pretrained model by reference: digest, licence, size, architecture. Converted to "
        "safetensors once where needed.",
    )
    def base_model(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        stamp = reference_stamp(
            uc.model.base, uc.folder
        )  # before the bytes are read: a change in between is seen again
        found = platform.lake.resolve(uc.model.base, uc.folder)

        def build(place: Workplace) -> Built:
            about = platform.launch(
                context, uc, place, "prepare_base", {"base": asdict(found)}, {}, online=needs_network(uc.model.base)
            )
            record = {**found.to_dict(), **about}
            write_json(place.staging / "base_model.json", record)
            return Built(
                {k: record[k] for k in ("license", "parameters", "architecture", "bytes")}, {"record": [record]}
            )

        config = {"ref": uc.model.base}
        made = produce(
            context,
            platform,
            uc,
            "base_model",
            inputs={"base": found.digest},
            config=config,
            code_version="1",
            build=build,
        )
        platform.lake.heads.put(uc.key("base_model_stamp"), None, {"digest": stamp})
        return made

    return [base_model]

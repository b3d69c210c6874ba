"""Asset `base_model`: the pretrained model by reference, with digest, licence, size and architecture."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.alignment import CheckInputs, Data, PrepareInputs, method_of
from genaiops_assets.lake import Workplace, digest_of, digest_of_list, list_files, reference_stamp, write_json
from genaiops_assets.models import BaseModelFiles, ModelSpec, prompt_fields, prompts_of
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "2"  # 2: the hash of each file is kept
FILES = "files.json"


def needs_network(ref: str) -> bool:
    return ref.startswith("hub")


def base_model_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "alignment")

    @asset(
        kinds={"huggingface"},
        code_version=CODE,
        article="annex-XI.1.2",
        description="The pretrained model by reference: digest, licence, size, architecture, and "
        "the hash of each file. Converted to safetensors once where needed.",
    )
    def base_model(making: Making) -> dg.MaterializeResult:
        stamp = reference_stamp(
            uc.model.base, uc.folder
        )  # before the bytes are read: a change in between is seen again
        found = making.lake.resolve(uc.model.base, uc.folder)
        stated = {"license": uc.model.license} if uc.model.license else {}

        def build(place: Workplace) -> Built:
            inputs = PrepareInputs(base=BaseModelFiles.model_validate(asdict(found)))
            about = making.launch(place, "prepare_base", inputs.to_json(), {}, online=needs_network(uc.model.base))
            record = {**found.to_dict(), **about, **stated}
            write_json(place.staging / "base_model.json", record)
            write_json(place.staging / FILES, list_files(Path(found.path)))
            return Built(
                {k: record[k] for k in ("license", "parameters", "architecture", "bytes")}, {"record": [record]}
            )

        config = {"ref": uc.model.base, **stated}
        made = making.produce(build, config=config, also={"base": found.digest})
        making.lake.notes.put(uc.name, "base_model_stamp", {"digest": stamp})
        return made

    @check(
        uc,
        "base_model",
        blocking=True,
        description="The base model can do what later steps ask: it takes our prompts, ends its answers, loads in the "
        "stated precision, and its modules take an adapter.",
    )
    def base_model_works(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, alignment = platform.lake, uc.alignment
        found = lake.resolve(uc.model.base, uc.folder)
        spec = ModelSpec(
            base=BaseModelFiles.model_validate(asdict(found)),
            dtype=uc.model.dtype,
            load_in_4bit=uc.model.rounding,
        )
        adapts = method_of(alignment.method).data is not Data.NOTHING
        inputs = CheckInputs(
            model=spec,
            question=uc.purpose.summary,
            target_modules=alignment.lora.target_modules if adapts else None,
        )
        key = digest_of(["check base", inputs.to_json()])
        with lake.work(key) as place:
            result = platform.launch(
                context,
                uc,
                place,
                "check_checkpoint",
                inputs.to_json(),
                {"language": uc.language, **prompt_fields(prompts_of(uc))},
            )
            lake.forget_scratch(key)
        finite = result["loss"] is not None
        problems = result["problems"] or ([] if finite else ["its loss is not finite"])
        context_length = lake.current(uc.key("base_model")).json("base_model.json")["context_length"]
        if adapts and context_length and alignment.max_length > context_length:
            problems.append(f"alignment.max_length {alignment.max_length} is more than its context of {context_length}")
        return data_gate(
            not problems,
            problems="; ".join(problems) or "none",
            characters_generated=result["characters"],
            loss=result["loss"] if finite else "not finite",
        )

    @check(
        uc,
        "base_model",
        description="Each file of the base model has the hash it was recorded with, and together they have the "
        "recorded digest.",
    )
    def base_files_are_those_recorded(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        recorded = platform.lake.current(uc.key("base_model"))
        files, path = recorded.json(FILES), Path(platform.lake.resolve(uc.model.base, uc.folder).path)
        changed = changed_files(files, list_files(path))
        agrees = digest_of_list(files, is_folder=path.is_dir()) == recorded.json("base_model.json")["digest"]
        return notice(
            agrees and not changed,
            files=len(files),
            changed=", ".join(changed[:20]) or "none",
            list_has_the_recorded_digest=agrees,
        )

    return [base_model, base_model_works, base_files_are_those_recorded]


def changed_files(recorded: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    """Names of files that are not as they were recorded, are gone, or are new."""
    before, after = ({f["path"]: f["sha256"] for f in files} for files in (recorded, now))
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

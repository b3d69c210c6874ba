"""Trials of base models or prompts: what `base_choice` and `prompt_trials` share.

Belongs here: running those trials whose results no published output has, and finding the others. Does not belong here:
assets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from genaiops_assets.evaluation import GoldenItem, Trial, TrialInputs, TrialSettings, sample_of
from genaiops_assets.lake import Artifact, Lake, Workplace, bound_manifests, digest_of, digest_of_bytes, manifest_sha256
from genaiops_assets.orchestration.code import code_digest
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, phase
from genaiops_assets.retrieval import search_spec
from genaiops_assets.use_case import UseCase

SPEED = "speed"  # table of the summary: it differs from run to run, so it is no part of what is hashed
LOOKED_AT = 8  # earlier outputs

Results = dict[str, dict[str, Any]]


def trial_asset(uc: UseCase, **more: Any) -> Callable[..., Any]:
    """What trials have in common as assets: they are made when a person asks, not with every new index."""
    return phase(uc, "alignment")(
        kinds={"huggingface", "json"},
        reads=["golden_set", "embeddings_index"],
        automation_condition=None,
        pool=TRAINING_POOL,
        smactr="testing",
        article="annex-XI.1.2",
        **more,
    )


class Trying:
    """The trials of one asset on today's sample and index. `keys`: trial → digest of everything its result depends
    on."""

    def __init__(self, making: Making, trials: Sequence[Trial], file: str):
        uc, lake = making.uc, making.lake
        self.making, self.trials, self.file = making, trials, file
        golden, index = making.read("golden_set"), making.read("embeddings_index")
        search = search_spec(lake, uc, index)
        self.items = [GoldenItem(**item) for item in sample_of(golden.json("golden.json")["items"])]
        self.search = search.to_dict()
        self.settings = TrialSettings(
            max_new_tokens=uc.evaluation.max_new_tokens,
            batch_size=uc.evaluation.batch_size,
            top_k=uc.knowledge.top_k,
            language=uc.language,
        )
        shared = [
            [item.model_dump(mode="json") for item in self.items],
            index.digest,
            search.digests,
            self.settings.model_dump(),
            uc.compute.cpus,
            code_digest(making.name),
        ]
        self.keys = {trial.name: digest_of([published(trial), *shared]) for trial in trials}

    def results(self, place: Workplace) -> tuple[Results, list[dict[str, Any]], list[str]]:
        """Trial → its result; rows of speed; and the trials that were run now. One that an earlier output holds, for
        exactly the same model, words, questions and passages, is not run again."""
        known, speeds = earlier_results(self.making.lake, self.making.uc.key(self.making.name), self.file)
        missing = [trial for trial in self.trials if self.keys[trial.name] not in known]
        if missing:
            inputs = TrialInputs(trials=list(missing), items=self.items, **self.search)
            made = self.making.launch(
                place, "try_answers", inputs.model_dump(mode="json"), self.settings.model_dump(mode="json")
            )
            for name, result in made.items():
                speeds[self.keys[name]] = result.pop("tokens_a_second", None)
                known[self.keys[name]] = result
        found = {trial.name: known[self.keys[trial.name]] for trial in self.trials}
        rows = [{"trial": name, "key": key, "tokens_a_second": speeds.get(key)} for name, key in self.keys.items()]
        return found, rows, [trial.name for trial in missing]


def published(trial: Trial) -> dict[str, Any]:
    """A trial without the local path of its model."""
    content = trial.model_dump(mode="json", exclude={"name"})
    return {**content, "base": content["base"]["digest"]}


def earlier_results(lake: Lake, asset: str, file: str) -> tuple[Results, dict[str, float | None]]:
    """Results and speeds by key, from outputs that the ledger knows, newest last."""
    bound, known = bound_manifests(lake), Results()
    speeds: dict[str, float | None] = {}
    outputs = [lake.artifacts.get(asset, digest) for digest in lake.artifacts.digests(asset)]
    outputs = sorted((o for o in outputs if proven(o, bound, file)), key=lambda o: o.provenance()["made_at"])
    for output in outputs[-LOOKED_AT:]:
        known |= output.json(file)["results"]
        speeds |= {row["key"]: row["tokens_a_second"] for row in output.summary["tables"].get(SPEED, [])}
    return known, speeds


def proven(output: Artifact, bound: dict[tuple[str, str], set[str]], file: str) -> bool:
    """Whether the ledger knows this manifest, and the file is the one that the manifest lists."""
    if manifest_sha256(output.manifest) not in bound.get((output.asset, output.digest), ()):
        return False
    listed = {f["path"]: f["sha256"] for f in output.manifest["files"]}
    return listed.get(file) == digest_of_bytes(output.store.read(f"{output.key}/{file}"))

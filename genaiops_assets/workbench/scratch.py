"""A training that publishes nothing: for trying settings before a plan is made of them.

Belongs here: the same payload as a real training, in a lake of its own that goes with the workbench. Does not belong
here: anything that a version, a report or a decision could rest on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import ValidationError

from genaiops_assets.alignment import PAIRS, Data, ModelPlan, SnapshotRef, TrainInputs, build_plan, method_of, pair_row
from genaiops_assets.compute import Launch, run_plain
from genaiops_assets.errors import Unusable
from genaiops_assets.lake import Lake, Snapshot, digest_of, write_rows
from genaiops_assets.models import BaseModelFiles, ModelSpec
from genaiops_assets.use_case import Alignment, Origin, UseCase, setting_problems
from genaiops_assets.workbench.names import one_of

if TYPE_CHECKING:
    import polars as pl

NEEDED = ("question", "chosen", "rejected")
TABLE = "scratch/preference_pairs"


@dataclass(frozen=True)
class ScratchTraining:
    """`settings`: section `alignment` as it was trained; `logs`: stage → training_log.json; `adapter`: the folder of
    the last stage's adapter, which goes with the workbench; `seconds` of all stages."""

    settings: Alignment
    logs: dict[str, dict[str, Any]]
    adapter: Path
    seconds: float
    _spec: ModelSpec = field(repr=False)
    _ask: Callable[[ModelSpec, str | Sequence[str]], pl.DataFrame] = field(repr=False)

    @property
    def history(self) -> pl.DataFrame:
        """stage, step, loss and the other series, one row a step."""
        import polars as pl

        rows = [{"stage": stage, **step} for stage, log in self.logs.items() for step in log["history"]]
        return pl.DataFrame(rows, infer_schema_length=None)

    def ask(self, questions: str | Sequence[str]) -> pl.DataFrame:
        """Answers of what was trained, over the use case's index with its prompts."""
        return self._ask(self._spec, questions)


def train(
    lake: Lake,
    uc: UseCase,
    rows: Sequence[dict[str, Any]],
    changes: dict[str, Any],
    said: Callable[[str], Any],
    ask: Callable[[ModelSpec, str | Sequence[str]], pl.DataFrame],
) -> ScratchTraining:
    """All stages, one after the other. `lake` is read for the base model only."""
    alignment = changed(uc.alignment, changes)
    uc = uc.model_copy(update={"alignment": alignment})
    base = lake.resolve(uc.model.base, uc.folder)
    own = Lake(lake.home / f"training_{uuid4().hex[:8]}")
    own.home.mkdir(parents=True)
    lake.cache.mkdir(exist_ok=True)
    (own.home / "cache").symlink_to(lake.cache, target_is_directory=True)
    pairs = stored(own, rows)
    plan = ModelPlan.read(
        build_plan(
            uc,
            base={"ref": base.ref, "digest": base.digest, "license": base.license, "record": ""},
            pairs={"digest": pairs.digest, "rows": pairs.rows},
            corpus={"digest": "", "rows": 0},
        )
    )
    files, adapter = BaseModelFiles.model_validate(asdict(base)), None
    logs: dict[str, dict[str, Any]] = {}
    seconds = 0.0
    for name in plan.training.stages():
        if method_of(name).data is Data.NOTHING:
            raise Unusable(f"alignment.method: {name} trains nothing; name another, as train_scratch(method='sft')")
        inputs = TrainInputs(base=files, pairs=SnapshotRef(**pairs.to_dict()), start=adapter)
        launch = Launch(
            "train_model",
            inputs.to_json(),
            plan.training.stage(name),
            seed=plan.training.seed,
            cpus=uc.compute.cpus,
        )
        with own.work(digest_of([name])) as place:
            seconds += run_plain(own, place, launch, said)["seconds"]
            kept = own.home / name
            place.staging.rename(kept)
        adapter, logs[name] = str(kept / "adapter"), json.loads((kept / "training_log.json").read_text())
    assert adapter is not None
    spec = ModelSpec(base=files, adapter=adapter, dtype=uc.model.dtype, load_in_4bit=uc.model.rounding)
    return ScratchTraining(alignment, logs, Path(adapter), seconds, spec, ask)


def changed(alignment: Alignment, changes: dict[str, Any]) -> Alignment:
    """The section with other values, checked as in the file. Raises Unusable naming every field that is wrong."""
    for name in changes:
        one_of(name, list(Alignment.model_fields), "field", "section alignment")
    try:
        found = Alignment.model_validate({**alignment.model_dump(), **changes})
    except ValidationError as error:
        wrong = [f"alignment.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise Unusable("; ".join(wrong)) from None
    if problems := setting_problems(found):
        raise Unusable(
            "; ".join(f"alignment.{p.field}: {p.message}" + (f" ({p.hint})" if p.hint else "") for p in problems)
        )
    return found


def stored(own: Lake, rows: Sequence[dict[str, Any]]) -> Snapshot:
    """The pairs as a table of the scratch lake. Raises Unusable naming the row that lacks something."""
    file = own.home / "pairs.parquet"
    write_rows(file, PAIRS, [whole(number, row) for number, row in enumerate(rows)])
    return own.tables.sync(TABLE, file).snapshot


def whole(number: int, row: dict[str, Any]) -> dict[str, Any]:
    lost = [name for name in NEEDED if not isinstance(row.get(name), str)]
    if lost:
        raise Unusable(f"pair {number}: {', '.join(lost)}: expected text")
    if set(PAIRS.names) <= set(row):
        return {name: row[name] for name in PAIRS.names}
    passages = list(row.get("passages") or [])
    return pair_row(
        Origin.HUMAN, "", row["question"], passages, (row["chosen"], 1.0), (row["rejected"], 0.0), "workbench"
    )

"""Gates against the released version, from the answers that both reports keep."""

from dataclasses import asdict
from pathlib import Path

import pytest

from genaiops_assets.assets.release.champion import compared_with_champion
from genaiops_assets.evaluation import apply_gates
from genaiops_assets.governance.release import Release
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.use_case import Criterion
from tests.assets.test_answer_changes import golden, report
from tests.support.lakes import V1, V2, bank_support

GATE = Criterion(
    id="beats_it",
    metric="/cells/tuned_with/answer_f1/all",
    at_least=0,
    against="champion",
    min_items=5,
    confidence=0.9,
    rationale="A new version must answer better than the one people have.",
)


@pytest.mark.parametrize(("score", "status"), [(0.25, "fail"), (1.0, "pass")])
def test_the_released_version_is_the_one_to_beat(tmp_path: Path, score: float, status: str) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    items = [f"q{n}" for n in range(30)]
    before = golden(lake, uc, **{i: f"{i}?" for i in items})
    report(lake, uc, V1, before, {"tuned_with": dict.fromkeys(items, 0.6)})
    after = golden(lake, uc, **{i: f"{i}?" for i in items[1:]}, q0="Another question?")
    report(lake, uc, V2, after, {"tuned_with": dict.fromkeys(items, score)})
    mine = lake.current(uc.key("eval_report"), V2)
    assert compared_with_champion(lake, uc, V2, mine, 500, [GATE]) == (None, {})  # nothing is released
    released = Release(uc.name, V1, "promote", "Ada", "better", "2026-01-02T00:00:00+00:00", "", {}, None)
    lake.store.write(f"production/{uc.name}.json", pretty_json(asdict(released)))
    compared, champion = compared_with_champion(lake, uc, V2, mine, 500, [GATE])
    assert champion == {"version": V1, "report": lake.current(uc.key("eval_report"), V1).digest}
    (found,) = apply_gates([GATE], {}, compared)
    assert (found.status, found.n) == (status, 29)  # q0 was asked otherwise
    plain = GATE.model_copy(update={"against": None})
    assert compared_with_champion(lake, uc, V2, mine, 500, [plain]) == (None, {})

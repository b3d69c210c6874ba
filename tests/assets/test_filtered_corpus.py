"""The asset `filtered_corpus`: what its gate promises. Its payload is tested in `tests/corpus`."""

from __future__ import annotations

import dagster as dg

from genaiops_assets.assets.corpus.filtered_corpus import filtering_assets
from genaiops_assets.corpus import OUTCOMES
from tests.support.lakes import bank_support


def test_the_gate_names_every_outcome_that_a_row_can_have() -> None:
    checks = [a for a in filtering_assets(bank_support()) if isinstance(a, dg.AssetChecksDefinition)]
    [spec] = [s for c in checks for s in c.check_specs if s.name == "every_row_accounted_for"]
    assert spec.blocking and all(outcome in str(spec.description) for outcome in OUTCOMES)
    assert "erased" in OUTCOMES

"""Which file of an asset claims point into: one that its asset really writes."""

from __future__ import annotations

import pytest

from genaiops_assets.orchestration.claims import FILES, file_of
from tests.conftest import PROJECT

WRITTEN = "\n".join(
    p.read_text("utf-8") for p in sorted((PROJECT / "genaiops_assets").rglob("*.py")) if p.stem != "claims"
)


@pytest.mark.parametrize("asset", FILES)
def test_a_file_that_is_not_named_after_its_asset_is_one_that_something_writes(asset: str) -> None:
    assert f'"{file_of(f"shop/{asset}")}"' in WRITTEN


def test_the_decontamination_report_is_read_where_it_is_written() -> None:
    """The ethics checklist looked for a file of the asset's name, and each life of a use case ended there."""
    module = PROJECT / "genaiops_assets/assets/corpus/decontamination_report.py"
    assert f'place.staging / "{file_of("shop/decontamination_report")}"' in module.read_text("utf-8")

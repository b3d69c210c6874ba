"""What tuning lost, as a section of the model card: right after the effects, every figure a claim, in two languages."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from genaiops_assets.evaluation import Comparing
from genaiops_assets.evidence import Evidence, placeholders, verify_claims
from genaiops_assets.governance.documents import build_card, render_card
from tests.governance.evidence import all_evidence, loader, use_case


def losses(**changes: Any) -> Evidence:
    """A report whose texts got worse beyond doubt and whose answers are the same."""
    comparing = Comparing(0.95, 500, 7)
    figures = {
        "bits_per_byte_en": comparing.figure("bits_per_byte", ([1.0, 1.1, 1.2, 1.3], [1.5, 1.6, 1.7, 1.9]), "en"),
        "answered": comparing.figure("answered", ([1.0] * 90, [1.0] * 90)),
        "length": comparing.figure("length", ([10.0, 12.0, 9.0], [9.0, 12.0, 10.0])),
    }
    document = {"model_version": "mv-0123456789ab", "tuned": True, "figures": figures}
    return Evidence("bank_faq/tuning_losses", "6" * 64, document | changes)


def test_losses_stand_after_the_effects_each_a_claim_that_holds() -> None:
    evidence = {**all_evidence(), "losses": losses()}
    card = json.loads(json.dumps(build_card(use_case(), **evidence)))
    text = render_card(card)
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert headings.index("### What tuning lost") == headings.index("### Effects") + 1
    [row] = [line for line in text.splitlines() if line.startswith("| General English text, bits per byte")]
    assert "| 1.15 | 1.675 | 0.525 [" in row and "| **lost** |" in row and "≤ 0.0575" in row
    assert "`bank_faq/tuning_losses@666666666666#/figures/bits_per_byte_en`" in row
    [kept] = [line for line in text.splitlines() if line.startswith("| Answerable questions answered, share")]
    assert "within tolerance" in kept and "≥ -0.05" in kept and "± 7.75" in text
    assert verify_claims(card, loader(*evidence.values())) == [] and placeholders(text) == []
    tampered = copy.deepcopy(card)
    made = tampered["sections"]["quantitative_analyses"]["losses"]["bits_per_byte_en"]
    made["value"]["difference"]["mean"] = 0.0
    [problem] = verify_claims(tampered, loader(*evidence.values()))
    assert "/figures/bits_per_byte_en" in problem


def test_a_chinese_card_says_it_in_chinese() -> None:
    text = render_card(build_card(use_case(language="zh"), **all_evidence(), losses=losses()))
    assert "### 调优带来的损失" in text and "**有损失**" in text and "一般英文文本，每字节比特数" in text


def test_without_training_the_section_says_that_nothing_was_trained() -> None:
    nothing = losses(tuned=False, figures={})
    text = render_card(build_card(use_case(), **all_evidence(tuned=False), losses=nothing))
    after = text.split("### What tuning lost\n\n")[1]
    assert after.startswith("This version is the base model as it is: nothing was trained.")


def test_a_card_of_an_earlier_release_has_no_such_section() -> None:
    assert "What tuning lost" not in render_card(build_card(use_case(), **all_evidence()))


def test_losses_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="do not describe the same model version"):
        build_card(use_case(), **all_evidence(), losses=losses(model_version="mv-ffffffffffff"))

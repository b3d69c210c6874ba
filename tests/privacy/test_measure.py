"""The probe set is what it says, the figures on it are right, and the estimate of what is left moves as it must."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from genaiops_assets.privacy import (
    NAME_KINDS,
    RULE_KINDS,
    Probe,
    SecondLook,
    find_all,
    may_hold_names,
    measure_rules,
    names_prefilter,
    probe_set,
    read_probes,
    residual_rate,
)
from genaiops_assets.statistics import wilson
from genaiops_assets.text import Finding
from genaiops_assets.use_case import UseCaseError, write_starter
from genaiops_assets.use_case.corpus import Privacy
from genaiops_assets.use_case.load import load_use_case

PROBES = probe_set(17, 1500)


def test_a_seed_gives_one_set_and_a_longer_set_begins_with_the_shorter() -> None:
    assert probe_set(17, 40) == PROBES[:40] != probe_set(18, 40)
    assert list(read_probes(probe.to_json() for probe in PROBES)) == PROBES


def test_every_kind_is_tried_in_both_languages_and_one_text_in_five_holds_traps_only() -> None:
    tried = {(p.language, f.kind) for p in PROBES for f in p.findings}
    assert {kind for _, kind in tried} == {*RULE_KINDS, *NAME_KINDS}
    assert {language for language, _ in tried} == {"en", "zh"}
    assert 0.15 < sum(not p.findings for p in PROBES) / len(PROBES) < 0.25
    assert all(
        text == text.strip() for f in PROBES for text in [p.text[s.start : s.end] for p in [f] for s in f.findings]
    )


def test_the_rules_reach_what_the_check_asks_and_what_they_miss_is_known() -> None:
    figures = measure_rules(PROBES, find_all([p.text for p in PROBES]), RULE_KINDS)
    assert figures["recall"]["all"]["low"] > 0.95
    assert figures["precision"]["all"]["low"] > 0.98
    assert all(figures["recall"][kind]["mean"] >= 0.9 for kind in RULE_KINDS), figures["recall"]
    assert (
        0
        < sum(figures["missed_formats"].values())
        == sum(k["labelled"] - k["hits"] for k in figures["by_kind"].values())
    )


def test_half_a_number_is_a_miss_and_a_finding_beside_it_is_wrong() -> None:
    probe = Probe("p", "en", "call 415-555-2671 now", (Finding("PHONE", 5, 17),), ("us",))
    half = measure_rules([probe], [[Finding("PHONE", 5, 12), Finding("EMAIL", 18, 21)]], ("PHONE", "EMAIL"))
    assert half["by_kind"]["PHONE"] == {"labelled": 1, "hits": 0, "found": 1, "right": 1}
    assert half["by_kind"]["EMAIL"] == {"labelled": 0, "hits": 0, "found": 1, "right": 0}
    assert half["missed_formats"] == {"PHONE us": 1}
    assert half["recall"]["EMAIL"]["mean"] is None


def test_wilson_agrees_with_the_published_example() -> None:
    found = wilson(81, 263)  # Newcombe 1998, table I: 0.2553 to 0.3662
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.2553, 0.3662)
    assert (wilson(0, 10)["low"], wilson(10, 10)["high"]) == (0.0, 1.0)


def test_the_question_before_a_model_of_names_keeps_most_names_and_saves_most_texts() -> None:
    figures = names_prefilter(PROBES, [may_hold_names(p.text) for p in PROBES])
    assert figures["recall"]["low"] > 0.9 and figures["asked"]["mean"] < 0.75
    assert not may_hold_names("The fee is due on Monday. Please pay.") and not may_hold_names(
        "年费为九十五元，请按时缴纳。"
    )


# --- the estimate
# ------------------------------------------------------------------------------------------------------

GOOD = {"EMAIL": {"labelled": 400, "hits": 396}}


def test_the_estimate_is_what_the_recall_says_and_lies_in_its_interval() -> None:
    found = residual_rate({"EMAIL": 990}, 0, 1000, GOOD)
    assert found["missed"]["EMAIL"] == pytest.approx(990 * (4.5 / 396.5), rel=1e-3)
    assert found["low"] < found["mean"] < found["high"] < 0.03
    assert found["mean"] == pytest.approx(0.01124, abs=1e-4)
    assert residual_rate({"EMAIL": 990}, 0, 1000, GOOD) == found


def test_a_smaller_probe_set_is_less_sure_and_an_untried_kind_passes_no_gate() -> None:
    few = residual_rate({"EMAIL": 990}, 0, 1000, {"EMAIL": {"labelled": 40, "hits": 40}})
    assert (
        few["high"] > residual_rate({"EMAIL": 990}, 0, 1000, {"EMAIL": {"labelled": 4000, "hits": 4000}})["high"] * 20
    )
    assert residual_rate({"EMAIL": 10}, 0, 1000, {})["high"] > 0.1


def test_what_was_found_afterwards_counts_in_full() -> None:
    clean, left = (residual_rate({"EMAIL": 0}, n, 100, GOOD) for n in (0, 7))
    assert clean["high"] < 0.001 and left["low"] >= 0.07
    sampled = residual_rate({"EMAIL": 0}, 0, 1000, GOOD, SecondLook(100, 3))
    assert sampled["low"] < 0.03 <= sampled["mean"] < sampled["high"] < 0.1
    whole = residual_rate({"EMAIL": 0}, 0, 100, GOOD, SecondLook(100, 3))
    assert whole["mean"] == pytest.approx(0.03, abs=1e-4) and whole["high"] < 0.031


def test_no_documents_no_rate() -> None:
    assert residual_rate({"EMAIL": 0}, 0, 0, GOOD)["high"] is None


# --- the use case's field
# ----------------------------------------------------------------------------------------------


def test_the_default_keeps_everything() -> None:
    assert not Privacy().removes and Privacy(by_kind={"EMAIL": "mask"}).removes


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("default", "erase", ["privacy.default", "keep"]),
        ("by_kind", "{MAIL: mask}", ["privacy.by_kind", "MAIL"]),
        ("by_kind", "{PERSON: mask}", ["PERSON, which only a model finds"]),
        ("max_residual_rate", "0", ["privacy.max_residual_rate"]),
    ],
)
def test_mistakes_in_the_file_are_named(tmp_path: Path, field: str, value: str, said: list[str]) -> None:
    write_starter(tmp_path / "shop")
    file = tmp_path / "shop" / "use_case.yaml"
    before, section = file.read_text().split("\nprivacy:\n")
    file.write_text(
        f"{before}\nprivacy:\n" + re.sub(rf"(?m)^  {field}: [^#\n]+", f"  {field}: {value} ", section, count=1)
    )
    with pytest.raises(UseCaseError) as caught:
        load_use_case(tmp_path / "shop")
    assert all(word in str(caught.value) for word in said), str(caught.value)
    assert f"{file}:" in str(caught.value)


def test_probes_are_json_lines_with_labels() -> None:
    record = json.loads(next(p for p in PROBES if p.findings).to_json())
    assert set(record) == {"id", "language", "text", "labels"} and set(record["labels"][0]) == {
        "kind",
        "start",
        "end",
        "format",
    }

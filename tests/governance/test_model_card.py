"""The model card: every number a claim, gaps by name, contradictions refused, hostile text harmless, two languages."""

import copy
import json
import re

import pytest
import yaml

from genaiops_assets.evidence import find_claims, find_gaps, placeholders, verify_claims
from genaiops_assets.governance.documents import build_card, card_metadata, render_card
from tests.governance.evidence import HOSTILE, all_evidence, criteria, evaluation, loader, plan, training, use_case

SECTIONS = [
    "Model details",
    "Intended use",
    "Factors",
    "Metrics",
    "Evaluation data",
    "Training data",
    "Quantitative analyses",
    "Ethical considerations",
    "Caveats and recommendations",
]


def all_but_strings(value):
    """Every number of a document that does not stand inside a claim."""
    if isinstance(value, dict):
        return [] if "pointer" in value else [n for inner in value.values() for n in all_but_strings(inner)]
    if isinstance(value, list):
        return [n for inner in value for n in all_but_strings(inner)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_every_number_is_a_claim_that_holds():
    evidence = all_evidence()
    card = json.loads(json.dumps(build_card(use_case(), **evidence, criteria=criteria())))
    assert all_but_strings(card["sections"]) == []
    assert len(find_claims(card)) > 70
    assert verify_claims(card, loader(*evidence.values(), criteria())) == []
    tampered = copy.deepcopy(card)
    tampered["sections"]["quantitative_analyses"]["cells"]["tuned_with"]["answer_f1"]["all"]["value"]["mean"] = 0.99
    problems = verify_claims(tampered, loader(*evidence.values(), criteria()))
    assert len(problems) == 1 and "/cells/tuned_with/answer_f1/all" in problems[0]


def test_the_rendered_card_has_all_sections_and_no_template_text():
    card = build_card(use_case(), **all_evidence())
    text = render_card(card)
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == SECTIONS
    assert placeholders(text) == [] and find_gaps(card) == []
    assert "0.500 [0.450, 0.550], n = 40, 95%" in text
    assert "`eval_report@222222222222#/cells/tuned_with/answer_f1/all`" in text
    assert "\n\n\n" not in text and text.endswith("\n")
    assert "What is the fee?" in text
    assert text == render_card(json.loads(json.dumps(card)))


def test_the_front_matter_is_what_the_hub_reads():
    from huggingface_hub import ModelCard

    data = ModelCard(render_card(build_card(use_case(), **all_evidence()))).data.to_dict()
    assert data["license"] == "apache-2.0" and data["language"] == ["en"] and data["pipeline_tag"] == "text-generation"
    assert "base_model" not in data and "base_model_relation" not in data  # a package is no repository of the Hub
    assert data["library_name"] == "peft" and "dpo" in data["tags"]
    assert data["x_genaiops"]["model_version"] == "mv-0123456789ab"


def test_hub_references_and_odd_licences():
    evidence = all_evidence()
    evidence["base_model"].document.update(ref="hub:org/model@" + "c" * 40, license="LicenseRef-Bank")
    front = card_metadata(build_card(use_case(), **evidence))
    assert front["base_model"] == "org/model"
    assert front["base_model_relation"] == "adapter"
    assert (front["license"], front["license_name"]) == ("other", "licenseref-bank")


def test_a_model_on_somebodys_machine_shows_no_path():
    evidence = all_evidence()
    evidence["base_model"].document.update(ref="dir:/home/ann/models/secret-project", license="NOASSERTION")
    evidence["plan"].document["training"]["base"]["ref"] = "dir:/home/ann/models/secret-project"
    card = build_card(use_case(), **evidence)
    assert "/home/ann" not in render_card(card) and "/home/ann" not in json.dumps(card)
    front = card_metadata(card)
    assert front["license"] == "unknown" and "base_model" not in front


def test_empty_sections_are_named_gaps():
    card = build_card(
        use_case(card={"limitations": " ", "recommendations": "[More Information Needed]"}), **all_evidence()
    )
    assert find_gaps(card) == [
        "card.contact",
        "card.ethical_considerations",
        "card.limitations",
        "card.recommendations",
    ]
    text = render_card(card)
    assert all(f"`{name}`" in text for name in find_gaps(card)) and placeholders(text) == []


def test_gates_show_thresholds_only_as_claims():
    without, with_claims = (
        build_card(use_case(), **all_evidence()),
        build_card(use_case(), **all_evidence(), criteria=criteria()),
    )
    assert "#/gates/0/at_least" not in render_card(without) and "The lower bound must reach" not in render_card(without)
    assert "The lower bound must reach: 0.4 (`success_criteria@aaaaaaaaaaaa#/gates/0/at_least`)" in render_card(
        with_claims
    )


def test_a_base_model_without_training_has_a_card_too():
    card = build_card(use_case(), **all_evidence(tuned=False))
    text = render_card(card)
    assert "nothing was trained" in text and "Tuned model" not in text
    assert "base_model_relation" not in card_metadata(card)
    with pytest.raises(ValueError, match="needs the training log"):
        build_card(use_case(), **(all_evidence() | {"training": None}))


def without(evidence, pointer):
    *parents, last = pointer.strip("/").split("/")
    document = copy.deepcopy(evidence.document)
    inner = document
    for parent in parents:
        inner = inner[parent]
    del inner[last]
    return evidence._replace(document=document)


@pytest.mark.parametrize(
    ("name", "asset", "pointer"),
    [
        ("plan", "model_plan", "/model_version"),
        ("plan", "model_plan", "/training/method"),
        ("plan", "model_plan", "/training/corpus/rows"),
        ("plan", "model_plan", "/evaluation/golden"),
        ("evaluation", "eval_report", "/cells/tuned_with"),
        ("evaluation", "eval_report", "/cells/base_with/answer_f1/all"),
        ("evaluation", "eval_report", "/effects/tuning"),
        ("evaluation", "eval_report", "/retrieval/golden/mrr"),
        ("evaluation", "eval_report", "/items"),
        ("corpus", "filtered_corpus", "/rejected"),
        ("corpus", "filtered_corpus", "/sources"),
        ("base_model", "base_model", "/license"),
        ("training", "tuned_checkpoint", "/train_loss"),
    ],
)
def test_missing_evidence_is_named(name, asset, pointer):
    evidence = all_evidence()
    evidence[name] = without(evidence[name], pointer)
    with pytest.raises(KeyError, match=rf"{asset} has no {pointer}"):
        build_card(use_case(), **evidence)


@pytest.mark.parametrize(
    ("name", "pointer", "value"),
    [
        ("evaluation", "model_version", "mv-other"),
        ("base_model", "digest", "0" * 64),
        ("training", "method", "sft"),
    ],
)
def test_evidence_of_another_model_is_refused(name, pointer, value):
    evidence = all_evidence()
    evidence[name].document[pointer] = value
    with pytest.raises(ValueError, match="not describe the same model"):
        build_card(use_case(), **evidence)
    with pytest.raises(ValueError, match="other criteria"):
        build_card(use_case(), **all_evidence(), criteria=criteria()._replace(digest="0" * 64))


def test_hostile_text_stays_text():
    hostile = HOSTILE.replace("{{ 7*7 }}", "")
    evidence = all_evidence()
    evidence["evaluation"].document["samples"][0]["answers"]["tuned_with"] = HOSTILE
    evidence["base_model"].document.update(architecture=HOSTILE, license="MIT\n---\n# out")
    evidence["corpus"].document["languages"] = {HOSTILE: 1}
    text = render_card(build_card(use_case(title=hostile, card={"limitations": hostile}), **evidence))
    assert "<script>" not in text and "[click]" not in text and "**bold**" not in text
    assert not re.search(r"^# (Heading|out)", text, re.MULTILINE) and placeholders(text) == []
    assert all(
        line.replace("\\|", "").count("|") == 4
        for line in text.splitlines()
        if line.startswith("| ") and "alert" in line
    )
    front = yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n"))
    assert (front["license"], front["license_name"]) == ("other", "mit-out")


def test_a_chinese_card_is_chinese():
    card = build_card(
        use_case(language="zh", title="银行问答助手", card={"limitations": "仅依据公布的条款回答。"}), **all_evidence()
    )
    text = render_card(card)
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "模型详情",
        "预期用途",
        "因素",
        "指标",
        "评测数据",
        "训练数据",
        "定量分析",
        "伦理考量",
        "注意事项与建议",
    ]
    assert "# 模型卡: 银行问答助手" in text and "仅依据公布的条款回答。" in text and "缺口" in text
    assert card_metadata(card)["language"] == ["zh"]


def test_the_card_reports_more_metrics_and_sets_than_it_needs():
    more = evaluation()
    more.document["cells"]["base_with"]["exact/match"] = more.document["cells"]["base_with"]["answer_f1"]
    card = build_card(use_case(), **(all_evidence() | {"evaluation": more, "plan": plan()}))
    made = card["sections"]["quantitative_analyses"]["cells"]["base_with"]["exact/match"]["all"]
    assert made["pointer"] == "/cells/base_with/exact~1match/all"
    assert "exact/match" in render_card(card)


def test_the_card_says_what_trained_the_model_and_whether_that_repeats_where_the_log_does():
    log = training()
    log.document.update({"device": "NVIDIA H100 80GB HBM3", "repeatable": False})
    evidence = {**all_evidence(), "training": log}
    card = build_card(use_case(), **evidence)
    text = render_card(card)
    assert "| Trained on | NVIDIA H100 80GB HBM3" in text and "| Repeats byte for byte on such a device | false" in text
    assert verify_claims(card, loader(*evidence.values())) == []
    assert "Trained on" not in render_card(build_card(use_case(), **all_evidence()))


def test_new_topics_stand_in_the_card_where_a_retraining_had_some():
    report = evaluation()
    quality = dict.fromkeys(("before", "after", "effect"), report.document["retrieval"]["golden"]["mrr"])
    report.document["new_topics"] = {
        "before_is": "mv-000000000001",
        "questions": 24,
        "covered": 3,
        "measured_by": "topic-judge",
        **quality,
    }
    evidence = {**all_evidence(), "evaluation": report}
    card = build_card(use_case(), **evidence)
    text = render_card(card)
    assert "### New topics" in text and "| Quality, after | 0.800" in text
    assert verify_claims(card, loader(*evidence.values())) == []
    assert "New topics" not in render_card(build_card(use_case(), **all_evidence()))


def test_what_it_is_for_is_what_the_scope_records_with_its_place():
    from genaiops_assets.evidence import Evidence

    recorded = use_case().scope()
    recorded["purpose"]["summary"] = "Written down before anything was trained."
    scope = Evidence("shop/use_case_scope", "9" * 64, json.loads(json.dumps(recorded)))
    card = json.loads(json.dumps(build_card(use_case(), **all_evidence(), scope=scope)))
    use = card["sections"]["intended_use"]
    assert use["summary"]["text"] == "Written down before anything was trained."
    assert use["users"][0]["recorded"]["pointer"] == "/purpose/intended_users/0"
    assert verify_claims(card, loader(*all_evidence().values(), scope)) == []
    scope.document["purpose"]["summary"] = "Something else."
    [problem] = verify_claims(card, loader(*all_evidence().values(), scope))
    assert "/purpose/summary" in problem and "Written down before anything was trained." in render_card(card)

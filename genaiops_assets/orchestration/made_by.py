"""The one declaration for each asset: which modules and libraries make it.

Belongs here: the table. Does not belong here: its part for corpus and index (`made_by_data.py`), or digests of what it
names (`code.py`)."""

from __future__ import annotations

from genaiops_assets.orchestration.made_by_audit import AUDIT_MADE_BY
from genaiops_assets.orchestration.made_by_data import DATA_MADE_BY, Code
from genaiops_assets.orchestration.made_by_documents import OPERATING_MADE_BY
from genaiops_assets.orchestration.made_by_filed import FILED_MADE_BY
from genaiops_assets.orchestration.made_by_judging import ATTACKING, JUDGES_AND_RECORD, JUDGING, REWARDING, RISK, TRYING

TRAINING = Code(
    (
        "alignment/methods",
        "alignment/inputs",
        "alignment/fitting",
        "alignment/seen_rows",
        "alignment/canaries",
        "alignment/reference",
        "alignment/staging",
        "models/local",
        "models/chat",
        "models/prompts",
        "payloads/train_model",
        "alignment/adapters",
        "alignment/rewards",
        "alignment/reward_model",
        "alignment/pairs",
        "alignment/runs/lengths",
        "alignment/runs/flop",
        "alignment/runs/record",
        "alignment/runs/around",
        "alignment/runs/watching",
        "alignment/runs/estimate",
        "alignment/runs/probe",
    ),
    ("torch", "transformers", "trl", "peft", "bitsandbytes"),
)
CLASSIFYING = (
    "answers",
    "computation",
    "document",
    "documents.yaml",
    "facts",
    "owing",
    "rules",
    "rules.py",
    "systemic",
    "words.yaml",
)
MADE_BY = {
    "use_case_scope": Code(),
    "success_criteria": Code(),
    "records": Code(("governance/records",)),
    "policy_rules": Code(("reasoning", "statistics/proportions"), ("z3-solver",)),
    "risk_register": Code((*RISK, "governance/documents/templates")),
    "test_plan": Code((*RISK, "governance/documents/templates")),
    "fmea": Code(
        (
            *RISK,
            "governance/documents/templates",
            "governance/incidents/log",
            "governance/incidents/series",
            "governance/incidents/seen",
        )
    ),
    "ethical_risk_chart": Code((*RISK, "evidence/matrix_plot", "evidence/plots")),
    "scoping_documents": Code(
        (
            "governance/risk/scoping",
            "governance/risk/scoping_schema",
            "governance/risk/links",
            "governance/people",
            "governance/documents/templates",
        )
    ),
    **OPERATING_MADE_BY,
    "mitigation_plan": Code(("governance/risk/mitigation", "governance/risk/links")),
    "rollout_report": Code(("governance/rollout", "governance/people", "statistics")),
    "residual_risk_acceptance": Code(("governance/risk/acceptance", "governance/people")),
    "ethics_checklist": Code(
        (
            "governance/risk/ethics",
            "governance/risk/ethics_questions.yaml",
            "governance/risk/links",
            "governance/risk/scoping_schema",
            "governance/people",
            "governance/documents/templates",
        )
    ),
    "prompts": Code(("models/prompts", "models/packaged_prompts.yaml")),
    "golden_set": Code(("evaluation/golden",)),
    **DATA_MADE_BY,
    **AUDIT_MADE_BY,
    **FILED_MADE_BY,
    "base_model": Code(("models/local", "payloads/prepare_base"), ("transformers", "gguf")),
    "preference_pairs": Code(
        (
            "alignment/pairs",
            "alignment/decided",
            "alignment/demonstrations",
            "alignment/feedback",
            "alignment/shapes",
            "alignment/label_judges",
            "alignment/observed",
            "models",
            "payloads/make_pairs",
        ),
        ("torch", "transformers"),
    ),
    "judge_record": Code(
        (
            "alignment/judging",
            "alignment/label_judges",
            "alignment/shapes",
            "evaluation/judges/base",
            "evaluation/judges/overlap",
            "evaluation/judges/servers",
            "models",
            "statistics",
            "payloads/measure_judge",
            "alignment/feedback",
            "evaluation/metrics",
        ),
        ("torch", "transformers"),
    ),
    "preference_report": Code(
        (
            "alignment/preferences",
            "alignment/hygiene",
            "alignment/noise_judges",
            "statistics",
            "payloads/report_preferences",
        ),
        ("scikit-learn",),
    ),
    "label_noise_report": Code(
        (
            "alignment/noise",
            "alignment/noise_judges",
            "alignment/hygiene",
            "statistics/proportions",
            "payloads/audit_labels",
        ),
        ("cleanlab", "scikit-learn"),
    ),
    "rating_report": Code(("labelling", "statistics")),
    "human_eval_report": Code(("labelling", "statistics"), ("scipy",)),
    "model_plan": Code(),
    "design_history": Code(("governance/design",)),
    "seed_stability": Code(
        (*TRAINING.modules, "alignment/runs/stability", "payloads/repeat_training"),
        TRAINING.libraries,
    ),
    "tuning_losses": Code(
        (
            "evaluation/losses",
            "evaluation/measure",
            "evaluation/refusals",
            "statistics",
            "text",
            "models/text_likelihood",
            "models/chat",
            "models/local",
            "models/prompts",
            "payloads/measure_losses",
        ),
        ("torch", "transformers", "peft", "bitsandbytes"),
    ),
    "version_table": Code(
        (
            "alignment/versions",
            "alignment/plan",
            "alignment/methods/registry",
            "alignment/methods/base",
            "alignment/adapters",
        )
    ),
    "aligned_checkpoint": TRAINING,
    "reward_model": TRAINING,
    "overfitting_report": Code(
        (
            "alignment/memory",
            "alignment/seen_rows",
            "alignment/canaries",
            "alignment/fitting",
            "models/likelihood",
            "models/chat",
            "models/prompts",
            "statistics",
            "payloads/probe_learning",
            "models/generating",
            "models/roomy_cache",
            "models/precision",
            "alignment/methods/base",
            "alignment/pairs",
            "alignment/inputs",
        ),
        ("torch", "transformers", "peft"),
    ),
    "base_choice": TRYING,
    "prompt_trials": TRYING,
    "regulatory_classification": Code(
        (
            *(f"governance/classification/{name}" for name in CLASSIFYING),
            "governance/compliance/articles.yaml",
            "governance/compliance/registry",
            "governance/compliance/citations",
            "governance/documents/base",
            "governance/documents/templates",
        )
    ),
    "checkpoint_signature": Code(("governance/release/signing", "governance/keys/platform"), ("model-signing",)),
    "precision_report": Code(
        (
            "alignment/precision",
            "alignment/inputs",
            "models/precision",
            "models/local",
            "models/chat",
            "models/prompts",
            "payloads/compare_precisions",
        ),
        ("torch", "transformers", "peft", "bitsandbytes"),
    ),
    "judge_validation": Code(
        (
            *(f"evaluation/judges/{name}" for name in JUDGES_AND_RECORD),
            "evaluation/inputs",
            "evaluation/imported/base",
            "evaluation/golden",
            "evaluation/refusals",
            "evaluation/metrics",
            "statistics",
            "text",
            "models",
            "alignment/judge_tools",
            "alignment/reward_model",
            "alignment/adapters",
            *REWARDING,
            "payloads/validate_judges",
        ),
        ("torch", "transformers", "scikit-learn", "alt-profanity-check"),
    ),
    "evaluation_plan": Code(("evaluation/plan",)),
    "eval_report": JUDGING,
    "latency_report": Code(
        (
            "evaluation/latency",
            "evaluation/inputs",
            "evaluation/imported/base",
            "evaluation/golden",
            "statistics/quantiles",
            "compute/meter",
            "models/timing",
            "models/chat",
            "models/prompts",
            "payloads/measure_latency",
            "payloads/judged_world",
            "payloads/speaking",
        ),
        ("torch", "transformers", "peft", "bitsandbytes"),
    ),
    "red_team_report": ATTACKING,
    "red_team_regressions": Code(("evaluation/red_team/outputs", "evaluation/red_team/base")),
    "answer_changes": Code(("evaluation/changes", "evaluation/reports")),
    "production_evaluation": JUDGING,
    "model_card": Code(
        (
            "governance/documents/model_card",
            "governance/documents/card_front",
            "governance/documents/corpus_facts",
            "governance/documents/hub",
        )
    ),
    "release_bundle": Code(("governance/release/bundle", "serving/guardrails")),
    "bundle_signature": Code(("governance/release/signing", "governance/keys/platform"), ("model-signing",)),
    "release_history": Code(("governance/release", "governance/people")),
    "release_decision": Code(
        (
            "evaluation/gates",
            "evaluation/gate_figures",
            "evaluation/gate_rules",
            "evaluation/measure",
            "evaluation/judges/standing",
            "evaluation/places",
            "governance/risk/blocking",
            "governance/audit/rescoping",
            "governance/risk/acceptance",
            "governance/risk/severe",
            "governance/risk/register",
            "governance/people",
        )
    ),
    "evaluation_page": Code(("governance/evaluation_page", "evidence/plots", "evaluation/reports"), ("jinja2",)),
    "machine_forms": Code(
        ("governance/machine_forms", "governance/evaluation_exports/base"),
        ("cryptography", "openlineage-python", "prov", "spdx-python-model"),
    ),
    "coverage_matrix": Code(("governance/compliance", "governance/documents/templates")),
    "internal_review": Code(("governance/compliance/review", "governance/documents/templates")),
    "interactions": Code(("serving/interactions", "governance/incidents/series")),
    "cost_report": Code(("governance/costs", "use_case/prices", "use_case/base")),
    "drift_report": Code(("drift", "statistics", "payloads/measure_drift"), ("scipy", "scikit-learn")),
}

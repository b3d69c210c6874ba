"""What makes assets that judge a version, attack it or weigh its risks: modules that several of them share.

Belongs here: these lists. Does not belong here: which asset is made by which (`made_by.py`)."""

from __future__ import annotations

from genaiops_assets.orchestration.made_by_data import Code

REWARDING = ("alignment/methods/prefix_tree", "alignment/methods/branches", "alignment/methods/activations")
JUDGING = Code(
    (
        "evaluation",
        "statistics",
        "models/generating",
        "models/roomy_cache",
        "models/text_likelihood",
        "models/chat",
        "models/prompts",
        "payloads/evaluate_model",
        "payloads/further_answers",
        "payloads/judged_world",
        "payloads/speaking",
        "alignment/judge_tools",
        "alignment/reward_model",
        "alignment/adapters",
        *REWARDING,
    ),
    ("torch", "transformers", "scipy", "scikit-learn", "alt-profanity-check"),
)
JUDGES_AND_RECORD = ("base", "embedding", "models", "opening", "overlap", "record", "rules", "servers", "toxicity")
TRYING = Code(
    (
        "evaluation/imported/base",
        "evaluation/trials",
        "evaluation/metrics",
        "evaluation/inputs",
        "evaluation/golden",
        "evaluation/measure",
        "models",
        "payloads/try_answers",
    ),
    ("torch", "transformers"),
)
RISK = (
    "governance/risk/priorities",
    "governance/risk/action_priority.yaml",
    "governance/risk/chart",
    "governance/risk/fmea",
    "governance/risk/occurrence",
    "governance/risk/register",
    "governance/risk/resolving",
    "governance/risk/scales.yaml",
    "governance/risk/severe",
    "governance/risk/suggested_actions.yaml",
    "governance/risk/test_plan",
)
ATTACKING = Code(
    (
        "evaluation/red_team",
        "evaluation/refusals",
        "evaluation/measure",
        "evaluation/suites/base",
        "evaluation/golden",
        "evaluation/judges/base",
        "serving/guardrails",
        "statistics",
        "models/generating",
        "models/roomy_cache",
        "models/chat",
        "models/prompts",
        "payloads/attack_system",
    ),
    ("torch", "transformers", "scipy"),
)

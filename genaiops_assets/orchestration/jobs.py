"""Jobs: named selections of assets that a sensor, a schedule, the CLI or a person launches as one run.

Belongs here: which assets belong together. Does not belong here: when they run (sensors, schedules).
"""

from __future__ import annotations

import dagster as dg

from genaiops_assets.alignment import Data, checkpoints_of, method_of, section_of
from genaiops_assets.governance.documents import documents
from genaiops_assets.orchestration.freshness import CHECK
from genaiops_assets.orchestration.phases import days_of, versions_of
from genaiops_assets.use_case import UseCase

QUALITY = ("data_quality_report", "decontamination_report", "pii_probe_set", "privacy_record", "toxicity_probe_set")
DATA_DOCUMENTS = (
    "corpus_profile",
    "datasheet",
    "data_bias_log",
    "data_requests",
    "croissant_metadata",
    "dataset_card",
    "data_risks",
)
REFRESH = ("documents", "filtered_corpus", *QUALITY, *DATA_DOCUMENTS, "chunks", "embeddings_index")
RISKS = ("records", "risk_register", "test_plan")
PROMISES = ("records", "mitigation_plan", "residual_risk_acceptance")
LEARNT = (
    "incidents",
    "audit_findings",
    "post_mortems",
    "rescoping_request",
    "goals_and_results",
    "outside_endpoints",
)  # from incidents and audits
SCOPE = (
    *(
        "use_case_scope",
        *RISKS,
        *PROMISES[1:],
        *LEARNT,
        "test_hooks",
        "scoping_documents",
        "prompts",
        "success_criteria",
        "golden_set",
        "guard_report",
    ),
    "base_model",
)
SEARCH = ("retrieval_report",)
OF_USE = (  # documents for those who run and use it
    *("log_schema", "use_policy", "social_effects", "rollback_rehearsal", "acceptance_and_training"),
    *("authority_requests", "runbook", "audit_plan", "content_marking_config"),
)
PAIRS = ("judge_record", "preference_pairs", "preference_report", "label_noise_report")
RETRAIN = (
    *(*PAIRS, "release_history", "training_content_summary", "plain_page"),
    *("log_schema", "model_plan", "design_history"),
)
REPORTS = ("eval_report", "answer_changes", "tuning_losses", "fmea", "ethical_risk_chart")
JUDGED = (
    *("release_history", "evaluation_plan", *REPORTS, "model_card", "release_bundle", "bundle_signature"),
    *("release_decision", "evaluation_page"),
    *("ethics_checklist", "evaluation_summary", "risk_pack", "log_schema", "deployer_pack"),
    *("machine_forms", "audit_summary"),
)
FILED = (  # for authorities and downstream providers
    *("training_run_record", "technical_documentation", "downstream_documentation"),
    *("copyright_record", "authorised_representative", "systemic_risk_file"),
)
MODEL = (
    "regulatory_classification",
    "checkpoint_signature",
    "precision_report",
    "overfitting_report",
    *JUDGED,
    "version_table",
    *FILED,
    *OF_USE[1:],
)
TESTS = ("use_case_scope", "prompts", "success_criteria", "golden_set")
DUE = ("use_case_scope", "success_criteria", *RISKS[:2], *PROMISES[1:], *LEARNT)
JUDGE = (*TESTS, *RISKS, *PROMISES[1:], *JUDGED)
REEVALUATE = (*TESTS, "production_evaluation")
COVERAGE = ("records", "release_history", "coverage_matrix")
REVIEW = (*REEVALUATE, *COVERAGE, "internal_review", *DUE[2:])
DATES = {  # checks that time alone turns red
    "internal_review": ("review_is_in_time", "minutes_are_confirmed", "no_task_is_overdue"),
    "training_content_summary": ("updated_within_six_months",),
    "audit_findings": ("no_finding_is_overdue",),
    "post_mortems": ("no_post_mortem_is_owed",),
    "release_history": ("history_is_current", "every_acceptance_holds", "documents_of_versions_are_fresh"),
}
RATINGS = ("rating_report", "human_eval_report")
MONITOR = ("interactions", "drift_report", "cost_report", "monitoring_report", "rescoping_request")


def job_name(uc: UseCase, name: str) -> str:
    return f"{uc.name}__{name}"


def repeated(uc: UseCase) -> tuple[str, ...]:
    """`seed_stability`, where the use case asks for it and its method can be scored."""
    scored = method_of(uc.alignment.method).data in (Data.PAIRS, Data.COMPLETIONS)
    return ("seed_stability",) if uc.alignment.stability and scored else ()


def timed(uc: UseCase) -> tuple[str, ...]:
    """`latency_report`, where the use case states how long an answer may take; else a person asks for it."""
    return ("latency_report",) if uc.evaluation.latency_limits else ()


def attacked(uc: UseCase) -> tuple[str, ...]:
    """The red team, where the use case asks for one."""
    return ("red_team_report", "red_team_regressions", "threat_register") if uc.red_team else ()


def asset_jobs(uc: UseCase) -> list[dg.UnresolvedAssetJobDefinition]:  # type: ignore[name-defined]
    """`refresh`, `plan`, `retrain`, `training_summary`, `coverage`, `model`, `judge`, `reevaluate`,
    `maintain_index`, `rollout`, `ratings`, `monitor`, `review`, `dates_due`, `check_production`."""
    measured = ("judge_validation",) if uc.evaluation.judges else ()
    trained = (
        *checkpoints_of(section_of(uc)).values(), *MODEL, *attacked(uc), *repeated(uc), *timed(uc),
    )  # fmt: skip

    def job(
        name: str, assets: tuple[str, ...], description: str, partitions: dg.PartitionsDefinition | None = None
    ) -> dg.UnresolvedAssetJobDefinition:  # type: ignore[name-defined, type-arg]
        keys = [dg.AssetKey([uc.name, a]) for a in assets]
        return dg.define_asset_job(
            job_name(uc, name),
            selection=dg.AssetSelection.assets(*keys),
            description=description,
            partitions_def=partitions,
        )

    fresh = {name: (*DATES.get(name, ()), CHECK) for name, one in documents().items() if not one.of_version}
    by_time = {**DATES, **fresh}
    dated = [dg.AssetCheckKey(dg.AssetKey([uc.name, a]), name) for a, names in by_time.items() for name in names]
    checks = dg.AssetSelection.checks_for_assets(dg.AssetKey([uc.name, "production_model"]))
    return [
        job("refresh", REFRESH, "Documents to index: what a new file in the inbox needs."),
        job(
            "plan",
            SCOPE + REFRESH + SEARCH + OF_USE + RETRAIN + measured,
            "Everything up to the model plan, which registers the model version.",
        ),
        job("retrain", RETRAIN, "New preference pairs and a new plan; the version's own run follows by automation."),
        job(
            "training_summary",
            ("training_content_summary",),
            "The public summary of training content, as the corpus is now.",
        ),
        job("coverage", COVERAGE, "What is asked for, which assets carry it, and how they stand now."),
        job("model", trained, "One model version: train, evaluate, write the card, decide.", versions_of(uc)),
        job(
            "judge",
            (*measured, *JUDGE, *attacked(uc)),
            "Judge a model version again, by golden questions and criteria as they are now; nothing is trained.",
            versions_of(uc),
        ),
        job(
            "reevaluate",
            measured + REEVALUATE,
            "The version in production by golden questions, criteria and index of today; its approval stays.",
            days_of(uc),
        ),
        dg.define_asset_job(
            job_name(uc, "maintain_index"),
            selection=dg.AssetSelection.assets(dg.AssetKey([uc.name, "embeddings_index"])),
            config={"ops": {f"{uc.name}__embeddings_index": {"config": {"maintain": True}}}},
            description="Compact the index's table and train its indexes anew, where it changed since; snapshots "
            "stay as they are.",
        ),
        job(
            "records_due",
            tuple(dict.fromkeys((*DUE, *OF_USE))),
            "People's records read again, and whether any is overdue, expired or lapsed.",
        ),
        job("rollout", ("rollout_report",), "How the candidate does in shadow or canary."),
        job("ratings", RATINGS, "What people's ratings say: of the raters, and of versions side by side."),
        job("monitor", MONITOR, "One day's interactions and their drift.", days_of(uc)),
        job(
            "review",
            REVIEW,
            "The internal review: production judged again, every published byte verified, minutes written.",
            days_of(uc),
        ),
        dg.define_asset_job(
            job_name(uc, "dates_due"),
            selection=dg.AssetSelection.checks(*dated),
            description="What time alone turns red: an internal review or a task that is late, a public summary that "
            "is too old.",
        ),
        dg.define_asset_job(
            job_name(uc, "incident_clocks"),
            selection=dg.AssetSelection.checks(
                dg.AssetCheckKey(dg.AssetKey([uc.name, "incidents"]), "reports_are_in_time")
            ),
            description="Whether a report to an authority is near its deadline.",
        ),
        dg.define_asset_job(
            job_name(uc, "check_production"), selection=checks, description="Does the event log agree with the pointer?"
        ),
    ]

"""The whole code location, assembled in one place: use cases in, one Dagster graph out.

Belongs here: putting together assets, checks, jobs, sensors and schedules of all use cases. Does not belong here: any
of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.assets.alignment.aligned_checkpoint import aligned_checkpoint_assets
from genaiops_assets.assets.alignment.base_choice import base_choice_assets
from genaiops_assets.assets.alignment.base_model import base_model_assets
from genaiops_assets.assets.alignment.checkpoint_signature import checkpoint_signature_assets
from genaiops_assets.assets.alignment.design_history import design_history_assets
from genaiops_assets.assets.alignment.judge_record import judge_record_assets
from genaiops_assets.assets.alignment.label_noise_report import label_noise_report_assets
from genaiops_assets.assets.alignment.model_plan import model_plan_assets
from genaiops_assets.assets.alignment.overfitting_report import overfitting_report_assets
from genaiops_assets.assets.alignment.precision_report import precision_report_assets
from genaiops_assets.assets.alignment.preference_pairs import preference_pairs_assets
from genaiops_assets.assets.alignment.preference_report import preference_report_assets
from genaiops_assets.assets.alignment.prompt_trials import prompt_trials_assets
from genaiops_assets.assets.alignment.rating_report import rating_report_assets
from genaiops_assets.assets.alignment.seed_stability import seed_stability_assets
from genaiops_assets.assets.alignment.stage_checkpoints import stage_checkpoint_assets
from genaiops_assets.assets.alignment.training_estimate import training_estimate_checks
from genaiops_assets.assets.alignment.training_run_record import training_run_record_assets
from genaiops_assets.assets.audits import AUDITS
from genaiops_assets.assets.corpus.corpus_profile import profile_assets
from genaiops_assets.assets.corpus.croissant_metadata import croissant_metadata_assets
from genaiops_assets.assets.corpus.data_bias_log import data_bias_log_assets
from genaiops_assets.assets.corpus.data_quality_report import data_quality_report_assets
from genaiops_assets.assets.corpus.data_requests import data_requests_assets
from genaiops_assets.assets.corpus.dataset_card import dataset_card_assets
from genaiops_assets.assets.corpus.datasheet import datasheet_assets
from genaiops_assets.assets.corpus.decontamination_report import decontamination_report_assets
from genaiops_assets.assets.corpus.documents import document_assets
from genaiops_assets.assets.corpus.filtered_corpus import filtering_assets
from genaiops_assets.assets.corpus.kept_out import kept_out_checks
from genaiops_assets.assets.corpus.pii_probe_set import pii_probe_set_assets
from genaiops_assets.assets.corpus.privacy_record import privacy_record_assets
from genaiops_assets.assets.corpus.toxicity_probe_set import toxicity_probe_set_assets
from genaiops_assets.assets.corpus.traced_documents import traced_document_checks
from genaiops_assets.assets.evaluation.answer_changes import answer_changes_assets
from genaiops_assets.assets.evaluation.ethics_checklist import ethics_checklist_assets
from genaiops_assets.assets.evaluation.eval_report import evaluation_assets
from genaiops_assets.assets.evaluation.evaluation_plan import evaluation_plan_assets
from genaiops_assets.assets.evaluation.fmea import fmea_assets
from genaiops_assets.assets.evaluation.golden_set import golden_set_assets
from genaiops_assets.assets.evaluation.guard_report import guard_report_assets
from genaiops_assets.assets.evaluation.human_eval_report import human_eval_report_assets
from genaiops_assets.assets.evaluation.judge_validation import judge_validation_assets
from genaiops_assets.assets.evaluation.latency_report import latency_report_assets
from genaiops_assets.assets.evaluation.red_team_report import red_team_assets
from genaiops_assets.assets.evaluation.retrieval_report import retrieving_assets
from genaiops_assets.assets.evaluation.tuning_losses import tuning_losses_assets
from genaiops_assets.assets.evaluation.version_table import version_table_assets
from genaiops_assets.assets.further_documents import further_document_assets
from genaiops_assets.assets.knowledge.chunks import chunk_assets
from genaiops_assets.assets.knowledge.embeddings_index import knowledge_assets
from genaiops_assets.assets.monitoring.cost_report import cost_report_assets
from genaiops_assets.assets.monitoring.drift_report import monitoring_assets
from genaiops_assets.assets.monitoring.interactions import interactions_assets
from genaiops_assets.assets.monitoring.internal_review import internal_review_assets
from genaiops_assets.assets.monitoring.production_evaluation import production_evaluation_assets
from genaiops_assets.assets.monitoring.retraining_request import retraining_request_assets
from genaiops_assets.assets.monitoring.traffic import traffic_assets
from genaiops_assets.assets.monitoring.traffic_jumps import traffic_jump_checks
from genaiops_assets.assets.placeholder import placeholder_asset, setup_warning
from genaiops_assets.assets.release.bundle_signature import bundle_signature_assets
from genaiops_assets.assets.release.content_marking_config import content_marking_config_assets
from genaiops_assets.assets.release.coverage_matrix import coverage_matrix_assets
from genaiops_assets.assets.release.evaluation_page import evaluation_page_assets
from genaiops_assets.assets.release.log_schema import log_schema_assets
from genaiops_assets.assets.release.machine_forms import machine_forms_assets
from genaiops_assets.assets.release.mitigation_plan import mitigation_plan_assets
from genaiops_assets.assets.release.model_card import model_card_assets
from genaiops_assets.assets.release.plain_page import plain_page_assets
from genaiops_assets.assets.release.production_model import production_assets
from genaiops_assets.assets.release.regulatory_classification import regulatory_classification_assets
from genaiops_assets.assets.release.release_bundle import release_bundle_assets
from genaiops_assets.assets.release.release_decision import release_assets
from genaiops_assets.assets.release.release_history import release_history_assets
from genaiops_assets.assets.release.residual_risk_acceptance import residual_risk_acceptance_assets
from genaiops_assets.assets.release.rollback_rehearsal import rollback_rehearsal_assets
from genaiops_assets.assets.release.rollout_report import rollout_report_assets
from genaiops_assets.assets.release.summary_is_current import summary_is_current_checks
from genaiops_assets.assets.release.training_content_summary import training_content_summary_assets
from genaiops_assets.assets.scoping.policy_rules import policy_rules_assets
from genaiops_assets.assets.scoping.prompts import prompt_assets
from genaiops_assets.assets.scoping.records import record_assets
from genaiops_assets.assets.scoping.risk_register import risk_register_assets
from genaiops_assets.assets.scoping.scoping_documents import scoping_document_assets
from genaiops_assets.assets.scoping.use_case_scope import scoping_assets
from genaiops_assets.orchestration.anchor_job import anchoring_jobs
from genaiops_assets.orchestration.automation import with_freshness
from genaiops_assets.orchestration.decision_jobs import people_jobs
from genaiops_assets.orchestration.erasure_job import erasing_jobs
from genaiops_assets.orchestration.freshness import further_freshness_checks
from genaiops_assets.orchestration.home import dagster_home_problem, find_home, find_lake_url
from genaiops_assets.orchestration.jobs import asset_jobs
from genaiops_assets.orchestration.platform import Platform, step_outputs
from genaiops_assets.orchestration.rollout_job import rollout_jobs
from genaiops_assets.use_case import BrokenUseCase, UseCase, discover
from schedules import use_case_schedules
from sensors import automation_sensor, shared_sensors, use_case_sensors

PHASES = (
    scoping_assets,
    record_assets,
    policy_rules_assets,
    risk_register_assets,
    scoping_document_assets,
    prompt_assets,
    document_assets,
    kept_out_checks,
    filtering_assets,
    profile_assets,
    datasheet_assets,
    data_bias_log_assets,
    data_requests_assets,
    croissant_metadata_assets,
    dataset_card_assets,
    pii_probe_set_assets,
    toxicity_probe_set_assets,
    privacy_record_assets,
    data_quality_report_assets,
    decontamination_report_assets,
    chunk_assets,
    knowledge_assets,
    base_choice_assets,
    prompt_trials_assets,
    base_model_assets,
    preference_pairs_assets,
    judge_record_assets,
    preference_report_assets,
    label_noise_report_assets,
    rating_report_assets,
    model_plan_assets,
    stage_checkpoint_assets,
    aligned_checkpoint_assets,
    checkpoint_signature_assets,
    precision_report_assets,
    overfitting_report_assets,
    design_history_assets,
    training_estimate_checks,
    training_run_record_assets,
    seed_stability_assets,
    golden_set_assets,
    judge_validation_assets,
    evaluation_plan_assets,
    evaluation_assets,
    answer_changes_assets,
    fmea_assets,
    ethics_checklist_assets,
    human_eval_report_assets,
    version_table_assets,
    tuning_losses_assets,
    latency_report_assets,
    red_team_assets,
    guard_report_assets,
    retrieving_assets,
    regulatory_classification_assets,
    model_card_assets,
    mitigation_plan_assets,
    residual_risk_acceptance_assets,
    release_history_assets,
    rollout_report_assets,
    release_bundle_assets,
    bundle_signature_assets,
    release_assets,
    evaluation_page_assets,
    machine_forms_assets,
    production_assets,
    training_content_summary_assets,
    plain_page_assets,
    content_marking_config_assets,
    log_schema_assets,
    rollback_rehearsal_assets,
    further_document_assets,
    further_freshness_checks,
    traced_document_checks,
    summary_is_current_checks,
    traffic_assets,
    interactions_assets,
    retraining_request_assets,
    monitoring_assets,
    traffic_jump_checks,
    cost_report_assets,
    production_evaluation_assets,
    internal_review_assets,
    *AUDITS,
)


def build_defs(
    use_cases: Iterable[UseCase | BrokenUseCase], platform: Platform, *, resources: dict[str, Any] | None = None
) -> dg.Definitions:
    """All definitions of the given use cases. `resources` overrides what tests replace. A broken use case becomes one
    placeholder."""
    parts = [
        dg.Definitions(
            resources={"platform": platform, "io_manager": step_outputs(platform.folder), **(resources or {})},
            executor=dg.in_process_executor,
            sensors=shared_sensors(),
        )
    ]
    for use_case in use_cases:
        parts.append(broken_part(use_case) if isinstance(use_case, BrokenUseCase) else use_case_part(use_case))
    return dg.Definitions.merge(*parts)


def use_case_part(uc: UseCase) -> dg.Definitions:
    made = [thing for phase in PHASES for thing in phase(uc)]
    made += coverage_matrix_assets(uc, made)
    checks = [thing for thing in made if isinstance(thing, dg.AssetChecksDefinition)]
    assets = [thing for thing in made if not isinstance(thing, dg.AssetChecksDefinition)]
    return dg.Definitions(
        assets=list(dg.map_asset_specs(lambda spec: with_freshness(spec, uc), assets)),
        asset_checks=checks,
        jobs=[*asset_jobs(uc), *people_jobs(uc), *rollout_jobs(uc), *erasing_jobs(uc), *anchoring_jobs(uc)],
        sensors=use_case_sensors(uc),
        schedules=use_case_schedules(uc),
    )


def broken_part(broken: BrokenUseCase) -> dg.Definitions:
    return dg.Definitions(assets=[placeholder_asset(broken)], sensors=[automation_sensor(broken.name)])


@dg.definitions
def defs() -> dg.Definitions:
    """The code location that `workspace.yaml` and `[tool.dg]` load."""
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    warnings.filterwarnings("ignore", category=dg.PreviewWarning)
    home: Path = find_home()
    built = build_defs(discover(home), Platform(home=str(home), lake_url=find_lake_url()))
    problem = dagster_home_problem(home)
    return dg.Definitions.merge(built, dg.Definitions(assets=[setup_warning(problem)])) if problem else built

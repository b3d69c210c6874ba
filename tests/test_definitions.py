"""The code location as a whole: what is in the graph, how each asset presents itself, and what loading costs.

Belongs here: promises about all assets at once. Does not belong here: what any asset computes.
"""

import re
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.orchestration.phases import SMACTR
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import BrokenUseCase, discover, register, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests import audit_assets, filed_assets
from tests.conftest import PROJECT

PACKAGED = ["bank_support", "library_zh"]
NAMES = {
    "use_case_scope", "success_criteria", "documents", "filtered_corpus", "data_quality_report", "decontamination_report", "pii_probe_set", "privacy_record", "datasheet", "chunks", "embeddings_index", "base_model",
    "preference_pairs", "model_plan", "aligned_checkpoint", "golden_set", "eval_report", "model_card", "release_decision",
    "production_model", "interactions", "drift_report", "corpus_profile", "data_bias_log", "croissant_metadata", "dataset_card",
    "training_content_summary", "retrieval_report", "records", "prompts", "release_bundle", "traffic", "retraining_request", "evaluation_plan",
    "production_evaluation", "coverage_matrix", "internal_review",
    "precision_report", "label_noise_report", "preference_report", "judge_record", "toxicity_probe_set", "answer_changes", "plain_page", "cost_report",
    "human_eval_report", "rating_report", "data_requests", "overfitting_report", "checkpoint_signature",
    "design_history", "version_table", "tuning_losses", "risk_register", "test_plan", "fmea", "ethical_risk_chart",
    "mitigation_plan", "residual_risk_acceptance", "ethics_checklist", "scoping_documents", "latency_report",
    "red_team_report", "red_team_regressions", "evaluation_page", "machine_forms", "policy_rules",
    "rollout_report", "release_history", "bundle_signature",
    "regulatory_classification",
    "deployer_pack", "evaluation_summary", "risk_pack", "use_policy", "acceptance_and_training", "social_effects", "authority_requests", "runbook", "audit_plan",
    "content_marking_config", "log_schema", "rollback_rehearsal", *filed_assets.NAMES, *audit_assets.NAMES,
}  # fmt: skip
MOST_ASSETS = 104
DATA_GATES = {
    "filtered_corpus": "every_row_accounted_for",
    "privacy_record": "residual_rate_is_low",
    "golden_set": "golden_documents_exist",
    "embeddings_index": "index_rows_equal_chunks",
    "preference_pairs": "golden_not_in_training_data",
    "aligned_checkpoint": "checkpoint_reloads",
    "eval_report": "every_item_answered",
    "red_team_report": "every_attack_answered",
    "model_card": "claims_hold",
    "bundle_signature": "bundle_is_as_signed",
    "evaluation_page": "claims_hold",
    "datasheet": "claims_hold",
    "data_bias_log": "claims_hold",
    "croissant_metadata": "croissant_is_valid",
    "dataset_card": "claims_hold",
    "training_content_summary": "every_source_classified_once",
    **filed_assets.DATA_GATES,
    "regulatory_classification": "follows_from_its_facts",
}
NOTICES = {
    "human_approval",
    "card_is_complete",
    "sample_is_large_enough",
    "feedback_is_readable",
    "no_drift",
    "document_is_complete",
    "question_and_passage_arrive",
    "prompts_are_those_trained_with",
    "records_are_usable",
    "few_near_duplicates",
    "every_expectation_is_met",
    "report_is_of_this_corpus",
    "scope_is_that_of_the_file",
    "criteria_came_before_training",
    "nothing_is_overdue",
    "shares_within_thresholds",
    "nothing_is_open",
    "every_tag_is_known",
    "minutes_are_confirmed",
    "a_person_signed",
    "nothing_needs_a_person",
}
SHIFT = (
    "gx_text_characters_band_kl_divergence_to_be_less_than"  # a new source may change the lengths: people should see it
)
NOTICES |= {"index_is_fast", "retrieval_is_not_worse", "judged_by_what_is_current"} | filed_assets.NOTICES
NOTICES |= {
    SHIFT,
    "no_contamination_left",
    "every_source_has_rights",
    "every_source_is_traced",
    "documents_are_of_this_corpus",
    "retention_not_passed",
    "probe_recall",
}
NOTICES |= {"few_rows_quarantined", "merging_changes_nothing", "four_bits_keep_quality", "training_has_learned"}
NOTICES |= {"estimate_was_right", "operations_agree", "table_agrees_with_report"}
NOTICES |= {"every_risk_is_answered", "every_question_is_answered", "thresholds_came_before_training"}
NOTICES |= {"no_overfitting", "nothing_by_heart", "no_class_above_its_limit", "no_failure_returned"}
NOTICES |= {
    "base_files_are_those_recorded",
    "flagged_words_are_found",
    "few_answers_lost",
    "little_is_lost",
    "sentences_are_short",
    "costs_are_counted",
    "an_erasure_hides_nothing_else",
}
NOTICES |= {"every_class_is_rated", "nothing_is_orphaned", "plan_came_before_training"}
NOTICES |= {"every_failure_mode_is_tested", "high_priorities_have_actions", "grave_classes_are_measured"}
NOTICES |= {"documents_of_versions_are_fresh", "history_is_append_only", "every_subject_is_decided"}
NOTICES |= {"severe_failures_are_acted_on", "every_form_validates", "bill_answers_nine_questions", "forms_are_current"}
NOTICES |= {"document_is_fresh", "history_is_current", "ledger_is_anchored", "nothing_forbids_what_answers"}
NOTICES |= {"methods_agree", "no_threshold_is_near", "nothing_is_assumed", "no_practice_is_prohibited"}
NOTICES |= {"classification_stands", "people_cite_the_act", "nothing_owed_is_missing"}
NOTICES |= {"owed_marking_is_set_up", "release_marks_as_stated", "judged_as_it_answers", "public_label_is_decided"}
NOTICES |= {"somebody_signed", "every_column_has_a_purpose", "rehearsed_lately"} | audit_assets.NOTICES
SOURCES = [
    p for folder in ("genaiops_assets", "sensors", "schedules") for p in sorted((PROJECT / folder).rglob("*.py"))
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def packaged(home: Path) -> dg.Definitions:
    return build_defs(discover(home), Platform(home=str(home)))


@pytest.fixture(scope="module")
def graph(packaged: dg.Definitions):
    return packaged.resolve_asset_graph()


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A use case folder whose file misspells the field in line 8."""
    write_starter(tmp_path / "shop")
    file = tmp_path / "shop" / "use_case.yaml"
    file.write_text(file.read_text().replace("\ntitle: ", "\ntitel: "))
    return tmp_path / "shop"


def names_of(definitions: dg.Definitions, use_case: str) -> set[str]:
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    return {k.path[1] for k in keys if k.path[0] == use_case}


# --- what is in the graph


def test_both_packaged_use_cases_load_side_by_side(packaged: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(packaged)
    stages = {"library_zh": {"sft_checkpoint"}}  # it trains in two stages, the other in one
    assert {name: names_of(packaged, name) for name in PACKAGED} == {n: NAMES | stages.get(n, set()) for n in PACKAGED}


def test_a_use_case_has_no_more_assets_than_people_can_follow(graph) -> None:
    counts = {name: sum(k.path[0] == name for k in graph.get_all_asset_keys()) for name in PACKAGED}
    assert {name: n for name, n in counts.items() if n > MOST_ASSETS} == {}


def test_supervised_tuning_adds_its_checkpoint_only_when_it_has_steps(home: Path, tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    plain = load_use_case(tmp_path / "shop")
    sft = plain.alignment.sft.model_copy(update={"steps": 4})
    tuned = plain.model_copy(update={"alignment": plain.alignment.model_copy(update={"sft": sft})})
    made = NAMES - {"policy_rules"}  # the starter has no policies
    assert names_of(build_defs([plain], Platform(home=str(home))), plain.name) == made
    assert names_of(build_defs([tuned], Platform(home=str(home))), plain.name) == made | {"sft_checkpoint"}


def test_no_asset_of_one_use_case_depends_on_another(graph) -> None:
    crossing = [(k, p) for k in graph.get_all_asset_keys() for p in graph.get(k).parent_keys if p.path[0] != k.path[0]]
    assert crossing == []


def test_every_asset_says_what_it_is_whose_and_where_it_belongs(graph) -> None:
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        phase = node.tags.get("phase")
        assert node.description and len(node.description) > 20, key
        assert node.owners and node.kinds, key
        assert phase in SMACTR and node.group_name == f"{key.path[0]}__{phase}", key
        assert node.tags.get("smactr") in {*SMACTR.values(), "mapping"}, key


def test_the_phase_graph_runs_from_left_to_right(graph) -> None:
    order = {phase: position for position, phase in enumerate(SMACTR)}
    backwards = [
        f"{parent.path[1]} ({graph.get(parent).tags['phase']}) → {key.path[1]} ({graph.get(key).tags['phase']})"
        for key in graph.get_all_asset_keys()
        for parent in graph.get(key).parent_keys
        if order[graph.get(parent).tags["phase"]] > order[graph.get(key).tags["phase"]]
    ]
    assert backwards == []


def test_every_asset_has_a_check_that_can_fail(graph) -> None:
    checked = {key.asset_key for key in graph.asset_check_keys}
    assert sorted(key.to_user_string() for key in graph.get_all_asset_keys() if key not in checked) == []


def test_every_check_is_described(packaged: dg.Definitions, graph) -> None:
    specs = [s for d in packaged.asset_checks or [] for s in d.check_specs]
    assert len(specs) == len(graph.asset_check_keys)
    assert [s.key for s in specs if not s.description] == []


def test_data_gates_are_blocking_and_notices_are_not(graph) -> None:
    blocking = {
        (k.asset_key.path[0], k.asset_key.path[1], k.name): graph.get(k).blocking for k in graph.asset_check_keys
    }
    assert all(blocking[use_case, asset, check] for use_case in PACKAGED for asset, check in DATA_GATES.items())
    assert all(
        is_blocking for (_, _, check), is_blocking in blocking.items() if check.startswith("gx_") and check != SHIFT
    )
    assert not any(is_blocking for (_, _, check), is_blocking in blocking.items() if check in NOTICES)


def test_checks_of_partitioned_assets_are_partitioned_alike(graph) -> None:
    for key in graph.asset_check_keys:
        assert graph.get(key).partitions_def == graph.get(key.asset_key).partitions_def, key


# --- what cannot happen


def test_materialize_all_cannot_release_anything(packaged: dg.Definitions, graph) -> None:
    assert not any(graph.get(dg.AssetKey([name, "production_model"])).is_executable for name in PACKAGED)
    everything = packaged.resolve_implicit_global_asset_job_def().asset_layer.executable_asset_keys
    assert {k.path[1] for k in everything} == (NAMES | {"sft_checkpoint"}) - {
        "production_model",
        "traffic",
        "retraining_request",
    }


def test_nothing_runs_by_a_bare_eager() -> None:
    assert [str(p) for p in SOURCES if "eager(" in p.read_text()] == []


def test_what_runs_by_itself_has_a_named_policy(graph) -> None:
    labels = {
        graph.get(k).automation_condition.get_label()
        for k in graph.get_all_asset_keys()
        if graph.get(k).automation_condition
    }
    assert labels == {"when_inputs_change", "when_version_is_new"}


def test_one_automation_sensor_a_use_case_owns_all_its_policies(packaged: dg.Definitions) -> None:
    found = [
        s for s in packaged.get_repository_def().sensor_defs if isinstance(s, dg.AutomationConditionSensorDefinition)
    ]
    assert {s.name for s in found} == {f"{name}__automation" for name in PACKAGED}
    assert all(s.default_status == dg.DefaultSensorStatus.RUNNING for s in found)


# --- a broken file


def test_a_broken_file_is_one_placeholder_with_the_place_of_the_mistake_and_the_others_load(
    home: Path, broken: Path
) -> None:
    listed = home / "with_broken"
    register(listed, str(broken))
    definitions = build_defs(discover(listed), Platform(home=str(listed)))
    dg.Definitions.validate_loadable(definitions)
    assert names_of(definitions, "shop") == {"use_case_file"}
    assert names_of(definitions, "bank_support") == NAMES
    description = definitions.resolve_asset_graph().get(dg.AssetKey(["shop", "use_case_file"])).description or ""
    assert f"{broken / 'use_case.yaml'}:8" in description and "titel" in description


def test_a_date_that_does_not_exist_is_a_mistake_of_its_file_and_not_of_the_whole_location(
    home: Path, tmp_path: Path
) -> None:
    write_starter(tmp_path / "shop")
    file = tmp_path / "shop" / "use_case.yaml"
    file.write_text(re.sub(r"written_on: \S+", 'written_on: "2026-13-01"', file.read_text()))
    register(tmp_path / "home", str(tmp_path / "shop"))
    definitions = build_defs(discover(tmp_path / "home"), Platform(home=str(home)))
    assert names_of(definitions, "shop") == {"use_case_file"} and names_of(definitions, "bank_support") == NAMES


def test_the_placeholder_turns_red_by_itself_once(home: Path, tmp_path: Path) -> None:
    broken = BrokenUseCase("shop", tmp_path / "use_case.yaml", "use_case.yaml:3: titel: unknown field")
    definitions = build_defs([broken], Platform(home=str(home)))
    sensors = {s.name: s for s in definitions.get_repository_def().sensor_defs}
    assert sensors["shop__automation"].default_status == dg.DefaultSensorStatus.RUNNING
    with dg.DagsterInstance.ephemeral() as instance:
        first = dg.evaluate_automation_conditions(definitions, instance)
        assert first.total_requested == 1
        run = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, raise_on_error=False
        )
        assert not run.success and "use_case.yaml:3" in str(run.failure_data_for_node("shop__use_case_file"))
        assert dg.evaluate_automation_conditions(definitions, instance, cursor=first.cursor).total_requested == 0

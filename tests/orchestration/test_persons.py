"""A name in a form proves nothing: who stands behind it, and how that is shown."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.errors import Refused
from genaiops_assets.orchestration.codes import LIFETIME, Codes
from genaiops_assets.orchestration.persons import at_the_command_line, require_person, seal_form, secret_file
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.web.forms import seal_launch
from genaiops_assets.orchestration.web.queries import drop_tags, examine, launched
from genaiops_assets.use_case import UseCase, load_entry

FORM = {"model_version": "mv-0123456789ab", "name": "ada", "decision": "approved", "reason": "good"}


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> UseCase:
    found = load_entry(tmp_path_factory.mktemp("home"), "package:bank_support")
    assert isinstance(found, UseCase)
    return found


def with_policy(uc: UseCase, policy: str) -> UseCase:
    return uc.model_copy(update={"people": uc.people.model_copy(update={"decisions": policy})})


# --- one-time codes


def test_a_code_is_good_once(tmp_path: Path) -> None:
    codes = Codes(tmp_path)
    code = codes.make("ada", "bank_support")
    assert codes.redeem(f" {code.upper()} ").name == "ada"
    with pytest.raises(Refused, match="unknown or was used"):
        codes.redeem(code)


def test_only_its_hash_is_kept(tmp_path: Path) -> None:
    code = Codes(tmp_path).make("ada", "bank_support")
    kept = b"".join(f.read_bytes() for f in (tmp_path / "codes").iterdir())
    assert code.encode() not in kept and code.partition("-")[2].encode() not in kept
    assert (tmp_path / "codes").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("passed", [LIFETIME + 1, -3600])
def test_a_code_lives_ten_minutes_by_a_clock_that_is_not_set_back(tmp_path: Path, passed: float) -> None:
    code = Codes(tmp_path, now=lambda: 1_000_000.0).make("ada", "bank_support")
    with pytest.raises(Refused, match="older than ten minutes"):
        Codes(tmp_path, now=lambda: 1_000_000.0 + passed).redeem(code)


def test_a_wrong_code_does_not_use_up_the_right_one(tmp_path: Path) -> None:
    codes = Codes(tmp_path)
    code = codes.make("ada", "bank_support")
    with pytest.raises(Refused):
        codes.redeem(code[:5] + "a" * 16)
    assert codes.redeem(code).name == "ada"


@pytest.mark.parametrize("code", ["", "x", "../used/x", "abcd-" + "1" * 16, "abcd/efgh", "codes", "\u0000"])
def test_what_is_no_code_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(Refused):
        Codes(tmp_path).redeem(code)


# --- the policy of the use case


def test_by_default_the_page_decides_nothing(tmp_path: Path, packaged: UseCase) -> None:
    sealed = {**FORM, "code": seal_form(tmp_path, FORM, "ada", "code", packaged.name)}
    assert packaged.people.decisions == "cli"
    for form in (FORM, sealed):
        with pytest.raises(Refused, match="at the command line"):
            require_person(tmp_path, packaged, form)


def test_at_the_command_line_the_operating_system_let_the_person_in(tmp_path: Path, packaged: UseCase) -> None:
    with at_the_command_line():
        require_person(tmp_path, packaged, FORM)
    with pytest.raises(Refused):
        require_person(tmp_path, packaged, FORM)


def test_the_policy_changes_no_digest(packaged: UseCase) -> None:
    assert packaged.section("people") == with_policy(packaged, "ui_with_code").section("people")
    assert "decisions" not in packaged.section("people")["people"]


@pytest.mark.parametrize(
    ("policy", "how", "accepted"),
    [("ui_with_code", "code", True), ("ui_with_code", "signed_in", False), ("ui_signed_in", "signed_in", True), ("ui_signed_in", "code", True)],
)  # fmt: skip
def test_each_policy_accepts_its_proofs(
    tmp_path: Path, packaged: UseCase, policy: str, how: Any, accepted: bool
) -> None:
    form = {**FORM, "code": seal_form(tmp_path, FORM, "ada", how)}
    if accepted:
        require_person(tmp_path, with_policy(packaged, policy), form)
    else:
        with pytest.raises(Refused, match="not accepted"):
            require_person(tmp_path, with_policy(packaged, policy), form)


# --- seals


@pytest.fixture
def open_case(packaged: UseCase) -> UseCase:
    return with_policy(packaged, "ui_with_code")


def sealed(home: Path, uc: UseCase, name: str = "ada") -> dict[str, Any]:
    return {**FORM, "code": seal_form(home, FORM, name, "code", uc.name)}


def test_a_form_without_a_code_is_refused(tmp_path: Path, open_case: UseCase) -> None:
    with pytest.raises(Refused, match="genaiops code --as ada"):
        require_person(tmp_path, open_case, FORM)


@pytest.mark.parametrize(
    "changed", [{"model_version": "mv-ffffffffffff"}, {"decision": "rejected"}, {"reason": "x"}, {"more": 1}]
)
def test_a_seal_holds_for_this_form_alone(tmp_path: Path, open_case: UseCase, changed: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="changed on its way"):
        require_person(tmp_path, open_case, {**sealed(tmp_path, open_case), **changed})


def test_fields_left_out_or_empty_are_the_same_form(tmp_path: Path, open_case: UseCase) -> None:
    require_person(tmp_path, open_case, {**sealed(tmp_path, open_case), "documents": [], "unknown_too": False})


def test_a_sealed_form_is_handed_in_once(tmp_path: Path, open_case: UseCase) -> None:
    form = sealed(tmp_path, open_case)
    require_person(tmp_path, open_case, form)
    with pytest.raises(Refused, match="handed in before"):
        require_person(tmp_path, open_case, form)


def test_a_seal_of_another_person_use_case_or_home_is_refused(tmp_path: Path, open_case: UseCase) -> None:
    with pytest.raises(Refused, match="the proof 'bob'"):
        require_person(tmp_path, open_case, sealed(tmp_path, open_case, "bob"))
    other = {**FORM, "code": seal_form(tmp_path, FORM, "ada", "code", "library_zh")}
    with pytest.raises(Refused, match="not accepted for"):
        require_person(tmp_path, open_case, other)
    with pytest.raises(Refused, match="did not come through"):
        require_person(tmp_path, open_case, sealed(tmp_path / "elsewhere", open_case))


@pytest.mark.parametrize("text", ["x", ".", "e30.x", "abcd-efghjkmnpqrstuvw"])
def test_a_raw_code_or_a_made_up_seal_is_refused(tmp_path: Path, open_case: UseCase, text: str) -> None:
    with pytest.raises(Refused):
        require_person(tmp_path, open_case, {**FORM, "code": text})


def test_a_secret_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    made = secret_file(tmp_path, "seal_key")
    assert secret_file(tmp_path, "seal_key") == made and len(made) == 64
    assert (tmp_path / "codes" / "seal_key").stat().st_mode & 0o077 == 0


# --- what the page hands on


def launch(config: Any) -> dict[str, Any]:
    return {"runConfigData": config, "executionMetadata": {"tags": []}}


@pytest.mark.parametrize(
    "written", [lambda c: c, json.dumps, lambda c: f"ops:\n  decide: {json.dumps(c['ops']['decide'])}\n"]
)
def test_a_code_in_a_form_becomes_the_seal_of_that_form(tmp_path: Path, open_case: UseCase, written: Any) -> None:
    code = Codes(tmp_path).make("ada", open_case.name)
    params = launch(written({"ops": {"decide": {"config": {**FORM, "code": code}}}}))
    seal_launch(Codes(tmp_path), params, "")
    config = params["runConfigData"]
    form = (json.loads(config) if isinstance(config, str) else config)["ops"]["decide"]["config"]
    assert code not in json.dumps(params)
    require_person(tmp_path, open_case, form)


def test_who_signed_in_seals_the_form_under_their_own_name(tmp_path: Path, packaged: UseCase) -> None:
    uc = with_policy(packaged, "ui_signed_in")
    for person, fits in (("ada", True), ("bob", False)):
        params = launch({"ops": {"decide": {"config": dict(FORM)}}})
        seal_launch(Codes(tmp_path), params, person)
        form = params["runConfigData"]["ops"]["decide"]["config"]
        if fits:
            require_person(tmp_path, uc, form)
        else:
            with pytest.raises(Refused, match="the proof 'bob'"):
                require_person(tmp_path, uc, form)


def test_a_code_of_somebody_else_is_refused_at_the_door(tmp_path: Path) -> None:
    code = Codes(tmp_path).make("bob", "bank_support")
    params = launch({"ops": {"decide": {"config": {**FORM, "code": code}}}})
    with pytest.raises(Refused, match="the proof 'bob'"):
        seal_launch(Codes(tmp_path), params, "")


@pytest.mark.parametrize(
    "config", [None, "", "a: [", {}, {"ops": None}, {"ops": {"x": {"config": {"focus": "y"}}}}, "ops: {x: 1}"]
)
def test_a_launch_without_a_form_is_left_as_it_is(tmp_path: Path, config: Any) -> None:
    params = launch(config)
    seal_launch(Codes(tmp_path), params, "ada")
    assert params == launch(config)


def test_tags_of_the_command_line_are_not_set_from_the_page() -> None:
    query = "mutation L($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename } }"
    tags = [{"key": "genaiops/cli_pid", "value": "1"}, {"key": "mine", "value": "2"}]
    variables = {"p": {"executionMetadata": {"tags": tags}}}
    for params in launched(examine(query), variables):
        drop_tags(params, frozenset({"genaiops/cli_pid"}))
    assert variables["p"]["executionMetadata"]["tags"] == [{"key": "mine", "value": "2"}]


# --- every job of people


@pytest.fixture
def definitions(tmp_path: Path, packaged: UseCase) -> Iterator[dg.Definitions]:
    yield build_defs([packaged], Platform(home=str(tmp_path)))


def forms_with_a_name(definitions: dg.Definitions) -> dict[str, str]:
    """Job name to op name of every job whose configuration names a person."""
    found = {}
    for job in definitions.resolve_all_job_defs():
        for node in job.graph.nodes:
            field = node.definition.config_schema.config_type if isinstance(node.definition, dg.OpDefinition) else None
            if "name" in (getattr(field, "fields", None) or {}):
                found[job.name] = node.name
    return found


def test_no_job_that_names_a_person_runs_without_that_person(tmp_path: Path, definitions: dg.Definitions) -> None:
    """Whoever adds such a job meets this test."""
    found = forms_with_a_name(definitions)
    assert {name.removeprefix("bank_support__") for name in found} == {
        "decide",
        "promote",
        "rollback",
        "revoke",
        "erase",
    }
    for job, op in found.items():
        fields = definitions.resolve_job_def(job).graph.node_named(op).definition.config_schema.config_type.fields
        form = {name: FORM[name] for name in FORM if name in fields}
        with dg.DagsterInstance.ephemeral() as instance:
            result = definitions.resolve_job_def(job).execute_in_process(
                run_config={"ops": {op: {"config": form}}}, instance=instance, raise_on_error=False
            )
        failures = [e.step_failure_data for e in result.all_events if e.is_step_failure]
        assert "at the command line" in (failures[0].user_failure_data.description or ""), job
    assert not (tmp_path / "ledger").exists()


def test_no_run_can_point_the_platform_elsewhere(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("bank_support__decide")
    for key, value in {"home": "/elsewhere", "lake_url": "s3://elsewhere"}.items():
        config = {
            "ops": {"bank_support__record_decision": {"config": FORM}},
            "resources": {"platform": {"config": {key: value}}},
        }
        with pytest.raises(dg.DagsterInvalidConfigError, match=key):
            job.execute_in_process(run_config=config)


def test_no_resource_of_any_job_takes_configuration(definitions: dg.Definitions) -> None:
    for job in definitions.resolve_all_job_defs():
        for name, resource in job.resource_defs.items():
            assert not getattr(resource.config_schema.config_type, "fields", None), f"{job.name}: {name}"


def test_a_platform_is_still_the_one_its_maker_configured() -> None:
    assert list(inspect.signature(Platform).parameters) == ["home", "lake_url"]

"""All machine forms: judged by tools of others, the same bytes each time, no text that erasure could not reach, and
damage seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import app
from genaiops_assets.errors import Missing, NotMaterialized
from genaiops_assets.governance.machine_forms import (
    MACHINE_FORMS,
    VersionRecord,
    export_form,
    form_files,
    judged_forms,
    record_of,
)
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase, register
from tests.support.judged import SAID, judged
from tests.support.lakes import V1
from tests.support.plugins import distribution

NAMES = ["cyclonedx", "spdx", "openlineage", "oscal", "in-toto", "prov"]
BASE = "genaiops_assets.governance.machine_forms.base"
Damage = Callable[[dict[str, str]], None]


def test_these_forms_there_are() -> None:
    assert MACHINE_FORMS.names() == NAMES and MACHINE_FORMS.group == "genaiops.machine_forms"


@pytest.mark.parametrize("name", NAMES)
def test_the_validator_of_somebody_else_finds_nothing_wrong(record: VersionRecord, name: str) -> None:
    assert judged_forms({name: form_files(name, record)}) == ([], {})
    assert judged_forms({name: form_files(name, replace(record, signer=None))}) == ([], {})


@pytest.mark.parametrize("name", NAMES)
def test_the_same_version_gives_the_same_bytes(life: tuple[Lake, UseCase], name: str) -> None:
    once, twice = (form_files(name, record_of(*life, V1)) for _ in range(2))
    assert once == twice and all(once.values())


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_question_or_answer_and_no_path_of_the_machine_goes_out(
    life: tuple[Lake, UseCase], name: str
) -> None:
    lake, uc = life
    texts = "".join(form_files(name, record_of(lake, uc, V1)).values())
    words = [said.partition("{")[0] for said in SAID[uc.language]]
    assert not [word for word in (*words, str(lake.home), "It is 95 dollars") if word in texts]


def lines(files: dict[str, str], name: str, change: Callable[[Any], Any]) -> None:
    """Change the first line of a file."""
    first, *others = files[name].splitlines()
    content = json.loads(first)
    change(content)
    files[name] = "\n".join([json.dumps(content), *others]) + "\n"


def changed(name: str, change: Callable[[Any], Any]) -> Damage:
    def damage(files: dict[str, str]) -> None:
        content = json.loads(files[name])
        change(content)
        files[name] = json.dumps(content)

    return damage


def part(content: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return next(p for p in content["@graph"] if p["type"] == kind)


BILL, SPDX, PROV = "mlbom.cdx.json", "aibom.spdx3.json", "lineage.prov.json"
PLAN, RESULTS, EVENTS = "assessment-plan.oscal.json", "assessment-results.oscal.json", "events.openlineage.jsonl"
DAMAGES: list[tuple[str, str, Damage]] = [
    ("cyclonedx", "unevaluated|Additional", changed(BILL, lambda c: c.update(colour="red"))),
    ("cyclonedx", "modelCards", changed(BILL, lambda c: c["metadata"]["component"].update(modelCards={}))),
    ("cyclonedx", "not one of", changed(BILL, lambda c: c["components"][0].update(type="model"))),
    ("cyclonedx", "two components", changed(BILL, lambda c: c["components"].append(c["components"][0]))),
    ("cyclonedx", "not there", changed(BILL, lambda c: c["dependencies"][0]["dependsOn"].append("data/none"))),
    ("spdx", "required", changed(SPDX, lambda c: part(c, "dataset_DatasetPackage").pop("dataset_datasetType"))),
    ("spdx", "not there", changed(SPDX, lambda c: part(c, "Relationship").update(to=["https://a.example/none"]))),
    ("spdx", "hasDeclaredLicense", changed(SPDX, lambda c: c["@graph"].remove(part_named(c, "hasDeclaredLicense")))),
    ("spdx", "Error", changed(SPDX, lambda c: part(c, "Relationship").update(relationshipType="isFriendOf"))),
    ("openlineage", "badly formed", lambda f: lines(f, EVENTS, lambda c: c["run"].update(runId="1"))),
    ("openlineage", "invalid literal", lambda f: lines(f, EVENTS, lambda c: c.update(eventTime="yesterday"))),
    ("openlineage", "another event|unexpected", lambda f: lines(f, EVENTS, lambda c: c.update(colour="red"))),
    ("openlineage", "who made it", lambda f: f.update({EVENTS: f[EVENTS].replace('"_producer"', '"_maker"', 1)})),
    ("spdx", "no xsd:decimal", lambda f: f.update({SPDX: f[SPDX].replace('"0.000387055"', '"3.87055e-04"')})),
    ("openlineage", "start and complete", lambda f: f.update({EVENTS: f[EVENTS].partition("\n")[2]})),
    ("openlineage", "ledgerHash", lambda f: f.update({EVENTS: f[EVENTS].replace('"ledgerHash"', '"ledger"')})),
    ("oscal", "oscal-version", changed(PLAN, lambda c: c["assessment-plan"]["metadata"].pop("oscal-version"))),
    ("oscal", "colour", changed(RESULTS, lambda c: c["assessment-results"].update(colour="red"))),
    ("oscal", "leads nowhere", changed(PLAN, lambda c: c["assessment-plan"].pop("back-matter"))),
    ("oscal", "not planned", lambda f: f.update({RESULTS: f[RESULTS].replace('-id": "answers', '-id": "others')})),
    ("in-toto", "signature|Signature", lambda f: lines(f, "attestations.intoto.jsonl", flip)),
    ("prov", "not declared", changed(PROV, lambda c: c["agent"].pop("who:platform"))),
    ("prov", "another document|cannot read", changed(PROV, lambda c: c.update(friends={"_:id1": {"a": "b"}}))),
]


def part_named(content: Mapping[str, Any], relation: str) -> dict[str, Any]:
    return next(p for p in content["@graph"] if p.get("relationshipType") == relation)


def flip(envelope: dict[str, Any]) -> None:
    """Another payload under the same signature."""
    import base64

    payload = json.loads(base64.b64decode(envelope["payload"]))
    payload["subject"][0]["name"] = "artifacts/other"
    envelope["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()


@pytest.mark.parametrize(("name", "said", "damage"), DAMAGES)
def test_what_is_wrong_with_a_form_is_found_and_named(
    english: VersionRecord, name: str, said: str, damage: Damage
) -> None:
    files = form_files(name, english)
    damage(files)
    problems, unjudged = judged_forms({name: files})
    assert problems and unjudged == {}
    assert any(word in "; ".join(problems) for word in said.split("|")), problems


def test_an_unsigned_statement_with_a_field_too_many_is_refused(english: VersionRecord) -> None:
    files = form_files("in-toto", replace(english, signer=None))
    assert set(files) == {"statements.jsonl"}
    lines(files, "statements.jsonl", lambda c: c["predicate"]["runDetails"].update(colour="red"))
    problems, _ = judged_forms({"in-toto": files})
    assert len(problems) == 1 and "colour" in problems[0]


def test_a_form_whose_package_is_not_installed_is_named_and_the_others_go_on(
    english: VersionRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The platform works without the extra `forms`."""
    monkeypatch.setattr(f"{BASE}.installed", lambda name: "" if name in ("prov", "oscal-bindings") else "1")
    with pytest.raises(Missing, match=r"prov cannot be written without prov.*genaiops-assets\[forms\]"):
        export_form("prov", english, tmp_path)
    forms = {name: form_files(name, english) for name in ("oscal", "in-toto")}
    assert judged_forms(forms) == ([], {"oscal": ["oscal-bindings"]})


def test_the_command_writes_each_form_and_names_the_known_ones(
    life: tuple[Lake, UseCase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, uc = life
    register(lake.home, f"package:{uc.name}")
    monkeypatch.setenv("GENAIOPS_HOME", str(lake.home))
    for name in NAMES:
        done = CliRunner().invoke(app, ["export", V1, "--to", name, "-u", uc.name, "-o", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
        written = {p.name: p.read_text("utf-8") for p in (tmp_path / name).iterdir()}
        assert written == form_files(name, record_of(lake, uc, V1))
    refused = CliRunner().invoke(app, ["export", V1, "--to", "spdx2", "-u", uc.name, "-o", str(tmp_path)])
    assert refused.exit_code != 0
    assert all(name in str(refused.exception) + refused.output for name in NAMES)


def test_another_distribution_may_offer_a_form(
    english: VersionRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
class Short:
    title, needs, validator = "A line", (), ()
    def write(self, record):
        return {"line.txt": record.version}
    def problems(self, files):
        return [] if files["line.txt"].startswith("mv-") else ["no version"]
"""
    folder = distribution(
        tmp_path, "short_form", "[genaiops.machine_forms]\nshort = short_form:Short", module="short_form", code=code
    )
    monkeypatch.syspath_prepend(str(folder))
    assert MACHINE_FORMS.names() == [*NAMES, "short"]
    assert export_form("short", english, tmp_path / "out") == "line.txt"
    assert judged_forms({"short": {"line.txt": "none"}}) == (["short: no version"], {})


def test_a_version_that_lacks_something_is_refused_by_name(lake: Lake, uc: UseCase) -> None:
    judged(lake, uc)
    with pytest.raises(NotMaterialized, match="model_card"):
        record_of(lake, uc, V1)

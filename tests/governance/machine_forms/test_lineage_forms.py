"""Lineage, gates and decisions in PROV, OpenLineage, in-toto and OSCAL: back to the first materials, signed, with what
people decided and what was erased."""

from __future__ import annotations

import base64
import getpass
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from genaiops_assets.governance.keys import KEY, signing_key
from genaiops_assets.governance.machine_forms import (
    MACHINE_FORMS,
    VersionRecord,
    form_files,
    judged_forms,
    lineage_of,
    record_of,
)
from genaiops_assets.governance.release import decide, revoke
from genaiops_assets.lake import Lake, digest_of_file
from genaiops_assets.use_case import UseCase
from tests.governance.erasing import do
from tests.support.erasures import life as life_with_texts
from tests.support.lakes import V1, bank_support
from tests.support.lived import lived

SCHEMA = Path(__file__).parents[2] / "support/data/oscal/complete_schema.json"
MADE = {"documents", "filtered_corpus", "preference_pairs", "base_model", "model_plan", "aligned_checkpoint"}
MADE |= {"golden_set", "eval_report", "tuning_losses", "model_card", "release_decision", "evaluation_page"}
MADE |= {"scoping_documents", "croissant_metadata", "use_case_scope", "success_criteria"}


def statements(record: VersionRecord) -> list[dict[str, Any]]:
    signed = form_files("in-toto", record)["attestations.intoto.jsonl"].splitlines()
    return [json.loads(base64.b64decode(json.loads(line)["payload"])) for line in signed]


def test_the_lineage_goes_back_to_the_first_materials(record: VersionRecord) -> None:
    assert {m.name for m in record.lineage.made} == MADE
    assert [m.entry for m in record.lineage.made] == sorted(m.entry for m in record.lineage.made)
    checkpoint = record.lineage.named("aligned_checkpoint")
    assert checkpoint and checkpoint.proven and checkpoint.inputs["base"] == "b" * 64
    assert (checkpoint.began, checkpoint.ended) == ("2026-11-30T08:59:48+00:00", "2026-11-30T09:00:00+00:00")
    page = record.lineage.named("evaluation_page")
    assert page and page.gates == {"claims_hold": True}


def test_prov_leads_from_the_card_to_the_documents(record: VersionRecord) -> None:
    from prov.model import ProvDocument

    text = form_files("prov", record)["lineage.prov.json"]
    graph = ProvDocument.deserialize(content=text, format="json")
    derived: dict[str, set[str]] = {}
    for relation in json.loads(text)["wasDerivedFrom"].values():
        derived.setdefault(relation["prov:generatedEntity"], set()).add(relation["prov:usedEntity"])
    reached, open_ones = set(), [next(name for name in derived if "/model_card/" in name)]
    while open_ones:
        name = open_ones.pop()
        reached.add(name)
        open_ones += derived.get(name, set()) - reached
    assert any("/documents/" in name for name in reached) and f"material:{'b' * 64}" in reached
    assert len(graph.get_records()) == sum(len(kind) for key, kind in json.loads(text).items() if key != "prefix")


def test_each_artifact_has_a_statement_over_its_files_and_what_it_was_made_from(record: VersionRecord) -> None:
    found = [s for s in statements(record) if s["predicateType"] == "https://slsa.dev/provenance/v1"]
    assert len(found) == len(record.lineage.made)
    checkpoint = record.lineage.named("aligned_checkpoint")
    (about,) = (
        s for s in found if s["predicate"]["buildDefinition"]["externalParameters"]["asset"].endswith("checkpoint")
    )
    assert checkpoint and {s["name"]: s["digest"]["sha256"] for s in about["subject"]} == {
        f"{checkpoint.place}/{path}": sha for path, sha in checkpoint.files.items()
    }
    needed = {d["name"]: d for d in about["predicate"]["buildDefinition"]["resolvedDependencies"]}
    assert needed["base"] == {"name": "base", "digest": {"genaiopsContent": "b" * 64}}  # from outside: no place here
    pairs = record.lineage.named("preference_pairs")
    assert pairs and needed["pairs"]["uri"] == f"genaiops:{pairs.place}"


def test_the_gates_are_test_results_of_each_outcome(record: VersionRecord) -> None:
    (gates,) = (
        s
        for s in statements(record)
        if any("decision.json" in sub["name"] for sub in s["subject"]) and "test-result" in s["predicateType"]
    )
    assert gates["predicate"]["result"] == "FAILED"
    assert gates["predicate"]["passedTests"] == ["answers"] and "refuses" in gates["predicate"]["failedTests"]
    assert "tuning_helps" in gates["predicate"]["warnedTests"]
    (page,) = (s for s in statements(record) if s["predicate"].get("passedTests") == ["claims_hold"])
    assert page["predicate"]["result"] == "PASSED"


def test_a_signature_verifies_by_the_public_key_alone_and_by_no_other(record: VersionRecord) -> None:
    """By the envelope's own rule, with no code of ours and not with the library that judges the form."""
    files = form_files("in-toto", record)
    public: Any = load_pem_public_key(files["home_key.pub"].encode())
    line = json.loads(files["attestations.intoto.jsonl"].splitlines()[0])
    body, kind = base64.b64decode(line["payload"]), line["payloadType"]
    signed = f"DSSEv1 {len(kind)} {kind} {len(body)} ".encode() + body
    signature = base64.b64decode(line["signatures"][0]["sig"])
    public.verify(signature, signed, ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        ec.generate_private_key(ec.SECP256R1()).public_key().verify(signature, signed, ec.ECDSA(SHA256()))


def test_without_a_key_of_the_home_none_is_made(lake: Lake, uc: UseCase) -> None:
    lived(lake, uc)
    record = record_of(lake, uc, V1)
    assert record.signer is None and list(form_files("in-toto", record)) == ["statements.jsonl"]
    assert not (lake.home / KEY).exists() and not list(lake.ledger.entries("signing_key"))
    signing_key(lake)
    assert set(form_files("in-toto", record_of(lake, uc, V1))) == {"attestations.intoto.jsonl", "home_key.pub"}


def test_a_decision_is_in_the_forms_with_its_name_and_without_its_reason(lake: Lake, uc: UseCase) -> None:
    lived(lake, uc)
    before = record_of(lake, uc, V1)
    for reason in ("My neighbour Ann got a wrong fee.", "And another neighbour."):
        decide(lake, uc, V1, name="Ada Approver", decision="rejected", reason=reason)
    after = record_of(lake, uc, V1)
    assert before.lineage.decided == () and after.lineage.digest != before.lineage.digest
    forms = {name: form_files(name, after) for name in MACHINE_FORMS.names()}
    assert judged_forms(forms) == ([], {})
    told = {name: "".join(files.values()) for name, files in forms.items()}
    assert all("Ada Approver" in told[name] and "rejected" in told[name] for name in ("openlineage", "prov", "in-toto"))
    assert not any(word in text for text in told.values() for word in ("neighbour", f'"{getpass.getuser()}"'))
    people = [a for a in json.loads(forms["prov"]["lineage.prov.json"])["agent"].values() if "Ada" in str(a)]
    assert len(people) == 1 and len(after.lineage.decided) == 2
    entry = next(iter(lake.ledger.entries("approval")))
    assert entry.hash in told["prov"] and entry.hash in told["openlineage"] and entry.hash in told["in-toto"]


def test_an_override_and_a_revocation_show_in_every_form(lake: Lake, uc: UseCase) -> None:
    """A version released though something was not shown says so wherever it goes, and so does one taken out."""
    lived(lake, uc)
    decide(lake, uc, V1, name="Ada Approver", decision="rejected", reason="no")
    entry = next(iter(lake.ledger.entries("approval")))
    over = {"verdict": "undecided", "undecided": ["tuning_helps"], "missed": ["chrf_high"], "because": "My neighbour."}
    over |= {"accepted_by": "Arif Approver", "until": "2099-12-31"}
    lake.ledger.append("approval", {**entry.body, "decision": "approved", "override": over})  # as `decide` writes it
    revoke(lake, uc, V1, by="Olga Owner", reason="A neighbour complained.")
    record = record_of(lake, uc, V1)
    assert [d.what for d in record.lineage.decided] == ["rejected", "approved", "revocation"]
    forms = {name: form_files(name, record) for name in MACHINE_FORMS.names()}
    assert judged_forms(forms) == ([], {})
    for name, files in forms.items():
        text = "".join(files.values())
        assert "tuning_helps" in text and "2099-12-31" in text and "revocation" in text, name
        assert "neighbour" not in text, name
    assert "Arif Approver" in forms["in-toto"]["statements.jsonl"]


def test_erased_rows_are_shown_as_erased_and_the_erasure_without_what_it_was_about(lake: Lake) -> None:
    uc = bank_support()
    life_with_texts(lake, uc)
    corpus = lake.heads.digest(uc.key("filtered_corpus"))
    texts = [lake.heads.digest(uc.key(name), V1) for name in ("eval_report", "model_card")]
    before = lineage_of(lake, uc, V1, [corpus])
    assert {rows.state for made in before.made for rows in made.rows} == {"whole"}
    do(lake, uc)
    after = lineage_of(lake, uc, V1, [corpus])
    states = {rows.table: rows.state for made in after.made for rows in made.rows}
    assert states[uc.key("filtered_corpus")] == "erased(2)" and after.made[-1].erased >= 2
    (erased,) = after.erased
    assert erased.documents == 2 and "secret-en" not in repr(after)
    report, card = lineage_of(lake, uc, V1, texts).made
    assert report.redacted == ("eval_report.json",)
    assert card.redacted == ("README.md", "model_card.json", "page.html")
    for made in (report, card):
        now = {path: digest_of_file(lake.home / made.place / path) for path in made.files}
        assert now == dict(made.files)


def test_forms_say_what_was_erased(english: VersionRecord) -> None:
    from dataclasses import replace

    from genaiops_assets.governance.machine_forms import Erased

    corpus = english.lineage.named("filtered_corpus")
    assert corpus
    gone = replace(
        corpus, rows=tuple(replace(rows, state="erased(3)") for rows in corpus.rows), redacted=("corpus.json",)
    )
    made = tuple(gone if m.digest == corpus.digest else m for m in english.lineage.made)
    erasure = (Erased("2026-12-02T10:00:00+00:00", 3, "preference_pairs", "e" * 64),)
    record = replace(english, lineage=replace(english.lineage, made=made, erased=erasure))
    forms = {name: form_files(name, record) for name in MACHINE_FORMS.names()}
    assert judged_forms(forms) == ([], {})
    shown = ["cyclonedx", "spdx", "openlineage", "prov"]
    assert all("erased(3)" in "".join(forms[name].values()) for name in shown)
    told = [json.dumps(s) for s in statements(record)]
    assert any("erased(3)" in text for text in told) and any("redacted by an erasure" in text for text in told)
    prov = json.loads(forms["prov"]["lineage.prov.json"])
    assert len(prov["wasInfluencedBy"]) == 1 and prov["activity"][f"work:{'e' * 64}"]["ns:documents"] == "3"


def test_openlineage_runs_start_and_complete_with_versions_and_gates(record: VersionRecord) -> None:
    files = form_files("openlineage", record)
    events = [json.loads(line) for line in files["events.openlineage.jsonl"].splitlines()]
    assert len(events) == 2 * len(record.lineage.made)
    page = next(e for e in events if e["eventType"] == "COMPLETE" and e["job"]["name"].endswith("/evaluation_page"))
    (output,) = page["outputs"]
    made = record.lineage.named("evaluation_page")
    assert made and output["facets"]["version"]["datasetVersion"] == made.digest
    assert output["facets"]["genaiops_governance"]["gates"] == {"claims_hold": "passed"}
    assert {e["producer"] for e in events} == {output["facets"]["version"]["_producer"]}
    corpus = next(e for e in events if e["outputs"] and e["job"]["name"].endswith("/filtered_corpus"))
    assert corpus["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 1


def test_oscal_is_what_the_schema_of_nist_asks_for(record: VersionRecord) -> None:
    """Python's expressions know no \\p{L}, so that is said otherwise."""
    text = SCHEMA.read_text().replace("\\\\p{L}", "[^\\\\W\\\\d_]").replace("\\\\p{N}", "\\\\d")
    validator = jsonschema.Draft7Validator(json.loads(text))
    for document in form_files("oscal", record).values():
        content = json.loads(document)
        assert list(validator.iter_errors(content)) == []
        next(iter(content.values()))["metadata"].pop("oscal-version")
        assert list(validator.iter_errors(content)) != []


def test_oscal_meets_the_constraints_that_the_schema_does_not_know(record: VersionRecord, tmp_path: Path) -> None:
    """By oscal-validate 0.5, which asks for Python 3.12: what it cannot settle is that gates are controls of ours."""
    pytest.importorskip("oscal_validate")
    for name, text in form_files("oscal", record).items():
        (tmp_path / name).write_text(text)
    for file in sorted(tmp_path.iterdir()):
        run = [sys.executable, "-m", "oscal_validate", str(file), "--resolve", str(tmp_path), "--format", "json"]
        found = json.loads(subprocess.run(run, capture_output=True, text=True).stdout)
        assert [f for f in found["findings"] if f["severity"] in ("ERROR", "WARNING")] == []


def test_findings_of_oscal_are_the_gates_with_their_thresholds(record: VersionRecord) -> None:
    files = form_files("oscal", record)
    plan = json.loads(files["assessment-plan.oscal.json"])["assessment-plan"]
    results = json.loads(files["assessment-results.oscal.json"])["assessment-results"]["results"][0]
    activities = {
        a["title"]: {p["name"]: p["value"] for p in a["props"]} for a in plan["local-definitions"]["activities"]
    }
    assert activities["answers"]["threshold"] == "0.2" and activities["answers"]["method"] == "TEST"
    found = {f["title"]: f["target"]["status"] for f in results["findings"]}
    assert found["answers"] == {"state": "satisfied", "reason": "pass"}
    assert found["refuses"] == {"state": "not-satisfied", "reason": "fail"}
    assert found["tuning_helps"] == {"state": "not-satisfied", "reason": "other", "remarks": "undecided"}
    seen = {o["title"]: {p["name"]: p["value"] for p in o["props"]} for o in results["observations"]}
    gate = next(g for g in record.decision["gates"] if g["id"] == "answers")
    assert float(seen["answers"]["low"]) == gate["value"]["low"] and int(seen["answers"]["n"]) == gate["n"]
    assert seen[f"{record.use_case}/evaluation_page"] == {"claims_hold": "pass"}

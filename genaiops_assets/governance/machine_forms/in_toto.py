"""in-toto Statement v1, one for each materialization (SLSA provenance v1), for what gates said (test-result v0.1) and
for each decision (a predicate of ours), in DSSE envelopes where the home has a key.

Belongs here: subjects and predicates. Does not belong here: signing (`envelope.py`). Sources: in-toto/attestation,
spec/v1 and spec/predicates/test-result.md; slsa.dev/spec/v1.0/provenance; checked on 2026-12-01.

Subjects are files with their SHA-256, so that anybody can compare them. The digest of an artifact is no hash of one
file, but over the hashes of its files and the digests of its tables; it stands under a name of its own. Numbers are
texts: readers that go through protobuf take every number for a double."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from genaiops_assets.governance.machine_forms.base import TOOL, own_version
from genaiops_assets.governance.machine_forms.envelope import envelope
from genaiops_assets.governance.machine_forms.lineage import Decided, Made
from genaiops_assets.governance.machine_forms.record import VersionRecord

SIGNED, UNSIGNED, PUBLIC = "attestations.intoto.jsonl", "statements.jsonl", "home_key.pub"
STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE, TEST_RESULT = "https://slsa.dev/provenance/v1", "https://in-toto.io/attestation/test-result/v0.1"
OURS = "https://genaiops-assets.invalid/attestation"
DECISION, BUILD_TYPE, BUILDER = f"{OURS}/decision/v1", f"{OURS}/materialization/v1", f"{OURS}/platform"
CONTENT = "genaiopsContent"
OUTCOMES = {"pass": "passedTests", "undecided": "warnedTests", "fail": "failedTests"}
RESULTS = {"go": "PASSED", "undecided": "WARNED", "no_go": "FAILED"}


class InToto:
    title = "in-toto Statement v1 (SLSA provenance v1, test-result v0.1)"
    needs: tuple[str, ...] = ()
    validator = ("in-toto-attestation", "securesystemslib")

    def write(self, record: VersionRecord) -> dict[str, str]:
        """One statement a line; signed ones in envelopes, with the public key beside them."""
        payloads = [compact(statement) for statement in statements(record)]
        if record.signer is None:
            return {UNSIGNED: "".join(f"{payload}\n" for payload in payloads)}
        signed = [compact(envelope(payload.encode(), record.signer)) for payload in payloads]
        return {SIGNED: "".join(f"{line}\n" for line in signed), PUBLIC: record.signer.public}

    def problems(self, files: Mapping[str, str]) -> list[str]:
        """By the classes of in-toto-attestation, which refuse an unknown field, and the signatures by
        securesystemslib."""
        found = []
        lines = files[SIGNED if SIGNED in files else UNSIGNED].splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                content = opened(line, files[PUBLIC]) if SIGNED in files else line
                refuse_other_than_statement(content)
            except Exception as error:  # both libraries raise kinds of their own
                found.append(f"line {number}: {type(error).__name__}: {error}"[:300])
        return found


def statements(record: VersionRecord) -> Iterable[dict[str, Any]]:
    for made in record.lineage.made:
        yield statement([made], PROVENANCE, provenance(record, made))
        if made.gates:
            yield statement([made], TEST_RESULT, checked(record, made))
    about = [found for name in ("aligned_checkpoint", "release_decision") if (found := record.lineage.named(name))]
    yield statement(about, TEST_RESULT, judged(record))
    for decided in record.lineage.decided:
        yield statement(about, DECISION, decision(decided))


def statement(about: Iterable[Made], kind: str, predicate: Mapping[str, Any]) -> dict[str, Any]:
    files = [subject(made, path) for made in about for path in made.files]
    return {
        "_type": STATEMENT,
        "subject": sorted(files, key=lambda one: one["name"]),
        "predicateType": kind,
        "predicate": predicate,
    }


def subject(made: Made, path: str) -> dict[str, Any]:
    """A file as it lies there now. One that an erasure changed since says so, for its statement of before has another
    hash."""
    changed = {"annotations": {"state": "redacted by an erasure"}} if path in made.redacted else {}
    return {"name": f"{made.place}/{path}", "digest": {"sha256": made.files[path]}, **changed}


def provenance(record: VersionRecord, made: Made) -> dict[str, Any]:
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {"asset": made.asset, "partition": made.partition, "config": made.config},
            "internalParameters": {
                "code": made.code,
                "seed": "" if made.seed is None else str(made.seed),
                "python": made.python,
                "libraries": dict(made.libraries),
                "memo": made.memo,
            },
            "resolvedDependencies": [dependency(record, n, d) for n, d in sorted(made.inputs.items())],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {TOOL: own_version()}},
            "metadata": {"invocationId": made.run, "startedOn": made.began, "finishedOn": made.ended},
            "byproducts": [
                {
                    "name": rows.table,
                    "digest": {"genaiopsRows": rows.digest},
                    "annotations": {"rows": str(rows.rows), "state": rows.state},
                }
                for rows in made.rows
            ]
            + [{"name": f"ledger/{made.entry:08d}", "digest": {"genaiopsEntry": made.entry_hash}}],
        },
    }


def dependency(record: VersionRecord, name: str, digest: str) -> dict[str, Any]:
    """An artifact by its place, a material from outside by its name alone."""
    made = record.lineage.of(digest)
    return {"name": name, **({"uri": f"genaiops:{made.place}"} if made else {}), "digest": {CONTENT: digest}}


def checked(record: VersionRecord, made: Made) -> dict[str, Any]:
    """Blocking checks of an artifact, as the ledger has them."""
    passed = [name for name, good in made.gates.items() if good]
    failed = [name for name, good in made.gates.items() if not good]
    found: dict[str, Any] = {
        "result": "FAILED" if failed else "PASSED",
        "configuration": [dependency(record, made.name, made.digest)],
    }
    return found | {n: v for n, v in (("passedTests", passed), ("failedTests", failed)) if v}


def judged(record: VersionRecord) -> dict[str, Any]:
    """The gates of the decision. One that nothing was measured for is neither passed nor failed: it is warned of."""
    by: dict[str, list[str]] = {}
    for gate in record.decision.get("gates", []):
        by.setdefault(OUTCOMES.get(gate["status"], "warnedTests"), []).append(gate["id"])
    evidence = sorted(record.decision.get("evidence", {}).items())
    return {
        "result": RESULTS.get(record.decision.get("verdict", ""), "WARNED"),
        "configuration": [dependency(record, name, digest) for name, digest in evidence],
        **dict(sorted(by.items())),
    }


def decision(decided: Decided) -> dict[str, Any]:
    return {
        "kind": decided.kind,
        "decision": decided.what,
        "decidedBy": decided.by,
        "decidedOn": decided.at,
        "ledgerEntry": {"number": str(decided.entry), "digest": decided.entry_hash},
        "signed": "yes" if decided.signed else "no",
        "bound": dict(sorted(decided.on.items())),
        **({"override": override(decided)} if decided.overrides else {}),
    }


def override(decided: Decided) -> dict[str, Any]:
    return {"gates": list(decided.overrides), "acceptedBy": decided.accepted_by, "until": decided.until}


def compact(content: Any) -> str:
    """Canonical JSON in one line: what is signed."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def opened(line: str, public: str) -> str:
    """The statement in an envelope. Raises what securesystemslib raises where the signature is not by this key."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey

    held = Envelope.from_dict(json.loads(line))
    (key_id,) = held.signatures
    key = SSlibKey(key_id, "ecdsa", "ecdsa-sha2-nistp256", {"public": public})
    held.verify([key], 1)
    return base64.b64decode(json.loads(line)["payload"]).decode()


def refuse_other_than_statement(text: str) -> None:
    """Raises ParseError for a field that Statement or predicate do not have, ValueError for one that is missing."""
    from google.protobuf.json_format import Parse
    from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
    from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
    from in_toto_attestation.v1.statement import Statement
    from in_toto_attestation.v1.statement_pb2 import Statement as Message

    Statement.copy_from_pb(Parse(text, Message())).validate()
    content = json.loads(text)
    kinds = {PROVENANCE: Provenance, TEST_RESULT: TestResult}
    if content["predicateType"] in kinds:
        Parse(json.dumps(content["predicate"]), kinds[content["predicateType"]]())

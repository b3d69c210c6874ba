"""A checkpoint is signed by a key of the home: a changed byte is caught by name, another key counts for nothing, and
neither an evaluation nor a promotion goes past it. The real signer, offline."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.alignment.checkpoint_signature import checkpoint_signature_assets
from genaiops_assets.errors import Refused
from genaiops_assets.governance import keys
from genaiops_assets.governance.release import decide, release, signature_problem, signing
from genaiops_assets.lake import Artifact, Lake, memo_key, write_json
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, candidate

WEIGHTS = "adapter/adapter_model.safetensors"


def checkpoint(lake: Lake, uc: UseCase, content: bytes = b"weights") -> Artifact:
    how: dict[str, Any] = {"asset": uc.key("aligned_checkpoint"), "inputs": {}, "code_version": content.hex()}
    key = memo_key(**how, config={}, seed=1)
    with lake.work(key) as place:
        (place.staging / "adapter").mkdir()
        (place.staging / WEIGHTS).write_bytes(content)
        write_json(place.staging / "training_log.json", {"history": []})
        made = {"figures": {}, "tables": {}}
        return lake.publish(how["asset"], V1, key, place.staging, snapshots=[], summary=made, provenance=how)


def signed(lake: Lake, uc: UseCase) -> Any:
    """Signs the current checkpoint by the asset itself. Returns the outcome of its check."""
    made = checkpoint_signature_assets(uc)

    @dg.asset(key=dg.AssetKey([uc.name, "aligned_checkpoint"]), partitions_def=made[0].partitions_def)
    def aligned_checkpoint() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(f"{uc.name}__model_version", [V1])
        done = dg.materialize(
            [aligned_checkpoint, *made],
            resources={"platform": Platform(home=str(lake.home))},
            instance=instance,
            partition_key=V1,
            raise_on_error=False,
        )
    return done.get_asset_check_evaluations()[0]


def test_a_changed_byte_is_caught_by_name(lake: Lake, uc: UseCase) -> None:
    made = checkpoint(lake, uc)
    found = signed(lake, uc)
    assert found.passed and found.metadata["signed"].value is True
    assert signature_problem(lake, uc, V1) == ""
    (made.local() / WEIGHTS).write_bytes(b"Weights")
    assert signature_problem(lake, uc, V1).endswith(f"is not as it was signed (changed: {WEIGHTS})")
    assert not signed(lake, uc).passed
    (made.local() / WEIGHTS).write_bytes(b"weights")
    (made.local() / "adapter/more.json").write_text("{}")
    assert "(added: adapter/more.json)" in signature_problem(lake, uc, V1)
    (made.local() / "adapter/more.json").unlink()
    (made.local() / "training_log.json").unlink()
    assert "(missing: training_log.json)" in signature_problem(lake, uc, V1)


def test_the_key_is_its_owners_alone_and_one_for_all(lake: Lake, uc: UseCase) -> None:
    checkpoint(lake, uc)
    signed(lake, uc)
    file = lake.home / keys.KEY
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o077 == 0
    assert b"PRIVATE KEY" in file.read_bytes()
    [entry] = lake.ledger.entries(keys.KEY_MADE)
    assert "PRIVATE" not in str(entry.body)
    checkpoint(lake, uc, b"others")
    signed(lake, uc)
    assert len(list(lake.ledger.entries(keys.KEY_MADE))) == 1


def test_a_signature_by_another_key_counts_for_nothing(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    """Somebody who can write the lake signs other weights with a key of their own and puts both in place."""
    made = checkpoint(lake, uc)
    signed(lake, uc)
    (made.local() / WEIGHTS).write_bytes(b"theirs!")
    foreign = Lake(tmp_path / "foreign")
    facts = signing.sign_checkpoint(foreign, made, tmp_path)
    ours = lake.current(uc.key("checkpoint_signature"), V1).local()
    for name in (signing.SIGNATURE, signing.PUBLIC):
        shutil.copy(tmp_path / name, ours / name)
    assert "not as it was signed" in signature_problem(lake, uc, V1)
    write_json(ours / signing.SIGNATURE_FACTS, facts)
    assert signature_problem(lake, uc, V1).endswith("signed with a key that the ledger does not know")


def test_anybody_can_verify_it_with_the_tool_of_the_standard(lake: Lake, uc: UseCase) -> None:
    made = checkpoint(lake, uc)
    signed(lake, uc)
    ours = lake.current(uc.key("checkpoint_signature"), V1)
    command = [sys.executable, "-m", "model_signing", "verify", "key", str(made.local()), "--signature"]
    command += [str(ours.local(signing.SIGNATURE)), "--public_key", str(ours.local(signing.PUBLIC))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "succeeded" in done.stdout, done.stdout + done.stderr
    (made.local() / WEIGHTS).write_bytes(b"Weights")
    assert subprocess.run(command, capture_output=True, text=True).returncode != 0


def test_a_promotion_stops_at_a_broken_signature(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V1)
    signed(lake, uc)
    decide(lake, uc, V1, name="Ada Approver", decision="approved", reason="read the card")
    file = lake.current(uc.key("aligned_checkpoint"), V1).local("training_log.json")
    before = file.read_bytes()
    file.write_bytes(before + b" ")
    with pytest.raises(Refused, match=r"not as it was signed \(changed: training_log.json\)"):
        release(lake, uc, V1, kind="promote", by="Olga Owner", reason="better")
    file.write_bytes(before)
    assert release(lake, uc, V1, kind="promote", by="Olga Owner", reason="better").model_version == V1


def test_without_the_extra_it_says_so_and_an_old_signature_is_not_waved_through(
    lake: Lake, uc: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint(lake, uc)
    signed(lake, uc)
    monkeypatch.setattr(signing, "NEEDED", ("no_such_library",))
    assert "pip install 'genaiops-assets[sign]'" in signature_problem(lake, uc, V1)
    with pytest.raises(Refused, match="cannot be signed here"):
        signing.sign_checkpoint(lake, lake.current(uc.key("aligned_checkpoint"), V1), lake.home)
    found = signed(lake, uc)
    assert found.passed and found.metadata["signed"].value is False
    assert signature_problem(lake, uc, V1) == "", "nothing was signed, nothing can be wrong"

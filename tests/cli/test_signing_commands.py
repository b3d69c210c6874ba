"""Keys, signed decisions and revocation by the command line, as a person types them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from genaiops_assets.cli.history import open_history
from genaiops_assets.lake import Lake
from genaiops_assets.use_case.load import load_use_case
from tests.conftest import genaiops
from tests.support.lakes import PACKAGED, V1, bank_support, candidate, publish

ADA, OLGA = ("--as", "Ada Approver"), ("--as", "Olga Owner")
WHY = ("--reason", "read the card")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    candidate(lake := Lake(home), uc := bank_support(), V1)
    publish(lake, uc.key("model_plan"), {"plan.json": {"model_version": V1}})
    for name in ("ada", "olga"):
        key = tmp_path / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    return home


def test_a_key_is_registered_used_listed_and_removed(home: Path) -> None:
    key = home.parent / "ada"
    said = genaiops(home, "keys", "add", f"{key}.pub", *ADA, "--key", str(key)).stdout
    assert "is registered as a key of Ada Approver" in said
    said = genaiops(home, "approve", V1, *ADA, *WHY, "--key", str(key)).stdout
    assert f"{V1} approved by Ada Approver (signed with SHA256:" in said
    said = genaiops(home, "status").stdout
    assert "signed with SHA256:" in said
    listed = genaiops(home, "keys", "list").stdout
    assert "Ada Approver" in listed and "no key is registered for Arif Approver" in listed
    assert genaiops(home, "verify").returncode == 0
    (entry,) = Lake(home).ledger.entries("person_key_added")
    genaiops(home, "keys", "remove", entry.body["fingerprint"][:20], *ADA, "--reason", "a new laptop")
    again = genaiops(home, "approve", V1, *ADA, *WHY, "--key", str(key), check=False)
    assert again.returncode == 1 and "nobody registered a key of Ada Approver" in again.stdout
    assert genaiops(home, "verify").returncode == 0


def test_a_statement_is_signed_elsewhere(home: Path) -> None:
    key, text = home.parent / "ada", home.parent / "statement"
    genaiops(home, "keys", "add", f"{key}.pub", *ADA)
    said = genaiops(home, "approve", V1, *ADA, *WHY, "--statement", str(text)).stdout
    assert "nothing was decided yet" in said and "ssh-keygen -Y sign -n genaiops" in said
    assert not list(Lake(home).ledger.entries("approval"))
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "genaiops", "-f", str(key), str(text)], check=True)
    signature = ("--signature", f"{text}.sig")
    other = genaiops(home, "approve", V1, *ADA, "--reason", "another reason", *signature, check=False)
    assert other.returncode == 1 and "not of this decision as it is now" in other.stdout
    assert "(signed with SHA256:" in genaiops(home, "approve", V1, *ADA, *WHY, *signature).stdout
    content = json.loads(text.read_text())
    assert content["kind"] == "genaiops_statement" and content["body"]["model_version"] == V1


def test_where_signatures_are_required_the_refusal_names_the_command(home: Path) -> None:
    own = home.parent / "own"
    shutil.copytree(PACKAGED / "bank_support", own)
    file = own / "use_case.yaml"
    file.write_text(file.read_text("utf-8").replace("people:\n", "people:\n  require_signature: true\n", 1), "utf-8")
    (home / "use_cases.txt").write_text(f"{own}\n")
    candidate(Lake(home), load_use_case(own), V1)
    refused = genaiops(home, "approve", V1, *ADA, *WHY, check=False)
    assert refused.returncode == 1 and "genaiops keys add PUBLIC_KEY" in " ".join(refused.stdout.split())
    key = home.parent / "ada"
    genaiops(home, "keys", "add", f"{key}.pub", *ADA, "--key", str(key))
    assert "--key KEY" in genaiops(home, "status").stdout
    assert "approved by Ada Approver (signed" in genaiops(home, "approve", V1, *ADA, *WHY, "--key", str(key)).stdout


def test_a_version_in_production_is_revoked_and_everything_says_so(home: Path) -> None:
    genaiops(home, "approve", V1, *ADA, *WHY)
    genaiops(home, "promote", V1, *OLGA, *WHY)
    said = genaiops(home, "revoke", V1, *OLGA, "--reason", "it leaks a phone number").stdout
    assert f"{V1} is revoked" in said and "nothing answers now, and there is no release to go back to" in said
    shown = genaiops(home, "status").stdout
    assert f"{V1} was revoked by Olga Owner" in shown and "for good" in shown
    assert V1 in json.loads(genaiops(home, "status", "--json").stdout)["revoked"]
    for command in (("approve", V1, *ADA), ("promote", V1, *OLGA), ("rollback", V1, *OLGA)):
        refused = genaiops(home, *command, *WHY, check=False)
        assert refused.returncode == 1 and "was revoked by Olga Owner" in refused.stdout, command
    asked = genaiops(home, "ask", "What is the fee?", check=False)
    assert asked.returncode == 1 and "was revoked by Olga Owner" in asked.stdout
    history = open_history(home / "dagster")
    assert history is not None
    found = history.check("bank_support/production_model", "event_log_agrees_with_pointer", None)
    assert (found.passed, found.severity) == (False, "ERROR")
    assert history.check("bank_support/release_decision", "human_approval", V1).passed is False
    assert genaiops(home, "verify").returncode == 0

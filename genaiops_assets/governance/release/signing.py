"""Signatures of what a release consists of, the checkpoint and the bundle: OpenSSF model signing, offline.

Belongs here: making such a signature, and what is wrong with one. Does not belong here: the key that signs
(`governance/keys`), the hashes of every published file (`lake.problems`), or approvals. The signature is a Sigstore
bundle, so that anybody with the public key can verify the files with the `model_signing` command, without this platform
(github.com/sigstore/model-transparency)."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys import HOW_TO, fingerprint, known_keys, signing_key
from genaiops_assets.lake import Artifact, Lake, write_json
from genaiops_assets.use_case import UseCase

SIGNATURE, PUBLIC, SIGNATURE_FACTS = "model.sig", "model_signing.pub", "signature.json"
CHECKPOINT, BUNDLE = "aligned_checkpoint", "release_bundle"
SIGNED_IN = {CHECKPOINT: "checkpoint_signature", BUNDLE: "bundle_signature"}  # what is signed → asset of its signature
CALLED = {CHECKPOINT: "checkpoint", BUNDLE: "release bundle"}
NOT_CONTENT = ("manifest.json", "provenance.json", "views")  # the platform's own, beside the files
NEEDED = ("model_signing", "OpenSSL")  # the first cannot be imported without the second, and does not ask for it
NAMES = {
    "changed": re.compile(r"Hash mismatch for '([^']+)'"),
    "missing": re.compile(r"Missing files in model '[^']*': ([^\"\]]+)"),
    "added": re.compile(r"Extra files found in model '[^']*': ([^\"\]]+)"),
}


def can_sign() -> bool:
    """Whether what signs is installed."""
    return all(find_spec(name) is not None for name in NEEDED)


def sign_artifact(lake: Lake, signed: Artifact, out: Path, called: str) -> dict[str, Any]:
    """Sign every file of a published output; leaves the signature, the public key and what they are about in `out`.
    `called`: the name under which the facts give its digest. Raises Refused where what signs is not installed."""
    if not can_sign():
        raise Refused(f"a {called.replace('_', ' ')} cannot be signed here: {HOW_TO}")
    from model_signing import hashing, signing

    key, public = signing_key(lake)
    ignored = hashing.Config().set_ignored_paths(paths=NOT_CONTENT, ignore_git_paths=False)
    signer = signing.Config().use_elliptic_key_signer(private_key=key).set_hashing_config(ignored)
    signer.sign(signed.local(), out / SIGNATURE)
    (out / PUBLIC).write_bytes(public)
    facts = {"schema_version": 1, called: signed.digest, "key": fingerprint(public), "signed": True}
    write_json(out / SIGNATURE_FACTS, facts)
    return facts


def sign_checkpoint(lake: Lake, checkpoint: Artifact, out: Path) -> dict[str, Any]:
    return sign_artifact(lake, checkpoint, out, "checkpoint")


def sign_bundle(lake: Lake, bundle: Artifact, out: Path) -> dict[str, Any]:
    return sign_artifact(lake, bundle, out, "bundle")


def signature_problem(
    lake: Lake, uc: UseCase, version: str, digest: str | None = None, signed: str = CHECKPOINT
) -> str:
    """What is wrong with the signature of a version's checkpoint or bundle (the one of `digest`, else the current one),
    naming each file; "" where it verifies, and where none was made: a home of an earlier version, or without the
    extra."""
    wanted = digest or lake.heads.digest(uc.key(signed), version)
    found = signature_of(lake, uc, version, wanted, signed)
    if found is None:
        return ""
    what = f"the {CALLED[signed]} of {version}"
    if not can_sign():
        return f"{what} is signed, and the signature cannot be verified here: {HOW_TO}"
    trusted = known_keys(lake).get(found.json(SIGNATURE_FACTS)["key"])
    if trusted is None:
        return f"{what} is signed with a key that the ledger does not know"
    return _mismatch(lake.artifacts.get(uc.key(signed), wanted), found, trusted.encode(), what)


def signature_of(lake: Lake, uc: UseCase, version: str, digest: str, signed: str = CHECKPOINT) -> Artifact | None:
    """The published signature of exactly this checkpoint or bundle, None where there is none."""
    asset = uc.key(SIGNED_IN[signed])
    head = lake.heads.get(asset, version)
    found = lake.artifacts.get(asset, head["digest"]) if head else None
    facts = found.json(SIGNATURE_FACTS) if found else {}
    of = facts.get("checkpoint") if signed == CHECKPOINT else facts.get("bundle")
    return found if facts.get("signed") and of == digest else None


def named_in(told: str) -> list[str]:
    """The files that a message of model-signing names. It prints a list with digests as bytes: where these hold an
    apostrophe, all apostrophes of the message stand behind a backslash (model-signing 1.1.1)."""
    plain = told.replace("\\'", "'")
    return [f"{kind}: {name}" for kind, pattern in NAMES.items() for name in pattern.findall(plain)]


def _mismatch(signed: Artifact, signature: Artifact, public: bytes, what: str) -> str:
    from model_signing import verifying

    with TemporaryDirectory() as folder:
        key = Path(folder) / PUBLIC
        key.write_bytes(public)
        try:
            verifier = verifying.Config().use_elliptic_key_verifier(public_key=key)
            verifier.verify(signed.local(), signature.local(SIGNATURE))
        except Exception as error:  # the library raises many kinds for a signature that is none
            named = named_in(str(error))
            return f"{what} is not as it was signed ({'; '.join(named) or error})"
    return ""


def refuse_broken_signature(
    lake: Lake, uc: UseCase, version: str, digest: str | None = None, signed: str = CHECKPOINT
) -> None:
    """Raises Refused naming each file that is not as it was signed."""
    if problem := signature_problem(lake, uc, version, digest, signed):
        raise Refused(problem)

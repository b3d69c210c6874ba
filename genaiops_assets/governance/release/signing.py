"""The signature of a checkpoint: OpenSSF model signing with a key of the home, offline.

Belongs here: making the key and the signature, and what is wrong with one. Does not belong here: the hashes of every
published file (`lake.problems`), or approvals. The signature is a Sigstore bundle, so that anybody with the public key
can verify the files with the `model_signing` command, without this platform (github.com/sigstore/model-transparency).

The private key lies in `keys/` of the home, readable by its owner alone, also where the lake lies elsewhere. Which keys
are ours stands in the ledger: a signature by another key, however sound, counts for nothing."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Artifact, Lake, write_json
from genaiops_assets.use_case import UseCase

KEY = "keys/model_signing.pem"
KEY_MADE = "signing_key"  # kind of the ledger's entry
SIGNATURE, PUBLIC, SIGNATURE_FACTS = "model.sig", "model_signing.pub", "signature.json"
ASSET, SIGNED = "checkpoint_signature", "aligned_checkpoint"
NOT_CONTENT = ("manifest.json", "provenance.json", "views")  # the platform's own, beside the model's files
NEEDED = ("model_signing", "OpenSSL")  # the first cannot be imported without the second, and does not ask for it
HOW_TO = "install the extra: pip install 'genaiops-assets[sign]'"
NAMES = {
    "changed": re.compile(r"Hash mismatch for '([^']+)'"),
    "missing": re.compile(r"Missing files in model '[^']*': ([^\"\]]+)"),
    "added": re.compile(r"Extra files found in model '[^']*': ([^\"\]]+)"),
}


def can_sign() -> bool:
    """Whether what signs is installed."""
    return all(find_spec(name) is not None for name in NEEDED)


def signing_key(lake: Lake) -> tuple[Path, bytes]:
    """The private key's file, made at first use (NIST P-256, permission 600), and its public key as PEM. The ledger
    names each key that is made."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
    )

    file = lake.home / KEY
    if not file.exists():
        fresh = ec.generate_private_key(ec.SECP256R1())
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(file, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    private = load_pem_private_key(file.read_bytes(), password=None)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if fingerprint(public) not in known_keys(lake):
        lake.ledger.append(KEY_MADE, {"fingerprint": fingerprint(public), "public_key": public.decode()})
    return file, public


def _create(file: Path, content: bytes) -> None:
    """In one step, readable by the owner alone from the first moment; of two processes one wins."""
    with TemporaryDirectory(dir=file.parent) as folder:
        staged = Path(folder) / file.name
        with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
        with suppress(FileExistsError):
            os.link(staged, file)


def fingerprint(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()


def known_keys(lake: Lake) -> dict[str, str]:
    """Fingerprint → public key (PEM) of each key that the ledger names."""
    return {e.body["fingerprint"]: e.body["public_key"] for e in lake.ledger.entries(KEY_MADE)}


def sign_checkpoint(lake: Lake, checkpoint: Artifact, out: Path) -> dict[str, Any]:
    """Sign every file of a published checkpoint; leaves the signature, the public key and what they are about in `out`.
    Raises Refused where what signs is not installed."""
    if not can_sign():
        raise Refused(f"a checkpoint cannot be signed here: {HOW_TO}")
    from model_signing import hashing, signing

    key, public = signing_key(lake)
    ignored = hashing.Config().set_ignored_paths(paths=NOT_CONTENT, ignore_git_paths=False)
    signer = signing.Config().use_elliptic_key_signer(private_key=key).set_hashing_config(ignored)
    signer.sign(checkpoint.local(), out / SIGNATURE)
    (out / PUBLIC).write_bytes(public)
    facts = {"schema_version": 1, "checkpoint": checkpoint.digest, "key": fingerprint(public), "signed": True}
    write_json(out / SIGNATURE_FACTS, facts)
    return facts


def signature_problem(lake: Lake, uc: UseCase, version: str, digest: str | None = None) -> str:
    """What is wrong with the signature of a version's checkpoint (the one of `digest`, else the current one), naming
    each file; "" where it verifies, and where none was made: a home of an earlier version, or without the extra."""
    checkpoint = digest or lake.heads.digest(uc.key(SIGNED), version)
    found = signature_of(lake, uc, version, checkpoint)
    if found is None:
        return ""
    if not can_sign():
        return f"the checkpoint of {version} is signed, and the signature cannot be verified here: {HOW_TO}"
    trusted = known_keys(lake).get(found.json(SIGNATURE_FACTS)["key"])
    if trusted is None:
        return f"the checkpoint of {version} is signed with a key that the ledger does not know"
    return _mismatch(lake.artifacts.get(uc.key(SIGNED), checkpoint), found, trusted.encode(), version)


def signature_of(lake: Lake, uc: UseCase, version: str, checkpoint: str) -> Artifact | None:
    """The published signature of exactly this checkpoint, None where there is none."""
    head = lake.heads.get(uc.key(ASSET), version)
    found = lake.artifacts.get(uc.key(ASSET), head["digest"]) if head else None
    facts = found.json(SIGNATURE_FACTS) if found else {}
    return found if facts.get("signed") and facts["checkpoint"] == checkpoint else None


def _mismatch(checkpoint: Artifact, signature: Artifact, public: bytes, version: str) -> str:
    from model_signing import verifying

    with TemporaryDirectory() as folder:
        key = Path(folder) / PUBLIC
        key.write_bytes(public)
        try:
            verifier = verifying.Config().use_elliptic_key_verifier(public_key=key)
            verifier.verify(checkpoint.local(), signature.local(SIGNATURE))
        except Exception as error:  # the library raises many kinds for a signature that is none
            named = [f"{what}: {name}" for what, pattern in NAMES.items() for name in pattern.findall(str(error))]
            return f"the checkpoint of {version} is not as it was signed ({'; '.join(named) or error})"
    return ""


def refuse_broken_signature(lake: Lake, uc: UseCase, version: str, digest: str | None = None) -> None:
    """Raises Refused naming each file that is not as it was signed."""
    if problem := signature_problem(lake, uc, version, digest):
        raise Refused(problem)

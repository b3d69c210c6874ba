"""The signature of a dossier: ECDSA P-256 on `pack.json`, by the key that signs checkpoints, where the home has it.

Belongs here: signing with a key that the ledger names already. Does not belong here: making keys
(`governance/release/signing.py`); a dossier writes nothing into the home."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec

from genaiops_assets.lake import Entry, Lake

KEY, KEY_MADE = "keys/model_signing.pem", "signing_key"


@dataclass(frozen=True)
class Signer:
    """`signature`: bytes → DER."""

    fingerprint: str
    signature: Callable[[bytes], bytes]


def sign(lake: Lake, entries: Iterable[Entry]) -> Signer | None:
    """Who signs; None without a key, without what signs, or for a key that the ledger does not name."""
    file = lake.home / KEY
    if not file.exists() or find_spec("cryptography") is None:
        return None
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    private = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        return None
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    fingerprint = hashlib.sha256(public).hexdigest()
    if fingerprint not in {e.body["fingerprint"] for e in entries if e.kind == KEY_MADE}:
        return None
    return Signer(fingerprint, lambda data: private.sign(data, ec.ECDSA(hashes.SHA256())))

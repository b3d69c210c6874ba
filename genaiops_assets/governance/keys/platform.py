"""The platform's own key: it signs checkpoints, bundles and anchors.

Belongs here: making the key, which keys the ledger names, signing and verifying a few bytes. Does not belong here: what
is signed (`governance/release/signing.py`, `governance/anchors`), people's keys (`people_keys.py`).

The private key (NIST P-256) lies in `keys/` of the home, readable by its owner alone, also where the lake lies
elsewhere. Which keys are ours stands in the ledger: a signature by another key, however sound, counts for nothing. Who
can write in the home can sign with this key: it proves that a home made something, not that the home is honest."""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Entry, Lake

KEY = "keys/model_signing.pem"
KEY_MADE, KEY_REMOVED = "signing_key", "signing_key_removed"  # kinds of the ledger's entries
HOW_TO = "install the extra: pip install 'genaiops-assets[sign]'"


def has_cryptography() -> bool:
    return find_spec("cryptography") is not None


def signing_key(lake: Lake) -> tuple[Path, bytes]:
    """The private key's file, made at first use (permission 600), and its public key as PEM. The ledger names each key
    that is made."""
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
    """Fingerprint → public key (PEM) of each key that the ledger names and nobody removed."""
    found = {}
    for entry in platform_entries(lake):
        if entry.kind == KEY_MADE:
            found[entry.body["fingerprint"]] = entry.body["public_key"]
        else:
            found.pop(entry.body["fingerprint"], None)
    return found


def platform_entries(lake: Lake) -> list[Entry]:
    """The ledger's entries about keys of the platform, oldest first."""
    return [entry for entry in lake.ledger.entries() if entry.kind in (KEY_MADE, KEY_REMOVED)]


def remove_platform_key(lake: Lake, stated: str, by: str, reason: str) -> str:
    """No signature by a key counts from now on; the file in the home is set aside where it holds it, so that the next
    signature makes a new one. `stated`: the fingerprint or its beginning. Returns the fingerprint. Raises Refused."""
    known = known_keys(lake)
    meant = [one for one in known if stated and one.startswith(stated)]
    if len(meant) != 1:
        raise Refused(f"{stated!r} names {'several keys' if meant else 'no key'} of the platform; there are: "
                      f"{', '.join(one[:16] for one in known) or 'none'}")  # fmt: skip
    removed = meant[0]
    holds = (lake.home / KEY).exists() and fingerprint(signing_key(lake)[1]) == removed
    lake.ledger.append(KEY_REMOVED, {"fingerprint": removed, "by": by, "reason": reason.strip()})
    if holds:
        os.replace(lake.home / KEY, lake.home / f"keys/removed-{removed[:16]}.pem")
    return removed


def sign_bytes(lake: Lake, content: bytes) -> dict[str, str]:
    """{key, public_key, signature}: ECDSA with SHA-256, DER in base64. Raises Refused where what signs is not
    installed."""
    if not has_cryptography():
        raise Refused(f"nothing can be signed here: {HOW_TO}")
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    file, public = signing_key(lake)
    private: Any = load_pem_private_key(file.read_bytes(), password=None)
    signature = private.sign(content, ec.ECDSA(hashes.SHA256()))
    return {
        "key": fingerprint(public),
        "public_key": public.decode(),
        "signature": base64.b64encode(signature).decode(),
    }

"""Content Credentials (C2PA) in the PDF files that people file: who exported the file, and that programs wrote part of
it, signed inside the file.

Belongs here: the home's certificates, signing a PDF, reading what one says. Does not belong here: which documents there
are (`filing.py`). The certificate is our own: a reader says `Trusted` where it is given the home's root
(`c2pa_root.pem` beside the files), and `Valid`, `signingCredential.untrusted` anywhere else. There is no time-stamp,
since that asks a server: a signature stands as long as its certificate. Sources: C2PA specification 2.x; IPTC."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any

from genaiops_assets.governance.keys import signing_key
from genaiops_assets.lake import Lake

ROOT = "keys/c2pa_root"  # .key and .pem
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
MIME = "application/pdf"
YEARS = timedelta(days=3650)


def has_c2pa() -> bool:
    return find_spec("c2pa") is not None


@dataclass(frozen=True)
class Credential:
    """`state`: Trusted, Valid (sound, but by nobody the reader knows), Invalid; `failures`: codes of the
    specification."""

    state: str
    failures: tuple[str, ...]
    title: str


def with_credential(lake: Lake, pdf: bytes, title: str) -> bytes:
    """The file with a signed manifest in it. Makes the home's keys and root certificate where there are none."""
    import c2pa

    told = {
        "claim_generator_info": [{"name": "genaiops_assets"}],
        "title": title,
        "format": MIME,
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": SOURCE}]}}
        ],
    }
    file, _ = signing_key(lake)
    info = c2pa.C2paSignerInfo(
        alg=c2pa.C2paSigningAlg.ES256, sign_cert=chain_of(lake), private_key=file.read_bytes(), ta_url=None
    )
    out = io.BytesIO()
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(told)) as builder:
        builder.sign(signer, MIME, io.BytesIO(pdf), out)
    return out.getvalue()


def credential_in(pdf: bytes, root: bytes = b"") -> Credential | None:
    """What a PDF says, None where it holds no manifest. `root`: a certificate (PEM) to trust. Nothing is fetched."""
    import c2pa

    settings: dict[str, Any] = {"verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}}
    if root:
        settings["trust"] = {"user_anchors": root.decode()}
    try:
        reader = c2pa.Reader(MIME, io.BytesIO(pdf), context=c2pa.Context(c2pa.Settings.from_dict(settings)))
    except c2pa.C2paError.ManifestNotFound:
        return None
    said = json.loads(reader.json())
    results = said.get("validation_results", {}).get("activeManifest", {})
    active = said["manifests"][said["active_manifest"]]
    return Credential(
        said["validation_state"], tuple(one["code"] for one in results.get("failure", [])), active.get("title", "")
    )


def root_of(lake: Lake) -> bytes:
    """The home's root certificate (PEM), made at first use; its key is readable by the owner alone."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key_file, file = lake.home / f"{ROOT}.key", lake.home / f"{ROOT}.pem"
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        key_file.touch(mode=0o600)
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.write_bytes(_certificate("root", key.public_key(), key, is_root=True).public_bytes(Encoding.PEM))
    return file.read_bytes()


def chain_of(lake: Lake) -> bytes:
    """Certificate of the platform's signing key, then the root (PEM)."""
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, load_pem_public_key

    root, (_, public) = root_of(lake), signing_key(lake)
    issuer = load_pem_private_key((lake.home / f"{ROOT}.key").read_bytes(), password=None)
    made = _certificate("documents", load_pem_public_key(public), issuer, is_root=False)
    return bytes(made.public_bytes(Encoding.PEM)) + root


def _certificate(subject: str, public: Any, issuer: Any, *, is_root: bool) -> Any:
    """X.509 as C2PA asks for it: key usage, and for a signer the purpose e-mail protection."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(name: str) -> x509.Name:
        both = ((NameOID.ORGANIZATION_NAME, "genaiops home"), (NameOID.COMMON_NAME, name))
        return x509.Name([x509.NameAttribute(kind, value) for kind, value in both])

    now, signs = datetime.now(UTC), not is_root
    usage = x509.KeyUsage(signs, False, False, False, False, is_root, is_root, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named("root"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + YEARS)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
    )
    if signs:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(issuer, SHA256())

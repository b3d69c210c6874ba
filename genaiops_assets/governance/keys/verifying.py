"""Does a signature fit a text and a public key: OpenSSH's and PEM (public key or X.509 certificate; EC, Ed25519).

Belongs here: the two kinds of keys, their fingerprints, signing with a key a person points at, verifying. Does not
belong here: whose key it is (`people_keys.py`), what is signed (`statements.py`).

SSH: `ssh-keygen -Y sign -n genaiops -f KEY FILE` writes FILE.sig (OpenSSH, PROTOCOL.sshsig). PEM:
`openssl dgst -sha256 -sign KEY FILE | base64` for an EC key. A certificate is trusted because somebody registered it,
not for who issued it; outside its dates it signs nothing."""

from __future__ import annotations

import base64
import binascii
import hashlib
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys.platform import HOW_TO, has_cryptography

NAMESPACE = "genaiops"
SECONDS = 20
ASKED_SECONDS = 300  # a person may have to type a passphrase or touch a token
KeyKind = Literal["ssh", "pem", "certificate"]
SSH_KEYS = ("ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-")
CERTIFICATE, PUBLIC, PRIVATE = "-----BEGIN CERTIFICATE", "-----BEGIN PUBLIC KEY", "PRIVATE KEY-----"


def kind_of(public: str) -> KeyKind:
    """Raises Refused for what is no public key."""
    text = public.strip()
    if PRIVATE in text:
        raise Refused("that is a private key: keep it to yourself and give the public one (KEY.pub)")
    if text.startswith(CERTIFICATE):
        return "certificate"
    if text.startswith(PUBLIC):
        return "pem"
    if text.startswith(SSH_KEYS) and len(text.split()) >= 2 and "\n" not in text:
        return "ssh"
    raise Refused("not a public key: one line of OpenSSH (ssh-ed25519 AAAA…), or PEM (PUBLIC KEY or CERTIFICATE)")


def key_fingerprint(public: str) -> str:
    """`SHA256:…` as OpenSSH and most tools print it; of PEM the hash of the key itself (SubjectPublicKeyInfo). Raises
    Refused for a damaged key or one of another kind."""
    if kind_of(public) == "ssh":
        try:
            content = base64.b64decode(public.split()[1], validate=True)
        except (binascii.Error, ValueError):
            raise Refused("the SSH key is damaged") from None
    else:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        content = _loaded(public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + base64.b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def mismatch(public: str, content: bytes, signature: str, at: str = "") -> str:
    """Why a signature does not count, "" where it does. `at`: when it was made (ISO time), for a certificate's dates;
    now where it is not given."""
    try:
        kind = kind_of(public)
        return _ssh_mismatch(public, content, signature) if kind == "ssh" else _pem_mismatch(
            public, content, signature, at
        )  # fmt: skip
    except Refused as error:
        return str(error)


def _ssh_mismatch(public: str, content: bytes, signature: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        allowed, signed = Path(folder) / "allowed_signers", Path(folder) / "text.sig"
        allowed.write_text(f'author namespaces="{NAMESPACE}" {public.strip()}\n', encoding="utf-8")
        signed.write_text(signature, encoding="utf-8")
        command = ["ssh-keygen", "-Y", "verify", "-n", NAMESPACE, "-I", "author", "-f", str(allowed), "-s", str(signed)]
        try:
            done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
        except FileNotFoundError:
            return "ssh-keygen is not installed, so the signature cannot be checked: install OpenSSH's client"
        except subprocess.TimeoutExpired:
            return f"ssh-keygen did not answer within {SECONDS} seconds"
    return "" if done.returncode == 0 else "the signature is not by this key, or of another text"


def _pem_mismatch(public: str, content: bytes, signature: str, at: str) -> str:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = _loaded(public)
    if out_of_date := _out_of_date(public, at):
        return out_of_date
    try:
        made = base64.b64decode("".join(signature.split()), validate=True)
        key.verify(made, content, *([ec.ECDSA(hashes.SHA256())] if isinstance(key, ec.EllipticCurvePublicKey) else []))
    except (InvalidSignature, binascii.Error, ValueError):
        return "the signature is not by this key, or of another text"
    return ""


def _loaded(public: str) -> Any:
    """The public key of PEM text. Raises Refused."""
    if not has_cryptography():
        raise Refused(f"PEM keys cannot be read here: {HOW_TO}")
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    text = public.strip().encode()
    try:
        found: Any = (
            x509.load_pem_x509_certificate(text).public_key()
            if kind_of(public) == "certificate"
            else load_pem_public_key(text)
        )
    except ValueError as error:
        raise Refused(f"the key is damaged ({error})") from None
    if not isinstance(found, (ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey)):
        raise Refused("only keys of elliptic curves (EC, Ed25519) are taken: RSA keys as SSH keys")
    return found


def _out_of_date(public: str, at: str) -> str:
    """Why a certificate did not hold at a time, "" where it did or the key is none."""
    if kind_of(public) != "certificate":
        return ""
    from cryptography import x509

    found = x509.load_pem_x509_certificate(public.strip().encode())
    moment = datetime.fromisoformat(at) if at else datetime.now(UTC)
    if found.not_valid_before_utc <= moment <= found.not_valid_after_utc:
        return ""
    return (
        f"the certificate holds from {found.not_valid_before_utc.date()} to {found.not_valid_after_utc.date()}, and "
        f"the signature is of {moment.date()}"
    )


def sign_with(key: Path, content: bytes) -> str:
    """A person's signature on a text, by the private key they point at: an OpenSSH key (or the public one of a key in
    the agent), or PEM. Nothing of the key is kept. Raises Refused saying what to do."""
    if not key.is_file():
        raise Refused(f"there is no key {key}")
    head = key.read_bytes()[:4096].decode("utf-8", "replace")
    if "PRIVATE KEY-----" in head and "OPENSSH" not in head:
        return _sign_pem(key, content)
    return _sign_ssh(key, content)


def _sign_ssh(key: Path, content: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "statement"
        text.write_bytes(content)
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", str(key), str(text)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=ASKED_SECONDS, check=False, text=True)
        except FileNotFoundError:
            raise Refused("ssh-keygen is not installed: install OpenSSH's client") from None
        except subprocess.TimeoutExpired:
            raise Refused(f"ssh-keygen waited {ASKED_SECONDS} seconds for you and gave up") from None
        made = text.with_name("statement.sig")
        if done.returncode != 0 or not made.exists():
            raise Refused(f"{key} does not sign: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        return made.read_text(encoding="ascii")


def _sign_pem(key: Path, content: bytes) -> str:
    if not has_cryptography():
        raise Refused(f"PEM keys cannot be used here: {HOW_TO}")
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private: Any = load_pem_private_key(key.read_bytes(), password=None)
    except TypeError:
        raise Refused(f"{key} needs a passphrase: write the statement (--statement FILE), sign it with openssl, and "
                      "give the result (--signature FILE)") from None  # fmt: skip
    except ValueError as error:
        raise Refused(f"{key} is no usable private key ({error})") from None
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return base64.b64encode(private.sign(content, ec.ECDSA(hashes.SHA256()))).decode()
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return base64.b64encode(private.sign(content)).decode()
    raise Refused("only keys of elliptic curves (EC, Ed25519) are taken: RSA keys as SSH keys")

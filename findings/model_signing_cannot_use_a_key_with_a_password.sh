#!/usr/bin/env bash
# model-signing 1.1.1 (OpenSSF), cryptography 50.0.2.
# What happens: use_elliptic_key_signer(private_key=…, password: Optional[str]) hands the password on as text to a
#   function that takes bytes: TypeError, also by the command line (sign key --password). Given as bytes, which neither
#   type nor command allows, it works and the signature verifies.
# Guess: a key with a password is signed with as the signature and the help say; the plain key is the one to avoid.
# Why it matters: a signing key at rest should have a password. Who plans for one finds out at the first release, and
#   stores the key in the open, or writes bytes against the stated type and waits for the fix to break it.
# Seen: text TypeError; command exit 1; bytes signs and verifies.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq model-signing==1.1.1 cryptography==50.0.2 pyopenssl==26.4.0 || exit 2

cd "$work"
mkdir model
echo weights > model/a.safetensors
"$work/venv/bin/python" -I -W ignore - <<'PY'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec
from model_signing import signing, verifying

print(f"versions: model-signing {version('model-signing')}, cryptography {version('cryptography')}")
key = ec.generate_private_key(ec.SECP256R1())
secret = form.BestAvailableEncryption(b"word")
Path("key.pem").write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, secret))
public = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
Path("key.pub").write_bytes(public)

try:
    signing.Config().use_elliptic_key_signer(private_key="key.pem", password="word").sign("model", "text.sig")
    text = "signed"
except TypeError as error:
    text = f"TypeError: {str(error).splitlines()[0]}"
command = [sys.executable, "-m", "model_signing", "sign", "key", "model", "--signature", "command.sig"]
command += ["--private_key", "key.pem", "--password", "word"]
code = subprocess.run(command, capture_output=True).returncode
signing.Config().use_elliptic_key_signer(private_key="key.pem", password=b"word").sign("model", "bytes.sig")
verifying.Config().use_elliptic_key_verifier(public_key="key.pub").verify("model", "bytes.sig")
print(f"password as text: {text}")
print(f"command line: exit {code}, signature written: {Path('command.sig').exists()}")
print("password as bytes: signs and verifies")
if not (text.startswith("TypeError") and code != 0 and not Path("command.sig").exists()):
    sys.exit("changed: expected a TypeError, and a command that fails")
PY

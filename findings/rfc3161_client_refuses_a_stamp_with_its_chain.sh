#!/usr/bin/env bash
# rfc3161-client 1.0.9 with cryptography 50.0.2; OpenSSL's own time-stamping (openssl ts) as the authority.
# What happens: a time-stamp that carries the signer's certificate and its root cannot be read at all when the longer
#   certificate stands first: decode_timestamp_response raises ValueError (InvalidSetOrdering). Its order in the answer
#   is OpenSSL's: signer first, then the chain.
# Guess: the answer of the reference tool is read, and the certificates come out in whatever order they stand: RFC 5652
#   allows BER for SignedData, so a set need not be sorted, and openssl ts -verify says OK to the same bytes.
# Why it matters: whether a time-stamp can be kept as evidence depends on the length of the authority's certificates. It
#   shows the day an authority renews its certificate, not in a test. Who wants to read the answers of any authority
#   needs a second reader, or must ask for answers without the chain.
# Seen: the same authority, the same request: without the chain read and verified; with it "Verification: OK" by openssl
#   and InvalidSetOrdering by rfc3161-client, 3 of 3 times.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
cd "$work"
python3 -m venv venv || exit 2
venv/bin/pip install -qq rfc3161-client==1.0.9 cryptography==50.0.2 || exit 2

cat > tsa.cnf <<'CNF'
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
CNF
echo 01 > serial
printf 'extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n' > ext.cnf
long="/O=An authority whose certificate is the longer one of the two/OU=Department of time-stamps/CN=Time-stamping unit 1"
openssl req -newkey rsa:2048 -nodes -x509 -days 2 -subj /CN=R -keyout root.key -out root.pem 2>/dev/null
openssl req -newkey rsa:3072 -nodes -subj "$long" -keyout tsa.key -out tsa.csr 2>/dev/null
openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 -extfile ext.cnf -out tsa.pem 2>/dev/null

venv/bin/python -I -W ignore - <<'PY'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from cryptography import x509
from rfc3161_client import TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response

print(f"versions: rfc3161-client {version('rfc3161-client')}, cryptography {version('cryptography')}")
print(subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout.strip())
root = x509.load_pem_x509_certificate(Path("root.pem").read_bytes())


def answered(*more):
    """(what rfc3161-client says, what openssl says) of a stamp on the same statement."""
    Path("statement").write_bytes(b"entry 12 of the ledger")
    Path("q").write_bytes(TimestampRequestBuilder().data(b"entry 12 of the ledger").build().as_bytes())
    made = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q", "-signer", "tsa.pem", "-inkey", "tsa.key"]
    subprocess.run([*made, *more, "-out", "r"], check=True, capture_output=True)
    judged = subprocess.run(
        ["openssl", "ts", "-verify", "-data", "statement", "-in", "r", "-CAfile", "root.pem"], capture_output=True, text=True
    )
    openssl = "OK" if "Verification: OK" in judged.stdout + judged.stderr else "refused"
    try:
        given = decode_timestamp_response(Path("r").read_bytes())
        VerifierBuilder().add_root_certificate(root).build().verify_message(given, b"entry 12 of the ledger")
    except ValueError as error:
        return ("InvalidSetOrdering" if "InvalidSetOrdering" in str(error) else repr(error)), openssl
    return "verified", openssl


without = answered()
with_chain = [answered("-chain", "root.pem") for _ in range(3)]
print(f"without the chain: rfc3161-client {without[0]}, openssl {without[1]}")
for client, openssl in with_chain:
    print(f"with the chain:    rfc3161-client {client}, openssl {openssl}")
expected = without == ("verified", "OK") and set(with_chain) == {("InvalidSetOrdering", "OK")}
sys.exit(0 if expected else 1)
PY

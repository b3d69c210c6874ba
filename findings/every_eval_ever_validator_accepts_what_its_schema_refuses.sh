#!/usr/bin/env bash
# every-eval-ever 0.3.0 (pydantic 2.12.5, jsonschema 4.26.0).
# What happens: a file whose model_info.additional_details names no deployment_type and no model_availability is valid
#   for the package's own validator, with no warning; the JSON Schema that the same wheel publishes refuses it. The
#   classes the validator stands on were generated with that field as an optional mapping. Only the checks for their
#   own data store (run_semantic_checks, with a path in it) see the two fields.
# Guess: the validator of a schema's own package refuses what the schema refuses.
# Why it matters: an export is tested against the package, called valid, and refused by whoever holds it to the
#   published schema (another language, another harness, a data store). Test against both.
# Seen: valid True, 0 errors, 0 warnings; with semantic checks False, 2 errors; JSON Schema: two errors,
#   'deployment_type' and 'model_availability' are required.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
# The wheel asks for Python 3.12; its validator runs on 3.11 too, and needs few of the packages it asks for.
"$work/venv/bin/pip" install -qq --ignore-requires-python --no-deps every-eval-ever==0.3.0 || exit 2
"$work/venv/bin/pip" install -qq pydantic==2.12.5 jsonschema==4.26.0 pyyaml rich==14.2.0 requests 2>/dev/null || exit 2

"$work/venv/bin/python" -I -W ignore - "$work" <<'PY'
import json
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import jsonschema
from every_eval_ever.validation_core import validate_file

print("versions: " + ", ".join(f"{name} {version(name)}" for name in ("every-eval-ever", "pydantic", "jsonschema")))
result = {
    "evaluation_name": "questions",
    "source_data": {"dataset_name": "questions", "source_type": "other"},
    "metric_config": {"lower_is_better": False, "score_type": "continuous", "min_score": 0, "max_score": 1},
    "score_details": {"score": 0.5},
}
content = {
    "schema_version": "0.3.0",
    "evaluation_id": "questions/shop/model/1796085568",
    "retrieved_timestamp": "1796085568",
    "source_metadata": {
        "source_type": "evaluation_run", "source_organization_name": "shop", "evaluator_relationship": "first_party",
    },
    "eval_library": {"name": "own", "version": "1"},
    "model_info": {"name": "model", "id": "shop/model", "additional_details": {"method": "dpo"}},
    "evaluation_results": [result],
}
place = "data/questions/shop/model/734686cd-39c6-40ba-b914-316e8fbb95b0.json"
file = Path(sys.argv[1]) / place
file.parent.mkdir(parents=True)
file.write_text(json.dumps(content))

seen = []
for semantic in (False, True):
    report = validate_file(file, run_semantic_checks=semantic, repo_path=place)
    print(f"semantic checks {semantic}: valid {report.valid}, {len(report.errors)} errors, {len(report.warnings)} warnings")
    seen.append((report.valid, len(report.errors), len(report.warnings)))
schema = json.loads(files("every_eval_ever").joinpath("schemas/eval.schema.json").read_text())
errors = sorted(e.message for e in jsonschema.Draft7Validator(schema).iter_errors(content))
print("JSON Schema:", errors)
wanted = ["'deployment_type' is a required property", "'model_availability' is a required property"]
if seen != [(True, 0, 0), (False, 2, 0)] or errors != wanted:
    sys.exit("changed: expected the validator to accept what the schema refuses")
PY

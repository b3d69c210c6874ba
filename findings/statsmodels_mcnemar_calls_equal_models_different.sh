#!/usr/bin/env bash
# statsmodels 0.15.0.
# What happens: mcnemar(exact=False) on two models that agree on every question answers p = 0: the continuity
#   correction, on by default, makes (|0 - 0| - 1)^2 / 0 = infinity. Without the correction p is NaN, exact p is 1.
# Guess: no pair differs, so p is 1 (or NaN): there is nothing to tell the two apart.
# Why it matters: the candidate that did not change anything (a re-export, a new seed, greedy decoding) is reported as
#   different with the highest certainty there is, and a gate "p < 0.05" acts on it.
# Seen: exact 1.0; corrected 0.0 with statistic inf; not corrected nan; one question apart, corrected 1.0.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq statsmodels==0.15.0 scipy==1.17.1 numpy==2.4.6 pandas==3.1.1 || exit 2

"$work/venv/bin/python" -I -W ignore - <<'PY'
import math
import sys
from importlib.metadata import version

from statsmodels.stats.contingency_tables import mcnemar

print(f"versions: statsmodels {version('statsmodels')}, scipy {version('scipy')}")
equal = [[90, 0], [0, 10]]  # both right, first only; second only, both wrong
exact = mcnemar(equal, exact=True).pvalue
corrected = mcnemar(equal, exact=False)
plain = mcnemar(equal, exact=False, correction=False).pvalue
one_apart = mcnemar([[89, 1], [0, 10]], exact=False).pvalue
print(f"exact: p = {exact}")
print(f"corrected (default): p = {corrected.pvalue}, statistic {corrected.statistic}")
print(f"not corrected: p = {plain}")
print(f"corrected, models one question apart: p = {one_apart}")
if not (exact == 1 and corrected.pvalue == 0 and math.isnan(plain) and one_apart == 1):
    sys.exit("changed: expected 1, 0, nan and 1")
PY

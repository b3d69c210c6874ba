#!/usr/bin/env bash
# pytest 9.2.0, pytest-xdist 3.8.0.
# What happens: with --dist loadgroup, tests marked xdist_group("one") run in different workers. xdist writes the group into
#   `item._nodeid` and sends `item.nodeid`; since pytest 9.2 that is read from a structured id, and the group is lost.
#   Nothing is said, and the order of the report looks as always. With pytest 9.1 the group stays in one worker.
# Guess: marked tests share a worker, as documented; an incompatibility would be an error or a warning.
# Why it matters: groups are there for what may not be done twice or at once (a database, a port, a fixture that takes
#   minutes). Such tests now run beside each other; a session fixture is made once in each worker.
# Seen: workers that ran four tests of one group: pytest 9.1.1: 1; pytest 9.2.0: 2.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work" PYTHONDONTWRITEBYTECODE=1
mkdir "$work/tests"
cat > "$work/tests/test_group.py" <<'PY'
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(4))
def test_of_one_group(number, worker_id):
    with open("workers.txt", "a") as file:
        file.write(worker_id + "\n")
    time.sleep(0.5)
PY

workers() { # version of pytest → number of workers that ran the group
    python3 -m venv "$work/$1" || exit 2
    "$work/$1/bin/pip" install -qq "pytest==$1" pytest-xdist==3.8.0 || exit 2
    rm -f "$work/tests/workers.txt"
    (cd "$work/tests" && "$work/$1/bin/python" -I -m pytest -q -p no:cacheprovider -n 2 --dist loadgroup > "$work/said" 2>&1) ||
        { tail -5 "$work/said" >&2; exit 2; }
    sort -u "$work/tests/workers.txt" | wc -l | tr -d ' '
}

before=$(workers 9.1.1)
now=$(workers 9.2.0)
echo "versions: pytest 9.1.1 and 9.2.0, pytest-xdist 3.8.0"
echo "workers that ran one group: $before, $now"
[ "$before $now" = "1 2" ] || { echo "changed: expected 1 and 2" >&2; exit 1; }

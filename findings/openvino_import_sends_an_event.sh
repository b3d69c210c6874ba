#!/usr/bin/env bash
# openvino 2026.4.1 (with openvino-telemetry 2025.2.0, which it installs).
# What happens: `import openvino` alone, no model and no call, writes a client id below the user's home
#   (~/intel/openvino_ga_cid) and sends an event to a statistics service of the open web. Nobody was asked: the consent
#   dialog exists for command line tools only, an import counts as consent until somebody opts out. With the package
#   openvino_telemetry made unimportable, nothing is written or sent and openvino works the same.
# Guess: importing a library computes nothing and sends nothing; telemetry begins with the converter's command line,
#   after a question.
# Why it matters: a product that promises to be silent breaks its promise by an import, perhaps of a library that only
#   looks whether openvino is there; behind a firewall the event shows up as an attempt to leave.
# Seen: file written: True, asked for a host of the web: True; with the package hidden: False, False.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq openvino==2026.4.1 openvino-telemetry==2025.2.0 || exit 2

cat >"$work/look.py" <<'PY'
import multiprocessing
import os
import sys
import time
from pathlib import Path

hosts = Path(os.environ["HOME"]) / "hosts"


def hear(event, arguments):
    if event == "socket.getaddrinfo":
        with open(hosts, "a", encoding="ascii") as out:
            out.write(f"{arguments[0]}\n")


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    sys.addaudithook(hear)
    if sys.argv[1] == "hidden":
        sys.modules["openvino_telemetry"] = None
    import openvino

    time.sleep(3)
    cid = Path(os.environ["HOME"]) / "intel" / "openvino_ga_cid"
    print(f"{openvino.__version__.split('-')[0]} {sys.argv[1]}: file written {cid.exists()}, host asked for {hosts.exists()}")
PY

seen=""
for how in shown hidden; do
  mkdir "$work/$how"
  seen+=$(env -i PATH="$PATH" HOME="$work/$how" "$work/venv/bin/python" -W ignore "$work/look.py" "$how")$'\n'
done
printf '%s' "$seen"
grep -q "shown: file written True, host asked for True" <<<"$seen" &&
  grep -q "hidden: file written False, host asked for False" <<<"$seen" || { echo "changed"; exit 1; }

#!/usr/bin/env bash
# PyYAML 6.0.3.
# What happens: in flow style ({...}, [...]) the loader written in Python ends a plain text at any question mark, so
#   `[really?]` and `{a: b?c}` raise ParserError. The C loader of the same package reads them, and so does the Python
#   loader itself in block style. YAML 1.1 and 1.2 forbid a question mark only where a plain text begins.
# Guess: SafeLoader and CSafeLoader accept the same files; a question mark within a text needs no quotes.
# Why it matters: `yaml.safe_load` is the Python loader also where the C library is there. A file of labels, prompts or
#   test questions in flow style loads with one of the two and not with the other; who swaps in the C loader for speed
#   accepts files that others, and older deployments, refuse.
# Seen: 4 of 4 texts refused by SafeLoader and read by CSafeLoader; in block style both read them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq pyyaml==6.0.3 || exit 2

"$work/venv/bin/python" -I - <<'PY'
import sys

import yaml

print(f"versions: PyYAML {yaml.__version__}, libyaml {yaml.__with_libyaml__}")


def read(text, loader):
    try:
        return yaml.load(text, loader)
    except yaml.YAMLError as error:
        return type(error).__name__


flow = {
    "[really?]": ["really?"],
    "{a: b?c}": {"a": "b?c"},
    "{en: Is it in use? Since when, zh: x}": {"en": "Is it in use? Since when", "zh": "x"},
    "[Is it? Yes]": ["Is it? Yes"],
}
for text, meant in flow.items():
    in_python, in_c = read(text, yaml.SafeLoader), read(text, yaml.CSafeLoader)
    print(f"{text}: Python {in_python}, C {in_c}")
    if (in_python, in_c) != ("ParserError", meant):
        sys.exit("changed: expected a ParserError in Python and the text in C")
block = "en: Is it in use? Since when"
for loader in (yaml.SafeLoader, yaml.CSafeLoader):
    if read(block, loader) != {"en": "Is it in use? Since when"}:
        sys.exit("changed: expected block style to be read by both")
PY

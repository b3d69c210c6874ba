"""`genaiops dossier`: the folder, what is said of it, and the verifier as somebody runs it who has the folder alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import genaiops
from tests.support.lakes import V1
from tests.trust.homes import released_home


def test_the_command_says_where_it_lies_how_large_it_is_and_how_to_check_it(tmp_path: Path) -> None:
    lake, _ = released_home(tmp_path / "home")
    (lake.home / "use_cases.txt").write_text("package:bank_support\n")
    done = genaiops(lake.home, "dossier", V1, "-o", str(tmp_path / "d"), "--lang", "zh")
    said = " ".join(done.stdout.split())
    assert f"dossier of {V1}: " in said and " files, " in said and "built in" in said and "verify.py" in said
    assert '<html lang="zh">' in (tmp_path / "d" / "index.html").read_text("utf-8")
    checked = subprocess.run([sys.executable, "-I", tmp_path / "d" / "verify.py"], capture_output=True, check=False)
    assert checked.returncode == 0
    refused = genaiops(lake.home, "dossier", "mv-ffffffffffff", "-o", str(tmp_path / "e"), check=False)
    assert refused.returncode == 1 and "there is no model version mv-ffffffffffff" in refused.stdout + refused.stderr

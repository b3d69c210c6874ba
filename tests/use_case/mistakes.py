"""What a use case file with a mistake says. Holds no tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genaiops_assets.use_case import UseCaseError
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.yaml_file import UseCaseProblem

Edit = Callable[..., Path]


def problems_of(path: Path, preset: str | None = None) -> list[UseCaseProblem]:
    with pytest.raises(UseCaseError) as caught:
        load_use_case(path, preset)
    for problem in caught.value.problems:
        assert str(problem) in str(caught.value)
        assert str(problem).startswith(f"{problem.file}:{problem.line}: {problem.field}: {problem.message}")
    return caught.value.problems


def only_problem(path: Path, preset: str | None = None) -> UseCaseProblem:
    problems = problems_of(path, preset)
    assert len(problems) == 1, [str(p) for p in problems]
    return problems[0]


def line_of(folder: Path, text: str) -> int:
    lines = (folder / "use_case.yaml").read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line and not line.lstrip().startswith("#"))

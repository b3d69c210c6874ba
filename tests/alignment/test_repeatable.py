"""Training promises equal bytes where every operation keeps the promise, and says so where one does not. No model:
what is decided around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.compute import Job
from genaiops_assets.payloads import train_model

VARIES = "cumsum_cuda_kernel does not have a deterministic implementation, but you set 'torch.use_deterministic_algorithms(True)'."


def repeatable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, strictly: Exception | None, otherwise: Exception | None = None
) -> Any:
    """What comes out where strict training, and then plain training, end with these errors; and what was tried."""
    tried: list[bool] = []

    def train(*_: Any) -> str:
        if error := strictly if tried[-1] else otherwise:
            raise error
        return "trained"

    monkeypatch.setattr(train_model, "be_deterministic", lambda seed, cpus, strict=False: tried.append(strict))
    monkeypatch.setattr(train_model, "train", train)
    job = Job("train_model", str(tmp_path), "", str(tmp_path), str(tmp_path), 1, 7, {}, {})
    return train_model.repeatable(job, [], tmp_path, {}), tried


def test_equal_bytes_are_promised_where_nothing_varies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repeatable(tmp_path, monkeypatch, strictly=None) == (("trained", True), [True])


def test_where_an_operation_varies_training_goes_on_without_the_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, tried = repeatable(tmp_path, monkeypatch, strictly=RuntimeError(VARIES))
    assert made == ("trained", False) and tried == [True, False]
    assert "without the promise of equal bytes: cumsum_cuda_kernel" in capsys.readouterr().out


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory"), ValueError(VARIES)])
def test_any_other_error_is_raised_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)[:20]):
        repeatable(tmp_path, monkeypatch, strictly=error)


def test_an_error_of_the_second_training_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="does not have a deterministic"):
        repeatable(tmp_path, monkeypatch, strictly=RuntimeError(VARIES), otherwise=RuntimeError(VARIES))

"""Stores to test against: a local folder and an object store (fsspec's `memory://`)."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from genaiops_assets.lake.store import Store


@pytest.fixture(params=["local", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "local":
        yield str(tmp_path / "lake")
        return
    root = f"/{uuid.uuid4().hex}"
    yield f"memory:/{root}"
    fs = fsspec.filesystem("memory")
    if fs.exists(root):
        fs.rm(root, recursive=True)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Store:
    return Store(url, cache=tmp_path / "cache")

"""A payload's environment: nothing of the parent's but what is on the list, and no secret that its job does not
name."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.compute.environment import environment, key_variables, visible
from genaiops_assets.lake import Lake

PARENT = {
    "PATH": "/bin",
    "PYTHONPATH": "/src",
    "LC_ALL": "C",
    "CUDA_VISIBLE_DEVICES": "0",
    "GENAIOPS_HOME": "/home/x",
    "GENAIOPS_SECRETS": "FEED_KEY@host",
    "GENAIOPS_SECRET_DB": "hunter2",
    "FEED_KEY": "hunter3",
    "AWS_SECRET_ACCESS_KEY": "hunter4",
    "HF_TOKEN": "hunter5",
    "OPENAI_API_KEY": "hunter6",
    "SOME_LIBRARY_SWITCH": "1",
    "HTTPS_PROXY": "http://me:hunter7@proxy",
}
PLAIN = {"PATH", "PYTHONPATH", "LC_ALL", "CUDA_VISIBLE_DEVICES", "GENAIOPS_HOME", "GENAIOPS_SECRETS"}


def test_a_payload_sees_the_list_and_no_secret() -> None:
    assert set(visible(PARENT)) == PLAIN
    assert "hunter" not in str(visible(PARENT))


def test_a_recipe_gets_no_secret(tmp_path: Path) -> None:
    seen = environment(2, Lake(tmp_path), False, {"recipe": {"process": [{"x_filter": {}}]}}, PARENT)
    assert "hunter" not in str(seen) and seen["PYTHONPATH"] == "/src"
    assert seen["NUMBA_CACHE_DIR"] == str(tmp_path / "cache/numba")


@pytest.mark.parametrize("name", ["FEED_KEY", "GENAIOPS_SECRET_DB"])
def test_a_key_reaches_the_payload_whose_job_names_it(tmp_path: Path, name: str) -> None:
    inputs = {"embedder": {"route": "endpoint", "key_variable": name}, "rows": [{"key_variable": ""}]}
    assert key_variables(inputs) == {name}
    seen = environment(2, Lake(tmp_path), False, inputs, PARENT)
    assert seen[name] == PARENT[name] and {n for n in seen if "hunter" in seen[n]} == {name, "HTTPS_PROXY"}


def test_keys_of_the_object_store_go_where_the_lake_is_in_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "memory://somewhere")
    seen = environment(2, lake, False, {}, PARENT)
    assert seen["AWS_SECRET_ACCESS_KEY"] == "hunter4" and "OPENAI_API_KEY" not in seen

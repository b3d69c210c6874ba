"""Keys: shown once, hashed at rest, found by nobody who has only the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.lake import Lake
from genaiops_assets.serving.gateway.keys import FILE, KeyRing, add_key, remove_key
from genaiops_assets.serving.gateway.limits import Allowances
from genaiops_assets.serving.gateway.problems import Problem
from tests.support.lakes import bank_support


def test_a_key_is_found_by_itself_alone_and_stands_nowhere(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    key, ring = add_key(lake, uc, "web", access=["public"], requests=3), KeyRing(tmp_path, uc.name)
    found = ring.find(key)
    assert found is not None and (found.name, found.access, found.requests) == ("web", ("public",), 3)
    assert ring.find(key[:-1]) is None and ring.find("") is None and ring.find(found.hash) is None
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert key.encode() not in everything and key.removeprefix("gna_").encode() not in everything
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert KeyRing(tmp_path, "library_zh").find(key) is None, "a key of one use case opens no other"


def test_a_running_gateway_sees_keys_come_and_go(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    ring = KeyRing(tmp_path, uc.name)
    assert ring.is_empty()
    key, other = add_key(lake, uc, "web", access=["public"]), add_key(lake, uc, "app", access=["public"])
    assert ring.find(key) and ring.find(other) and [k.name for k in ring.named()] == ["app", "web"]
    remove_key(lake, uc, "web")
    assert ring.find(key) is None and ring.find(other)
    assert [e.kind for e in lake.ledger.entries()] == ["serving_key_made", "serving_key_made", "serving_key_removed"]


def test_names_and_classes_that_are_none_are_refused(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    add_key(lake, uc, "web", access=["public"])
    with pytest.raises(Unusable, match="has a key 'web' already"):
        add_key(lake, uc, "web", access=["public"])
    with pytest.raises(Unusable, match="no access class 'secret': there are public"):
        add_key(lake, uc, "app", access=["secret"])
    with pytest.raises(Unusable, match="small letters"):
        add_key(lake, uc, "../app", access=["public"])
    with pytest.raises(Refused, match="no key 'app'; there are: web"):
        remove_key(lake, uc, "app")


def test_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    key = add_key(lake, uc, "web", access=["public"])
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(Unusable, match="not a list of API keys"):
        KeyRing(tmp_path, uc.name).find(key)


def test_requests_and_tokens_fill_up_evenly(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    now = [0.0]
    key = KeyRing(tmp_path, uc.name).find(add_key(lake, uc, "web", access=["public"], requests=2, tokens=100))
    assert key is not None
    given = Allowances(lambda: now[0])
    given.take(key)
    given.take(key)
    with pytest.raises(Problem, match="used up its 2 requests a minute") as caught:
        given.take(key)
    assert (caught.value.status, caught.value.headers()) == (429, {"retry-after": "30"})
    now[0] = 30.0
    given.take(key)
    now[0] = 120.0
    given.spend_tokens(key, 160)  # known only afterwards, so it may overdraw
    with pytest.raises(Problem, match="used up its 100 tokens a minute") as caught:
        given.take(key)
    assert caught.value.headers() == {"retry-after": "37"}
    now[0] = 157.0
    given.take(key)

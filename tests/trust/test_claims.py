"""Claims: one byte of a figure upstream is another, and every document that quotes it is red, and no other."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evidence import find_claims, resolve_pointer
from genaiops_assets.governance.dossier import Graph, build_dossier
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.orchestration.claims import broken_claims, file_of
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1
from tests.trust.homes import released_home
from tests.trust.trial import verifier

CASES = 50


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, UseCase, Path]:
    folder = tmp_path_factory.mktemp("claims")
    lake, uc = released_home(folder / "home")
    build_dossier(lake, uc, V1, folder / "dossier", Graph(file_of=file_of), "en")
    return lake, uc, folder / "dossier"


def documents(lake: Lake) -> dict[str, Any]:
    """Path below the home → content, of every document that claims something."""
    files = sorted(p for p in (lake.home / "artifacts").glob("*/*/*/*.json"))
    found = {p.relative_to(lake.home).as_posix(): json.loads(p.read_bytes()) for p in files}
    return {path: content for path, content in found.items() if find_claims(content)}


def leaves(value: Any, pointer: str) -> list[str]:
    """Pointers to every number or text below a pointer."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, f"{pointer}/{key}")]
    return [pointer] if isinstance(value, int | float | str) and not isinstance(value, bool) else []


def with_one_byte_changed(content: Any, pointer: str, random_: random.Random) -> bytes:
    """The file with one digit or letter of the value at a pointer changed."""
    changed = json.loads(json.dumps(content))
    *parts, last = pointer.split("/")[1:]
    holder = resolve_pointer(changed, "".join(f"/{p}" for p in parts))
    text = str(holder[last])
    places = [n for n, c in enumerate(text) if c in "23456789" or c.isalpha()] or [
        n for n, c in enumerate(text) if c in "01"
    ]
    at = random_.choice(places)
    other = "abcdefgh".replace(text[at], "")[0] if text[at].isalpha() else str((int(text[at]) + 1) % 9 + 1)
    holder[last] = type(holder[last])(text[:at] + other + text[at + 1 :])
    return pretty_json(changed)


def test_one_byte_upstream_turns_just_the_documents_red_that_quote_it(home: tuple[Lake, UseCase, Path]) -> None:
    lake, _, dossier = home
    quoting, random_, seen = documents(lake), random.Random(14), 0
    claims = [(path, made) for path, content in quoting.items() for made in find_claims(content)]
    while seen < CASES:
        _, made = random_.choice(claims)
        upstream = lake.home / "artifacts" / made["asset"] / made["digest"] / file_of(made["asset"])
        before = upstream.read_bytes()
        pointer = random_.choice(leaves(made["value"], made["pointer"]))
        damaged = with_one_byte_changed(json.loads(before), pointer, random_)
        if len(damaged) != len(before) or sum(a != b for a, b in zip(damaged, before, strict=True)) != 1:
            continue
        source = (made["asset"], made["digest"])
        expected = {
            path for path, other in claims
            if (other["asset"], other["digest"]) == source and f"{pointer}/".startswith(f"{other['pointer']}/")
        }  # fmt: skip
        copy = dossier / "evidence" / upstream.relative_to(lake.home)
        upstream.write_bytes(damaged)
        try:
            red = {path for path, content in quoting.items() if broken_claims(lake, content)}
            assert red == expected, (source, pointer)
            shown = {path for path in expected if (dossier / "evidence" / path).exists()}
            if copy.exists():
                copy.write_bytes(damaged)
                found = verifier().verify(dossier).problems
                refuted = {p.split(": ")[0].removeprefix("evidence/") for p in found if "claims that do not hold" in p}
                assert refuted == shown, (source, pointer)
        finally:
            upstream.write_bytes(before)
            if copy.exists():
                copy.write_bytes(before)
        seen += 1

"""Front matter that the Hub accepts, and references that name nobody's machine."""

from __future__ import annotations

import pytest

from genaiops_assets.governance.documents.hub import LICENSES, hub_license, hub_model, license_fields, public_ref


@pytest.mark.parametrize(
    ("spdx", "shown"),
    [
        ("Apache-2.0", "apache-2.0"),
        ("GPL-3.0-or-later", "gpl-3.0"),
        ("LGPL-2.1-only", "lgpl-2.1"),
        ("ODbL-1.0", "odbl"),
        ("NOASSERTION", "unknown"),
        ("LicenseRef-Bank", "other"),
        ("MIT OR Apache-2.0", "other"),
        ("mit\n---", "other"),
        ("", "other"),
    ],
)
def test_a_licence_is_one_the_hub_knows(spdx: str, shown: str) -> None:
    assert hub_license(spdx) == shown and shown in LICENSES | {"other", "unknown"}


def test_a_licence_the_hub_does_not_know_keeps_its_name() -> None:
    assert license_fields(["LicenseRef-Bank"]) == {"license": "other", "license_name": "licenseref-bank"}
    assert license_fields(["MIT", "LicenseRef-Bank"]) == {
        "license": ["mit", "other"],
        "license_name": "licenseref-bank",
    }
    assert license_fields(["MIT"]) == {"license": "mit"}


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("hub:org/model@" + "c" * 40, "org/model"),
        ("hub:gpt2@" + "c" * 40, "gpt2"),
        ("dir:/home/ann/models/x", None),
        ("pkg:tiny/model.gguf", None),
        ("hub:a/b/c@" + "c" * 40, None),
    ],
)
def test_a_base_model_is_a_repository_or_nothing(ref: str, name: str | None) -> None:
    assert hub_model(ref) == name


def test_a_place_on_a_machine_keeps_its_last_part() -> None:
    assert public_ref("dir:/home/ann/models/small") == "dir:small"
    assert public_ref("dir:C:\\Users\\ann\\small") == "dir:small"
    assert public_ref("pkg:tiny/model.gguf") == "pkg:tiny/model.gguf"

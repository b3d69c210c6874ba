"""Names as the Hugging Face Hub accepts them: licences and base models in the front matter of cards.

Belongs here: that vocabulary, and what of a reference may be shown. Does not belong here: the rest of a card, or
uploading anything. Source: huggingface/hub-docs, docs/hub/repositories-licenses.md and model-cards.md; checked on
2026-11-30."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

UNSTATED = "NOASSERTION"
_LICENSES = """
    apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m
    afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5
    cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0
    cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0
    cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0
    lgpl lgpl-2.1 lgpl-3.0 isc intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openrail++
    osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license llama2 llama3 llama3.1 llama3.2
    llama3.3 gemma
"""
LICENSES = frozenset(_LICENSES.split())
_SPDX = {"odc-by-1.0": "odc-by", "odbl-1.0": "odbl", "pddl-1.0": "pddl"}
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")


def hub_license(spdx: str) -> str:
    """One licence in the Hub's spelling: "unknown" where nobody stated one, "other" where the Hub has no name for
    it."""
    plain = re.sub(r"-(only|or-later)$", "", spdx.strip().lower())
    plain = _SPDX.get(plain, plain)
    if spdx == UNSTATED or plain == "unknown":
        return "unknown"
    return plain if plain in LICENSES else "other"


def license_fields(names: Iterable[str]) -> dict[str, Any]:
    """`license` of a front matter, and `license_name` for what the Hub knows as "other" only."""
    stated = list(names)
    known = sorted({hub_license(name) for name in stated})
    fields: dict[str, Any] = {"license": known[0] if len(known) == 1 else known}
    if others := [name for name in stated if hub_license(name) == "other"]:
        fields["license_name"] = "-".join(re.sub(r"[^a-z0-9.]+", "-", n.lower()).strip("-") for n in others)
    return fields


def hub_model(ref: str) -> str | None:
    """The repository of `hub:NAME@COMMIT` as `base_model` takes it; None for a model that is not on the Hub."""
    name = ref.removeprefix("hub:").partition("@")[0]
    return name if ref.startswith("hub:") and _NAME.fullmatch(name) else None


def is_private(ref: str) -> bool:
    """Whether a reference is a place on somebody's machine."""
    return ref.startswith(("dir:", "path:"))


def public_ref(ref: str) -> str:
    """A reference as a document shows it: of a place on a machine, its last part only."""
    if not is_private(ref):
        return ref
    kind, _, path = ref.partition(":")
    return f"{kind}:{PurePath(path.replace(chr(92), '/')).name}"

"""What `content_marking_config` says: which outputs are marked, how, with which key, and what is not served at all.

Belongs here: its content, and what is wrong with it. Does not belong here: marking itself. Sources: AI Act, Article 50;
Commission's Code of Practice on marking (June 2026): free text of more than 200 tokens bears a watermark, which alone
suffices; short texts, and exempt ones with their reason, need none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.governance.keys import known_keys
from genaiops_assets.governance.release import bundle_of, marking_of, production_release
from genaiops_assets.lake import Lake
from genaiops_assets.serving.transparency.hashing import CONTEXT
from genaiops_assets.serving.transparency.provenance import FORMAT, HEADERS, NOTICE
from genaiops_assets.serving.transparency.schemes import CANDIDATES, DELTA, GREEN, LAYERS
from genaiops_assets.serving.transparency.watermark_keys import has_secret, key_id, version_key
from genaiops_assets.use_case import UseCase

NAME = "content_marking_config"
LONG_TEXT = 200  # tokens
REFUSED = {  # kinds of parts of a message → what the gateway answers
    "image": "image_url", "audio": "input_audio", "video": "video_url", "file": "file",
}  # fmt: skip
PARAMETERS = {
    "none": {},
    "kgw": {"context": CONTEXT, "candidates": CANDIDATES, "green_share": GREEN, "delta": DELTA},
    "gumbel": {"context": CONTEXT, "candidates": CANDIDATES},
    "synthid": {"context": CONTEXT, "candidates": CANDIDATES, "layers": LAYERS},
}


def marking_config(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """Everything but secrets: keys stand by their fingerprint or public id."""
    stated, notice = uc.serving.marking, uc.serving.gateway.notice
    upstream = uc.serving.gateway.upstream
    return {
        "schema_version": 1,
        "kind": NAME,
        "use_case": uc.name,
        "modality": "text",
        "refused": [
            {"modality": name, "part": part, "answer": "400 unsupported_value"} for name, part in REFUSED.items()
        ],
        "disclosure_text": {**NOTICE, **({uc.language: notice} if notice else {})},
        "longest_answer_tokens": uc.evaluation.max_new_tokens,
        "layers": [
            {
                "layer": "signed_provenance",
                "where": "the object genaiops.provenance of each answer, and two HTTP headers",
                "format": FORMAT,
                "headers": HEADERS,
                "algorithm": "ECDSA P-256 with SHA-256 over the bytes of the text",
                "keys": sorted(known_keys(lake)),
                "detector": {"access": "genaiops detect --provenance, offline, with the public key"},
            },
            {
                "layer": "watermark",
                "scheme": stated.watermark,
                "written_by": f"not applied: {upstream.model} is another server" if upstream else "the gateway's model",
                "temperature": stated.temperature,
                "parameters": PARAMETERS[stated.watermark],
                "min_tokens": LONG_TEXT,
                "detector": {"access": "genaiops detect, with tokenizer and key, without the model", "threshold": 0.01},
            },
        ],
        "marking": marking_of(uc),
        "upstream": upstream is not None,
        "released": released_marking(lake, uc),
        "exemption": stated.exemption,
        "labels": stated.labels.model_dump(),
    }


def released_marking(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """Of what is in production: version, bundle, marking, and the public id of its watermark's key; {} before the
    first release."""
    release = production_release(lake, uc)
    if release is None:
        return {}
    digest = release.digests.get("release_bundle", "")
    bundle = bundle_of(lake, uc, release.model_version, digest) if digest else None
    marking = dict(bundle.marking) if bundle else {}
    named = key_id(version_key(lake, uc.name, release.model_version)) if marking and has_secret(lake) else ""
    return {"model_version": release.model_version, "bundle": digest, "marking": marking, "key_id": named}


def lacking(config: Mapping[str, Any], owed: bool) -> list[str]:
    """What Article 50(2) asks for and the configuration does not give."""
    if not owed or config["exemption"].strip():
        return []
    watermark = config["layers"][1]["scheme"] != "none" and not config["upstream"]
    problems = []
    if config["longest_answer_tokens"] > LONG_TEXT and not watermark:
        problems.append(f"answers of more than {LONG_TEXT} tokens bear no watermark")
    if not config["layers"][0]["keys"]:
        problems.append("no key signs the provenance of answers: genaiops serve makes one at its first start")
    return problems


def differing(config: Mapping[str, Any]) -> list[str]:
    """How the release in production marks otherwise than the use case file says."""
    if not (released := config["released"]):
        return []
    told, stated = released["marking"], config["marking"]
    names = sorted({*told, *stated})
    return [f"{n}: released {told.get(n, 'none')}, stated {stated.get(n, 'none')}" for n in names
            if told.get(n) != stated.get(n)]  # fmt: skip

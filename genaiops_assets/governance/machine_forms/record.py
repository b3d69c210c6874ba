"""A model version as every form is given it: what its published documents say, its lineage, and who signs.

Belongs here: reading all of that from the lake. Does not belong here: any one form, or a figure of its own: each value
stands in an artifact already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genaiops_assets.evidence import resolve_pointer
from genaiops_assets.governance.evaluation_exports import JudgedVersion, judged_version
from genaiops_assets.governance.keys import KEY, fingerprint, signing_key
from genaiops_assets.governance.machine_forms.lineage import Lineage, Made, lineage_of
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.use_case import UseCase

# What the forms rest on: assets of the version, those that it may lack, and documents of the data it was made from.
OF_VERSION = ("release_decision", "model_card", "evaluation_page", "eval_report", "aligned_checkpoint", "model_plan")
MAY_LACK = ("release_bundle", "checkpoint_signature", "bundle_signature", "fmea", "regulatory_classification")
OF_DATA = ("base_model", "filtered_corpus", "preference_pairs", "golden_set")
CROISSANT, SCOPING = "croissant_metadata", "scoping_documents"


@dataclass(frozen=True)
class Signer:
    """Signs with the key of the home. `key`: SHA-256 of the public key as PEM; `sign`: bytes → signature (ECDSA on
    P-256 with SHA-256, the nonce after RFC 6979, so that the same bytes have the same signature)."""

    key: str
    public: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True)
class VersionRecord:
    """`card`, `decision`, `plan` (its `training` part), `base`, `corpus`, `pairs`: JSON of the artifacts of those
    names; `run`: what the training used; `groups`: who is affected, from the social impact assessment; `croissant`:
    the artifact's place and the file's digest where it is of this version's corpus; `people`: its owners; `provider`:
    "" where the use case does not say who that is."""

    judged: JudgedVersion
    lineage: Lineage
    card: Mapping[str, Any]
    decision: Mapping[str, Any]
    plan: Mapping[str, Any]
    base: Mapping[str, Any]
    base_files: tuple[Mapping[str, Any], ...]
    corpus: Mapping[str, Any]
    pairs: Mapping[str, Any]
    golden_items: int
    run: Mapping[str, Any]
    groups: tuple[Mapping[str, Any], ...]
    croissant: Mapping[str, str]
    people: tuple[str, ...]
    provider: str
    signer: Signer | None = field(default=None, compare=False)

    @property
    def version(self) -> str:
        return self.judged.version

    @property
    def use_case(self) -> str:
        return self.judged.use_case

    def said(self, pointer: str, otherwise: Any = None) -> Any:
        """What the model card says at a pointer into its sections: the value of a claim, a person's text, or the
        thing itself; `otherwise` where it says nothing."""
        try:
            found = resolve_pointer(self.card["sections"], pointer)
        except KeyError:
            return otherwise
        if isinstance(found, dict):
            if "gap" in found:
                return otherwise
            found = found.get("value", found.get("text", found))
        return otherwise if found in (None, "") else found


def roots_of(lake: Lake, uc: UseCase, version: str) -> dict[str, str]:
    """Asset → digest of what the forms of a version rest on. Raises NotMaterialized naming what a version lacks."""
    roots = {name: lake.heads.digest(uc.key(name), version) for name in OF_VERSION}
    roots |= {name: head["digest"] for name in MAY_LACK if (head := lake.heads.get(uc.key(name), version))}
    roots |= used_data(lake, uc, roots)
    if croissant := croissant_of(lake, uc, roots["filtered_corpus"]):
        roots[CROISSANT] = croissant.digest
    if head := lake.heads.get(uc.key(SCOPING)):
        roots[SCOPING] = head["digest"]
    return roots


def used_data(lake: Lake, uc: UseCase, roots: Mapping[str, str]) -> dict[str, str]:
    """Base model, corpus, pairs and golden set that this version was made from and judged with, whatever there is
    now."""
    training = lake.artifacts.get(uc.key("model_plan"), roots["model_plan"]).json("plan.json")["training"]
    card = lake.artifacts.get(uc.key("model_card"), roots["model_card"]).provenance()["inputs"]
    judged = lake.artifacts.get(uc.key("eval_report"), roots["eval_report"]).provenance()["inputs"]
    found = {
        "base_model": training["base"].get("record") or card.get("base_model"),
        "filtered_corpus": training["corpus"]["digest"],
        "preference_pairs": training["pairs"]["digest"],
        "golden_set": judged.get("golden"),
    }
    return {name: digest for name, digest in found.items() if digest and lake.artifacts.has(uc.key(name), digest)}


def croissant_of(lake: Lake, uc: UseCase, corpus: str) -> Artifact | None:
    """The Croissant document that is there now, where it describes this state of the corpus."""
    if not lake.heads.get(uc.key(CROISSANT)):
        return None
    found = lake.current(uc.key(CROISSANT))
    return found if found.provenance()["inputs"].get("filtered_corpus") == corpus else None


def record_of(lake: Lake, uc: UseCase, version: str, roots: Mapping[str, str] | None = None) -> VersionRecord:
    """A version as it is now, or as `roots` name it. Raises NotMaterialized naming what a version lacks."""
    roots = roots or roots_of(lake, uc, version)

    def part(name: str) -> Artifact | None:
        return lake.artifacts.get(uc.key(name), roots[name]) if name in roots else None

    def content(name: str, file: str) -> Any:
        artifact = part(name)
        return artifact.json(file) if artifact else {}

    checkpoint, base, scoping = part("aligned_checkpoint"), part("base_model"), part(SCOPING)
    lineage = lineage_of(lake, uc, version, roots.values())
    documents = scoping.json("scoping_documents.json")["documents"] if scoping else {}
    return VersionRecord(
        judged=judged_version(lake, uc, version),
        lineage=lineage,
        card=content("model_card", "model_card.json"),
        decision=content("release_decision", "decision.json"),
        plan=content("model_plan", "plan.json")["training"],
        base=content("base_model", "base_model.json"),
        base_files=tuple(base.json("files.json")) if base and base.local("files.json").exists() else (),
        corpus=content("filtered_corpus", "corpus.json"),
        pairs=content("preference_pairs", "pairs.json"),
        golden_items=len(content("golden_set", "golden.json").get("items", [])),
        run=checkpoint.provenance().get("run", {}) if checkpoint else {},
        groups=groups_of(documents.get("social_impact") or {}),
        croissant=place_of(lineage.named(CROISSANT), "croissant.json"),
        people=tuple(uc.people.owners),
        provider=uc.training_content.provider,
        signer=signer_of(lake),
    )


def groups_of(impact: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The groups of a social impact assessment; none where nobody wrote one: it is a named gap then, no list."""
    found = impact.get("groups")
    return tuple(found) if isinstance(found, list) else ()


def place_of(made: Made | None, file: str) -> dict[str, str]:
    """{place, sha256} of one file, relative to a home."""
    return {"place": f"{made.place}/{file}", "sha256": made.files[file]} if made else {}


def signer_of(lake: Lake) -> Signer | None:
    """Signs with the key of the home where one was made already; none is made here."""
    if not Path(lake.home / KEY).exists():
        return None
    try:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        return None
    file, public = signing_key(lake)
    private: Any = load_pem_private_key(file.read_bytes(), password=None)
    how = ec.ECDSA(SHA256(), deterministic_signing=True)
    return Signer(fingerprint(public), public.decode(), lambda message: private.sign(message, how))

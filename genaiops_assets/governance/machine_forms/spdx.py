"""SPDX 3.0.1 with the profiles AI and Dataset, as JSON-LD.

Belongs here: packages, agents and their relations. Does not belong here: the components of CycloneDX. Source:
spdx.github.io/spdx-spec/v3.0.1 (model/AI, model/Dataset and their conformance rules), checked on 2026-12-01.

spdx-python-model (of the SPDX project, generated from its SHACL shapes; 0.0.6 of June 2026) writes and judges it:
types, vocabularies and cardinalities. The JSON schema and the shapes themselves are served by spdx.org alone and come
with no package, so nothing here asks them; the conformance rules of the two profiles that the classes do not know are
asked of the written document instead. spdx-tools is left out: it writes SPDX 2 and only a prototype of 3."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from genaiops_assets.governance.documents import UNSTATED, hub_model, public_ref
from genaiops_assets.governance.machine_forms.base import TOOL, as_text, id_of, own_version
from genaiops_assets.governance.machine_forms.cyclonedx_card import is_tuned
from genaiops_assets.governance.machine_forms.lineage import Made
from genaiops_assets.governance.machine_forms.record import VersionRecord

FILE = "aibom.spdx3.json"
PROFILES = ("core", "software", "simpleLicensing", "ai", "dataset")
QUANTITY, DECIMAL = "ai_energyQuantity", re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")  # XML Schema part 2, 3.2.3
LICENCES = ("hasDeclaredLicense", "hasConcludedLicense")
DATA = {"filtered_corpus": "corpus", "preference_pairs": "training rows", "golden_set": "golden questions"}


class Spdx:
    title = "SPDX 3.0.1, profiles AI and Dataset"
    needs = ("spdx-python-model",)
    validator = ("spdx-python-model",)

    def write(self, record: VersionRecord) -> dict[str, str]:
        from spdx_python_model import v3_0_1 as spdx

        everything = spdx.SHACLObjectSet(Writing(spdx, record).document())
        out = io.BytesIO()
        spdx.JSONLDSerializer().write(everything, out)
        return {FILE: as_text(plain_decimals(json.loads(out.getvalue())))}

    def problems(self, files: Mapping[str, str]) -> list[str]:
        """Whether the classes read it back without loss and with all that is required, and the profiles' rules."""
        from spdx_python_model import v3_0_1 as spdx

        content, again, out = json.loads(files[FILE]), spdx.SHACLObjectSet(), io.BytesIO()
        try:
            spdx.JSONLDDeserializer().read(io.BytesIO(files[FILE].encode()), again)
            spdx.JSONLDSerializer().write(again, out)
        except (ValueError, TypeError, KeyError) as error:
            return [f"{type(error).__name__}: {error}"[:300]]
        loose = sorted(str(found) for found in again.missing_ids)
        same = by_id(plain_decimals(json.loads(out.getvalue()))) == by_id(content)
        return [
            *(f"{name} is referred to and not there" for name in loose),
            *([] if same else ["read and written again it is another document"]),
            *profile_problems(content),
        ]


class Writing:
    """One document in the making. `made`: what it consists of so far."""

    def __init__(self, spdx: Any, record: VersionRecord):
        self.spdx, self.record = spdx, record
        self.space = f"https://genaiops-assets.invalid/spdx/{id_of('spdx', record.version, record.lineage.digest)}#"
        self.info = spdx.CreationInfo(
            _id="_:creation", specVersion="3.0.1", created=moment(record.lineage.last), createdBy=[], createdUsing=[]
        )
        self.made: list[Any] = []

    def add(self, kind: str, called: str, /, **facts: Any) -> Any:
        found = getattr(self.spdx, kind)(
            _id=f"{self.space}{called}",
            creationInfo=self.info,
            **{k: v for k, v in facts.items() if v not in (None, "", [])},
        )
        self.made.append(found)
        return found

    def document(self) -> list[Any]:
        record, spdx = self.record, self.spdx
        agent = self.add("SoftwareAgent", "platform", name=f"{TOOL} {own_version()}")
        self.info.createdBy.append(agent)
        supplier = self.add("Organization", "supplier", name=record.provider) if record.provider else agent
        model, base = self.tuned(supplier), self.base()
        data = [self.data(made, title, supplier) for n, title in DATA.items() if (made := record.lineage.named(n))]
        self.related(model, "descendantOf", [base])
        self.related(model, "trainedOn", [d for d in data if not d.name.endswith("golden questions")])
        self.related(model, "testedOn", [d for d in data if d.name.endswith("golden questions")])
        stated = str(record.base.get("license", UNSTATED))
        for package in (model, base):
            self.licensed(package, [stated])
        for package in data:
            self.licensed(package, self.licences_of_data() if package.name.endswith("corpus") else [])
        self.add(
            "SpdxDocument",
            "document",
            name=f"{record.judged.title}, {record.version}",
            rootElement=[model],
            element=list(self.made),
            profileConformance=[getattr(spdx.ProfileIdentifierType, name) for name in PROFILES],
        )
        return self.made

    def tuned(self, supplier: Any) -> Any:
        record, spdx = self.record, self.spdx
        made = record.lineage.named("aligned_checkpoint")
        assert made is not None
        return self.add(
            "ai_AIPackage",
            "model",
            name=record.judged.title,
            description=record.said("/intended_use/summary"),
            comment="; ".join(decided.in_words() for decided in record.lineage.decided),
            suppliedBy=supplier,
            builtTime=moment(made.ended),
            releaseTime=moment(made.at),
            software_packageVersion=record.version,
            software_primaryPurpose=spdx.software_SoftwarePurpose.model,
            software_downloadLocation=f"genaiops:{made.place}",
            verifiedUsing=self.hashes(made.files.values()),
            ai_typeOfModel=[str(record.base.get("architecture", "language model"))],
            ai_informationAboutApplication=record.said("/intended_use/use"),
            ai_informationAboutTraining=self.training(),
            ai_limitation=record.said("/caveats_and_recommendations/limitations"),
            ai_metric=[
                self.pair(f"{figure.name}.{figure.kind}", in_words(figure.value)) for figure in record.judged.figures
            ],
            ai_metricDecisionThreshold=[
                self.pair(gate["id"], str(gate["threshold"]))
                for gate in record.decision.get("gates", [])
                if gate.get("threshold") is not None
            ],
            ai_hyperparameter=[
                self.pair(name, json.dumps(value, sort_keys=True))
                for name, value in sorted(record.plan.items())
                if name in HYPERPARAMETERS
            ],
            ai_energyConsumption=self.energy(),
        )

    def training(self) -> str:
        plan = self.record.plan
        return f"tuned by {plan['method']}, {plan.get('steps', 0)} steps" if is_tuned(self.record) else "not tuned"

    def base(self) -> Any:
        about, spdx = self.record.base, self.spdx
        ref = str(about.get("ref", self.record.judged.model["base"]))
        maker = self.add("Agent", "maker-of-base", name="the maker of the base model")
        lineage = self.record.lineage
        made = lineage.named("base_model") or lineage.named("aligned_checkpoint")
        assert made is not None
        return self.add(
            "ai_AIPackage",
            "base",
            name=hub_model(ref) or public_ref(ref),
            suppliedBy=maker,
            releaseTime=moment(made.at),
            comment="releaseTime is when this platform first recorded it; when its maker released it is not known here",
            software_packageVersion=str(about.get("revision", "")) or self.record.judged.model["base_digest"],
            software_primaryPurpose=spdx.software_SoftwarePurpose.model,
            software_downloadLocation=f"genaiops:reference/{self.record.judged.model['base_digest']}",
            verifiedUsing=self.hashes(f["sha256"] for f in self.record.base_files),
            ai_typeOfModel=[str(about.get("architecture", "language model"))],
        )

    def data(self, made: Made, title: str, supplier: Any) -> Any:
        spdx = self.spdx
        erased = [f"{rows.table}: {rows.state}" for rows in made.rows if rows.state != "whole"]
        personal = {s["personal_data"] for s in self.record.corpus.get("sources", []) if s.get("documents")}
        presence = spdx.PresenceType.no if personal == {"none"} else spdx.PresenceType.noAssertion
        return self.add(
            "dataset_DatasetPackage",
            made.name,
            name=f"{self.record.use_case} {title}",
            originatedBy=[supplier],
            builtTime=moment(made.ended),
            releaseTime=moment(made.at),
            comment="; ".join(erased),
            software_packageVersion=made.digest,
            software_primaryPurpose=spdx.software_SoftwarePurpose.data,
            software_downloadLocation=f"genaiops:{made.place}",
            verifiedUsing=self.hashes(made.files.values()),
            dataset_datasetType=[spdx.dataset_DatasetType.text],
            dataset_datasetSize=made.rows[0].rows if made.rows else None,
            dataset_hasSensitivePersonalInformation=presence if made.name == "filtered_corpus" else None,
            dataset_dataPreprocessing=[operator["name"] for operator in self.record.corpus.get("recipe", [])]
            if made.name == "filtered_corpus"
            else [],
        )

    def energy(self) -> Any:
        kwh = (self.record.run.get("energy") or {}).get("kwh")
        if kwh is None:
            return None
        spdx = self.spdx
        used = spdx.ai_EnergyConsumptionDescription(
            ai_energyQuantity=kwh, ai_energyUnit=spdx.ai_EnergyUnitType.kilowattHour
        )
        return spdx.ai_EnergyConsumption(ai_finetuningEnergyConsumption=[used])

    def hashes(self, digests: Iterable[str]) -> list[Any]:
        return [
            self.spdx.Hash(algorithm=self.spdx.HashAlgorithm.sha256, hashValue=digest) for digest in sorted(digests)
        ]

    def pair(self, key: str, value: str) -> Any:
        return self.spdx.DictionaryEntry(key=key, value=value)

    def licences_of_data(self) -> list[str]:
        return sorted({s["license"] for s in self.record.corpus.get("sources", []) if s.get("documents")})

    def licensed(self, package: Any, names: list[str]) -> None:
        """Both profiles ask for a declared and a concluded licence. Nobody concluded anything here: only what was
        declared is known, and of our own rows not even that."""
        part = package._id.rpartition("#")[2]
        stated = " AND ".join(name for name in names if name not in ("", UNSTATED, "unknown"))
        declared = (
            self.add("simplelicensing_LicenseExpression", f"licence-{part}", simplelicensing_licenseExpression=stated)
            if stated
            else self.unknown()
        )
        self.related(package, "hasDeclaredLicense", [declared])
        self.related(package, "hasConcludedLicense", [self.unknown()])

    def unknown(self) -> Any:
        """`NoAssertionLicense` of the specification, by its address."""
        return self.spdx.expandedlicensing_IndividualLicensingInfo.NoAssertionLicense

    def related(self, package: Any, how: str, to: list[Any]) -> None:
        if to:
            name = f"{package._id.rpartition('#')[2]}-{how}"
            kind = getattr(self.spdx.RelationshipType, how)
            self.add("Relationship", name, from_=package, relationshipType=kind, to=to)


HYPERPARAMETERS = (
    "method", "steps", "batch_size", "learning_rate", "beta", "lora", "max_length", "seed", "dtype", "load_in_4bit",
)  # fmt: skip


def in_words(value: Mapping[str, Any]) -> str:
    """`0.077 [-0.131, 0.275], n = 16`"""
    interval = f" [{value['low']}, {value['high']}]" if value["low"] is not None else ""
    return f"{value['mean']}{interval}, n = {value['n']}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def plain_decimals(part: Any) -> Any:
    """The classes write a small number as `5e-05`, which is no xsd:decimal: in place of it, `0.00005`."""
    if isinstance(part, dict):
        return {k: plain(v) if k == QUANTITY else plain_decimals(v) for k, v in part.items()}
    return [plain_decimals(value) for value in part] if isinstance(part, list) else part


def plain(number: str) -> str:
    return format(Decimal(number), "f")


def quantities(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [found for k, v in part.items() for found in ([v] if k == QUANTITY else quantities(v))]
    return [found for value in part for found in quantities(value)] if isinstance(part, list) else []


def by_id(content: Mapping[str, Any]) -> dict[str, Any]:
    return {str(part.get("spdxId") or part.get("@id")): part for part in content["@graph"]}


def profile_problems(content: Mapping[str, Any]) -> list[str]:
    """Conformance of AI and Dataset beyond cardinalities: each package has one declared and one concluded licence; and
    quantities are decimals."""
    graph = content["@graph"]
    packages = [p["spdxId"] for p in graph if p["type"] in ("ai_AIPackage", "dataset_DatasetPackage")]
    found = [f"{number} is no xsd:decimal" for number in quantities(graph) if not DECIMAL.fullmatch(number)]
    for package in packages:
        for kind in LICENCES:
            count = sum(r.get("from") == package and r.get("relationshipType") == kind for r in graph)
            if count != 1:
                found.append(f"{package} has {count} relations {kind}, and must have one")
    return found

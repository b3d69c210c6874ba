"""What a machine form is: the protocol, its registry, and what all forms share.

Belongs here: the seam and the rules of ids. Does not belong here: any one form. The bytes of a form follow from lake
and ledger alone: an id is a UUID of version 5 over digests, a time is one that the ledger or a provenance record has,
and nothing is random. Names, digests, figures and what documents publish go out; no text of a question, an answer or a
source document does, because what leaves the home is out of erasure's reach."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from genaiops_assets.errors import Missing
from genaiops_assets.lake import pretty_json, write_atomically
from genaiops_assets.plugins import Registry

if TYPE_CHECKING:
    from genaiops_assets.governance.machine_forms.record import VersionRecord

_ROOM = "genaiops_assets.governance.machine_forms"
MACHINE_FORMS = Registry(
    "machine form",
    "genaiops.machine_forms",
    {
        "cyclonedx": f"{_ROOM}.cyclonedx:CycloneDX",
        "spdx": f"{_ROOM}.spdx:Spdx",
        "openlineage": f"{_ROOM}.openlineage:OpenLineage",
        "oscal": f"{_ROOM}.oscal:Oscal",
        "in-toto": f"{_ROOM}.in_toto:InToto",
        "prov": f"{_ROOM}.prov:Prov",
    },
)
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://genaiops-assets.invalid/forms")  # .invalid: RFC 2606, nobody's
TOOL = "genaiops-assets"
HOW_TO = "pip install 'genaiops-assets[forms]'"


class MachineForm(Protocol):
    """A form of a model version. Offer one as an entry point of group `genaiops.machine_forms` that names a class
    without arguments."""

    title: str  # what it is, with the version of the specification
    needs: tuple[str, ...]  # distributions it cannot be written without
    validator: tuple[str, ...]  # distributions that judge it

    def write(self, record: VersionRecord) -> dict[str, str]:
        """File name → text. The same record gives the same bytes, and no network is used."""
        ...

    def problems(self, files: Mapping[str, str]) -> list[str]:
        """What the validator has against such files, one sentence each. Called where `validator` is installed."""
        ...


def installed(distribution: str) -> str:
    """The version of an installed distribution; "" without it."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def missing_packages(distributions: Iterable[str]) -> list[str]:
    return [name for name in distributions if not installed(name)]


def form_files(name: str, record: VersionRecord) -> dict[str, str]:
    """One form of a version, file name → text. Raises PluginError for an unknown name, Missing where a package is not
    installed."""
    form = MACHINE_FORMS.get(name)
    if lacking := missing_packages(form.needs):
        raise Missing(f"{name} cannot be written without {', '.join(lacking)}: {HOW_TO}")
    return form.write(record)


def judged_forms(forms: Mapping[str, Mapping[str, str]]) -> tuple[list[str], dict[str, list[str]]]:
    """What validators have against forms {name: files}; and of each that could not be judged, what is not
    installed."""
    problems, unjudged = [], {}
    for name, files in forms.items():
        form = MACHINE_FORMS.get(name)
        if lacking := missing_packages((*form.needs, *form.validator)):
            unjudged[name] = lacking
        else:
            problems += [f"{name}: {problem}" for problem in form.problems(files)]
    return problems, unjudged


def export_form(name: str, record: VersionRecord, folder: Path) -> str:
    """Write one form below a folder; the names of its files."""
    files = form_files(name, record)
    for file, text in files.items():
        write_atomically(folder / file, text.encode())
    return ", ".join(files)


def own_version() -> str:
    return installed(TOOL) or "unknown"


def id_of(*parts: str) -> str:
    """A UUID of version 5 over what it names: the same in every home that holds the same."""
    return str(uuid.uuid5(NAMESPACE, "\n".join(parts)))


def as_text(content: Any) -> str:
    """JSON as all forms have it: sorted keys, indented, UTF-8."""
    return pretty_json(content).decode()

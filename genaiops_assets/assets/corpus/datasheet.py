"""Asset `datasheet`: a document; what it says stands in `governance/documents`."""

from typing import Any

from genaiops_assets.governance.documents import documents
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.use_case import UseCase


def datasheet_assets(uc: UseCase) -> list[Any]:
    return document_assets(uc, documents()["datasheet"])

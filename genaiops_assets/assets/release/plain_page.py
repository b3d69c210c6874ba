"""Asset `plain_page`: a document; what it says stands in `governance/documents`."""

from typing import Any

from genaiops_assets.governance.documents import documents
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.use_case import UseCase


def plain_page_assets(uc: UseCase) -> list[Any]:
    return document_assets(uc, documents()["plain_page"])

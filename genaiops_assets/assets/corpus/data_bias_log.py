"""Asset `data_bias_log`: a document; what it says stands in `governance/documents`."""

from typing import Any

from genaiops_assets.governance.documents import documents
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.use_case import UseCase


def data_bias_log_assets(uc: UseCase) -> list[Any]:
    return document_assets(uc, documents()["data_bias_log"])

"""Documents that other packages add under the entry point group `genaiops.documents`, each as an asset of its name."""

from typing import Any

from genaiops_assets.governance.documents import documents
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.use_case import UseCase

PACKAGED = (
    "datasheet",
    "data_bias_log",
    "croissant_metadata",
    "dataset_card",
    "training_content_summary",
    "plain_page",
)


def further_document_assets(uc: UseCase) -> list[Any]:
    added = (document for name, document in documents().items() if name not in PACKAGED)
    return [thing for document in added for thing in document_assets(uc, document)]

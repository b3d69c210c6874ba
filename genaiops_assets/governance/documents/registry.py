"""All documents of a use case: the packaged ones, and those other packages add under `genaiops.documents`.

Belongs here: the list. Does not belong here: what a document says.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.governance.documents.base import Document

GROUP = "genaiops.documents"


class DocumentClash(GenaiopsError, ValueError):
    """Two documents want one name."""


@cache
def documents() -> dict[str, Document]:
    """Documents by name. Raises DocumentClash when a package adds one under a name that is taken."""
    from genaiops_assets.governance.documents.content_summary import TrainingContentSummary
    from genaiops_assets.governance.documents.croissant import CroissantMetadata
    from genaiops_assets.governance.documents.data_bias import DataBiasLog
    from genaiops_assets.governance.documents.dataset_card import DatasetCard
    from genaiops_assets.governance.documents.datasheet import Datasheet

    packaged: list[Document] = [
        Datasheet(),
        DataBiasLog(),
        CroissantMetadata(),
        DatasetCard(),
        TrainingContentSummary(),
    ]
    found: dict[str, Document] = {}
    for document in [*packaged, *(point.load()() for point in metadata.entry_points(group=GROUP))]:
        if document.name in found:
            raise DocumentClash(
                f"two documents are named {document.name}: rename the one of {type(document).__module__}"
            )
        found[document.name] = document
    return found

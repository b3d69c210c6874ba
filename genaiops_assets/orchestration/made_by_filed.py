"""Which modules make the documents for authorities and downstream providers: a part of the table in `made_by.py`.

Belongs here: those documents and the record of a training that they cite. Does not belong here: documents of the
data."""

from __future__ import annotations

from genaiops_assets.orchestration.made_by_data import DOCUMENT, Code

HERE = "governance/documents"
WORDED = ("governance/compliance/citations", "governance/compliance/registry", "governance/compliance/articles.yaml")
FILED = (*DOCUMENT, f"{HERE}/owed", f"{HERE}/sections", f"{HERE}/languages", *WORDED)
ROWS = (*FILED, f"{HERE}/fields", f"{HERE}/technical_fields.yaml", f"{HERE}/precision", f"{HERE}/hub")
FILED_MADE_BY = {
    "training_run_record": Code(("alignment/runs/account",)),
    "technical_documentation": Code((*ROWS, f"{HERE}/technical_documentation")),
    "downstream_documentation": Code((*ROWS, f"{HERE}/downstream_documentation")),
    "copyright_record": Code((*FILED, f"{HERE}/copyright_record", f"{HERE}/content_classes", f"{HERE}/hub")),
    "authorised_representative": Code((*FILED, f"{HERE}/authorised_representative")),
    "systemic_risk_file": Code((*FILED, f"{HERE}/systemic_risk_file")),
}

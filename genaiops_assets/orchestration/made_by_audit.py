"""Which modules make the assets of incidents and audits: a part of the table in `made_by.py`.

Belongs here: what goes wrong, is found and is learnt. Does not belong here: corpus, model and documents about them."""

from __future__ import annotations

from genaiops_assets.orchestration.made_by_data import DOCUMENT, Code

PAGES = ("governance/documents/templates", "evidence/html")
AUDIT_MADE_BY = {
    "audit_findings": Code(("governance/audit/findings", *PAGES)),
    "post_mortems": Code((*DOCUMENT, "governance/documents/post_mortems", "governance/audit/post_mortems")),
    "rescoping_request": Code(("governance/audit/rescoping", "governance/people", *PAGES)),
    "incidents": Code(("governance/incidents", "governance/people", *PAGES)),
}

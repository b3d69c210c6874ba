"""Which modules make the assets of incidents and audits: a part of the table in `made_by.py`.

Belongs here: what goes wrong, is found and is learnt. Does not belong here: corpus, model and documents about them."""

from __future__ import annotations

from genaiops_assets.orchestration.made_by_data import Code

PAGES = ("governance/documents/templates", "evidence/html")
AUDIT_MADE_BY = {
    "incidents": Code(("governance/incidents", "governance/people", *PAGES)),
}

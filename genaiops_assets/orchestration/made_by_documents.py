"""Which modules make the documents for deployers, operators and the public: a part of the table in `made_by.py`.

Belongs here: those documents and what they alone read. Does not belong here: documents of the data
(`made_by_data.py`)."""

from __future__ import annotations

from genaiops_assets.orchestration.made_by_data import DOCUMENT, Code

OPERATING = "governance/documents/operating"
FRAME = (*DOCUMENT, "governance/documents/sections", f"{OPERATING}/written", f"{OPERATING}/parts")
RECORDS_OF_USE = (f"{OPERATING}/acceptance_and_training",)
OPERATING_MADE_BY = {
    "log_schema": Code(("serving/interactions/attributes", "governance/documents/stored_columns.yaml")),
    "content_marking_config": Code(("serving/transparency", "governance/release/bundle")),
    "rollback_rehearsal": Code(("governance/release", "governance/people")),
    "deployer_pack": Code((*FRAME, f"{OPERATING}/deployer_pack", f"{OPERATING}/deployer_duties.yaml")),
    "evaluation_summary": Code((*FRAME, f"{OPERATING}/evaluation_summary", "governance/evaluation_page")),
    "risk_pack": Code((*FRAME, f"{OPERATING}/risk_pack")),
    "use_policy": Code((*FRAME, f"{OPERATING}/use_policy")),
    "acceptance_and_training": Code((*FRAME, *RECORDS_OF_USE)),
    "social_effects": Code((*FRAME, f"{OPERATING}/social_effects", "governance/people")),
    "authority_requests": Code((*FRAME, *RECORDS_OF_USE, f"{OPERATING}/authority_requests")),
    "runbook": Code((*FRAME, f"{OPERATING}/runbook")),
    "audit_plan": Code((*FRAME, *RECORDS_OF_USE, f"{OPERATING}/audit_plan", "governance/people")),
}

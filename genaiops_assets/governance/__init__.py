"""Governance: documents whose every number names its source. Other packages import from this face only.

Belongs here: the public names of the package. Does not belong here: code. Governance never imports evaluation, which reads
its reports through the JSON pointers offered here.
"""

from genaiops_assets.governance.approvals import Approval, Refused, approval_of, bound_digests, decide
from genaiops_assets.governance.claims import Evidence, claim, find_claims, resolve_pointer, verify_claims
from genaiops_assets.governance.datasheet import build_datasheet, datasheet_questions, render_datasheet
from genaiops_assets.governance.gaps import gaps, person_text, placeholders
from genaiops_assets.governance.model_card import build_card, card_metadata, render_card
from genaiops_assets.governance.privacy_record import build_privacy_record, render_privacy_record
from genaiops_assets.governance.production import Release, last_good, pointer_problem, production, release, releases
from genaiops_assets.governance.render import render
from genaiops_assets.governance.retraining import Attempt, Go, Wait, decide_retraining

__all__ = [
    "Approval",
    "Attempt",
    "Evidence",
    "Go",
    "Refused",
    "Release",
    "Wait",
    "approval_of",
    "bound_digests",
    "build_card",
    "build_datasheet",
    "build_privacy_record",
    "card_metadata",
    "claim",
    "datasheet_questions",
    "decide",
    "decide_retraining",
    "find_claims",
    "gaps",
    "last_good",
    "person_text",
    "placeholders",
    "pointer_problem",
    "production",
    "release",
    "releases",
    "render",
    "render_card",
    "render_datasheet",
    "render_privacy_record",
    "resolve_pointer",
    "verify_claims",
]

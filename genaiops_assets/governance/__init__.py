"""Governance: documents whose every number names its source. Other packages import from this face only.

Belongs here: the public names of the package. Does not belong here: code. Governance never imports evaluation, which reads
its reports through the JSON pointers offered here.
"""

from genaiops_assets.governance.approvals import Approval, Refused, approval_of, bound_digests, decide
from genaiops_assets.governance.claims import Evidence, claim, find_claims, resolve_pointer, verify_claims
from genaiops_assets.governance.datasheet import build_datasheet, datasheet_questions, render_datasheet
from genaiops_assets.governance.erasure import Erasure, erase, erasures, may_erase, refuse_stranger, refuse_unknown, unfinished
from genaiops_assets.governance.gaps import gaps, person_text, placeholders
from genaiops_assets.governance.model_card import build_card, card_metadata, render_card
from genaiops_assets.governance.opt_out import BadTarget, Targets, read_opt_out
from genaiops_assets.governance.production import Release, last_good, pointer_problem, production, release, releases
from genaiops_assets.governance.render import render
from genaiops_assets.governance.retraining import Attempt, Go, Wait, decide_retraining
from genaiops_assets.governance.survey import Plan, known_names, survey

__all__ = [
    "Approval",
    "Attempt",
    "BadTarget",
    "Erasure",
    "Evidence",
    "Go",
    "Plan",
    "Refused",
    "Release",
    "Targets",
    "Wait",
    "approval_of",
    "bound_digests",
    "build_card",
    "build_datasheet",
    "card_metadata",
    "claim",
    "datasheet_questions",
    "decide",
    "decide_retraining",
    "erase",
    "erasures",
    "find_claims",
    "gaps",
    "known_names",
    "last_good",
    "may_erase",
    "person_text",
    "placeholders",
    "pointer_problem",
    "production",
    "read_opt_out",
    "refuse_stranger",
    "refuse_unknown",
    "release",
    "releases",
    "render",
    "render_card",
    "render_datasheet",
    "resolve_pointer",
    "survey",
    "unfinished",
    "verify_claims",
]

"""Governance: documents whose every number names its source. Other packages import from this face only.

Belongs here: the public names of the package. Does not belong here: code. Governance never imports evaluation, which reads
its reports through the JSON pointers offered here.
"""

from genaiops_assets.governance.approvals import Approval, Refused, approval_of, bound_digests, decide
from genaiops_assets.governance.claims import Evidence, claim, find_claims, resolve_pointer, verify_claims
from genaiops_assets.governance.content_classes import CLASSES, classes_of, classify, crawled_sources
from genaiops_assets.governance.content_summary import (
    build_content_summary,
    render_content_summary,
    summary_problems,
    text_bin,
    top_domains,
)
from genaiops_assets.governance.croissant import build_croissant, croissant_problems, digest_in
from genaiops_assets.governance.data_bias import build_bias_log, render_bias_log
from genaiops_assets.governance.dataset_card import build_dataset_card, render_dataset_card, size_category
from genaiops_assets.governance.datasheet import build_datasheet, datasheet_questions, render_datasheet
from genaiops_assets.governance.erasure import Erasure, erase, erasures, may_erase, refuse_stranger, refuse_unknown, unfinished
from genaiops_assets.governance.gaps import gaps, person_text, placeholders
from genaiops_assets.governance.model_card import build_card, card_metadata, render_card
from genaiops_assets.governance.opt_out import BadTarget, Targets, read_opt_out
from genaiops_assets.governance.privacy_record import build_privacy_record, render_privacy_record
from genaiops_assets.governance.production import Release, last_good, pointer_problem, production, release, releases
from genaiops_assets.governance.render import render
from genaiops_assets.governance.requests import Attempt, Go, Limits, State, Wait, decide_request, limits_of
from genaiops_assets.governance.survey import Plan, known_names, survey

__all__ = [
    "CLASSES",
    "Approval",
    "Attempt",
    "BadTarget",
    "Erasure",
    "Evidence",
    "Go",
    "Limits",
    "Plan",
    "Refused",
    "Release",
    "State",
    "Targets",
    "Wait",
    "approval_of",
    "bound_digests",
    "build_bias_log",
    "build_card",
    "build_content_summary",
    "build_croissant",
    "build_dataset_card",
    "build_datasheet",
    "build_privacy_record",
    "card_metadata",
    "claim",
    "classes_of",
    "classify",
    "crawled_sources",
    "croissant_problems",
    "datasheet_questions",
    "decide",
    "decide_request",
    "digest_in",
    "erase",
    "erasures",
    "find_claims",
    "gaps",
    "known_names",
    "last_good",
    "limits_of",
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
    "render_bias_log",
    "render_card",
    "render_content_summary",
    "render_dataset_card",
    "render_datasheet",
    "render_privacy_record",
    "resolve_pointer",
    "size_category",
    "summary_problems",
    "survey",
    "text_bin",
    "top_domains",
    "unfinished",
    "verify_claims",
]

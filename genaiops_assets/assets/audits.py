"""The assets of incidents and audits, in the order of the graph; documents among them are assets by their registry.

Belongs here: the list. Does not belong here: any of them."""

from genaiops_assets.assets.alignment.test_hooks import test_hooks_assets
from genaiops_assets.assets.monitoring.audit_findings import audit_findings_assets
from genaiops_assets.assets.monitoring.goals_and_results import goals_and_results_assets
from genaiops_assets.assets.monitoring.incidents import incident_assets
from genaiops_assets.assets.monitoring.monitoring_report import monitoring_report_assets
from genaiops_assets.assets.monitoring.outside_endpoints import outside_endpoints_assets
from genaiops_assets.assets.monitoring.post_mortem_checks import post_mortem_checks
from genaiops_assets.assets.monitoring.rescoping_request import rescoping_request_assets
from genaiops_assets.assets.monitoring.threat_register import threat_register_assets
from genaiops_assets.assets.release.pack_verifies import pack_verifies_checks
from genaiops_assets.assets.release.serving_checks import serving_checks

AUDITS = (
    test_hooks_assets,
    pack_verifies_checks,
    incident_assets,
    audit_findings_assets,
    post_mortem_checks,
    serving_checks,
    monitoring_report_assets,
    outside_endpoints_assets,
    rescoping_request_assets,
    threat_register_assets,
    goals_and_results_assets,
)

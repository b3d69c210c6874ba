"""The assets of incidents and audits, in the order of the graph; documents among them are assets by their registry.

Belongs here: the list. Does not belong here: any of them."""

from genaiops_assets.assets.monitoring.audit_findings import audit_findings_assets
from genaiops_assets.assets.monitoring.incidents import incident_assets
from genaiops_assets.assets.monitoring.post_mortem_checks import post_mortem_checks
from genaiops_assets.assets.monitoring.rescoping_request import rescoping_request_assets

AUDITS = (incident_assets, audit_findings_assets, post_mortem_checks, rescoping_request_assets)

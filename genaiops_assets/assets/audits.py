"""The assets of incidents and audits, in the order of the graph.

Belongs here: the list. Does not belong here: any of them."""

from genaiops_assets.assets.monitoring.incidents import incident_assets

AUDITS = (incident_assets,)

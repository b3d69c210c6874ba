"""All documents of a use case: the packaged ones, and those other packages add under `genaiops.documents`.

Belongs here: the list. Does not belong here: what a document says.
"""

from __future__ import annotations

from functools import cache

from genaiops_assets.governance.documents.base import Document
from genaiops_assets.plugins import PluginError, Registry

HERE = "genaiops_assets.governance.documents"
DOCUMENTS = Registry(
    "document",
    "genaiops.documents",
    {
        "datasheet": f"{HERE}.datasheet:Datasheet",
        "data_bias_log": f"{HERE}.data_bias:DataBiasLog",
        "croissant_metadata": f"{HERE}.croissant:CroissantMetadata",
        "dataset_card": f"{HERE}.dataset_card:DatasetCard",
        "technical_documentation": f"{HERE}.technical_documentation:TechnicalDocumentation",
        "downstream_documentation": f"{HERE}.downstream_documentation:DownstreamDocumentation",
        "copyright_record": f"{HERE}.copyright_record:CopyrightRecord",
        "authorised_representative": f"{HERE}.authorised_representative:AuthorisedRepresentative",
        "systemic_risk_file": f"{HERE}.systemic_risk_file:SystemicRiskFile",
        "plain_page": f"{HERE}.plain_page:PlainPage",
        "training_content_summary": f"{HERE}.content_summary:TrainingContentSummary",
        "data_risks": f"{HERE}.data_risks:DataRisks",
        "audit_summary": f"{HERE}.audit_summary:AuditSummary",
        "post_mortems": f"{HERE}.post_mortems:PostMortems",
        "deployer_pack": f"{HERE}.operating.deployer_pack:DeployerPack",
        "evaluation_summary": f"{HERE}.operating.evaluation_summary:EvaluationSummary",
        "risk_pack": f"{HERE}.operating.risk_pack:RiskPack",
        "use_policy": f"{HERE}.operating.use_policy:UsePolicy",
        "acceptance_and_training": f"{HERE}.operating.acceptance_and_training:AcceptanceAndTraining",
        "social_effects": f"{HERE}.operating.social_effects:SocialEffects",
        "authority_requests": f"{HERE}.operating.authority_requests:AuthorityRequests",
        "runbook": f"{HERE}.operating.runbook:Runbook",
        "audit_plan": f"{HERE}.operating.audit_plan:AuditPlan",
    },
)


@cache
def documents() -> dict[str, Document]:
    """Documents by name. Raises PluginError when a package adds one that cannot be used, or under a name that is
    taken."""
    found: dict[str, Document] = {}
    for name in DOCUMENTS.names():
        found[name] = DOCUMENTS.get(name)
        if found[name].name != name:
            raise PluginError(f"the document {name!r} calls itself {found[name].name!r}: both must be one name")
    return found

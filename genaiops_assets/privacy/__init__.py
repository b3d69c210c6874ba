"""Privacy: finding personal data and secrets, a policy for them, and how well it works. Other packages import from this face only.

Belongs here: the public names of the package. Does not belong here: code. Presidio is imported by `open_ner` and
`open_second_detector` only, when the `ner` extra is installed.
"""

from genaiops_assets.privacy.measure import measure, names_prefilter, wilson
from genaiops_assets.privacy.names import KINDS as NAME_KINDS
from genaiops_assets.privacy.names import Ner, NerMissing, may_hold_names, ner_state, open_ner, open_second_detector
from genaiops_assets.privacy.probe import Probe, probe_set, read_probes
from genaiops_assets.privacy.redaction import ACTIONS, Redaction, action_for, find, find_all, redact
from genaiops_assets.privacy.residual import SecondLook, residual_rate
from genaiops_assets.privacy.shapes import RULES, RULES_VERSION
from genaiops_assets.text import Finding

RULE_KINDS = tuple(dict.fromkeys(rule.kind for rule in RULES))

__all__ = [
    "ACTIONS", "NAME_KINDS", "RULES", "RULES_VERSION", "RULE_KINDS", "Finding", "Ner", "NerMissing", "Probe", "Redaction", "SecondLook", "action_for",
    "find", "find_all", "may_hold_names", "measure", "names_prefilter", "ner_state", "open_ner", "open_second_detector", "probe_set", "read_probes",
    "redact", "residual_rate", "wilson",
]  # fmt: skip

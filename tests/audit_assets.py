"""What `test_definitions.py` promises of incidents and audits. Holds no tests."""

NAMES = {
    "incidents",
    "audit_findings",
    "post_mortems",
    "rescoping_request",
    "threat_register",
    "goals_and_results",
    "test_hooks",
    "data_risks",
    "guard_report",
    "audit_summary",
}
NOTICES = {
    "reports_are_in_time",
    "failures_seen_are_acted_on",
    "log_is_current",
    "no_finding_is_overdue",
    "no_post_mortem_is_owed",
    "use_is_within_scope",
    "threats_are_answered",
    "goals_are_met",
    "hooks_find_what_is_known",
    "pack_verifies",
    "guards_find_what_they_should",
    "few_are_held_back_wrongly",
    "guards_are_fast",
    "no_guard_is_skipped",
}

"""What `test_definitions.py` promises of the documents for authorities and downstream providers. Holds no tests."""

NAMES = {
    "training_run_record",
    "technical_documentation",
    "downstream_documentation",
    "copyright_record",
    "authorised_representative",
    "systemic_risk_file",
}
DATA_GATES = {
    "technical_documentation": "claims_hold",
    "downstream_documentation": "is_a_subset_of_the_technical_documentation",
    "copyright_record": "every_source_has_a_basis",
    "authorised_representative": "claims_hold",
    "systemic_risk_file": "claims_hold",
}
NOTICES = {
    "every_annex_item_is_answered",
    "recipients_get_their_rows_alone",
    "data_is_what_it_was_trained_on",
    "every_annex_xii_item_is_answered",
    "five_measures_are_written",
    "mandate_or_reason",
    "file_is_complete_where_owed",
    "nothing_is_unknown",
    "reviewers_points_are_met",
}

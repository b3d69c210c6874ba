"""Assets of phase evaluation: golden set, retrieval report, evaluation report."""

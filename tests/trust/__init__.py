"""Tests of trust: whatever is changed after publication is seen, in the home and in the dossier."""

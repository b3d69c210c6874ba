"""Judges: what scores an answer. One file a judge; their names are in `use_case.JUDGES`."""

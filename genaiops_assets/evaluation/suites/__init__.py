"""Suites: what a model is asked and how its answers are scored. One file a suite; their names are in
`use_case.SUITES`."""

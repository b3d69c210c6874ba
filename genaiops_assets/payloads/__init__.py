"""Heavy entry points, run by name as `python -m genaiops_assets.payloads.NAME job.json`; imported by nobody."""

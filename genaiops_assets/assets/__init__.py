"""The Dagster layer, thin: one module per phase, assets and their checks side by side. The work is done in the domain packages and payloads."""

"""A Dagster data-and-model asset platform for governed generative AI. Nothing is imported here: loading stays light."""

__version__ = "0.1.0"

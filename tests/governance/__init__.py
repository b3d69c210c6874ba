"""Tests of genaiops_assets.governance."""

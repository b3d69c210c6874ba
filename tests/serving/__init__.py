"""Tests of genaiops_assets.serving."""

"""Tests of genaiops_assets.evaluation."""

"""Tests of jobs and the local launcher, with a real payload process."""

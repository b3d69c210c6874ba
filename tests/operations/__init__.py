"""Tests of operations: backup, restore and collection on small homes."""

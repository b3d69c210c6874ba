"""Sensors, tick by tick: what is requested, how often, and what never."""

"""Interactions: the log of questions and answers, and OpenTelemetry GenAI spans."""

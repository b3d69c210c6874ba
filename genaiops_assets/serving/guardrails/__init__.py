"""Guardrails: rules that look at a question before it is answered and at an answer before it leaves."""

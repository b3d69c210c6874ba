"""The errors a person is meant to read: one base class, and what the whole platform shares.

Belongs here: the base and errors that several rooms raise. Does not belong here: errors of one room, which derive from
the base there."""

from __future__ import annotations


class PayloadError(Exception):
    """Bad input: the message names what is wrong and what to do; no traceback helps."""


class Refused(PermissionError):
    """A decision or release that must not happen; the message says why and what would make it possible."""

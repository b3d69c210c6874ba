"""The errors a person is meant to read: one base class, and what the whole platform shares.

Belongs here: the base and errors that several rooms raise. Does not belong here: errors of one room, which derive from
the base there."""

from __future__ import annotations


class GenaiopsError(Exception):
    """Base of all errors whose message is meant for a person: what is wrong, where, and what to do."""


class PayloadError(GenaiopsError):
    """Bad input: the message names what is wrong and what to do; no traceback helps."""


class Refused(GenaiopsError, PermissionError):
    """A decision or release that must not happen; the message says why and what would make it possible."""

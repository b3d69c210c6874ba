"""The errors a person is meant to read: one base class, and what the whole platform shares.

Belongs here: the base and errors that several rooms raise. Does not belong here: errors of one room, which derive from
the base there. The command line shows these without a traceback, and no others: a `KeyError` of ours is a fault of
ours and must look like one."""

from __future__ import annotations


class GenaiopsError(Exception):
    """Something a person can act on: the message says what is wrong, where, and what to do next."""

    def __str__(self) -> str:
        return str(self.args[0]) if len(self.args) == 1 else super().__str__()  # KeyError would put it in quotes


class PayloadError(GenaiopsError):
    """Bad input: the message names what is wrong and what to do; no traceback helps."""


class Refused(GenaiopsError, PermissionError):
    """A decision or release that must not happen; the message says why and what would make it possible."""


class Preempted(GenaiopsError):
    """Work that was asked to stop, and has staged what it did: started again it goes on there. No failure."""


class Missing(GenaiopsError, KeyError):
    """Something that was asked for by name is not there; the message says what there is, or how to make it."""


class Unusable(GenaiopsError, ValueError):
    """A value that a person gave, or a file, cannot be used; the message says which and why."""


class AlreadyThere(GenaiopsError, FileExistsError):
    """A file that would be overwritten; nothing was written."""


class UnsafeName(Unusable):
    """A text that would be a path, and must not be one; the message shows it."""


class NotMaterialized(Missing):
    """An output, a table or a snapshot that was not made yet; the message names what to materialize."""

"""Incidents: the log of what went wrong, until when who has to be told, and what is learnt from it.

Belongs here: the log (records of people, commands, rollbacks), legal clocks as data, reports to authorities, how often
a failure mode was seen in use. Does not belong here: the fields of a record (`governance/records`), ratings of risks
(`governance/risk`), audits (`governance/audit`). Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

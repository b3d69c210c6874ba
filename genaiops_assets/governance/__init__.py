"""Governance: documents whose every number names its source. Other packages import from this face only.

Belongs here: the public names of the package. Does not belong here: code. Governance never imports evaluation, which
reads its reports through the JSON pointers offered here."""

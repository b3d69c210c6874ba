"""How well a recipe keeps insults out: labelled texts, and recall and precision of the flagged-words filter on them.

Belongs here: reading the probe set (`probe.yaml`), which filter is measured, and counting. Does not belong here: the
list of words (`text/flagged_lists`), or how the filter works (`operators`)."""

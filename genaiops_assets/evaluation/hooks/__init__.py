"""Hooks for testing: small functions that say yes or no to one text, each measured on texts whose answer is known.

Belongs here: the list, the packaged hooks, the known texts and measuring one on the other. Does not belong here: suites
that judge a model version (`evaluation/suites`), guards that stop a text (`serving`)."""

"""Operators of a recipe, each in the fastest way that gives Data-Juicer's own result. Nothing heavy is imported before
one is compiled.

Belongs here: one module a kind of operator, the list of those that are allowed (`allowed.py`), and the border to
Data-Juicer (`juicer.py`). Does not belong here: the walk through a recipe (`engine.py`)."""

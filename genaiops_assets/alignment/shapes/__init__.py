"""Shapes of preference data that people have: one small module a family of shapes, told apart by their fields.

Belongs here: from one line of a file to what it prefers. Does not belong here: files, masking, or what two people say
of one thing (`alignment/feedback.py`)."""

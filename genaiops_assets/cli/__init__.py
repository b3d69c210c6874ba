"""The command line: `genaiops …`, one module for each family of commands.

Belongs here: commands, their words and exit codes. Does not belong here: what they do.
"""

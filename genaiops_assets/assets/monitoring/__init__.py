"""Assets of phase monitoring: a day's interactions and their drift."""

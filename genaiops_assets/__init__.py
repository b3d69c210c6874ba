"""A Dagster data-and-model asset platform for governed generative AI. No room is imported here: loading stays light."""

import gc

# What imports make lives to the end of the process; looking at it again and again is a tenth of every start.
gc.set_threshold(50_000, 20, 20)

__version__ = "0.1.0"

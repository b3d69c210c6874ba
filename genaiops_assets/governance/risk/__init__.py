"""Risk: what may go wrong, how often it was seen, what tests it, and which findings forbid a release.

Belongs here: the register, failure modes with their priorities, the chart and the test plan. Does not belong here: what
people write (`governance/records`), what a test measures (evaluation), the verdict (`governance/release`). Other rooms
import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""Privacy: finding personal data and secrets, a policy for them, and how well it works. Other packages import from
this face only.

Belongs here: the public names of the package. Does not belong here: code. Presidio is imported by `open_ner` and
`open_second_detector` only, when the `ner` extra is installed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""Red team: attacks on the system as it is served, and what they found.

Belongs here: seeds, mutators, detectors, the choice of attacks, the report and the failures that are kept. Does not
belong here: generating answers (the payload `attack_system`), gates, the asset. Pure domain: no Dagster, no model."""

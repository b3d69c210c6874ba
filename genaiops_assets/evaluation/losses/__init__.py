"""What tuning lost: a base model and a tuned one side by side, on packaged texts and on the answers an evaluation kept.

Belongs here: nothing but the name of the folder. One file each: the packaged sets, what is measured of an answer, the
figures with their tolerances, and what the payload is given."""

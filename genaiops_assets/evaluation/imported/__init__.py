"""Results of other evaluation harnesses, read item by item and shown as suites. One file a harness."""

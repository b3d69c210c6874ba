"""Training methods: one file each, found by the name that `alignment.method` gives. Other rooms import from the face of
`alignment`."""
